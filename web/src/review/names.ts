// What may be the name of a pupil, as review/names.go finds it, from the same lists.

import file from "../../../review/rules/names.json";
import { does } from "./hints";
import { isDigit, isLetter, isMark, isPicture, isUpper, lower } from "./letters";
import { clip, quoteEnds } from "./text";

/** A word as it was written. */
export interface Written {
  raw: string;
  low: string;
  begin: boolean; // it begins a sentence, or stands after a colon
  quoted: boolean;
  initial: boolean; // one capital and a full stop
  colon: boolean; // a colon follows
  joined: boolean; // nothing but a space, a hyphen or a stroke is between it and the one before
}

const maxQuote = 600;

export const words = (s: string): string[] => s.split(" ").filter(Boolean);

export const setOf = (s: string): Set<string> => new Set(words(s));

/** A word in small letters. */
export const small = (s: string): string => Array.from(s, (c) => String.fromCodePoint(lower(c.codePointAt(0)!))).join("");

const text = (chars: number[]) => chars.map((c) => String.fromCodePoint(c)).join("");

const beginners = new Set(Array.from(".!?…:\n", (c) => c.codePointAt(0)!));

/** The words of a text as they were written. */
export function write(s: string): Written[] {
  const chars = clip(s);
  const out: Written[] = [];
  let begin = true;
  let joined = false;
  let quoteUntil = -1;
  for (let i = 0; i < chars.length; ) {
    const c = chars[i]!;
    if (!isLetter(c) && !isDigit(c)) {
      const end = anyQuoteEnd(chars, i);
      if (quoteUntil < i && end > i) quoteUntil = end;
      begin = (begin && c !== 0x2c) || beginners.has(c) || isPicture(c);
      joined &&= c === 0x20 || c === 0x2f || c === 0x2d;
      i++;
      continue;
    }
    const from = i;
    while (i < chars.length && (isLetter(chars[i]!) || isDigit(chars[i]!) || isMark(chars[i]!) || inner(chars, i))) i++;
    const raw = text(chars.slice(from, i));
    out.push({
      raw,
      low: small(raw),
      begin,
      quoted: from < quoteUntil,
      initial: i === from + 1 && isUpper(c) && chars[i] === 0x2e,
      colon: chars[i] === 0x3a,
      joined,
    });
    begin = false;
    joined = true;
  }
  return out;
}

/** Whether a hyphen or an apostrophe stands within a word. */
function inner(chars: number[], i: number): boolean {
  const c = chars[i]!;
  return (c === 0x2d || c === 0x27 || c === 0x2019) && i > 0 && isLetter(chars[i - 1]!) && i + 1 < chars.length && isLetter(chars[i + 1]!);
}

/** Finds where a quotation ends that begins here, of one word or more; -1: none does. */
function anyQuoteEnd(chars: number[], i: number): number {
  const c = chars[i]!;
  let ends = quoteEnds.get(c);
  if (c === 0x27 || c === 0x2018) {
    if (i > 0 && isLetter(chars[i - 1]!)) return -1;
    ends = 0x27;
  }
  if (ends === undefined) return -1;
  for (let j = i + 1; j < Math.min(chars.length, i + maxQuote); j++) {
    const closes = ends === 0x27 && chars[j] === 0x2019 && (j + 1 === chars.length || !isLetter(chars[j + 1]!));
    if (chars[j] === ends || closes) return j;
  }
  return -1;
}

interface Lists {
  first: Set<string>;
  also: Set<string>;
  roles: Set<string>;
  other: Set<string>;
  place: Set<string>;
}

let loaded: Lists | undefined;

const lists = (): Lists =>
  (loaded ??= {
    first: setOf(file["first names"].words),
    also: setOf(file["also words"].words),
    roles: setOf(file.roles.words),
    other: setOf([file.places, file.authors, file.apps, file["other capitals"]].map((l) => l.words).join(" ")),
    place: setOf(file["parts of names of places"].words),
  });

const capital = (w: Written | undefined) => w !== undefined && isUpper(w.raw.codePointAt(0)!);

/** What may be the name of a pupil; "": nothing. known are people who are no pupils, such as the school's colleagues. */
export function pupil(all: Written[], known: Set<string>): string {
  const n = lists();
  for (let i = 0; i < all.length; i++) {
    const w = all[i]!;
    if (w.quoted || !capital(w)) continue;
    if (w.initial && !(i > 0 && n.other.has(all[i - 1]!.low)) && !capital(all[i + 1])) return w.raw + ".";
    let end = i + 1;
    while (end < all.length && capital(all[end]) && all[end]!.joined && !all[end]!.begin) end++;
    const before = i > 0 && !w.begin ? all[i - 1]!.low : "";
    const name = inRow(n, all.slice(i, end), before, all.slice(end), known);
    if (name !== "") return name;
    i = end - 1;
  }
  return "";
}

/** Finds a name in a row of capitals. */
function inRow(n: Lists, row: Written[], before: string, after: Written[], known: Set<string>): string {
  if ((row.length > 1 && n.roles.has(row[0]!.low)) || n.roles.has(before)) return ""; // Mrs Doyle; the assistant, Bente
  for (const w of row.slice(Math.min(1, row.length - 1))) {
    if (n.place.has(w.low) || n.other.has(w.low) || (row.length > 1 && n.roles.has(w.low))) return ""; // Hyde Park, Hans Børli
  }
  for (const [i, w] of row.entries()) {
    if (known.has(w.low) || n.other.has(w.low) || n.roles.has(w.low) || [...w.raw].length === 1 || shouted(w.raw)) continue;
    if (w.begin && i === 0 && !begins(n, row, after)) continue;
    if (!w.begin && !n.first.has(w.low) && !acts(n, w.low, before, after)) continue;
    if (i === 0 && row.length > 1 && n.first.has(row[1]!.low) && n.first.has(w.low)) return `${w.raw} ${row[1]!.raw}`; // Anne Marta
    return w.raw;
  }
  return "";
}

const hyphened = (n: Lists, w: string) => w.includes("-") && n.first.has(w.slice(0, w.indexOf("-")));

/** Words before a place or the one who made something. */
const notWho = setOf("i på til fra frå ved mot over av om in at to from near by about of on the den det en et ein eit");

/** Whether a capital that no list knows is likely to be somebody. */
const acts = (n: Lists, w: string, before: string, after: Written[]): boolean =>
  hyphened(n, w) || (!notWho.has(before) && doesSomething(after));

const doesSomething = (after: Written[]) => after.length > 0 && does(after[0]!.low);

/** Whether the word that begins a sentence is a name. */
function begins(n: Lists, row: Written[], after: Written[]): boolean {
  const w = row[0]!;
  if (hyphened(n, w.low)) return true;
  if (!n.first.has(w.low)) return false;
  return !n.also.has(w.low) || w.colon || (row.length === 1 && doesSomething(after));
}

const shouted = (s: string) => Array.from(s, (c) => c.codePointAt(0)!).every(isUpper);
