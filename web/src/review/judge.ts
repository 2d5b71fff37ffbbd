// The rules' half of the judgement, as review/judge.go has it: it explains what it
// finds and gives the model its best features.

import { match, patternNames, type Pattern, type Rules } from "./rules";
import { startsWith, verbFirst, type Sentence } from "./text";

export const kinds = [
  "WONDERING",
  "CLARIFYING",
  "CLOSED",
  "DEFENCE_PROVOKING",
  "ADVICE_IN_DISGUISE",
  "LOGISTICS",
  "NOT_A_QUESTION",
] as const;

export type Kind = (typeof kinds)[number];

/** A kind by its number in the contract of the engine, from 1; 0: no rule speaks. */
export const numberOf = (k: Kind): number => kinds.indexOf(k) + 1;

/** A sentence, in the words that the patterns use, with what was found. */
export interface Judged extends Sentence {
  opens: boolean;
  verb: boolean;
  hasWh: boolean;
  asks: boolean;
  spoke: number;
  kind: number;
}

export interface Parsed {
  sentences: Judged[];
  asks: boolean;
  kind: number;
}

const bitOf = Object.fromEntries(patternNames.map((name, i) => [name, 1 << i])) as Record<Pattern, number>;

const has = (s: Judged, pattern: Pattern) => (s.spoke & bitOf[pattern]) !== 0;

/** The sharpest fault first, then wondering, then what is practical. */
const order = (
  ["DEFENCE_PROVOKING", "ADVICE_IN_DISGUISE", "WONDERING", "LOGISTICS", "CLARIFYING", "CLOSED", "NOT_A_QUESTION"] as Kind[]
).map(numberOf);

const notAQuestion = numberOf("NOT_A_QUESTION");

export function parse(text: Sentence[], r: Rules): Parsed {
  const of = new Set<number>();
  let story = false;
  let asks = false;
  const sentences = text.map((raw) => {
    const s = inWordsOf(raw, r);
    s.kind = judgeSentence(s);
    if (s.kind === notAQuestion && has(s, "advice_statement")) story = true;
    else if (story && s.mark && has(s, "advice_echo")) s.kind = numberOf("ADVICE_IN_DISGUISE");
    of.add(s.kind);
    asks ||= s.asks;
    return s;
  });
  const kind = order.find((k) => of.has(k) && (k !== notAQuestion || !of.has(0))) ?? 0;
  return { sentences, asks, kind };
}

/** The sentence in the words of a ruleset, and what there is in it. */
function inWordsOf(raw: Sentence, r: Rules): Judged {
  const words = raw.words.map((w) => r.as.get(w) ?? w);
  const s: Judged = { ...raw, words, opens: false, verb: false, hasWh: false, asks: false, spoke: match(r, words), kind: 0 };
  s.opens = startsWith(s, r.wh);
  s.verb = verbFirst(s, r.verbs);
  s.hasWh = words.some((w) => r.wh.has(w));
  s.asks = s.mark || s.opens || s.verb || has(s, "indirect");
  return s;
}

function judgeSentence(s: Judged): number {
  if ((s.shout && !s.mark) || (has(s, "exclaim") && !s.mark) || !s.asks) return notAQuestion;
  if (has(s, "defence")) return numberOf("DEFENCE_PROVOKING");
  if (has(s, "advice") || (s.mark && !s.hasWh && !s.verb && has(s, "advice_statement"))) return numberOf("ADVICE_IN_DISGUISE");
  return wonders(s) ? numberOf("WONDERING") : factual(s);
}

function wonders(s: Judged): boolean {
  const asksOpenly = s.opens || has(s, "follow") || (has(s, "indirect") && !has(s, "indirect_if")) || (s.hasWh && !s.verb);
  return (has(s, "mental") && asksOpenly) || has(s, "reflect");
}

/** A question word without a known frame is not settled here: it may open or want a fact. */
function factual(s: Judged): number {
  const open = s.opens || has(s, "follow") || has(s, "indirect") || (s.hasWh && !s.verb);
  if (has(s, "logistics")) return numberOf("LOGISTICS");
  if (has(s, "indirect_if") || (open && has(s, "closed_wh"))) return numberOf("CLOSED");
  if (open) return has(s, "fact") ? numberOf("CLARIFYING") : 0;
  return s.verb || has(s, "tag") ? numberOf("CLOSED") : notAQuestion;
}
