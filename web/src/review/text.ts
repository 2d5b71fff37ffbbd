// The reading of a text, as review/text.go does it; testdata/judged.tsv
// holds the two equal.

const maxText = 4000; // bytes of UTF-8
const maxWords = 600;

export interface Sentence {
  words: string[];
  starts: number[]; // where clauses begin: the first word, and after a comma, colon or dash
  mark: boolean; // it ends with a question mark
  shout: boolean; // it ends with an exclamation mark
}

const empty = (): Sentence => ({ words: [], starts: [], mark: false, shout: false });

const letter = /^\p{L}$/u;
const inWord = /^[\p{L}\p{Nd}\p{M}]$/u;
const goesOn = /^ *[\p{Ll}\p{Nd}]/u;

/** Words that may stand before the word that makes a clause a question. */
const leadWords = new Set(
  "og men så for and but so or eller altså da in på i til av med at from to just well jo hei hi".split(" "),
);

/** Cuts a text into sentences of lower-case words; quotations are left out. */
export function read(text: string): Sentence[] {
  const chars = clip(text);
  const out: Sentence[] = [];
  let cur = empty();
  let word = "";
  let count = 0;
  let begin = true;
  const endWord = () => {
    if (word === "") return;
    const w = word.replace(/^'+|'+$/g, "");
    word = "";
    if (w === "" || count >= maxWords) return;
    count++;
    if (begin) {
      cur.starts.push(cur.words.length);
      begin = false;
    }
    cur.words.push(w);
  };
  const endSentence = () => {
    endWord();
    if (cur.words.length > 0) out.push(cur);
    cur = empty();
    begin = true;
  };
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i]!;
    switch (c) {
      case "«":
      case "“":
      case '"':
      case "”":
      case "„": {
        endWord();
        const end = quoteEnd(chars, i + 1, c);
        if (end >= 0 && chars.slice(i + 1, end).includes(" ")) i = end - 1;
        break;
      }
      case "'":
      case "’":
      case "‘": {
        if (word === "" && letter.test(chars[i + 1] ?? "")) {
          const end = quoteEnd(chars, i + 1, "'");
          if (end >= 0 && chars.slice(i + 1, end).includes(" ")) {
            i = end - 1;
            break;
          }
        }
        word += "'";
        break;
      }
      case "?":
        endWord();
        if (cur.words.length === 0 && out.length > 0) out[out.length - 1]!.mark = true;
        cur.mark = true;
        endSentence();
        break;
      case "!":
        cur.shout = true;
        endSentence();
        break;
      case ".":
      case "…":
      case "\n":
        if (c === "." && word !== "" && goesOn.test(chars.slice(i + 1, i + 40).join(""))) {
          endWord(); // an abbreviation, a number
          break;
        }
        endSentence();
        break;
      case ",":
      case ":":
      case ";":
      case "–":
      case "—":
      case "(":
        endWord();
        begin = true;
        break;
      default:
        if (inWord.test(c)) word += lower(c);
        else endWord();
    }
  }
  endSentence();
  return out;
}

/** One letter in lower case; one letter stays one. */
function lower(c: string): string {
  const l = c.toLowerCase();
  return [...l].length === 1 ? l : [...l][0]!;
}

/** The characters of a text, as far as they are read. */
function clip(text: string): string[] {
  const out: string[] = [];
  let bytes = 0;
  for (const c of text) {
    const code = c.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > maxText) break;
    out.push(c);
  }
  return out;
}

/** Finds where a quotation ends; -1: it does not. */
function quoteEnd(chars: string[], from: number, open: string): number {
  const ends: Record<string, string> = { "«": "»", "“": "”", "„": "“", '"': '"', "”": "”" };
  if (open !== "'") return chars.indexOf(ends[open]!, from);
  for (let i = from; i < chars.length; i++) {
    if ((chars[i] === "'" || chars[i] === "’") && !letter.test(chars[i + 1] ?? "")) return i;
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

export const has = (s: Sentence, words: Set<string>): boolean => s.words.some((w) => words.has(w));

/** Whether one of the words begins a clause after the first. */
export const later = (s: Sentence, words: Set<string>): boolean =>
  s.words.some((w, i) => i > 0 && words.has(w) && leadWords.has(s.words[i - 1]!));
