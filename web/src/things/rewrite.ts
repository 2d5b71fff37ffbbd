// What becomes of an operation that was written on something that has changed.

import { clone, equals } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";

import { newId } from "../store/id";
import type { Clash } from "../store/merge";
import type { Op, Request } from "../store/op";
import type { Conflict } from "../store/store";

/** What becomes of the operations that were written on something with a revision. */
export interface Resolution {
  /** As they are to be sent now. */
  change: Op[];
  remove: Op[];
  conflicts: Conflict[];
}

/** How an operation stands that is to be sent for the first time. */
export const afresh = { sent: false, stale: "", overtaken: false };

/** A new request with the same content, for a second attempt. */
export const anew = <R extends Request>(schema: GenMessage<R>, request: R, change: Partial<R> = {}): R =>
  Object.assign(clone(schema, request), change, { requestId: newId() }) as R;

/** The server has a newer one than was pulled: it is too early to compare. */
export const notPulled = (op: Op, revision: bigint): boolean => op.stale !== "" && op.stale !== "gone" && revision < BigInt(op.stale);

/** Goes with this wording and revision; as a new request, where the old one was refused. */
export function go<R extends Request>(schema: GenMessage<R>, op: Op, request: R, out: Resolution, basis = op.basis): void {
  if (op.stale === "" && equals(schema, op.request as R, request)) return;
  out.change.push({ ...op, request: op.stale === "" ? request : anew(schema, request), basis, ...afresh });
}

/** Tells the person of two wordings. */
export function tell(out: Resolution, op: Op, what: Conflict["what"], now: number, of: Clash, thingId: string): void {
  out.conflicts.push({ id: newId(), what, visitId: op.visitId, thingId, ...of, time: new Date(now) });
}

/** Nobody has to wait for it: that it could not be kept is seen by what is there. */
export const ignore = (done: { kept: Promise<void> }): void => void done.kept.catch(() => {});
