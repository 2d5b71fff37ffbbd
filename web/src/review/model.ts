// The model that decides what the rules can't, as review/model.go reads it: whole
// numbers only, so that phone and server come to the same sums.

import file from "../../../review/model.json";
import { featureBits, features } from "./features";
import { kinds, numberOf, type Parsed } from "./judge";

interface Model {
  place: Uint16Array;
  weights: Int8Array;
}

const digitBase = 92;
const maxWeight = 6;
const levels = 2 * maxWeight + 1;
const rowDigits = 4;

/** The number that a character of the model's file stands for. */
function digit(c: number): number {
  if (c === 0x21) return 0;
  return c < 0x5c ? c - 0x22 : c - 0x23;
}

function unpack(): Model {
  const { rows } = file;
  const place = new Uint16Array(1 << featureBits);
  const weights: number[] = [0, 0, 0, 0, 0, 0, 0]; // place 0: a feature that is not known
  let feature = -1;
  for (let i = 0; i < rows.length; ) {
    for (let d = digitBase - 1; d === digitBase - 1; ) {
      d = digit(rows.charCodeAt(i++));
      feature += d;
    }
    feature++;
    place[feature] = weights.length / kinds.length;
    let packed = 0;
    for (let d = 0; d < rowDigits; d++) packed = packed * digitBase + digit(rows.charCodeAt(i++));
    const row: number[] = [];
    for (let k = 0; k < kinds.length; k++) {
      row.unshift((packed % levels) - maxWeight);
      packed = Math.floor(packed / levels);
    }
    weights.push(...row);
  }
  return { place, weights: Int8Array.from(weights) };
}

let model: Model | undefined;

/** The sums of the rows of the features that the model knows and the text has, each once, and how many they are. */
export function score(p: Parsed, english: boolean): { sum: number[]; n: number } {
  const { place, weights } = (model ??= unpack());
  const seen = new Set<number>();
  const sum = kinds.map(() => 0);
  features(p, english, (f) => {
    const at = place[f]!;
    if (at === 0 || seen.has(at)) return;
    seen.add(at);
    for (let k = 0; k < kinds.length; k++) sum[k]! += weights[at * kinds.length + k]!;
  });
  return { sum, n: seen.size };
}

/** The kind of a text, by its number; unsure: it may be the other one of two kinds of which one wonders. */
export function decide(p: Parsed, english: boolean): { kind: number; unsure: boolean } {
  if (p.sentences.length === 0) return { kind: numberOf("NOT_A_QUESTION"), unsure: false };
  const { sum, n } = score(p, english);
  const first = best(sum, -1);
  const second = best(sum, first);
  const distance = sum[first]! - sum[second]!;
  const wondering = numberOf("WONDERING") - 1;
  if (first === wondering) {
    if (!clear(distance, n, file.margin)) return { kind: second + 1, unsure: true };
    const accused = numberOf("DEFENCE_PROVOKING");
    const apart = sum[first]! - sum[accused - 1]!;
    if (!clear(apart, n, file.accuse) || (p.kind === accused && !clear(apart, n, 2 * file.accuse))) {
      return { kind: accused, unsure: true };
    }
  }
  return { kind: first + 1, unsure: second === wondering && !clear(distance, n, file.margin) };
}

/** The place of the highest sum but one; of equal ones the first. */
function best(sum: number[], but: number): number {
  let at = -1;
  sum.forEach((v, k) => {
    if (k !== but && (at < 0 || v > sum[at]!)) at = k;
  });
  return at;
}

/** Whether a distance between two sums is above the margin. */
const clear = (distance: number, n: number, margin: number) => distance * distance >= margin * n;
