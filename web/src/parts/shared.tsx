import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { CorrectionResolution, CorrectNoteRequestSchema, ResolveCorrectionRequestSchema, type SharedNote } from "../gen/undring/v1/feedback_pb";
import type { Observation } from "../gen/undring/v1/observation_pb";
import { say, sayCode } from "../words/words";
import { Field } from "./field";
import { NoteText } from "./note";
import { RefusedAbout } from "./notices";
import { useNames } from "./people";
import { useStore, useTyped } from "./store";
import { seatOf } from "./visit";

/** A shared note, and the observed's wording beside it. */
export function Shared({ shared, visit, open }: { shared: SharedNote; visit: Observation; open: boolean }) {
  const store = useStore();
  const { first } = useNames();
  const note = shared.note;
  if (!note) return null;
  const seat = seatOf(store, visit);
  const c = shared.correction;
  const resolve = (resolution: CorrectionResolution) => store.do(ResolveCorrectionRequestSchema, { noteId: note.id, resolution });
  return (
    <li>
      <NoteText note={note} />
      {c && (
        <div class="correction">
          <small>
            {seat === "observed" ? say("ex.correct.mine") : say("ex.correct.theirs", { name: first(visit.observedId) })} ·{" "}
            {sayCode("ex.correct", CorrectionResolution[c.resolution])}
          </small>
          <p>{c.text}</p>
          {open && seat === "observer" && c.resolution === CorrectionResolution.UNSPECIFIED && (
            <div class="two">
              <button type="button" onClick={() => resolve(CorrectionResolution.BOTH_STAND)}>
                {say("ex.correct.both")}
              </button>
              <button type="button" class="primary" onClick={() => resolve(CorrectionResolution.ACCEPTED)}>
                {say("ex.correct.accept")}
              </button>
            </div>
          )}
        </div>
      )}
      <RefusedAbout id={note.id} />
      {open && seat === "observed" && <Correct noteId={note.id} given={c?.text ?? ""} said={note.text} />}
    </li>
  );
}

function Correct({ noteId, given, said }: { noteId: string; given: string; said: string }) {
  const store = useStore();
  const text = useTyped(`correct/${noteId}`, given || said);
  const [writing, setWriting] = useState(store.words(text.key) !== undefined);
  if (!writing) {
    return (
      <button type="button" class="quiet-button" onClick={() => setWriting(true)}>
        {say("ex.correct")}
      </button>
    );
  }
  return (
    <form
      class="inline-form"
      onSubmit={(e) => {
        e.preventDefault();
        if (text.value.trim() === "") return;
        store.do(CorrectNoteRequestSchema, { noteId, text: text.value.trim() }, { words: [text.key] });
        setWriting(false);
      }}
    >
      <Field id={`correct-${noteId}`} label={say("ex.correct.text")} sees="who.two" max={limits.correctNote.text} value={text.value} input={(t) => text.set(t)} />
      <div class="two">
        <button
          type="button"
          onClick={() => {
            store.typed(text.key, "");
            setWriting(false);
          }}
        >
          {say("do.cancel")}
        </button>
        <button class="primary">{say("ex.correct.send")}</button>
      </div>
    </form>
  );
}
