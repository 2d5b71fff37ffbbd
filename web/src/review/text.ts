// The reading of a text, as review/text.go does it; review/testdata/judged.tsv
// holds the two equal.

import { compose, isDigit, isLetter, isMark, isPicture, isSilent, isUpper, lower } from "./letters";

const maxText = 4000; // bytes of UTF-8
const maxWords = 600;
const maxQuote = 600; // characters

export interface Sentence {
  words: string[];
  starts: number[]; // where clauses begin: the first word, and after a comma, colon or dash
  mark: boolean; // it ends with a question mark
  shout: boolean; // it ends with an exclamation mark
}

const empty = (): Sentence => ({ words: [], starts: [], mark: false, shout: false });

/** Words that may stand before the word that makes a clause a question. */
const leadWords = new Set(
  "og men så for and but so or eller altså da in på i til av med at from to just well jo hei hi".split(" "),
);

/** Words that are written with a full stop within a sentence. */
const abbreviations = new Set(
  "kl ca nr bl eks feks f.eks osv dvs pga mtp evt inkl ev mv jf jfr tlf min sek kap vs etc eg ie e.g i.e approx no mr mrs ms dr st prof".split(
    " ",
  ),
);

const isNumber = (w: string) => /^[0-9]+$/.test(w);

class Reader {
  readonly out: Sentence[] = [];
  private cur = empty();
  private word: string[] = [];
  private count = 0;
  private begin = true; // the next word begins a clause

  constructor(private readonly chars: number[]) {}

  read(): Sentence[] {
    const { chars } = this;
    for (let i = 0; i < chars.length; i++) {
      const c = chars[i]!;
      if (isLetter(c) || isDigit(c)) this.word.push(String.fromCodePoint(lower(c)));
      else if (isMark(c)) this.mark(String.fromCodePoint(c));
      else if (c === 0x27 || c === 0x2019 || c === 0x2018) {
        const end = this.word.length === 0 ? quoteEnd(chars, i + 1, 0x27) : -1;
        if (end >= 0) i = end;
        else this.word.push("'");
      } else if (!isSilent(c)) i = this.sign(i);
    }
    this.endSentence();
    return this.out;
  }

  /** Puts an accent on the letter before it. */
  private mark(c: string) {
    const last = this.word.length - 1;
    const whole = last >= 0 ? compose(this.word[last]!, c) : undefined;
    if (whole !== undefined) this.word[last] = whole;
    else this.word.push(c);
  }

  /** Takes what is no part of a word, and says how far it has read. */
  private sign(i: number): number {
    const c = this.chars[i]!;
    switch (String.fromCodePoint(c)) {
      case "«":
      case "“":
      case '"':
      case "”":
      case "„": {
        this.endWord();
        const end = quoteEnd(this.chars, i + 1, c);
        return end >= 0 ? end : i;
      }
      case "?":
      case "？":
        this.endWord();
        if (this.cur.words.length === 0 && this.out.length > 0) this.out[this.out.length - 1]!.mark = true;
        this.cur.mark = true;
        this.endSentence();
        break;
      case "!":
        this.cur.shout = true;
        this.endSentence();
        break;
      case ".":
        if (this.goesOn(i + 1)) this.endWord();
        else this.endSentence();
        break;
      case "…":
      case "\n":
        this.endSentence();
        break;
      case ",":
      case ":":
      case ";":
      case "–":
      case "—":
      case "(":
        this.endWord();
        this.begin = true;
        break;
      default:
        this.endWord();
        if (isPicture(c)) this.endSentence();
    }
    return i;
  }

  private endWord() {
    if (this.word.length === 0) return;
    const w = this.word.join("").replace(/^'+|'+$/g, "");
    this.word = [];
    if (w === "" || this.count >= maxWords) return;
    this.count++;
    if (this.begin) {
      this.cur.starts.push(this.cur.words.length);
      this.begin = false;
    }
    this.cur.words.push(w);
  }

  private endSentence() {
    this.endWord();
    if (this.cur.words.length > 0) this.out.push(this.cur);
    this.cur = empty();
    this.begin = true;
  }

  /** Whether a full stop stands within a sentence: in a number, after an abbreviation or an ordinal. */
  private goesOn(from: number): boolean {
    const { chars } = this;
    if (this.word.length === 0 || from >= chars.length) return false;
    if (isLetter(chars[from]!) || isDigit(chars[from]!)) return true; // 10.15, f.eks
    let at = from;
    while (at < chars.length - 1 && chars[at] === 0x20) at++;
    const next = chars[at]!;
    if (!((isLetter(next) && !isUpper(next)) || isDigit(next))) return false;
    const word = this.word.join("");
    return this.word.length === 1 || isNumber(word) || abbreviations.has(word);
  }
}

/** Cuts a text into sentences of lower-case words; quotations are left out. */
export const read = (text: string): Sentence[] => new Reader(clip(text)).read();

/** The characters of a text, as far as they are read. */
export function clip(text: string): number[] {
  const out: number[] = [];
  let bytes = 0;
  for (const c of text) {
    const code = c.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > maxText) break;
    out.push(code);
  }
  return out;
}

/** The marks that end what another one begins. */
export const quoteEnds = new Map([..."«»“”„“\"\"””"].flatMap((c, i, all) => (i % 2 ? [] : [[c.codePointAt(0)!, all[i + 1]!.codePointAt(0)!]])) as [number, number][]);

/** Finds where a quotation of more than one word ends; -1: there is none. */
function quoteEnd(chars: number[], from: number, open: number): number {
  const single = open === 0x27;
  if (single && !(from < chars.length && isLetter(chars[from]!))) return -1;
  let spaced = false;
  for (let i = from; i < Math.min(chars.length, from + maxQuote); i++) {
    const c = chars[i]!;
    spaced ||= c === 0x20;
    const ends = single
      ? (c === 0x27 || c === 0x2019) && (i + 1 === chars.length || !isLetter(chars[i + 1]!))
      : c === quoteEnds.get(open);
    if (ends) return spaced ? i : -1;
  }
  return -1;
}

/** Whether a clause of the sentence begins with one of the words. */
export function startsWith(s: Sentence, words: Set<string>): boolean {
  return s.starts.some(
    (i) =>
      words.has(s.words[i]!) ||
      (i + 1 < s.words.length && words.has(s.words[i + 1]!) && leadWords.has(s.words[i]!)),
  );
}

/** Whether the sentence begins as a yes or no question does. */
export function verbFirst(s: Sentence, verbs: Set<string>): boolean {
  return s.starts.some((i, n) => {
    let j = i;
    if (leadWords.has(s.words[j]!) && j + 1 < s.words.length) j++;
    return verbs.has(s.words[j]!) && j + 1 < s.words.length && (n === 0 || s.mark);
  });
}
