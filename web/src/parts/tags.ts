import * as limits from "../gen/limits";
import type { Note, Observation } from "../gen/undring/v1/observation_pb";

const most = 6; // tags offered at once

/** Words that carry no meaning of their own, in the three languages. */
const small = new Set(
  ("hvordan hvorfor hvilke hvilken korleis kvifor kva hva hvem kven når mens medan eleven elevene elevane klassen klassa timen " +
    "mine min mitt våre slik være vere blir også ikke ikkje denne dette disse desse gjør gjer eller which while what when where " +
    "about their there pupils class lesson does from with that this have they").split(" "),
);

/**
 * Tags to choose from while noting: what the card says to look for, cut at its
 * commas; without that, the words of the focus; and those used in this visit.
 */
export function tagsFor(visit: Observation, notes: Note[]): string[] {
  const used = notes.map((n) => n.tag).filter(Boolean);
  const looked = visit.lookFor
    .split(/[,;.\n·]/)
    .map((t) => t.trim())
    .filter((t) => t.length > 1 && t.length <= 24);
  const words = visit.focusQuestion
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((w) => w.length > 4 && !small.has(w));
  return [...new Set([...used, ...(looked.length > 0 ? looked : words)])].map((t) => t.slice(0, limits.saveNote.tag)).slice(0, most);
}
