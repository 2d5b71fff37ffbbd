// What does a question do? The phone's half of review: the same rules and the same
// model, read by the same few steps, without a network.

import { kinds, parse, type Kind } from "./judge";
import { decide } from "./model";
import { detect, rulesFor } from "./rules";
import { suggest } from "./suggest";
import { read } from "./text";

export type { Kind } from "./judge";

export interface Judgement {
  kind: Kind;
  unsure: boolean; // it may well wonder, or may not: the app hints instead of judging
  reason: string;
  suggestions: string[]; // better wordings, two at most; none for a wondering question
}

/** Judges a question. An unknown language is read as bokmål. */
export function question(text: string, language: string): Judgement {
  const said = rulesFor(language);
  const sentences = read(text);
  const r = detect(sentences, said);
  const decided = decide(parse(sentences, r), r.english);
  const kind = kinds[decided.kind - 1]!;
  return {
    kind,
    unsure: decided.unsure,
    reason: said.file.reasons[decided.unsure ? "UNSURE" : kind] ?? "",
    suggestions: kind === "WONDERING" ? [] : suggest(r.file.language, kind, sentences, text),
  };
}

/**
 * Whether a question counts as wondering for the gate, as review.Counts of the
 * server has it: standing by turns no accusation, advice, practical matter or
 * remark into a question that opens.
 */
export const counts = (kind: Kind, stoodBy: boolean): boolean =>
  kind === "WONDERING" || (stoodBy && (kind === "CLOSED" || kind === "CLARIFYING"));
