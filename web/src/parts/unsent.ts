// What waits to be sent, counted as people count: a note that was rewritten three times
// is one note, and that the lesson took place is nothing that anybody wrote.

import { callOf, thingId } from "../things";
import type { Pending, Store } from "../store/store";
import { count } from "../words/words";

/** Calls that follow from what is done, and that nobody would count. */
const silent = ["MarkObserved", "AcknowledgeFeedback", "AcknowledgeChange"];

/** How many things, and how many of them are notes. */
export function counted(outbox: readonly Pick<Pending, "typeName" | "request" | "outcome">[]): { things: number; notes: number } {
  const notes = new Set<string>();
  const others = new Set<string>();
  const waiting = outbox.filter((p) => p.outcome !== "refused");
  for (const p of waiting) {
    const call = callOf(p.typeName);
    if (call === "SaveNote") notes.add(p.request && thingId(p.request));
    else if (call === "DeleteNote") notes.add((p.request as { noteId: string }).noteId);
    else if (!silent.includes(call)) others.add(`${call} ${thingId(p.request)}`);
  }
  const things = notes.size + others.size;
  return { things: things === 0 && waiting.length > 0 ? 1 : things, notes: notes.size };
}

/** The same in words; empty where nothing waits. */
export function unsentWords(store: Store): string {
  const { things, notes } = counted(store.outbox.value);
  if (things === 0) return "";
  return notes === things ? count("net.unsent.notes", notes) : count("net.unsent", things);
}
