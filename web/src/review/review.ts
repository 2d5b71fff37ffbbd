// What does a question do? The phone's half of review: the same rules and the same
// model, read by the same few steps, without a network.

import { kinds, parse, type Kind } from "./judge";
import { decide } from "./model";
import { detect, rulesFor, type Rules } from "./rules";
import { read, type Sentence } from "./text";

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
    suggestions: kind === "WONDERING" ? [] : suggest(said, kind, sentences),
  };
}

/**
 * Whether a question counts as wondering for the gate, as review.Counts of the
 * server has it: standing by turns no accusation, advice, practical matter or
 * remark into a question that opens.
 */
export const counts = (kind: Kind, stoodBy: boolean): boolean =>
  kind === "WONDERING" || (stoodBy && (kind === "CLOSED" || kind === "CLARIFYING"));

/** Wordings made out of what the writer wrote of. */
function suggest(r: Rules, kind: Kind, text: Sentence[]): string[] {
  const found = r.file.topic.groups.find(([prefix]) => text.some((s) => s.words.some((w) => w.startsWith(prefix!))));
  const topic = found?.[1] ?? r.file.topic.it;
  return (r.file.suggestions[kind] ?? []).map((s) => s.replaceAll("{topic}", topic));
}
