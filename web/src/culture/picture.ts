// From figures to lengths. A picture knows of a count what the sheet says: at
// least, at most. It is never told more, so it can't show more.

/** What is told of a count: at least so many, and at most. */
export interface Range {
  low: number;
  high: number;
}

/**
 * A bar, in hundredths of its scale. Filled as far as is sure, hatched as far as it
 * may go, within an outline of how many people there are, at least and at most.
 */
export interface Bar {
  sure: number;
  most: number;
  among: number;
  amongMost: number;
}

const none: Range = { low: 0, high: 0 };

/** The bar of a value among people; a value that is held back has no length. */
export function bar(value: Range | undefined, people: Range | undefined, scale: number): Bar {
  const at = (n: number) => (scale > 0 ? Math.round((Math.min(n, scale) / scale) * 10_000) / 100 : 0);
  const v = value ?? none;
  const p = people ?? none;
  return { sure: at(v.low), most: at(v.high), among: at(p.low), amongMost: at(p.high) };
}

/** As many as any of them may be: what a scale must have room for. */
export const scaleFor = (ranges: (Range | undefined)[]): number => Math.max(0, ...ranges.map((r) => r?.high ?? 0));

const most = 5; // marks on a scale

/** Marks of a scale: round numbers from 0, none too near the end. */
export function ticks(scale: number): number[] {
  let step = 1;
  for (let i = 0; scale / step > most; i++) step = [1, 2, 5][i % 3]! * 10 ** Math.floor(i / 3);
  const out: number[] = [];
  for (let n = 0; n <= scale; n += step) out.push(n);
  return out;
}
