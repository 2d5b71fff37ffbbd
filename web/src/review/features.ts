// What the model knows a text by, as review/features.go has it: rows of words, of
// what words are about and of letters, and what the rules say; each by a hash.

import { conceptOf, wordHash } from "./concepts";
import type { Judged, Parsed } from "./judge";
import { patternNames } from "./rules";

export const featureBits = 18;

const prime = 16777619;
const step = (h: number, n: number) => Math.imul(h ^ n, prime);

/** Mixes the bits once more, since FNV's high ones are poor after few steps. */
function feature(h: number): number {
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  return h >>> (32 - featureBits);
}

const begin = 2166136261;

/** The spaces, by their numbers in the model. */
const shapeOf = 1;
const shapeKind = 2;
const pattern = 3;
const patternShape = 4;
const patternKind = 5;
const sentenceKind = 6;
const kindOf = 7;
const kindMark = 8;
const lastOf = 9;
const lengthOf = 10;
const wordOf = 11;
const pairOf = 12;
const tripleOf = 13;
const skipOf = 14;
const lettersOf = 15;
const fineOf = 16;
const fineSkip = 17;
const fineTriple = 18;
const tightOf = 19;
const firstOf = 20;
const finalOf = 21;
const startOf = 22;
const startFine = 23;
const coarseOf = 24;
const coarseRow = 25;
const coarseFirst = 26;
const coarseFinal = 27;
const contextWord = 28;
const contextPair = 29;
const contextFine = 30;
const contextFinePair = 31;
const startAny = 32;
const startField = 33;
const fieldPair = 34;
const fieldCount = 35;
const across = 36;

const beginOfRow = 1;
const endOfRow = 2;
const endMarked = 3;
const unknown = 4;
const maxStarts = 4;
const maxFields = 12;

interface Token {
  text: string;
  word: number;
  fine: number;
  coarse: number;
}

type Emit = (feature: number) => void;

/** The fields that words of some sentences are about, in the order in which they come first, with how many words each has. */
type Fields = Map<number, number>;

function count(fields: Fields, tokens: Token[]) {
  for (const { coarse } of tokens) {
    if (coarse === 0) continue;
    const many = fields.get(coarse);
    if (many !== undefined || fields.size < maxFields) fields.set(coarse, (many ?? 0) + 1);
  }
}

/** Gives the features of a parsed text; the same one may come twice. */
export function features(p: Parsed, english: boolean, emit: Emit): void {
  if (p.sentences.length === 0) return;
  const put = (space: number, ...numbers: number[]) => emit(feature(numbers.reduce(step, step(begin, space))));
  const e = new Emitter(Number(english), emit);
  const told: Fields = new Map();
  const asked: Fields = new Map();
  p.sentences.forEach((s, i) => {
    const tokens = s.words.map((text): Token => {
      const c = conceptOf(text, english);
      return { text, word: wordHash(text), fine: c?.fine ?? 0, coarse: c?.coarse ?? 0 };
    });
    put(sentenceKind, s.kind);
    if (!s.asks && (p.asks || i < p.sentences.length - 1)) {
      e.context(tokens);
      count(told, tokens);
      return;
    }
    count(asked, tokens);
    e.rules(s);
    e.words(tokens, s.mark);
    e.starts(tokens, s.starts);
    e.fine(tokens, s.mark);
    e.coarse(tokens, s.mark);
    e.opening(tokens, s.starts);
  });
  e.walk(told, asked);
  const last = p.sentences[p.sentences.length - 1]!;
  put(kindOf, p.kind);
  put(kindMark, p.kind, Number(last.mark));
  put(lastOf, Number(last.mark) | (Number(last.shout) << 1) | (Number(p.asks) << 2));
  put(lengthOf, Math.min(p.sentences.length, 4), Math.min(Math.floor(last.words.length / 4), 6));
}

class Emitter {
  constructor(
    private readonly family: number,
    private readonly emit: Emit,
  ) {}

  private put(h: number) {
    this.emit(feature(h));
  }

  rules(s: Judged) {
    const shape = Number(s.opens) | (Number(s.verb) << 1) | (Number(s.mark) << 2) | (Number(s.hasWh) << 3);
    this.put(step(step(begin, shapeOf), shape));
    this.put(step(step(step(begin, shapeKind), shape), s.kind));
    for (let i = 0; i < patternNames.length; i++) {
      if (!((s.spoke >> i) & 1)) continue;
      this.put(step(step(begin, pattern), i));
      this.put(step(step(step(begin, patternShape), i), shape));
      this.put(step(step(step(begin, patternKind), i), s.kind));
    }
  }

  words(tokens: Token[], mark: boolean) {
    const { family } = this;
    const at = (i: number) => (i < 0 ? beginOfRow : i < tokens.length ? tokens[i]!.word : mark ? endMarked : endOfRow);
    const wordSpace = step(step(begin, wordOf), family);
    const pairSpace = step(step(begin, pairOf), family);
    const skipSpace = step(step(begin, skipOf), family);
    for (let i = -1; i < tokens.length; i++) {
      if (i >= 0) {
        this.put(step(wordSpace, tokens[i]!.word));
        if (tokens[i]!.fine === 0) this.letters(tokens[i]!.text);
      }
      const pair = step(step(pairSpace, at(i)), at(i + 1));
      this.put(pair);
      this.put(step(step(pair, tripleOf), at(i + 2)));
      this.put(step(step(skipSpace, at(i)), at(i + 2)));
    }
  }

  private letters(w: string) {
    const row = [beginOfRow, ...Array.from(w, (c) => c.codePointAt(0)!), endOfRow];
    const space = step(step(begin, lettersOf), this.family);
    for (let i = 0; i + 4 <= row.length; i++) {
      this.put(step(step(step(step(space, row[i]!), row[i + 1]!), row[i + 2]!), row[i + 3]!));
    }
  }

  starts(tokens: Token[], starts: number[]) {
    starts.slice(0, maxStarts).forEach((from, n) => {
      const later = Number(n > 0);
      let words = step(step(step(begin, startOf), this.family), later);
      let fine = step(step(begin, startFine), later);
      for (const t of tokens.slice(from, from + 4)) {
        words = step(words, t.word);
        fine = step(fine, t.fine);
        this.put(words);
        this.put(fine);
      }
    });
  }

  fine(tokens: Token[], mark: boolean) {
    const row: number[] = [];
    tokens.forEach((t, i) => {
      if (t.fine !== 0) row.push(t.fine);
      let tight = step(begin, tightOf);
      for (let j = i; j < Math.min(i + 3, tokens.length); j++) {
        tight = step(tight, tokens[j]!.fine || unknown);
        if (j > i) this.put(tight);
      }
    });
    row.forEach((c, i) => {
      this.put(step(step(begin, fineOf), c));
      const skip = step(step(begin, fineSkip), c);
      for (let j = i + 1; j < Math.min(i + 6, row.length); j++) this.put(step(skip, row[j]!));
      if (i + 2 < row.length) this.put(step(step(step(step(begin, fineTriple), c), row[i + 1]!), row[i + 2]!));
    });
    if (row.length > 0) {
      this.put(step(step(step(begin, firstOf), row[0]!), Number(mark)));
      this.put(step(step(step(begin, finalOf), row[row.length - 1]!), Number(mark)));
    }
  }

  coarse(tokens: Token[], mark: boolean) {
    const row: number[] = [];
    for (const t of tokens) if (t.coarse !== 0 && row[row.length - 1] !== t.coarse) row.push(t.coarse);
    row.forEach((c, i) => {
      this.put(step(step(begin, coarseOf), c));
      let h = step(step(begin, coarseRow), c);
      for (const next of row.slice(i + 1, i + 4)) {
        h = step(h, next);
        this.put(h);
      }
    });
    let h = step(step(begin, coarseFirst), Number(mark));
    for (const c of row.slice(0, 5)) {
      h = step(h, c);
      this.put(h);
    }
    h = step(step(begin, coarseFinal), Number(mark));
    for (const c of row.slice(-4).reverse()) {
      h = step(h, c);
      this.put(h);
    }
  }

  context(tokens: Token[]) {
    let word = beginOfRow;
    let fine = beginOfRow;
    const wordSpace = step(step(begin, contextWord), this.family);
    const pairSpace = step(step(begin, contextPair), this.family);
    for (const t of tokens) {
      this.put(step(wordSpace, t.word));
      this.put(step(step(pairSpace, word), t.word));
      word = t.word;
      if (t.fine === 0) continue;
      this.put(step(step(begin, contextFine), t.fine));
      this.put(step(step(step(begin, contextFinePair), fine), t.fine));
      fine = t.fine;
    }
  }

  /** How a sentence opens beside everything that is in it, however far behind. */
  opening(tokens: Token[], starts: number[]) {
    if (starts.length === 0) return;
    let from = starts[starts.length - 1]!;
    if (starts.length > 1 && tokens.length - from < 3) from = starts[0]!;
    const first = tokens[from]?.fine || unknown;
    const second = tokens[from + 1]?.fine || unknown;
    const any = step(step(begin, startAny), first);
    const field = step(step(step(begin, startField), first), second);
    for (const t of tokens) {
      if (t.fine === 0) continue;
      this.put(step(any, t.fine));
      this.put(step(field, t.coarse));
    }
  }

  /** Which fields the text is about together, how much each is in what it asks, and what it tells beside what it asks. */
  walk(told: Fields, asked: Fields) {
    const before: number[] = [];
    for (const [c, many] of asked) {
      this.put(step(step(step(begin, fieldCount), c), Math.min(many, 4)));
      for (const other of before) {
        this.put(step(step(step(begin, fieldPair), Math.min(c >>> 0, other >>> 0)), Math.max(c >>> 0, other >>> 0)));
      }
      for (const t of told.keys()) this.put(step(step(step(begin, across), t), c));
      before.push(c);
    }
  }
}
