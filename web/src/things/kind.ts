// A kind of thing that the server tells a phone of, described once: where it lies,
// by which id, and which answers hold one. The kinds themselves stand in the files
// beside this one, and all of them in index.ts.

import { clone, create, type Message } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";

import { ChangeSchema, type Change, type Thing } from "../gen/undring/v1/sync_pb";

/** A change of a thing: of what, and what it is now. */
export type What = Change["what"];
/** The kinds by the name that the contract gives them in a change. */
export type Case = Exclude<What["case"], "gone" | undefined>;
/** What a change of a kind carries. */
export type Told<C extends Case> = Extract<What, { case: C }>["value"];

/** A kind of thing. V is what the phone keeps of one. */
export interface Kind<V extends Message = Message> {
  /** Its name in a change. */
  case: Case;
  /** Its number, by which it is said to be gone. */
  thing: Thing;
  schema: GenMessage<V>;
  /** The id that it is kept by, of what a change carries. */
  id(carried: never): string;
  /** What is kept of what a change carries; undefined: nothing yet. Left out: all of it. */
  keep?(carried: never): V | undefined;
  /** What a change carries of a thing with this id. Left out: the thing itself. */
  carry?(thing: V, id: string): Message;
  /** That one is gone is nothing to go by: the phone shows it for as long as somebody is signed in. */
  stays?: boolean;
  /** The fields of answers that hold one. */
  answers?: readonly string[];
  /** Counts its wordings, where it has a count: an answer that is older than what is there is left aside. */
  revision?(thing: V): bigint;
  /** What else an answer with one tells, given what is there. */
  implies?(thing: V, there: Things): Change[];
  /** The visit that it belongs to, and the ids of what is in it: a request about one of these is about that visit. */
  visitId?(thing: V): string;
  parts?(thing: V): string[];
}

/** Any kind at all. */
export type AnyKind = Kind<any>;

/** Checks a description of a kind against what its changes carry. */
export const kindOf = <C extends Case, V extends Message = Told<C>>(
  described: Omit<Kind<V>, "case" | "id" | "keep"> & { case: C; id(carried: Told<C>): string; keep?(carried: Told<C>): V | undefined },
): Kind<V> => described;

/**
 * What the server has told this phone, by kind and id. The same shape holds what
 * a screen sees: this, with everything applied that is not sent yet.
 */
export class Things {
  private readonly maps = new Map<AnyKind, Map<string, Message>>();

  constructor(of?: Things) {
    for (const [kind, map] of of?.maps ?? []) this.maps.set(kind, new Map(map));
  }

  /** All of a kind, by their ids. */
  of<V extends Message>(kind: Kind<V>): Map<string, V> {
    let map = this.maps.get(kind);
    if (!map) this.maps.set(kind, (map = new Map()));
    return map as Map<string, V>;
  }

  get = <V extends Message>(kind: Kind<V>, id: string): V | undefined => this.of(kind).get(id);
}

/** Things that can be changed without changing those that they were made of. */
export class Copy {
  readonly things: Things;
  private readonly fresh = new Set<Message>();

  constructor(of: Things) {
    this.things = new Things(of);
  }

  /** A thing to be looked at. */
  look = <V extends Message>(kind: Kind<V>, id: string): V | undefined => this.things.get(kind, id);

  /** A thing to be changed. */
  own<V extends Message>(kind: Kind<V>, id: string): V | undefined {
    const map = this.things.of(kind);
    const there = map.get(id);
    if (!there || this.fresh.has(there)) return there;
    const mine = clone(kind.schema, there) as V;
    this.fresh.add(mine);
    map.set(id, mine);
    return mine;
  }

  /** Puts in a thing that is made here. */
  make<V extends Message>(kind: Kind<V>, id: string, thing: V): V {
    this.fresh.add(thing);
    this.things.of(kind).set(id, thing);
    return thing;
  }

  drop(kind: AnyKind, id: string): void {
    this.things.of(kind).delete(id);
  }
}

/** A change that tells of a thing. */
export function changeOf<V extends Message>(kind: Kind<V>, thing: V, id: string): Change {
  const change = create(ChangeSchema);
  change.what = { case: kind.case, value: kind.carry?.(thing, id) ?? thing } as What;
  return change;
}

/** A change that tells that a thing is no longer there. */
export function goneOf(kind: AnyKind, id: string): Change {
  const change = create(ChangeSchema);
  change.what = { case: "gone", value: { $typeName: "undring.v1.Gone", thing: kind.thing, id } };
  return change;
}

/** Where a thing lies on disk: its kind and id. */
export const keyAt = (kind: { thing: Thing }, id: string): string => `${kind.thing}/${id}`;
