// What a refused call says: read from the status of a call by itself, or from the
// result of an operation that was pushed.

import { ConnectError } from "@connectrpc/connect";

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

/**
 * Reads what a call broke with. What is not our server's answer is OFFLINE, whatever
 * it is: a filter's 403, a portal's page for signing in, a proxy without a server.
 * Nothing that the person wrote is judged by it.
 */
export function refusalOf(err: unknown): Refusal {
  if (err instanceof Refused) return err.refusal;
  const e = ConnectError.from(err);
  const info = e.findDetails(ErrorInfoSchema)[0];
  const offline = !info && !isOurs(e) && isOfCall(err);
  return {
    code: e.code,
    reason: info?.reason ?? (offline ? "OFFLINE" : "UNKNOWN"),
    message: e.findDetails(LocalizedMessageSchema)[0]?.message ?? "",
    missing: [
      ...e.findDetails(PreconditionFailureSchema).flatMap((p) => p.violations.map((v) => v.description)),
      ...e.findDetails(BadRequestSchema).flatMap((b) => b.fieldViolations.flatMap((v) => v.localizedMessage?.message ?? [])),
    ],
    metadata: info?.metadata ?? {},
    offline,
    astray: offline && err instanceof ConnectError && !err.metadata.keys().next().done,
  };
}

/** Our server gives each call a name, also where it fails itself. */
const isOurs = (e: ConnectError) => e.metadata.has("request-id");

/** Broke on the way: what breaks on the phone itself (its disk, say) is no matter of the network. */
const isOfCall = (err: unknown) => err instanceof ConnectError || err instanceof TypeError || (err as { name?: string } | undefined)?.name === "AbortError";

/** Reasons that hold for good: what it was about has gone on without it or is gone, or it is not the person's to do. */
const forGood = [
  "WRONG_STATE",
  "NOTES_CLOSED",
  "NOTHING_TO_ANSWER",
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
