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
  colonBefore: boolean; // a colon stands before it, and nothing else but a space
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
  let colon = false;
  for (let i = 0; i < chars.length; ) {
    const c = chars[i]!;
    if (!isLetter(c) && !isDigit(c)) {
      const end = anyQuoteEnd(chars, i);
      if (quoteUntil < i && end > i) quoteUntil = end;
      begin = (begin && c !== 0x2c) || beginners.has(c) || isPicture(c);
      joined &&= c === 0x20 || c === 0x2f || c === 0x2d;
      colon = c === 0x3a || (colon && c === 0x20);
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
      colonBefore: colon,
    });
    begin = false;
    joined = true;
    colon = false;
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

/** The lists of names.json, as review/names.go has them. */
interface Lists {
  first: Set<string>;
  also: Set<string>;
  roles: Set<string>;
  authors: Set<string>;
  other: Set<string>;
  place: Set<string>;
  doings: Set<string>;
  dealings: Set<string>;
  labels: Set<string>;
}

let loaded: Lists | undefined;

const listed = (...names: (keyof typeof file)[]) => setOf(names.map((n) => file[n].words).join(" "));

const lists = (): Lists =>
  (loaded ??= {
    first: listed("first names", "first names of many languages", "names of pupils"),
    also: listed("also words"),
    roles: listed("roles"),
    authors: listed("authors"),
    other: listed("places", "authors", "apps", "other capitals"),
    place: listed("parts of names of places"),
    doings: listed("doings"),
    dealings: listed("dealings"),
    labels: listed("labels"),
  });

const capital = (w: Written | undefined) => w !== undefined && isUpper(w.raw.codePointAt(0)!);

/** A row of capitals in a text, with what stands around it. */
interface Row {
  words: Written[];
  /** At most two of the same sentence, the nearest last. */
  before: Written[];
  after: Written[];
  /** The text is about a work or a thinker of the lists: a name that theirs may be is theirs. */
  lesson: boolean;
  known: Set<string>;
}

/** What may be the name of a pupil; "": nothing. known are people who are no pupils, such as the school's colleagues. */
export function pupil(all: Written[], known: Set<string>): string {
  const n = lists();
  const lesson = all.some((w) => n.authors.has(w.low) && !n.first.has(w.low));
  for (let i = 0; i < all.length; i++) {
    const w = all[i]!;
    if (w.quoted || !capital(w)) continue;
    if (w.initial && !labelled(n, all, i) && !capital(all[i + 1])) return w.raw + ".";
    let end = i + 1;
    while (
      end < all.length &&
      capital(all[end]) &&
      ((all[end]!.joined && !all[end]!.begin) || (all[end - 1]!.initial && n.other.has(all[end]!.low)))
    )
      end++;
    let from = i;
    while (from > 0 && from > i - 2 && !all[from]!.begin) from--;
    const name = inRow(n, { words: all.slice(i, end), before: all.slice(from, i), after: all.slice(end), lesson, known });
    if (name !== "") return name;
    i = end - 1;
  }
  return "";
}

/** Whether a letter is one of a row, as in "group B", or is an author's. */
const labelled = (n: Lists, all: Written[], i: number): boolean => i > 0 && (n.labels.has(all[i - 1]!.low) || n.other.has(all[i - 1]!.low));

/** Finds a name in a row of capitals. */
function inRow(n: Lists, r: Row): string {
  if (spared(n, r)) return "";
  for (const [i, w] of r.words.entries()) {
    if (r.known.has(w.low) || n.roles.has(w.low) || elsewhere(n, r, i) || !isName(n, r, i)) continue;
    const next = r.words[1];
    if (i === 0 && next && n.first.has(next.low) && n.first.has(w.low)) return `${w.raw} ${next.raw}`; // Anne Marta
    return w.raw;
  }
  return "";
}

/** Whether a whole row is no pupil's: it is one of the staff's, a place's, an author's. */
function spared(n: Lists, r: Row): boolean {
  const first = r.words[0]!;
  const many = r.words.length > 1;
  if ((many && n.roles.has(first.low)) || n.roles.has(neighbour(r, 1)) || (whose.has(neighbour(r, 1)) && n.roles.has(neighbour(r, 2)))) return true;
  if (!many) return n.place.has(first.low);
  return r.words.slice(1).some((w) => n.place.has(w.low) || n.other.has(w.low) || n.roles.has(w.low)); // Hyde Park, Hans Børli
}

/** The word before the row, or the one before that; "" at the beginning of a sentence. */
const neighbour = (r: Row, back: number): string => (r.words[0]!.begin ? "" : (r.before.at(-back)?.low ?? ""));

/** Whether a word has its capital as a place, an author, a program or a month has. */
function elsewhere(n: Lists, r: Row, i: number): boolean {
  let w = r.words[i]!.low;
  const hyphen = w.indexOf("-");
  if (hyphen >= 0 && !n.first.has(w.slice(0, hyphen))) w = w.slice(0, hyphen); // Mac-program
  if (!n.other.has(w)) return false;
  if (!n.first.has(w)) return true;
  if (n.authors.has(w)) return r.lesson;
  return r.words.length > 1 || !doesSomething(n, r.after);
}

/** Whether a word of a row of capitals is likely to be somebody's name. */
function isName(n: Lists, r: Row, i: number): boolean {
  const w = r.words[i]!;
  if (shouted(w.raw) && [...w.raw].length <= 2)
    return (
      r.words.length === 1 &&
      !n.labels.has(neighbour(r, 1)) &&
      !noInitial.has(w.low) &&
      (doesSomething(n, r.after) || n.dealings.has(neighbour(r, 1)))
    );
  const whom = bearer(n, w.low);
  if (shouted(w.raw)) return whom !== "" && !n.also.has(whom);
  if (w.begin && i === 0) return begins(n, r, whom);
  return whom !== "" || w.begin || acts(n, r);
}

/** The first name that a word is, or whose somebody's it is: Leon, Leons, Leon's; "" is none. */
function bearer(n: Lists, w: string): string {
  if (n.first.has(w)) return w;
  const hyphen = w.indexOf("-");
  if (hyphen >= 0 && n.first.has(w.slice(0, hyphen))) return w.slice(0, hyphen);
  for (const end of ["'s", "’s", "s"]) {
    const stem = w.endsWith(end) ? w.slice(0, -end.length) : "";
    if (bytes.encode(stem).length > 2 && n.first.has(stem) && !n.also.has(stem)) return stem;
  }
  return "";
}

const bytes = new TextEncoder();

/** Whether a capital that no list knows is likely to be somebody. */
function acts(n: Lists, r: Row): boolean {
  const before = neighbour(r, 1);
  return n.dealings.has(before) || (!notWho.has(before) && !n.labels.has(before) && doesSomething(n, r.after));
}

/** Words before a place or the one who made something. */
const notWho = setOf("i på til fra frå ved mot over av om in at to from near by about of on the den det en et ein eit");

/** Words between a role and who has it: læreren min, Bente. */
const whose = setOf("min mi mitt vår vårt my our");

/** Words of one letter or two that are written with a capital and stand for nobody. */
const noInitial = setOf("i å æ a e");

/** Whether what follows begins with what people do. */
function doesSomething(n: Lists, after: Written[]): boolean {
  const w = after[0];
  return w !== undefined && !w.begin && (n.doings.has(w.low) || does(w.low));
}

/** Whether the word that begins a sentence is a name. */
function begins(n: Lists, r: Row, whom: string): boolean {
  const w = r.words[0]!;
  if (whom === "") return false;
  if (!n.also.has(whom) || (whom !== w.low && w.low.includes("-")) || w.colon) return true;
  const alone = r.after.length === 0 || r.after[0]!.begin;
  return r.words.length === 1 && (doesSomething(n, r.after) || (alone && w.colonBefore));
}

const shouted = (s: string) => Array.from(s, (c) => c.codePointAt(0)!).every(isUpper);
