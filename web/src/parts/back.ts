// What was refused, led back: to the screen and the fields that its words came from.

import { isForGood } from "../store/refusal";
import type { Pending, Store } from "../store/store";
import { deedOf, textsOf } from "../things";
import { myId } from "./people";

/** Where a thing is written. */
export const placeOf = (store: Store, p: Pending): string =>
  deedOf(p.request).place?.(p.request, { visitId: p.visitId, me: myId(store) }) ?? `/v/${p.visitId}`;

/** The fields that words came from. */
export interface Fields {
  /** Id of the field to begin at. */
  first: string;
  /** By the keys under which they were typed; as they shall be there again. */
  words: Map<string, string>;
}

/**
 * The fields in which a refused thing can be written otherwise; undefined: it can't be
 * mended so, or words of something else rest on it, which would go with it. What
 * the server refused was never done, so nothing is there twice.
 */
export function fieldsOf(store: Store, p: Pending): Fields | undefined {
  if (!p.refusal || [2, 13].includes(p.refusal.code)) return undefined; // nobody knows whether it was done
  if (isForGood(p.refusal) && p.refusal.reason !== "INVALID_FIELD") return undefined;
  if (store.heldUp(p.requestId).some((o) => textsOf(o.request).length > 0)) return undefined;
  const origin = deedOf(p.request).origin?.(p.request, myId(store));
  if (!origin) return undefined;
  const words = new Map<string, string>();
  // What has been begun there since goes on after it.
  for (const [key, text] of Object.entries(origin.texts)) if (text !== "") words.set(key, [text, store.words(key)].filter(Boolean).join(" "));
  for (const [key, fact] of Object.entries(origin.facts ?? {})) words.set(key, store.words(key) ?? fact);
  return { first: origin.first, words };
}
