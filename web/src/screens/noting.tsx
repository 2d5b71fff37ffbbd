import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { DeleteNoteRequestSchema, MarkMomentRequestSchema, type Note, NoteKind, type Observation, ObservationState, SaveNoteRequestSchema } from "../gen/undring/v1/observation_pb";
import { CardLine } from "../parts/card";
import { Field, readBy } from "../parts/field";
import { Hints, useColleagues } from "../parts/hints";
import { Icon } from "../parts/icons";
import { Here, Moments, Pace } from "../parts/moments";
import { Next } from "../parts/next";
import { type Kept, useKept } from "../parts/kept";
import { KindChoice, kindOf, NoteText } from "../parts/note";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { Prompts } from "../parts/prompts";
import { useBegun, useStore, useTyped } from "../parts/store";
import { tagsFor } from "../parts/tags";
import { canNote, hasExchange, startOf, visitTitle } from "../parts/visit";
import { notesOpenAt } from "../rules/notes";
import { onNote } from "../review/hints";
import { callOf } from "../things";
import { clock, dateOf, when } from "../words/time";
import { language, say, sayCode } from "../words/words";


/** Ctrl and Enter save, as the button does; ⌘ and Enter where keyboards have that. */
const onSaveKey = (save: () => void) => (e: KeyboardEvent) => {
  if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey) || e.isComposing) return;
  e.preventDefault();
  save();
};

/** Noting in a lesson: the card in a line, the notes beneath it, and under the thumb what one writes. */
export function Noting({ visit }: { visit: Observation }) {
  const store = useStore();
  const { name } = useNames();
  const notes = store.notes(visit.id);
  // One that was being rewritten stands open still.
  const [editing, setEditing] = useState(() => notes.find((n) => store.words(begunKey(n.id)) !== undefined)?.id ?? "");
  const end = useRef<HTMLDivElement>(null);
  const shown = useRef(0);
  useEffect(() => {
    if (notes.length > shown.current) end.current?.scrollIntoView({ block: "end" }); // the newest is seen
    shown.current = notes.length;
  }, [notes.length]);
  if (visit.state === ObservationState.WITHDRAWN) return <Withdrawn visit={visit} />;
  const may = canNote(store, visit);
  const early = visit.state === ObservationState.AGREED && !may;
  return (
    <Page
      class="noting"
      title={name(visit.observedId)}
      back={`/v/${visit.id}`}
      bar={may && editing === "" ? <Composer visit={visit} notes={notes} /> : undefined}
    >
      <Next visit={visit} small />
      <CardLine visit={visit} noting={may} />
      <RefusedAbout id={visit.id} only={["SaveNote", "DeleteNote"]} />
      {early && <p class="lead">{say("note.early", { when: when(notesOpenAt(visit), store.now()) })}</p>}
      {!may && !early && <p class="lead">{hasExchange(visit) ? say("note.closed") : sayCode("state", ObservationState[visit.state])}</p>}
      {may && notes.length === 0 && <p class="quiet">{say("note.none")}</p>}
      <Pace visit={visit} notes={notes} />
      <ul class="notes" aria-label={say("note.list")}>
        {notes.map((n) => (
          <li key={n.id}>
            {editing === n.id ? (
              <Edit note={n} tags={tagsFor(visit, [n, ...notes])} done={() => setEditing("")} />
            ) : (
              <Shown note={n} edit={may ? () => setEditing(n.id) : undefined} />
            )}
          </li>
        ))}
      </ul>
      {notes.length > 0 && visit.state === ObservationState.OBSERVED && (
        <p class="to-feedback">
          <a class="link" href={`#/v/${visit.id}/feedback`}>
            {say("note.finish")}
          </a>
        </p>
      )}
      <div ref={end} class="scroll-end" />
    </Page>
  );
}

/** Nothing is left to note in: what became of the notes, and what is here still of those that came too late. */
function Withdrawn({ visit }: { visit: Observation }) {
  const store = useStore();
  const kept = store.refusals(visit.id).some((p) => callOf(p.typeName) === "SaveNote");
  return (
    <Page class="noting" title={visitTitle(store, visit)} back={`/v/${visit.id}`}>
      <p class="lead">{say("visit.gone")}</p>
      <p>{say("visit.gone.notes")}</p>
      {kept && <p>{say("visit.gone.kept")}</p>}
      <RefusedAbout id={visit.id} only={["SaveNote", "DeleteNote"]} />
    </Page>
  );
}

/** A note, and advice on it. A tap edits it in its place. */
function Shown({ note, edit }: { note: Note; edit: (() => void) | undefined }) {
  const store = useStore();
  const hints = onNote(note.kind === NoteKind.SAW, note.text, language.value, useColleagues());
  const waits = store.outbox.value.some((p) => p.aboutIds.includes(note.id) && p.outcome !== "refused");
  const at = dateOf(note.observedAt);
  return (
    <>
      <div class="note">
        <NoteText note={note} />
        {edit && (
          <button type="button" class="note-edit" onClick={edit}>
            <span class="hidden">{say("note.edit", { time: at ? clock(at) : "" })}</span>
            <span aria-hidden="true">{say("do.edit")}</span>
          </button>
        )}
      </div>
      {waits && <small class="waits">{say("saved.waiting")}</small>}
      <Hints hints={hints} />
      <RefusedAbout id={note.id} />
    </>
  );
}

const begunKey = (noteId: string) => `note-edit/${noteId}/begun`;

/** A note being edited, in its place: all of it but its time. */
function Edit({ note, tags, done }: { note: Note; tags: string[]; done: () => void }) {
  const store = useStore();
  const begun = useBegun(begunKey(note.id), `note/${note.id}`);
  const text = useTyped(`note-edit/${note.id}`, note.text, begun);
  const colleagues = useColleagues();
  const facts = useKept<Facts>(`note-edit/${note.id}/facts`, { kind: note.kind, at: 0, tag: note.tag, focus: note.aboutFocus, moment: "" }, begun);
  const { kind, tag, focus } = facts.value;
  const words = [text.key, facts.key, begun.key];
  const at = dateOf(note.observedAt);
  const field = useRef<HTMLTextAreaElement | null>(null);
  useLayoutEffect(() => field.current?.focus(), []); // as part of the touch, as useMissing has it
  function save() {
    if (text.value.trim() === "") return;
    store.do(
      SaveNoteRequestSchema,
      {
        id: note.id,
        observationId: note.observationId,
        kind,
        text: text.value.trim(),
        tag,
        aboutFocus: focus,
        revision: note.revision,
        ...(note.observedAt ? { observedAt: note.observedAt } : {}),
      },
      { words, basis: begun.basis },
    );
    done();
  }
  function forget() {
    for (const key of words) store.typed(key, "");
    done();
  }
  return (
    <div class="note-editing" onKeyDown={onSaveKey(save)}>
      <Field id="edit" hideLabel names label={say("note.edit", { time: at ? clock(at) : "" })} sees={readBy(note.audience, "who.mine_until")} max={limits.saveNote.text} value={text.value} input={(t) => text.set(t)} inputRef={(el) => (field.current = el)} />
      <KindChoice value={kind} choose={(k) => facts.set({ kind: k })} />
      <Marks facts={facts} tags={tags} />
      <Hints hints={onNote(kind === NoteKind.SAW, text.value, language.value, colleagues)} />
      <div class="three">
        <button
          type="button"
          onClick={() => {
            store.do(DeleteNoteRequestSchema, { noteId: note.id });
            forget();
          }}
        >
          {say("do.delete")}
        </button>
        <button type="button" onClick={forget}>
          {say("do.cancel")}
        </button>
        <button type="button" class="primary" onClick={save}>
          {say("do.save")}
        </button>
      </div>
    </div>
  );
}

/** The last deletion can be undone for a while. */
function Deleted({ visit, except }: { visit: Observation; except: string }) {
  const store = useStore();
  const gone = store.undoable.value;
  if (!gone || gone.visitId !== visit.id || gone.noteId === except) return null;
  return (
    <p class="saved" role="status">
      <Icon of="check" />
      {say("note.deleted")}
      <button type="button" class="link" onClick={() => store.undo()}>
        {say("do.undo")}
      </button>
    </p>
  );
}

/** What a note is besides its words, kept with them while it is being written. */
interface Facts {
  kind: NoteKind;
  /** When the first letter was written, in ms; 0: nothing is written. */
  at: number;
  tag: string;
  focus: boolean;
  /** The moment that it finds words for; empty: none. */
  moment: string;
}

const fresh: Facts = { kind: NoteKind.SAW, at: 0, tag: "", focus: false, moment: "" };

/** What a note is marked with: that it is about the focus, and a tag. */
function Marks({ facts, tags }: { facts: Kept<Facts>; tags: string[] }) {
  const { tag, focus } = facts.value;
  return (
    <div class="marks">
      <button type="button" class="mark" aria-pressed={focus} onClick={() => facts.set({ focus: !focus })}>
        <Icon of="focus" />
        {say("note.focus")}
      </button>
      {tags.map((t) => (
        <button key={t} type="button" class="mark" aria-pressed={tag === t} onClick={() => facts.set({ tag: tag === t ? "" : t })}>
          {t}
        </button>
      ))}
    </div>
  );
}

/** The note that one writes now. Its time is that of the first letter. */
function Composer({ visit, notes }: { visit: Observation; notes: Note[] }) {
  const store = useStore();
  const text = useTyped(`note/${visit.id}/text`);
  const facts = useKept(`note/${visit.id}/facts`, fresh);
  const field = useRef<HTMLTextAreaElement | null>(null);
  const [saved, setSaved] = useState<{ id: string; text: string; facts: Facts }>();
  const [undone, setUndone] = useState(""); // stands in the field again, so its deletion is not told
  useEffect(() => field.current?.focus({ preventScroll: true }), []);

  function write(words: string) {
    if (facts.value.at === 0 && words.trim() !== "") facts.set({ at: store.now().getTime() });
    if (words === "" && facts.value.moment === "") facts.set({ at: 0 });
    text.set(words);
  }
  function save() {
    const words = text.value.trim();
    field.current?.focus();
    if (words === "") return;
    const f = facts.value;
    const done = store.do(
      SaveNoteRequestSchema,
      {
        observationId: visit.id,
        kind: f.kind,
        text: words,
        observedAt: timestampFromDate(new Date(f.at || store.now().getTime())),
        tag: f.tag,
        aboutFocus: f.focus,
      },
      { words: [text.key, facts.key] },
    );
    // Words have been found for the moment: it is a note now.
    if (f.moment !== "") store.do(MarkMomentRequestSchema, { id: f.moment, observationId: visit.id, takeBack: true });
    text.clear();
    facts.show({ ...fresh, kind: f.kind });
    setSaved(undefined);
    // Saved is what the disk has, and not what was asked of it.
    done.kept.then(() => setSaved({ id: done.thingId, text: words, facts: f }), () => {
      // The phone could not keep it: it stands in the field again, with what was written since.
      text.set([words, text.value].join(" ").trim());
      facts.set(f);
    });
  }
  function undo() {
    if (!saved) return;
    store.do(DeleteNoteRequestSchema, { noteId: saved.id });
    text.set([saved.text, text.value].join(" ").trim()); // the next one may be begun
    setUndone(saved.id);
    facts.set({ ...saved.facts, moment: "" });
    setSaved(undefined);
    field.current?.focus();
  }

  const kind = kindOf(facts.value.kind);
  return (
    <form
      class="composer"
      onKeyDown={onSaveKey(save)}
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      {!saved && <Deleted visit={visit} except={undone} />}
      {saved && (
        <p class="saved" role="status">
          <Icon of="check" />
          {say("note.saved", { time: clock(new Date(saved.facts.at || store.now().getTime())) })}
          <button type="button" class="link" onClick={undo}>
            {say("do.undo")}
          </button>
        </p>
      )}
      <Moments
        visit={visit}
        take={(m, at) => {
          facts.set({ at: at.getTime(), moment: m.id });
          field.current?.focus();
        }}
      />
      {facts.value.moment !== "" && <p class="quiet">{say("moment.of", { time: clock(new Date(facts.value.at)) })}</p>}
      <KindChoice
        value={facts.value.kind}
        choose={(k) => {
          facts.set({ kind: k });
          field.current?.focus();
        }}
      />
      <Field id="note" hideLabel label={say("note.text")} hint={say(`${kind.key}.hint`)} sees="who.mine_until" max={limits.saveNote.text} rows={2} value={text.value} input={write} inputRef={(el) => (field.current = el)} />
      <Prompts moment={store.now() < startOf(visit) ? "warm_up" : "during"} take={(t) => write(text.value ? `${text.value} ${t}` : t)} />
      <Marks facts={facts} tags={tagsFor(visit, notes)} />
      <div class="two last-wider">
        <Here visit={visit} />
        <button class="primary">{say("note.save")}</button>
      </div>
    </form>
  );
}
