// An operation: something that the person did, as it waits on disk to be sent.

import { createRegistry, fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";
import { anyPack, type Any } from "@bufbuild/protobuf/wkt";

import { deedOf, deeds, type Request } from "../things";
import { anew as anewBy } from "../things/rewrite";
import type { Refusal } from "./store";

export type { Request } from "../things";

/** Every message of the services that a phone carries over. */
export const registry = createRegistry(...new Set(deeds.map((d) => d.request.file)));

export interface Op {
  /** Its place in the queue; 0 until it is on disk. */
  seq: number;
  request: Request;
  visitId: string;
  /** When the person did it, by the phone's clock, in milliseconds. */
  time: number;
  /** What the person saw of the thing when they wrote it, as JSON; null: it was not there. */
  basis: JsonValue;
  /** Operations that have to be done before it. */
  buildsOn: string[];
  /** It may have reached the server: from now on it is sent as it is. */
  sent: boolean;
  /** How often it failed by the server's own fault. */
  failures: number;
  /** Set aside: why. */
  refusal: Refusal | undefined;
  /** What it was written on has changed: the revision that the server has, to be pulled before it is tried again. */
  stale: string;
  /** The note that it writes was taken away on another device while it was under way: its answer is older than that. */
  overtaken: boolean;
  /** Begun before what waits of the same thing was written, in another tab: that neither makes room for it, nor gives way to it. */
  apart: boolean;
}

export const schemaOf = (request: Request) => deedOf(request).request;

export const pack = (request: Request): Any => anyPack(schemaOf(request), request);

export const encodeOp = (op: Op) => ({ ...op, seq: 0, request: toJson(schemaOf(op.request), op.request), type: op.request.$typeName as string });

export function decodeOp(seq: number, raw: ReturnType<typeof encodeOp>): Op {
  const { type, request, ...rest } = raw;
  const schema = deedOf({ $typeName: type }).request; // breaks for one that this version does not know
  return { ...rest, overtaken: rest.overtaken ?? false, apart: rest.apart ?? false, seq, request: fromJson(schema, request, { ignoreUnknownFields: true }) };
}

/** A new request with the same content, for a second attempt. */
export const anew = <R extends Request>(request: R, change: Partial<R> = {}): R => anewBy(schemaOf(request), request, change as Partial<Request>) as R;
