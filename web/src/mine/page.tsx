// What is mine: a copy of it, who was sent it, what I have said yes to, and its end.

import { timestampDate } from "@bufbuild/protobuf/wkt";
import { useState } from "preact/hooks";
import { AdministrativeActKind } from "../gen/undring/v1/admin_pb";
import { type Access, AccessKind, ConsentSubject, PrivacyService } from "../gen/undring/v1/privacy_pb";
import { Answered, Progress, useAnswer, useDoing } from "../parts/call";
import { focusOn } from "../parts/focus";
import { pick } from "../parts/language";
import { Refused, Sure } from "../parts/notices";
import { Page } from "../parts/page";
import { myId } from "../parts/people";
import { useStore } from "../parts/store";
import { goInstead } from "../route";
import { newId } from "../store/id";
import type { Refusal } from "../store/store";
import { capital, clock, dateOf, day, when } from "../words/time";
import { Again } from "./again";
import { goesSoon } from "./going";
import { say } from "./words";

/** An export takes as long as the server lets it. */
const longest = 120_000;

export function Mine() {
  const [copies, setCopies] = useState(0); // taken here: each is a new line of the list
  return (
    <Page title={say("title")} back="/more">
      <p class="quiet">{say("lead")}</p>
      <Going />
      <Copy taken={() => setCopies((n) => n + 1)} />
      <Accesses key={copies} />
      <Consents />
      <Erase />
    </Page>
  );
}

/** Visits whose words go within a month, told before it happens. */
function Going() {
  const store = useStore();
  const soon = goesSoon(store);
  if (soon.length === 0) return null;
  return (
    <section class="card" aria-labelledby="going">
      <div class="card-main">
        <h2 id="going">{say("going.title")}</h2>
        <p>{say("going.text")}</p>
        <ul>
          {soon.map(({ visit, on }) => (
            <li key={visit.id}>
              <a href={`#/v/${visit.id}`}>{say("going.visit", { visit: day(timestampDate(visit.startTime!), store.now()), day: day(on, store.now()) })}</a>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

/** Does something that wants a sign-in of the last minutes, and asks for one where it is older. */
function useFresh() {
  const doing = useDoing();
  const old = doing.refusal?.reason === "SIGN_IN_AGAIN";
  return { ...doing, old, shown: old ? undefined : (doing.refusal as Refusal | undefined) };
}

/** A copy of everything, as a file on this device. */
function Copy({ taken: told }: { taken: () => void }) {
  const store = useStore();
  const doing = useFresh();
  const [taken, setTaken] = useState(false);
  async function take() {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of store.call.of(PrivacyService).exportMyData({}, { timeoutMs: longest })) {
      parts.push(new Uint8Array(piece.content));
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(parts, { type: "application/zip" }));
    link.download = "undring.zip";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it by then
    setTaken(true);
    told();
  }
  const go = () => void doing.run(take);
  return (
    <section aria-labelledby="copy">
      <h2 id="copy">{say("copy.title")}</h2>
      <p>{say("copy.text")}</p>
      <button type="button" class="primary wide" disabled={doing.doing} onClick={go}>
        {say("copy.do")}
      </button>
      {doing.slow && <Progress />}
      <Refused refusal={doing.shown} />
      {doing.old && <Again then={go} />}
      <p role="status">{taken && say("copy.done")}</p>
    </section>
  );
}

/** How many lines of the list come at a time: two screens of a phone. */
const lines = 20;

/** Who was sent what is mine, the newest first. */
function Accesses() {
  const store = useStore();
  const answer = useAnswer(() => store.call.of(PrivacyService).listAccesses({ pageSize: lines }));
  const [later, setLater] = useState<{ accesses: Access[]; token: string }>();
  const doing = useDoing();
  const more = (token: string, before: Access[]) =>
    void doing.run(async () => {
      const next = await store.call.of(PrivacyService).listAccesses({ pageSize: lines, pageToken: token });
      setLater({ accesses: [...before, ...next.accesses], token: next.nextPageToken });
    });
  return (
    <section aria-labelledby="accesses">
      <h2 id="accesses">{say("read.title")}</h2>
      <p class="quiet">{say("read.lead")}</p>
      <Answered of={answer}>
        {(first) => {
          const shown = [...first.accesses, ...(later?.accesses ?? [])];
          const token = later ? later.token : first.nextPageToken;
          return shown.length === 0 ? (
            <p>{say("read.none")}</p>
          ) : (
            <>
              <Days accesses={shown} />
              <Refused refusal={doing.refusal} />
              {token !== "" && (
                <button type="button" class="quiet-button" disabled={doing.doing} onClick={() => more(token, later?.accesses ?? [])}>
                  {say("read.more")}
                </button>
              )}
              {doing.slow && <Progress />}
            </>
          );
        }}
      </Answered>
    </section>
  );
}

/** The lines under the days on which they were. */
function Days({ accesses }: { accesses: Access[] }) {
  const store = useStore();
  const days = new Map<string, Access[]>();
  for (const a of accesses) {
    const at = dateOf(a.time);
    const name = at ? capital(day(at, store.now())) : "";
    days.set(name, [...(days.get(name) ?? []), a]);
  }
  return (
    <>
      {[...days].map(([name, of]) => (
        <section key={name} aria-label={name}>
          <h3>{name}</h3>
          <ul class="rows">
            {of.map((a, n) => (
              <Line key={n} access={a} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Line({ access: a }: { access: Access }) {
  const store = useStore();
  const at = dateOf(a.time);
  const visit = a.observationId ? store.visit(a.observationId) : undefined;
  const who = a.byName || (a.kind === AccessKind.ACT && !a.byId ? say("read.house") : say("read.former"));
  const kind = a.act ? (AdministrativeActKind[a.act.kind] as keyof typeof acts) : undefined;
  const what =
    a.kind === AccessKind.READ
      ? say("read.visit", { who })
      : a.kind === AccessKind.EXPORT
        ? say(a.byId === myId(store) ? "read.export" : "read.export.other", { who })
        : say(acts[kind ?? "UNSPECIFIED"] ?? "act.other", { who });
  return (
    <li class="row">
      <span class="row-text">
        <span>{what}</span>
        {at && <small>{clock(at)}</small>}
      </span>
      {visit && (
        <a class="button small" href={`#/v/${a.observationId}`}>
          {say("read.open")}
        </a>
      )}
    </li>
  );
}

/** What each act is called. */
const acts = {
  UNSPECIFIED: "act.other",
  ROLE_GIVEN: "act.role_given",
  ROLE_TAKEN: "act.role_taken",
  ROSTER_IMPORTED: "act.imported",
  IMPORT_HELD: "act.other",
  IMPORT_UNDONE: "act.undone",
  INVITED: "act.invited",
  RELINKED: "act.relinked",
  MERGED: "act.merged",
  MERGE_UNDONE: "act.unmerged",
  POLICY_CHANGED: "act.policy",
} as const;

/** What is told of how words are kept, and whether I have read it. */
function Consents() {
  const store = useStore();
  const doing = useDoing();
  const answer = useAnswer(() => store.call.of(PrivacyService).listConsents({}));
  return (
    <section aria-labelledby="consents">
      <h2 id="consents">{say("info.title")}</h2>
      <Answered of={answer}>
        {({ information, consents }) => {
          const said = consents.find((c) => c.subject === ConsentSubject.INFORMATION && c.version === information?.version);
          const at = dateOf(said?.time);
          return (
            <>
              <details class="more">
                <summary>{say("info.read")}</summary>
                {information?.paragraphs.map((p) => <p key={p}>{p}</p>)}
              </details>
              {said?.agreed && at ? (
                <p>{say("info.said", { when: when(at, store.now()) })}</p>
              ) : (
                <button
                  type="button"
                  class="small"
                  disabled={doing.doing}
                  onClick={() =>
                    void doing
                      .run(() =>
                        store.call.of(PrivacyService).setConsent({
                          requestId: newId(),
                          subject: ConsentSubject.INFORMATION,
                          version: information?.version ?? "",
                          agreed: true,
                        }),
                      )
                      .then((ok) => {
                        if (!ok) return;
                        focusOn("consents"); // the button goes
                        answer.again();
                      })
                  }
                >
                  {say("info.do")}
                </button>
              )}
              <Refused refusal={doing.refusal} />
            </>
          );
        }}
      </Answered>
    </section>
  );
}

/** The end of all of it, in words that say what it is. */
function Erase() {
  const store = useStore();
  const doing = useFresh();
  const go = () =>
    void doing
      .run(() => store.call.of(PrivacyService).eraseMe({ requestId: newId(), iUnderstand: true }))
      .then(async (ok) => {
        if (!ok) return;
        await store.signOut({ evenIfUnsent: true });
        pick(undefined);
        goInstead("/");
      });
  return (
    <section class="apart" aria-labelledby="erase">
      <h2 id="erase">{say("erase.title")}</h2>
      <p>{say("erase.goes")}</p>
      <p>{say("erase.stays")}</p>
      <p>{say("erase.backups")}</p>
      <Sure class="wide" label={say("erase.begin")} ask={say("erase.sure")} yes={say("erase.do")} do={go} />
      {doing.slow && <Progress />}
      <Refused refusal={doing.shown} />
      {doing.old && <Again then={go} />}
    </section>
  );
}
