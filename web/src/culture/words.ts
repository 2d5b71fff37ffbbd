// The texts of the page, in catalogues of their own: they come with the page, not
// with the first load of the app.

import en from "../words/culture.en.json";
import nb from "../words/culture.nb.json";
import nn from "../words/culture.nn.json";
import type { Language, Words } from "../words/words";

export type CultureKey = keyof typeof nb;
type Counted = CultureKey extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;

/** Says a text of the page, with {names} filled in. */
export type Say = (key: CultureKey, words?: Words) => string;

export const catalogues: Record<Language, Record<CultureKey, string>> = { nb, nn, en };

/** Says the texts in a language. */
export const saying =
  (language: Language): Say =>
  (key, words = {}) =>
    catalogues[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(words[name] ?? whole));

/** Says a text that counts: key.one or key.other. */
export const counting = (say: Say, key: Counted, n: number, words: Words = {}): string =>
  say(`${key}.${n === 1 ? "one" : "other"}`, { ...words, n });

/** A half-year, such as 2026-2, in words: autumn 2026. */
export function termWords(say: Say, term: string): string {
  const [year, half] = halves(term);
  return say(half === "1" ? "term.1" : "term.2", { year });
}

/** A half-year in two short words, one above the other. */
export function termShort(say: Say, term: string): [string, string] {
  const [year, half] = halves(term);
  return [say(half === "1" ? "season.1" : "season.2"), year];
}

function halves(term: string): [year: string, half: string] {
  const [year, half] = term.split("-");
  return [year ?? "", half ?? ""];
}
