import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Audience } from "../gen/undring/v1/observation_pb";
import { count, type Key, say } from "../words/words";
import { Named } from "./hints";
import { Icon } from "./icons";

/** Says beside a field who will read what is written in it. */
export const Who = ({ sees }: { sees: Key }) => (
  <span class="who">
    <Icon of="lock" />
    {say(sees)}
  </span>
);

const readers: Partial<Record<Audience, Key>> = {
  [Audience.WRITER]: "who.mine",
  [Audience.WRITER_UNTIL_GIVEN]: "who.mine_until",
  [Audience.TWO]: "who.two",
  [Audience.TEAM]: "who.team",
  [Audience.SCHOOL]: "who.school",
};

/** Who reads what is there already, as it was stored with it; before anything is stored, who will. */
export const readBy = (stored: Audience | undefined, first: Key): Key => readers[stored ?? Audience.UNSPECIFIED] ?? first;

interface FieldProps {
  id: string;
  label: string;
  hint?: string;
  value: string;
  input: (text: string) => void;
  /** Who will read it. Every field for words says so; null is for what is no text of anybody's, such as a code. */
  sees: Key | null;
  max: number;
  rows?: number;
  optional?: boolean;
  /** The browser says so before a form is sent. */
  required?: boolean;
  /** One line. */
  single?: boolean;
  /** What is not as it should be. */
  wrong?: string;
  children?: ComponentChildren;
  inputRef?: (el: HTMLTextAreaElement | null) => void;
  hideLabel?: boolean;
  /** Names belong here, or the screen hints at them itself. */
  names?: boolean;
}

/** A field that one writes in; grows with what is written. */
export function Field(p: FieldProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const el = area.current;
    if (!el) return;
    el.style.height = "auto";
    el.style.height = `${el.scrollHeight + 2}px`;
  }, [p.value]);
  const left = p.max - [...p.value].length;
  const near = Math.min(60, p.max / 5); // said when it comes near: of a short field not from the start
  const about = [p.sees && `${p.id}-who`, p.hint && `${p.id}-hint`, p.wrong && `${p.id}-wrong`].filter(Boolean).join(" ");
  const shared = {
    id: p.id,
    maxLength: p.max,
    required: p.required,
    "aria-describedby": about || undefined,
    "aria-invalid": p.wrong ? true : undefined,
    value: p.value,
  };
  return (
    <div class="field">
      <label for={p.id} class={p.hideLabel ? "hidden" : ""}>
        {p.label}
        {p.optional && <small> ({say("optional")})</small>}
      </label>
      {p.hint && (
        <span class="hint" id={`${p.id}-hint`}>
          {p.hint}
        </span>
      )}
      {p.single ? (
        <input {...shared} type="text" autocomplete="off" onInput={(e) => p.input(e.currentTarget.value)} />
      ) : (
        <textarea
          {...shared}
          rows={p.rows ?? 2}
          ref={(el) => {
            area.current = el;
            p.inputRef?.(el);
          }}
          onInput={(e) => p.input(e.currentTarget.value)}
        />
      )}
      <div class="field-foot">
        {p.sees && (
          <span id={`${p.id}-who`}>
            <Who sees={p.sees} />
          </span>
        )}
        {left < near && <span class="left">{count("left", Math.max(left, 0))}</span>}
      </div>
      {p.wrong && (
        <p class="wrong" id={`${p.id}-wrong`}>
          <Icon of="warn" />
          {p.wrong}
        </p>
      )}
      {p.sees && p.sees !== "who.mine" && !p.names && <Named text={p.value} />}
      {p.children}
    </div>
  );
}
