// What words are about, as review/concepts.go tells it, from the same file.

import file from "../../../review/rules/concepts.json";

export interface Concept {
  name: string;
  fine: number;
  coarse: number;
}

/** FNV-1a over characters: 32 bits, as the server has it. */
export function wordHash(w: string): number {
  let h = 2166136261;
  for (const c of w) h = Math.imul(h ^ c.codePointAt(0)!, 16777619);
  return h >>> 0;
}

interface Vocabulary {
  exact: Map<string, Concept>;
  prefix: Map<string, Concept>;
  suffix: Map<string, Concept>;
}

const [minPrefix, maxPrefix, minSuffix, maxSuffix] = [2, 12, 4, 8];

function load(family: number): Vocabulary {
  const v: Vocabulary = { exact: new Map(), prefix: new Map(), suffix: new Map() };
  for (const [field, things] of Object.entries(file as unknown as Record<string, Record<string, [string, string]>>)) {
    for (const [name, words] of Object.entries(things)) {
      const concept = { name, fine: wordHash(name), coarse: wordHash(field) };
      for (const w of words[family]!.split(" ").filter(Boolean)) put(v, w, concept);
    }
  }
  return v;
}

/** A word that stands under two names is about the one that comes first in the alphabet. */
function put(v: Vocabulary, w: string, c: Concept) {
  const [m, key] = w.endsWith("*") ? [v.prefix, w.slice(0, -1)] : w.startsWith("*") ? [v.suffix, w.slice(1)] : [v.exact, w];
  const was = m.get(key);
  if (!was || c.name < was.name) m.set(key, c);
}

const vocabularies: (Vocabulary | undefined)[] = [];

/** The whole word first, then its longest known beginning, then its longest known end. */
export function conceptOf(w: string, english: boolean): Concept | undefined {
  const v = (vocabularies[Number(english)] ??= load(Number(english)));
  const whole = v.exact.get(w);
  if (whole) return whole;
  const chars = [...w];
  for (let n = Math.min(chars.length, maxPrefix); n >= minPrefix; n--) {
    const c = v.prefix.get(chars.slice(0, n).join(""));
    if (c) return c;
  }
  for (let n = Math.min(chars.length - 1, maxSuffix); n >= minSuffix; n--) {
    const c = v.suffix.get(chars.slice(-n).join(""));
    if (c) return c;
  }
  return undefined;
}
