// Every text that the app says, in three catalogues with the same keys. A new
// language is one more of them. What no screen of the first load says stands in catalogues
// of its own, which come with the screens that say it (later.ts).

import { computed, effect, signal } from "@preact/signals";
import type later from "./later.nb.json";
import nb from "./nb.json";

type First = keyof typeof nb;
type Later = keyof typeof later;

export type Key = First | Later;
export type Language = "nb" | "nn" | "en";
export type Words = Record<string, string | number>;

type Catalogue = Record<First, string>;

/** Bokmål comes with the app; the others come when they are wished for. */
const others: Record<Exclude<Language, "nb">, () => Promise<{ default: Catalogue }>> = {
  nn: () => import("./nn.json"),
  en: () => import("./en.json"),
};
const catalogues = signal<Partial<Record<Language, Catalogue>>>({ nb });

let came: Record<Language, Record<Later, string>> | undefined;

/** Takes in the texts of the screens that come later. */
export function addLater(texts: Record<Language, Record<Later, string>>) {
  came = texts;
}

/** The text of a key: in the language wished for, or in bokmål until that is here. */
function textOf(key: string): string | undefined {
  const first: Record<string, string> = catalogues.value[language.value] ?? nb;
  const later: Record<string, string> | undefined = came?.[language.value];
  return first[key] ?? later?.[key];
}

export const languages: Language[] = ["nb", "nn", "en"];

const remembered = "undring.language";

/** The language that the app speaks. The sign-in page has it before anybody is there. */
export const language = signal<Language>(first());

function first(): Language {
  if (typeof window === "undefined") return "nb";
  const wished = [keeping(() => window.localStorage.getItem(remembered)), ...navigator.languages];
  for (const wish of wished) {
    const found = asLanguage(wish ?? "");
    if (found) return found;
  }
  return "nb";
}

/** A browser that keeps nothing for the app breaks where it is asked. */
export function keeping<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** A language of ours for a tag of any kind; Danes and Swedes read bokmål. */
export function asLanguage(tag: string): Language | undefined {
  const of: Record<string, Language> = { nb: "nb", no: "nb", da: "nb", sv: "nb", nn: "nn", en: "en" };
  return of[tag.toLowerCase().split("-")[0]!];
}

/** Fetches the words of a language. Without them the app speaks bokmål. */
export async function fetchWords(of: Language): Promise<void> {
  if (of === "nb" || catalogues.value[of]) return;
  const { default: words } = await others[of]();
  catalogues.value = { ...catalogues.value, [of]: words };
}

const broken = signal<Language | undefined>(undefined);

/** The words of the language are here, or can't be had. */
export const spoken = computed(() => language.value in catalogues.value || broken.value === language.value);

effect(() => {
  const wished = language.value;
  fetchWords(wished).catch(() => (broken.value = wished));
});

if (typeof document !== "undefined") {
  effect(() => {
    document.documentElement.lang = language.value;
    keeping(() => window.localStorage.setItem(remembered, language.value));
  });
}

/** Says a text, with {names} filled in. */
export function say(key: Key, words: Words = {}): string {
  return (textOf(key) ?? "").replace(/\{(\w+)\}/g, (whole, name: string) => String(words[name] ?? whole));
}

/** Says a text whose key is made of a code. A newer server may send codes that this version of the app has no words for. */
export function sayCode(prefix: string, code: string | undefined, words?: Words): string {
  const key = `${prefix}.${code}`;
  return say(textOf(key) === undefined ? "app.unknown" : (key as Key), words);
}

type Counted<K> = K extends `${infer Stem}.other` ? Stem : never;

/** Says a text that counts: key.one or key.other. */
export function count(key: Counted<Key>, n: number): string {
  const form = new Intl.PluralRules(language.value === "en" ? "en" : "nb").select(n) === "one" ? "one" : "other";
  return say(`${key}.${form}` as Key, { n });
}
