// The letters of a text by fixed tables, as review/letters.go has them: a browser's
// own follow another edition of Unicode than the server's.

import letters from "../../../review/rules/letters.json";

/** The letter that a small letter and a mark after it make; by the two in a row. */
const composed = new Map<string, string>();
for (const [mark, pairs] of Object.entries(letters.compose)) {
  for (const pair of pairs.split(" ")) {
    const [base, whole] = [...pair];
    composed.set(base! + mark, whole!);
  }
}

export const compose = (letter: string, mark: string): string | undefined => composed.get(letter + mark);

export const isMark = (c: number): boolean => c >= 0x300 && c <= 0x36f;

export const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

/** Whether a character is part of a word. Beyond the Latin letters whole blocks are taken, since no rule looks into their words. */
export function isLetter(c: number): boolean {
  if (c < 0x80) return (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a);
  if (c < 0x250) return (c >= 0xc0 && c !== 0xd7 && c !== 0xf7) || c === 0xaa || c === 0xb5 || c === 0xba;
  if (c < 0x2000) return !isMark(c) && (c < 0x2b0 || c >= 0x370);
  return c === 0x212a || c === 0x212b || (c >= 0x2c00 && c < 0x2e00) || (c >= 0x3040 && c < 0xd800) || (c >= 0xf900 && c < 0xfe00);
}

/** The small letter of a capital, whatever the language of the phone. */
export function lower(c: number): number {
  const between = (from: number, to: number) => c >= from && c <= to;
  if (between(0x41, 0x5a) || (between(0xc0, 0xde) && c !== 0xd7) || between(0x391, 0x3a9) || between(0x410, 0x42f)) return c + 0x20;
  if (c < 0x100) return c;
  if (c === 0x130 || c === 0x131) return 0x69; // the dotted and the dotless i of Turkish
  if (c === 0x178) return 0xff;
  if (c === 0x212a) return 0x6b;
  if (c === 0x212b) return 0xe5;
  if (between(0x400, 0x40f)) return c + 0x50;
  if (between(0x139, 0x148) || between(0x179, 0x17e) || between(0x1cd, 0x1dc)) return c + (c & 1);
  if (
    (c < 0x178 && c !== 0x138 && c !== 0x149) ||
    (between(0x1de, 0x21f) && c !== 0x1f0) ||
    between(0x1e00, 0x1e95) ||
    between(0x1ea0, 0x1eff)
  ) {
    return c | 1;
  }
  return c;
}

export const isUpper = (c: number): boolean => lower(c) !== c;

/** An emoji or a sign of the kind: people end sentences by them. */
export const isPicture = (c: number): boolean => (c >= 0x2190 && c <= 0x2bff) || (c >= 0x1f000 && c <= 0x1faff);

/** What only changes the look of the character before. */
export const isSilent = (c: number): boolean =>
  c === 0xad ||
  c === 0x200b ||
  c === 0x200c ||
  c === 0x200d ||
  c === 0x20e3 ||
  (c >= 0xfe00 && c <= 0xfe0f) ||
  (c >= 0x1f3fb && c <= 0x1f3ff);
