// The feedback while it is being written: kept on the phone as it is typed, and
// handed to the store, so that another device has it, at each step.

import { create } from "@bufbuild/protobuf";
import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { FeedbackDraftSchema, LooseTextSchema, SaveFeedbackDraftRequestSchema } from "../gen/undring/v1/feedback_pb";
import type { Note, Observation } from "../gen/undring/v1/observation_pb";
import { question as judge } from "../review/review";
import { missingOf } from "../rules/gift";
import { says } from "../rules/says";
import { newId } from "../store/id";
import type { Store } from "../store/store";
import { useStore } from "./store";

export interface Item {
  id: string;
  text: string;
  /** Of a point: what followed. */
  effect: string;
  noteIds: string[];
  standBy: boolean;
}

export interface Draft {
  points: Item[];
  questions: Item[];
  shared: string[];
  /** What this was begun on, as the store has it. */
  basis: string;
}

/** An item with a change made to it. Whoever stood by a question stood by its words: with another text that goes. */
export const changed = (i: Item, to: Partial<Item>): Item => ({
  ...i,
  ...(to.text !== undefined && to.text.trim() !== i.text.trim() ? { standBy: false } : {}),
  ...to,
});

export const newItem = (text = "", noteIds: string[] = []): Item => ({ id: newId(), text, effect: "", noteIds, standBy: false });

function stored(store: Store, visitId: string): Draft {
  const d = store.draft(visitId);
  const items = (list: typeof d.points) =>
    list.map((i) => ({ id: i.id, text: i.text, effect: i.effect, noteIds: [...i.noteIds], standBy: i.standBy }));
  return { points: items(d.points), questions: items(d.questions), shared: [...d.sharedNoteIds], basis: store.basis(`draft/${visitId}`) };
}

const isEmpty = (d: Draft) =>
  d.shared.length === 0 && [...d.points, ...d.questions].every((i) => i.text + i.effect === "" && i.noteIds.length === 0) && d.basis === "null";

/** A draft as it was kept; before points had an effect, it names none. */
function typedDraft(kept: string): Draft {
  const d = JSON.parse(kept) as Draft;
  return { ...d, points: d.points.map((i) => ({ ...i, effect: i.effect ?? "" })), questions: d.questions.map((i) => ({ ...i, effect: "" })) };
}

export function useDraft(visit: Observation) {
  const store = useStore();
  const draft = useMemo(() => {
    const key = `draft/${visit.id}`;
    const kept = store.words(key);
    const mine = signal<Draft | undefined>(kept ? typedDraft(kept) : undefined);
    return {
      key,
      get value(): Draft {
        return mine.value ?? stored(store, visit.id);
      },
      edit(change: (d: Draft) => Draft) {
        mine.value = change(this.value);
        store.typed(key, JSON.stringify(mine.value));
      },
      /** Hands what was typed to the store. */
      save() {
        const d = mine.value;
        if (!d || isEmpty(d)) return;
        const loose = (i: Item) => create(LooseTextSchema, i);
        store.do(
          SaveFeedbackDraftRequestSchema,
          {
            observationId: visit.id,
            draft: create(FeedbackDraftSchema, {
              points: d.points.map(loose),
              questions: d.questions.map(loose),
              sharedNoteIds: d.shared,
            }),
          },
          { words: [key], basis: d.basis },
        );
        mine.value = undefined;
      },
      forget() {
        mine.value = undefined;
        store.typed(key, "");
      },
    };
  }, [visit.id]);
  useEffect(() => {
    const hidden = () => document.visibilityState === "hidden" && draft.save();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      draft.save();
    };
  }, [draft]);
  return draft;
}

export type DraftInHand = ReturnType<typeof useDraft>;

const written = (i: Item) => says(i.text);

/** What the reviewer of the phone says of a question, or undefined while there is too little of it. */
export const reviewed = (text: string, language: string) => (text.trim().length < 6 ? undefined : judge(text, language));

/** What the feedback would hold, and which of the three things are there. */
export function readiness(d: Draft, notes: Note[], language: string) {
  const kinds = new Map(notes.map((n) => [n.id, n.kind]));
  const clean = (i: Item): Item => ({ ...i, text: i.text.trim(), effect: i.effect.trim(), noteIds: i.noteIds.filter((id) => kinds.has(id)) });
  const points = d.points.filter(written).map(clean);
  const questions = d.questions.filter(written).map(clean);
  const used = [...points, ...questions].flatMap((i) => i.noteIds);
  const missing = new Set(missingOf(points, questions, kinds, language).map((m) => m.reason));
  const hasPoint = !missing.has("FEEDBACK_POINT_MISSING");
  return {
    points,
    questions,
    shared: [...new Set([...d.shared.filter((id) => kinds.has(id)), ...used])],
    used: new Set(used),
    hasPoint,
    hasEvidence: hasPoint && !missing.has("EVIDENCE_MISSING"),
    hasWondering: !missing.has("WONDERING_QUESTION_MISSING"),
  };
}
