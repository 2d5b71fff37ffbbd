// What does a question do? The phone's half of review: the same rules
// files, read by the same few steps, without a network.

import { detect, match, rulesFor, type Rules } from "./rules";
import { has, later, read, startsWith, verbFirst, type Sentence } from "./text";

export type Kind =
  | "WONDERING"
  | "CLARIFYING"
  | "CLOSED"
  | "DEFENCE_PROVOKING"
  | "ADVICE_IN_DISGUISE"
  | "LOGISTICS"
  | "NOT_A_QUESTION";

export interface Judgement {
  kind: Kind;
  reason: string;
  suggestions: string[]; // better wordings; none for a wondering question
}

/** Judges a question. An unknown language is read as bokmål. */
export function question(text: string, language: string): Judgement {
  const said = rulesFor(language);
  const sentences = read(text);
  const kind = judge(sentences, detect(sentences, said));
  return {
    kind,
    reason: said.file.reasons[kind] ?? "",
    suggestions: kind === "WONDERING" ? [] : suggest(said, kind, sentences),
  };
}

/** The sharpest fault of a sentence wins over the friendliest frame of another. */
function judge(text: Sentence[], r: Rules): Kind {
  const of = new Set<Kind>();
  let story = false;
  for (const raw of text) {
    const s: Sentence = { ...raw, words: raw.words.map((w) => r.as.get(w) ?? w) };
    let kind = judgeSentence(s, r);
    if (kind === "NOT_A_QUESTION" && match(r, "advice_statement", s)) story = true;
    else if (story && s.mark && match(r, "advice_echo", s)) kind = "ADVICE_IN_DISGUISE";
    of.add(kind);
  }
  const order: Kind[] = ["DEFENCE_PROVOKING", "ADVICE_IN_DISGUISE", "WONDERING", "LOGISTICS", "CLARIFYING", "CLOSED"];
  return order.find((k) => of.has(k)) ?? "NOT_A_QUESTION";
}

function judgeSentence(s: Sentence, r: Rules): Kind {
  if (s.words.length === 0 || (s.shout && !s.mark) || (match(r, "exclaim", s) && !s.mark)) return "NOT_A_QUESTION";
  const opens = startsWith(s, r.wh);
  const verb = verbFirst(s, r.verbs);
  const asks = s.mark || opens || verb;
  const indirect = match(r, "indirect", s);
  if (!asks && !indirect) return "NOT_A_QUESTION";
  if (match(r, "defence", s)) return "DEFENCE_PROVOKING";
  if (match(r, "advice", s)) return "ADVICE_IN_DISGUISE";
  if (s.mark && !has(s, r.wh) && !verb && match(r, "advice_statement", s)) return "ADVICE_IN_DISGUISE";
  const follow = match(r, "follow", s);
  const whether = match(r, "indirect_if", s);
  const embedded = has(s, r.wh) && !verb;
  if ((match(r, "mental", s) && (opens || follow || (indirect && !whether) || embedded)) || match(r, "reflect", s)) {
    return "WONDERING";
  }
  if (match(r, "logistics", s)) return "LOGISTICS";
  if (whether) return "CLOSED";
  if (opens || follow || indirect || embedded) {
    return match(r, "closed_wh", s) && !later(s, r.wh) ? "CLOSED" : "CLARIFYING";
  }
  return verb || match(r, "tag", s) ? "CLOSED" : "NOT_A_QUESTION";
}

/** Wordings made out of what the writer wrote of. */
function suggest(r: Rules, kind: Kind, text: Sentence[]): string[] {
  const found = r.file.topic.groups.find(([prefix]) => text.some((s) => s.words.some((w) => w.startsWith(prefix!))));
  const topic = found?.[1] ?? r.file.topic.it;
  return (r.file.suggestions[kind] ?? []).map((s) => s.replaceAll("{topic}", topic));
}
