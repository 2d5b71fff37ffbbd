import { type Note, NoteKind } from "../gen/undring/v1/observation_pb";
import { clock, dateOf } from "../words/time";
import { say, type Key } from "../words/words";
import { Choice } from "./choice";
import { Icon, type IconName } from "./icons";

export type Kind = NoteKind.SAW | NoteKind.INTERPRETATION | NoteKind.WONDERING;

export const kinds: { kind: Kind; key: "note.SAW" | "note.INTERPRETATION" | "note.WONDERING"; icon: IconName; class: string }[] = [
  { kind: NoteKind.SAW, key: "note.SAW", icon: "eye", class: "saw" },
  { kind: NoteKind.INTERPRETATION, key: "note.INTERPRETATION", icon: "think", class: "thinks" },
  { kind: NoteKind.WONDERING, key: "note.WONDERING", icon: "wonder", class: "wonders" },
];

export const kindOf = (kind: NoteKind) => kinds.find((k) => k.kind === kind) ?? kinds[0]!;

/** The three kinds, big. */
export const KindChoice = (p: { value: NoteKind; choose: (k: Kind) => void }) => (
  <Choice
    legend={say("note.kind")}
    hideLegend
    class="kinds"
    value={kindOf(p.value).kind}
    choose={p.choose}
    options={kinds.map((k) => ({
      value: k.kind,
      class: k.class,
      label: (
        <>
          <Icon of={k.icon} />
          {say(k.key)}
        </>
      ),
    }))}
  />
);

/** A note as it is read: when, what kind, the words. */
export function NoteText({ note, quiet }: { note: Note; quiet?: boolean }) {
  const kind = kindOf(note.kind);
  const at = dateOf(note.observedAt);
  return (
    <div class={`note-text ${kind.class}`}>
      <p class="note-head">
        {at && <time dateTime={at.toISOString()}>{clock(at)}</time>}
        <span class="note-kind">
          <Icon of={kind.icon} />
          {say(kind.key as Key)}
        </span>
        {note.aboutFocus && (
          <span class="note-mark">
            <Icon of="focus" />
            {say("note.focus")}
          </span>
        )}
        {note.tag && <span class="note-mark">{note.tag}</span>}
      </p>
      <p class={quiet ? "note-words quiet" : "note-words"}>{note.text}</p>
    </div>
  );
}

/** Notes to choose from, by ticking. */
export function NotePick(p: { label: string; notes: Note[]; chosen: string[]; set: (ids: string[]) => void }) {
  return (
    <fieldset class="pick">
      <legend>{p.label}</legend>
      {p.notes.map((n) => (
        <label key={n.id} class="option">
          <input
            type="checkbox"
            checked={p.chosen.includes(n.id)}
            onChange={(e) => p.set(e.currentTarget.checked ? [...p.chosen, n.id] : p.chosen.filter((id) => id !== n.id))}
          />
          <NoteText note={n} />
        </label>
      ))}
    </fieldset>
  );
}
