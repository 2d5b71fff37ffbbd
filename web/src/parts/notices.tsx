// What a person is told beside the thing that it is about: refusals, and "are you
// sure?" where something can't be undone. Nothing covers what one is doing.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isForGood } from "../store/refusal";
import type { Pending, Refusal } from "../store/store";
import { go } from "../route";
import { callOf, textsOf } from "../things";
import { say } from "../words/words";
import { fieldsOf, placeOf } from "./back";
import { Icon } from "./icons";
import { useStore } from "./store";

/** What a refusal says: in the server's own words where it has any, and never nothing. */
export function refusalWords(r: Refusal): string {
  if (r.offline) return say(r.astray ? "net.astray" : "net.needed");
  return r.message || say("net.broke");
}

/** A refusal, beside what it is about. */
export function Refused({ refusal }: { refusal: Refusal | undefined }) {
  if (!refusal) return null;
  return (
    <div class="refused" role="alert">
      <Icon of="warn" />
      <div>
        <p>{refusalWords(refusal)}</p>
        <More refusal={refusal} />
      </div>
    </div>
  );
}

/** What else a refusal says. */
export function More({ refusal }: { refusal: Refusal }) {
  const lines = [...new Set(refusal.missing)].filter((l) => l !== refusal.message);
  if (lines.length === 0) return null;
  return (
    <ul>
      {lines.map((l) => (
        <li key={l}>{l}</li>
      ))}
    </ul>
  );
}

/** What the server refused of things done to something, with a way on. */
export function RefusedAbout({ id, only }: { id: string; only?: string[] }) {
  const store = useStore();
  const refused = store.refusals(id).filter((p) => !only || only.includes(callOf(p.typeName)));
  return (
    <>
      {refused.map((p) => (
        <div class="refused" role="alert" key={p.requestId}>
          <Icon of="warn" />
          <div>
            <p>{p.refusal?.message}</p>
            {p.refusal && <More refusal={p.refusal} />}
            {p.refusal && isForGood(p.refusal) ? (
              <ForGood pending={p} />
            ) : (
              <p>
                <TakeBack pending={p} class="link" />
                <button type="button" class="link" onClick={() => store.again(p.requestId)}>
                  {say("sync.again")}
                </button>
                <a class="link" href="#/sync">
                  {say("sync.title")}
                </a>
              </p>
            )}
          </div>
        </div>
      ))}
    </>
  );
}

/** What can't be mended by sending it again: the words can be kept elsewhere, and the rest let go. */
function ForGood({ pending: p }: { pending: Pending }) {
  const texts = textsOf(p.request);
  return (
    <>
      <p>{say("sync.no_use")}</p>
      {texts.map((t) => (
        <blockquote key={t}>{t}</blockquote>
      ))}
      <TakeBack pending={p} class="link" />
      <CopyTexts texts={texts} class="link" />
      <LetGo pending={p} class="link" />
    </>
  );
}

/** Leads back to where it was written, with the words in their fields; nothing where it can't be mended so. */
export function TakeBack({ pending: p, class: look }: { pending: Pending; class: string }) {
  const store = useStore();
  const fields = fieldsOf(store, p);
  if (!fields) return null;
  return (
    <button
      type="button"
      class={look}
      onClick={() => {
        go(placeOf(store, p), fields.first);
        store.giveUp(p.requestId, fields.words);
      }}
    >
      {say("sync.edit")}
    </button>
  );
}

export function CopyTexts({ texts, class: look }: { texts: string[]; class?: string }) {
  const [copied, setCopied] = useState(false);
  if (texts.length === 0) return null;
  return (
    <button type="button" class={look ?? ""} onClick={() => void navigator.clipboard.writeText(texts.join("\n\n")).then(() => setCopied(true))}>
      {say(copied ? "sync.copied" : "sync.copy")}
    </button>
  );
}

/** Gives a refused thing up; asks first, where words go with it. */
export function LetGo({ pending: p, class: look = "quiet-button" }: { pending: Pending; class?: string }) {
  const store = useStore();
  const label = say("sync.give_up");
  const go = () => store.giveUp(p.requestId);
  if (textsOf(p.request).length > 0) return <Sure class={look} label={label} ask={say("sync.give_up.sure")} yes={say("sync.give_up.do")} do={go} />;
  return (
    <button type="button" class={look} onClick={go}>
      {label}
    </button>
  );
}

/** A button that asks once more, in its own place, before it does what can't be undone. */
export function Sure(p: { label: string; ask: string; yes: string; do: () => void; class?: string }) {
  const [asking, setAsking] = useState(false);
  const yes = useRef<HTMLButtonElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asking) yes.current?.focus();
    else if (asked.current) button.current?.focus();
    asked.current = asking;
  }, [asking]);
  if (!asking) {
    return (
      <button type="button" ref={button} class={p.class ?? "quiet-button"} onClick={() => setAsking(true)}>
        {p.label}
      </button>
    );
  }
  return (
    <div class="sure" role="group" aria-label={p.label}>
      <p>{p.ask}</p>
      <div class="two">
        <button type="button" onClick={() => setAsking(false)}>
          {say("do.no")}
        </button>
        <button
          type="button"
          class="grave"
          ref={yes}
          onClick={() => {
            setAsking(false);
            p.do();
          }}
        >
          {p.yes}
        </button>
      </div>
    </div>
  );
}

/** Told politely, to whoever listens as well. */
export const Told = ({ children }: { children: ComponentChildren }) => (
  <div class="told" role="status">
    {children}
  </div>
);
