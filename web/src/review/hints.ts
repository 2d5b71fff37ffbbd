// Hints on notes and feedback points, as review/hints.go gives them, from
// the same rules files. A hint is advice: it stops nothing and is kept nowhere.

import { rulesFor, type Rules } from "./rules";
import { read } from "./text";

export interface Hint {
  id: "judging" | "pupil" | "should" | "praise" | "person" | "bare";
  text: string;
}

const letters = /^[^\p{L}]+|[^\p{L}]+$/gu;
const isNumber = (w: string) => /^[0-9]+$/.test(w);

/** Hints on a note: words of judgement in what was seen, and what may be a pupil's name. */
export function onNote(saw: boolean, text: string, language: string): Hint[] {
  const r = rulesFor(language);
  const out: Hint[] = [];
  if (saw) {
    for (const s of read(text)) {
      const word = s.words.find((w) => r.file.judging.includes(w));
      if (word !== undefined) out.push(hint(r, "judging", word));
    }
  }
  const name = pupil(r, text);
  if (name) out.push(hint(r, "pupil", name));
  return out;
}

/** Hints on a feedback point: praise, advice or words about the person, where nothing that was seen stands beside them. */
export function onPoint(text: string, language: string): Hint[] {
  const r = rulesFor(language);
  const lower = ` ${text.split(/\s+/).filter(Boolean).join(" ").toLowerCase()} `;
  const contains = (list: string[]) => list.some((phrase) => lower.includes(` ${phrase}`));
  const words = read(text).flatMap((s) => s.words);
  const seen = words.filter((w) => r.file.seen.includes(w) || isNumber(w)).length;
  const out: Hint[] = [];
  if (contains(r.file.should)) out.push(hint(r, "should"));
  if (contains(r.file.praise) && seen < 2) out.push(hint(r, "praise"));
  if (contains(r.file.person) && seen < 2) out.push(hint(r, "person"));
  if (out.length === 0 && seen === 0 && text.trim() !== "") out.push(hint(r, "bare"));
  return out;
}

const hint = (r: Rules, id: Hint["id"], word = ""): Hint => ({ id, text: (r.file.hints[id] ?? "").replaceAll("{word}", word) });

/** A word with a capital within a sentence that is no month, country or the like. */
function pupil(r: Rules, text: string): string {
  let begin = true;
  for (const field of text.split(/\s+/).filter(Boolean)) {
    const word = field.replace(letters, "");
    if (!begin && /^\p{Lu}\p{Ll}/u.test(word) && !r.file.capitals.includes(word.toLowerCase())) return word;
    begin = /[.!?:…»”"]/.test(field);
  }
  return "";
}
