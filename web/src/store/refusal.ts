// What a refused call says: read from the status of a call by itself, or from the
// result of an operation that was pushed.

import { Code, ConnectError } from "@connectrpc/connect";

import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  PreconditionFailureSchema,
} from "../gen/google/rpc/error_details_pb";
import type { OperationRefusal } from "../gen/undring/v1/sync_pb";
import type { Refusal } from "./store";

/** A refusal as something to throw. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.reason);
  }
}

/** Reads what a call broke with. What is no answer of the server's is OFFLINE. */
export function refusalOf(err: unknown): Refusal {
  if (err instanceof Refused) return err.refusal;
  const e = ConnectError.from(err);
  const info = e.findDetails(ErrorInfoSchema)[0];
  return {
    code: e.code,
    reason: info?.reason ?? (unreached(e) ? "OFFLINE" : "UNKNOWN"),
    message: e.findDetails(LocalizedMessageSchema)[0]?.message ?? "",
    missing: [
      ...e.findDetails(PreconditionFailureSchema).flatMap((p) => p.violations.map((v) => v.description)),
      ...e.findDetails(BadRequestSchema).flatMap((b) => b.fieldViolations.flatMap((v) => v.localizedMessage?.message ?? [])),
    ],
    metadata: info?.metadata ?? {},
    offline: !info && unreached(e),
  };
}

// Without a network fetch throws, which reads as UNKNOWN; a proxy without a server
// behind it answers UNAVAILABLE; a call that takes too long is given up by us.
const unreached = (e: ConnectError) =>
  [Code.Unknown, Code.Unavailable, Code.DeadlineExceeded, Code.Canceled, Code.Aborted].includes(e.code);

/** Reasons that hold for good: what it was about has gone on without it or is gone, or it is not the person's to do. */
const forGood = [
  "WRONG_STATE",
  "NOTES_CLOSED",
  "LESSON_STARTED",
  "NOT_FOUND",
  "NOT_YOUR_MOVE",
  "NOT_PEERS",
  "ROLE_REQUIRED",
  "ID_TAKEN",
  "INVALID_FIELD",
];

/** The very same request would be refused again, whenever it is sent. */
export const isForGood = (r: Refusal): boolean => forGood.includes(r.reason);

/** Reads why an operation was not done. */
export const refusalOfOperation = (r: OperationRefusal): Refusal => ({
  code: r.code,
  reason: r.reason,
  message: r.message,
  missing: r.missing,
  metadata: r.metadata,
  offline: false,
});
