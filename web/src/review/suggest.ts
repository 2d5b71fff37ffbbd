// Better wordings, as review/suggest.go makes them, from the same file: the writer's
// own clause, or the thing that they asked about, in a sentence that opens.

import file from "../../../review/rules/wordings.json";
import { judging } from "./hints";
import { isDigit, isLetter, lower } from "./letters";
import type { Kind } from "./judge";
import { clip, type Sentence } from "./text";

interface Topic {
  forms: string;
  kind: string;
  np: string;
  in?: string;
}

/** A wording for an accusation with certain words in a sentence, and certain others beside them. */
interface Defending {
  words: Set<string>;
  with: Set<string>;
  say: string;
}

interface Wordings {
  begins: Set<string>;
  subjects: Set<string>;
  past: Set<string>;
  definite: Set<string>;
  unkind: Set<string>;
  language: string;
  topics: Map<string, Topic>;
  file: { clause: string[]; seen: string[]; kinds: Record<string, string[]>; any: string };
  defence: Defending[];
}

const [maxSuggestions, minClause, maxClause] = [2, 3, 12] as const;

const fields = (s: string) => s.split(" ").filter(Boolean);

function load(language: string): Wordings {
  const f = (file as Record<string, (typeof file)["nb"]>)[language]!;
  return {
    begins: new Set(fields(f.begins)),
    subjects: new Set(fields(f.subjects)),
    past: new Set(fields(f.past)),
    definite: new Set(fields(f.definite)),
    unkind: new Set(fields(f.unkind)),
    language,
    topics: new Map(f.topics.flatMap((t) => fields(t.forms).map((form): [string, Topic] => [form, t]))),
    defence: f.defence.map((d: { words: string; with?: string; say: string }) => ({ words: new Set(fields(d.words)), with: new Set(fields(d.with ?? "")), say: d.say })),
    file: f,
  };
}

const loaded = new Map<string, Wordings>();

/** Better wordings for a text of a kind, in the language it is in; none where none fits. */
export function suggest(language: string, kind: Kind, text: Sentence[], raw: string): string[] {
  let w = loaded.get(language);
  if (!w) loaded.set(language, (w = load(language)));
  if (kind === "LOGISTICS") return []; // it is to be asked, but besides
  const clause = clauseOf(w, raw);
  const topic = kind === "NOT_A_QUESTION" || kind === "CLARIFYING" ? undefined : topicOf(w, text);
  const out: string[] = [];
  const frames = kind === "DEFENCE_PROVOKING" || kind === "ADVICE_IN_DISGUISE" ? w.file.clause : w.file.seen;
  if (clause !== "") out.push(...frames.map((f) => f.replaceAll("{clause}", () => clause)));
  if (topic) {
    out.push(...(w.file.kinds[topic.kind] ?? []).map((f) => f.replaceAll("{np}", topic.np).replaceAll("{in}", topic.in ?? "")));
    if (clause !== "") out.splice(1, 1); // one of each
  }
  if (out.length === 0 && kind === "DEFENCE_PROVOKING") return defend(w, text);
  return out.slice(0, maxSuggestions);
}

/** Wordings for an accusation in which nothing else can be taken up. */
function defend(w: Wordings, text: Sentence[]): string[] {
  const has = (s: Sentence, words: Set<string>) => s.words.some((word) => words.has(word));
  const found = w.defence.find((d) => text.some((s) => has(s, d.words) && (d.with.size === 0 || has(s, d.with))));
  return [found?.say ?? w.file.any];
}

/** The last thing named in a sentence that asks, or in the last one; the lesson itself only where nothing else is. */
function topicOf(w: Wordings, text: Sentence[]): Topic | undefined {
  let lesson: Topic | undefined;
  for (const s of [...text].reverse().filter((s, i) => s.mark || i === 0)) {
    for (let j = s.words.length - 1; j >= 0; j--) {
      if (w.definite.size > 0 && !w.definite.has(s.words[j - 1] ?? "")) continue;
      const found = w.topics.get(s.words[j]!);
      if (found && found.kind !== "lesson") return found;
      lesson = found ?? lesson;
    }
  }
  return lesson;
}

const small = (s: string) => Array.from(s, (c) => String.fromCodePoint(lower(c.codePointAt(0)!))).join("");

/** A clause that tells of a moment, in the writer's own letters; "" where there is none that can be repeated. */
function clauseOf(w: Wordings, raw: string): string {
  const words = clip(raw)
    .map((c) => String.fromCodePoint(c))
    .join("")
    .split(/[ \n\t\r]+/)
    .filter(Boolean);
  for (let i = 0; i + minClause <= words.length; i++) {
    if (!w.begins.has(small(words[i]!)) || !w.subjects.has(small(words[i + 1]!))) continue;
    const found = clauseAt(w, words.slice(i, i + maxClause + 1));
    if (found !== "") return found;
  }
  return "";
}

const odd = (word: string) =>
  Array.from(word, (c) => c.codePointAt(0)!).some((c) => !isLetter(c) && !isDigit(c) && c !== 0x27 && c !== 0x2d && c !== 0x2019);

function clauseAt(w: Wordings, words: string[]): string {
  const out: string[] = [];
  let past = w.past.size === 0;
  for (const [n, field] of words.entries()) {
    const word = field.replace(/[.,;:?!…]+$/, "");
    const plain = small(word);
    if (n === maxClause || plain === "" || w.unkind.has(plain) || judging(w.language, plain) || odd(word)) return "";
    past ||= w.past.has(plain) || (n > 1 && plain.length > 4 && plain.endsWith("ed"));
    out.push(n === 0 ? plain : word);
    if (word !== field) break;
  }
  return out.length < minClause || !past ? "" : out.join(" ");
}
