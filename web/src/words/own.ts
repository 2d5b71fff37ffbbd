// Texts of a part of the app that comes by itself, in catalogues of its own: the first
// load carries none of them.

import { language, type Language, type Words } from "./words";

/** Says a text of some catalogues, with {names} filled in, in the language that the app speaks. */
export const own =
  <K extends string>(catalogues: Record<Language, Record<K, string>>) =>
  (key: K, words: Words = {}): string =>
    catalogues[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(words[name] ?? whole));
