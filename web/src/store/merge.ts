// Two devices of one person wrote the same thing. What only one of them changed
// is taken from that one; a text that both changed stays in both wordings. No
// two texts are ever woven into one.

import { clone, create, equals, fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";

import * as limits from "../gen/limits";
import { FeedbackDraftSchema, LooseTextSchema, type FeedbackDraft, type LooseText } from "../gen/undring/v1/feedback_pb";
import { newId } from "./id";

/** Words of this device for which the thing has no place beside the other's. */
export interface Clash {
  field: string;
  mine: string;
  theirs: string;
  /** Where mine is now; empty: nowhere. */
  copyId: string;
}

/** Three wordings of a field become one: what somebody changed; where both did, theirs. */
export const pick = <T>(was: T, mine: T, theirs: T, same = Object.is as (a: T, b: T) => boolean): T =>
  same(theirs, was) ? mine : theirs;

/** Both changed it, and not to the same. */
export const clash = <T>(was: T, mine: T, theirs: T): boolean => mine !== was && theirs !== was && mine !== theirs;

/** Merges drafts item by item. A text that both changed is there twice: as an item of its own, or where there is no room, as a clash without one. */
export function mergeDrafts(basis: JsonValue, mine: FeedbackDraft, theirs: FeedbackDraft): { draft: FeedbackDraft; clashes: Clash[] } {
  const was = basis === null ? create(FeedbackDraftSchema) : fromJson(FeedbackDraftSchema, basis);
  const clashes: Clash[] = [];
  const draft = clone(FeedbackDraftSchema, theirs);
  draft.points = mergeItems(was.points, mine.points, theirs.points, limits.feedbackDraft.points, "points", clashes);
  draft.questions = mergeItems(was.questions, mine.questions, theirs.questions, limits.feedbackDraft.questions, "questions", clashes);
  draft.sharedNoteIds = [
    ...theirs.sharedNoteIds.filter((id) => mine.sharedNoteIds.includes(id) || !was.sharedNoteIds.includes(id)),
    ...mine.sharedNoteIds.filter((id) => !theirs.sharedNoteIds.includes(id) && !was.sharedNoteIds.includes(id)),
  ];
  return { draft, clashes };
}

function mergeItems(was: LooseText[], mine: LooseText[], theirs: LooseText[], most: number, field: string, clashes: Clash[]): LooseText[] {
  const out: LooseText[] = [];
  const beside: { item: LooseText; theirs: string }[] = [];
  const find = (list: LooseText[], id: string) => list.find((item) => item.id === id);
  for (const t of theirs) {
    const b = find(was, t.id);
    const m = find(mine, t.id);
    if (!m) {
      if (!b || !equals(LooseTextSchema, b, t)) out.push(t); // new there, or changed there since it went here
      continue;
    }
    const before = b ?? create(LooseTextSchema, { id: t.id });
    const noteIds = pick(before.noteIds, m.noteIds, t.noteIds, sameList);
    const text = pick(before.text, m.text, t.text);
    const effect = pick(before.effect, m.effect, t.effect);
    // Stood by is what was read: on the side that has these words.
    const standBy = (m.standBy && m.text === text) || (t.standBy && t.text === text);
    out.push(create(LooseTextSchema, { id: t.id, text, effect, noteIds, standBy }));
    if (clash(before.effect, m.effect, t.effect) && m.effect.trim() !== "") clashes.push({ field, mine: m.effect, theirs: t.effect, copyId: "" });
    if (clash(before.text, m.text, t.text) && m.text.trim() !== "")
      beside.push({ item: create(LooseTextSchema, { ...m, id: newId() }), theirs: t.text });
  }
  for (const m of mine) {
    const b = find(was, m.id);
    if (find(theirs, m.id) || (b && equals(LooseTextSchema, b, m))) continue; // merged above, or gone there
    if (m.text.trim() + m.effect.trim() === "") continue;
    if (out.length < most) out.push(m);
    else clashes.push({ field, mine: m.text, theirs: "", copyId: "" });
  }
  for (const { item, theirs: other } of beside) {
    const room = out.length < most;
    if (room) out.push(clone(LooseTextSchema, item));
    clashes.push({ field, mine: item.text, theirs: other, copyId: room ? item.id : "" });
  }
  return out;
}

const sameList = (a: string[], b: string[]) => a.length === b.length && a.every((v, i) => v === b[i]);

/** A message as the basis of an operation. */
export const asBasis = (draft: FeedbackDraft | undefined): JsonValue => (draft ? toJson(FeedbackDraftSchema, draft) : null);
