// Whether feedback may be given: it rests on notes of what was seen, and it wonders.
// The mirror of feedback/exchange.go, Gift.check; both are held to spec/rules/gift.tsv.

import { NoteKind } from "../gen/undring/v1/observation_pb";
import { counts, question as judge, type Kind } from "../review/review";

export interface GiftPoint {
  /** The notes that it rests on, by their ids. */
  noteIds: readonly string[];
}

export interface GiftQuestion {
  text: string;
  /** Its writer says that it wonders, whatever the review finds. */
  standBy: boolean;
  noteIds: readonly string[];
}

/** Something that is missing, by the reason that the server would refuse it with. */
export interface Missing {
  reason: "NOT_FOUND" | "FEEDBACK_POINT_MISSING" | "EVIDENCE_MISSING" | "WONDERING_QUESTION_MISSING";
  /** Which point lacks evidence, from 0; -1 for what is no point's. */
  point: number;
}

/** Whether standing by makes a question of this kind count as wondering. */
export const canStandBy = (kind: Kind): boolean => kind !== "WONDERING" && counts(kind, true);

/** Whether a question counts as wondering. */
export const wonders = (q: Pick<GiftQuestion, "text" | "standBy">, language: string): boolean => counts(judge(q.text, language).kind, q.standBy);

/** What is missing, all of it at once. notes: the observer's own ones of the visit, with their kinds. */
export function missingOf(points: readonly GiftPoint[], questions: readonly GiftQuestion[], notes: ReadonlyMap<string, NoteKind>, language: string): Missing[] {
  const used = [...points, ...questions].flatMap((part) => part.noteIds);
  if (used.some((id) => !notes.has(id))) return [{ reason: "NOT_FOUND", point: -1 }];
  const missing: Missing[] = [];
  if (points.length === 0) missing.push({ reason: "FEEDBACK_POINT_MISSING", point: -1 });
  points.forEach((p, point) => {
    if (!p.noteIds.some((id) => notes.get(id) === NoteKind.SAW)) missing.push({ reason: "EVIDENCE_MISSING", point });
  });
  if (!questions.some((q) => wonders(q, language))) missing.push({ reason: "WONDERING_QUESTION_MISSING", point: -1 });
  return missing;
}
