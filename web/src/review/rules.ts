// The rules files of the server, read by the phone as they are; see
// review/rules.go for what a pattern is, and review/compile.go, which refuses what
// can't match before any of it comes here.

import en from "../../../review/rules/en.json";
import nb from "../../../review/rules/nb.json";
import nn from "../../../review/rules/nn.json";
import type { Sentence } from "./text";

export type Language = "nb" | "nn" | "en";
export const languages: Language[] = ["nb", "nn", "en"];

interface File {
  language: string;
  like?: string;
  common: string[];
  as: Record<string, string>;
  classes: Record<string, string[]>;
  patterns: Record<string, string[]>;
  hints: Record<string, string>;
  prompts: Record<string, { kind: string; text: string }[]>;
  reasons: Record<string, string>;
}

const files: Record<Language, File> = { nb, nn, en } as unknown as Record<Language, File>;

const maxGap = 7;

/** The names of the patterns; their places are part of the model. */
export const patternNames = [
  "defence",
  "advice",
  "advice_statement",
  "advice_echo",
  "mental",
  "reflect",
  "follow",
  "indirect",
  "indirect_if",
  "exclaim",
  "tag",
  "logistics",
  "closed_wh",
  "fact",
] as const;

export type Pattern = (typeof patternNames)[number];

type Element = { words: Set<string>; any: boolean; num: boolean; gap: boolean };

interface Row {
  name: number;
  elements: Element[];
}

export interface Rules {
  file: File;
  as: Map<string, string>;
  common: Set<string>;
  wh: Set<string>;
  verbs: Set<string>;
  byWord: Map<string, Row[]>;
  english: boolean;
}

const isNumber = (w: string) => /^[0-9]+$/.test(w);

function add(e: Element, w: string, classes: Record<string, string[]>) {
  if (!w.startsWith("{")) e.words.add(w);
  else if (w === "{num}") e.num = true;
  else for (const c of classes[w.slice(1, -1)] ?? []) e.words.add(c);
}

const none = (): Element => ({ words: new Set(), any: false, num: false, gap: false });

/** What a part may be: the single words as one element, each alternative of several words as a row. */
function choices(part: string, classes: Record<string, string[]>): Element[][] {
  if (part === "." || part === "..") return [[{ ...none(), any: part === ".", gap: part === ".." }]];
  const single = none();
  const out: Element[][] = [];
  for (const alternative of part.replace(/^\(|\)$/g, "").split("|")) {
    const words = alternative.split(" ").filter(Boolean);
    if (words.length === 1) add(single, words[0]!, classes);
    else {
      out.push(
        words.map((w) => {
          const e = none();
          add(e, w, classes);
          return e;
        }),
      );
    }
  }
  if (single.words.size > 0 || single.num) out.push([single]);
  return out;
}

/** The rows that a pattern stands for: an alternative of several words makes one of its own. */
function rowsOf(text: string, classes: Record<string, string[]>): Element[][] {
  const parts = text.match(/\([^)]*\)|\S+/g) ?? [];
  return parts.reduce<Element[][]>(
    (rows, part) => rows.flatMap((row) => choices(part, classes).map((choice) => [...row, ...choice])),
    [[]],
  );
}

function compile(base: File): Map<string, Row[]> {
  const byWord = new Map<string, Row[]>();
  patternNames.forEach((pattern, name) => {
    for (const text of base.patterns[pattern] ?? []) {
      for (const elements of rowsOf(text, base.classes)) {
        for (const w of elements[0]!.words) {
          const rows = byWord.get(w);
          if (rows) rows.push({ name, elements });
          else byWord.set(w, [{ name, elements }]);
        }
      }
    }
  });
  return byWord;
}

function load(lang: Language): Rules {
  const file = files[lang];
  const base = files[(file.like as Language | undefined) ?? lang];
  const as = new Map<string, string>();
  for (const from of [base, files.nn, file]) {
    if ((from.language === "en") !== (lang === "en")) continue;
    for (const [w, other] of Object.entries(from.as)) as.set(w, other);
  }
  return {
    file,
    as,
    common: new Set(file.common),
    wh: new Set(base.classes.wh),
    verbs: new Set(base.classes.verbfirst),
    byWord: compile(base),
    english: lang === "en",
  };
}

let loaded: Map<string, Rules> | undefined;

/** All rules, read when the first text is: a phone that only looks at a visit needs none. */
const all = () => (loaded ??= new Map<string, Rules>(languages.map((l) => [l, load(l)])));

export const rulesFor = (lang: string): Rules => all().get(lang) ?? all().get("nb")!;

/** The rules that a text is judged by: those that were said, unless it is plainly in another language. */
export function detect(text: Sentence[], said: Rules): Rules {
  let best = said;
  let most = 0;
  for (const r of all().values()) {
    let n = 0;
    for (const s of text) for (const w of s.words) if (r.common.has(w)) n++;
    if (r === said) n += Math.floor(n / 2) + 1;
    if (n > most) {
      best = r;
      most = n;
    }
  }
  return best;
}

/** The patterns that are in a sentence, a bit for each. */
export function match(r: Rules, words: string[]): number {
  let spoke = 0;
  words.forEach((w, i) => {
    for (const p of r.byWord.get(w) ?? []) {
      if (!((spoke >> p.name) & 1) && matchAt(p.elements, 1, words, i + 1)) spoke |= 1 << p.name;
    }
  });
  return spoke;
}

function matchAt(row: Element[], k: number, words: string[], at: number): boolean {
  for (; k < row.length; k++) {
    const e = row[k]!;
    if (e.gap) {
      for (let skip = 0; skip <= maxGap && at + skip <= words.length; skip++) {
        if (matchAt(row, k + 1, words, at + skip)) return true;
      }
      return false;
    }
    const w = words[at];
    if (w === undefined || !(e.any || e.words.has(w) || (e.num && isNumber(w)))) return false;
    at++;
  }
  return true;
}
