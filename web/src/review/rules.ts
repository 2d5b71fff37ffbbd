// The rules files of the server, read by the phone as they are; see
// review/rules.go for what a pattern is.

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
  judging: string[];
  praise: string[];
  should: string[];
  person: string[];
  seen: string[];
  capitals: string[];
  hints: Record<string, string>;
  prompts: Record<string, { kind: string; text: string }[]>;
  reasons: Record<string, string>;
  suggestions: Record<string, string[]>;
  topic: { it: string; groups: string[][] };
}

const files: Record<Language, File> = { nb, nn, en } as unknown as Record<Language, File>;

const maxGap = 7;

type Element = { words: Set<string>; any: boolean; num: boolean; gap: boolean };

interface Patterns {
  byWord: Map<string, Element[][]>;
  byNum: Element[][];
}

export interface Rules {
  file: File;
  as: Map<string, string>;
  common: Set<string>;
  wh: Set<string>;
  verbs: Set<string>;
  patterns: Map<string, Patterns>;
}

const isNumber = (w: string) => /^[0-9]+$/.test(w);

function element(part: string, classes: Record<string, string[]>): Element {
  const e: Element = { words: new Set(), any: part === ".", num: false, gap: part === ".." };
  if (e.any || e.gap) return e;
  for (const alt of part.split("|")) {
    if (!alt.startsWith("{")) {
      e.words.add(alt);
      continue;
    }
    const name = alt.slice(1).replace(/}$/, "");
    if (name === "num") e.num = true;
    else for (const w of classes[name] ?? []) e.words.add(w);
  }
  return e;
}

function compile(list: string[], classes: Record<string, string[]>): Patterns {
  const p: Patterns = { byWord: new Map(), byNum: [] };
  for (const text of list) {
    const row = text.split(/\s+/).filter(Boolean).map((part) => element(part, classes));
    while (row.length > 0 && (row[0]!.gap || row[0]!.any)) row.shift();
    const head = row[0];
    if (!head) continue;
    for (const w of head.words) {
      const rows = p.byWord.get(w);
      if (rows) rows.push(row);
      else p.byWord.set(w, [row]);
    }
    if (head.num) p.byNum.push(row);
  }
  return p;
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
    patterns: new Map(Object.entries(base.patterns).map(([name, list]) => [name, compile(list, base.classes)])),
  };
}

const loaded = new Map<string, Rules>(languages.map((l) => [l, load(l)]));

export const rulesFor = (lang: string): Rules => loaded.get(lang) ?? loaded.get("nb")!;

/** The rules that a text is judged by: those that were said, unless it is plainly in another language. */
export function detect(text: Sentence[], said: Rules): Rules {
  let best = said;
  let most = 0;
  for (const r of loaded.values()) {
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

/** Whether one of the patterns of a name is in the sentence. */
export function match(r: Rules, name: string, s: Sentence): boolean {
  const p = r.patterns.get(name);
  if (!p) return false;
  return s.words.some((w, i) => {
    const rows = p.byWord.get(w) ?? [];
    const all = isNumber(w) ? [...rows, ...p.byNum] : rows;
    return all.some((row) => matchAt(row, 1, s.words, i + 1));
  });
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
