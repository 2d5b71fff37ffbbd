// A deed, described once: a call that changes something and that can wait on the
// phone for a network. The deeds themselves stand in the files beside this one, and
// all of them in index.ts.

import type { JsonValue, MessageShape } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";

import type { Allowed } from "../rules/may";
import type { Op, Request } from "../store/op";
import type { Conflict, Refusal, Store } from "../store/store";
import type { AnyKind, Copy, Things } from "./kind";
import type { Resolution } from "./rewrite";

/** In whose name a deed is shown, and when. */
export interface Scene {
  me: string;
  /** The server's time, as well as the phone knows it. */
  now: Date;
  /** nb, nn or en. */
  language: string;
}

/** The operation that a deed waits in. */
export interface Waiting {
  visitId: string;
  /** When the person did it, by the phone's clock, in milliseconds. */
  time: number;
}

/** Fields of a screen, by the keys under which their words are typed. */
export type Words = Record<string, string>;

/** Where the words of a request came from. */
export interface Origin {
  /** Id of the field to begin at. */
  first: string;
  /** The person's words. */
  texts: Words;
  /** What else was chosen there: it counts where nothing has been chosen since. */
  facts?: Words;
}

/**
 * Something that has one wording and a revision, such as a note: who rewrites it has
 * to have read it, and what two devices wrote is brought together.
 */
export interface Slot {
  /** Its name, as in "note/" and the id. */
  name: string;
  /** What is there of it, to be compared with later; null: nothing. */
  basis(seen: Things, id: string): JsonValue;
  /** The revision that is there; 0: none. */
  revision(seen: Things, id: string): bigint;
  /** The kind of thing that it is, where it can be taken away on another device. */
  kind?: AnyKind;
  /** What is written there goes in its own order, whatever else is done in the visit. */
  apart?: boolean;
  /** Takes one of two wordings away. */
  settle(store: Store, conflict: Conflict, how: "mine" | "theirs"): void;
}

/** How a deed rewrites something with a revision. */
export interface Rewriting<R> {
  slot: Slot;
  id(r: R): string;
  revision(r: R): bigint;
  setRevision(r: R, revision: bigint): void;
  /** It takes the thing away. */
  erases?: boolean;
  /** Compares what it was written on with what is there now. */
  compare(op: Op, r: R, told: Things, now: number, out: Resolution): void;
}

type Schema = GenMessage<Request>;

/** What a phone knows of a deed. Only the request has to be said: then it is carried over, and nothing of it is seen before the server has answered. */
export interface Deed<S extends Schema = Schema> {
  /** The request of the call. */
  request: S;
  /** Chooses what the request may choose before it is kept: ids of its parts, the moment. Its own id is chosen anyway. */
  begin?(r: MessageShape<S>, seen: Things, now: Date): void;
  /** Ids of what it makes. Left out: its own id, where it has one. */
  makes?(r: MessageShape<S>): string[];
  /** Ids of what it rests on besides those that its fields name. */
  restsOn?(r: MessageShape<S>): Iterable<string>;
  /** The visit that it is about, where that is neither named nor found by what the fields name. */
  visitId?(r: MessageShape<S>): string;
  /** Deeds in the same visit that it waits for: before them the server would refuse it. */
  after?: readonly AnyDeed[];
  rewrites?: Rewriting<MessageShape<S>>;
  /** Who may, and in which states of its visit: elsewhere nothing is seen of it before the server has answered. Left out: it is about no visit that is there. */
  allowed?: Allowed;
  /** What is seen of it before it is sent. Changes nothing where it can't be any more. */
  show?(c: Copy, r: MessageShape<S>, scene: Scene, op: Waiting): void;
  /** The refusal says that it has been done otherwise, such as on another device: nobody has to hear of it. */
  moot?(refusal: Refusal): boolean;
  /** Where it is written: an address of the app. Left out: the visit. */
  place?(r: MessageShape<S>, op: { visitId: string; me: string }): string;
  /** The fields that its words came from; undefined: it can't be written otherwise there. */
  origin?(r: MessageShape<S>, me: string): Origin | undefined;
}

/** Any deed at all. */
export type AnyDeed = Deed<any>;

/** The states of a visit in which a deed has been done already. */
export const mootIn =
  (...states: string[]) =>
  (refusal: Refusal): boolean =>
    refusal.reason === "WRONG_STATE" && states.includes(refusal.metadata["state"] ?? "");
