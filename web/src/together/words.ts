// The texts of what a school works on together, in catalogues of their own: they come
// with these screens, not with the first load of the app.

import en from "../words/together.en.json";
import nb from "../words/together.nb.json";
import nn from "../words/together.nn.json";
import { type Language, language, type Words } from "../words/words";

export type TogetherKey = keyof typeof nb;
type Counted = TogetherKey extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;

export const catalogues: Record<Language, Record<TogetherKey, string>> = { nb, nn, en };

/** Says a text, with {names} filled in, in the language that the app speaks. */
export const tell = (key: TogetherKey, words: Words = {}): string =>
  catalogues[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(words[name] ?? whole));

/** Says a text that counts: key.one or key.other. */
export const telling = (key: Counted, n: number): string => tell(`${key}.${n === 1 ? "one" : "other"}` as TogetherKey, { n });

/** Says a code of the contract's, such as a status. */
export const tellCode = (stem: string, code: string): string => tell(`${stem}.${code}` as TogetherKey);
