// The queue of operations: in which order they go, what waits for what, and what
// becomes of one that was written on something that has changed. Pure: the disk
// and the network are elsewhere.

import * as limits from "../gen/limits";
import type { JsonValue } from "@bufbuild/protobuf";

import { aboutIds, deedOf, makes, rewriting, slotNamed, slotOf } from "../things";
import { keyAt, type Things } from "../things/kind";
import { afresh, type Resolution } from "../things/rewrite";
import { pack, type Op, type Request } from "./op";

/** Most bytes of a batch. */
const mostBytes = 200_000;

const key = (op: Op) => op.request.requestId;

/** What is there of the thing that a slot names, to be compared with later. */
export function basisOf(slot: string, seen: Things): JsonValue {
  const [name = "", id = ""] = slot.split("/");
  return slotNamed(name)?.basis(seen, id) ?? null;
}

/** What a new operation builds on, of those that wait. */
export function buildsOn(r: Request, visitId: string, waiting: readonly Op[]): string[] {
  const deed = deedOf(r);
  const ids = new Set([...aboutIds(r), visitId, ...(deed.restsOn?.(r) ?? [])]);
  const opens = (op: Op) => op.visitId === visitId && deed.after?.some((first) => first.request.typeName === op.request.$typeName);
  const needed = waiting.filter((op) => opens(op) || makes(op.request).some((id) => ids.has(id)));
  return needed.slice(-limits.operation.buildsOn).map(key);
}

/** The operation whose place a new one takes, since it was never sent: what is typed often goes once. */
export function replaced(r: Request, visitId: string, waiting: readonly Op[]): Op | undefined {
  const slot = slotOf(r);
  if (slot === "" || rewriting(r)?.erases) return undefined;
  for (let i = waiting.length - 1; i >= 0; i--) {
    const op = waiting[i]!;
    if (slotOf(op.request) === slot)
      return op.request.$typeName === r.$typeName && !op.sent && !op.refusal && !op.stale ? op : undefined;
    if (op.visitId === visitId && !rewriting(op.request)?.slot.apart) return undefined; // order counts
  }
  return undefined;
}

/**
 * The operations to send now: in order; of each visit none before what was done
 * before it; of a thing with a revision one at a time. One that was set aside
 * holds up only what builds on it.
 */
export function batch(ops: readonly Op[]): Op[] {
  const out: Op[] = [];
  const aside = new Set<string>();
  const later = new Set<string>();
  const visits = new Set<string>();
  const slots = new Set<string>();
  let bytes = 0;
  for (const op of ops) {
    const slot = slotOf(op.request);
    if (op.refusal || op.buildsOn.some((id) => aside.has(id))) {
      aside.add(key(op));
      continue;
    }
    const waits = !op.seq || op.stale !== "" || visits.has(op.visitId) || slots.has(slot) || op.buildsOn.some((id) => later.has(id));
    const size = waits ? 0 : pack(op.request).value.length + 100;
    if (waits || (out.length > 0 && bytes + size > mostBytes)) {
      later.add(key(op));
      if (op.visitId !== "") visits.add(op.visitId);
      continue;
    }
    out.push(op);
    bytes += size;
    if (slot !== "") slots.add(slot);
    if (out.length === limits.push.operations) break;
  }
  return out;
}

/**
 * What becomes of the operations on things that are no longer there, as a pull has
 * told. Who waits for the newer wording would wait for ever. What may have reached
 * the server goes once more, for its receipt; that can be older than the pull.
 * isGone: by the place on disk.
 */
export function robbed(ops: readonly Op[], isGone: (key: string) => boolean): Op[] {
  return ops
    .filter((op) => {
      const how = op.refusal ? undefined : rewriting(op.request);
      return how?.slot.kind && isGone(keyAt(how.slot.kind, how.id(op.request)));
    })
    .flatMap((op) => (op.stale !== "" ? [{ ...op, stale: "gone" }] : op.sent ? [{ ...op, overtaken: true }] : []));
}

/**
 * Compares what each operation was written on with what is there now. The first
 * of each thing alone: what comes after it was written on it.
 */
export function resolve(ops: readonly Op[], told: Things, now: number): Resolution {
  const out: Resolution = { change: [], remove: [], conflicts: [] };
  const seen = new Set<string>();
  for (const op of ops) {
    const slot = slotOf(op.request);
    if (slot === "" || seen.has(slot) || op.refusal) continue;
    seen.add(slot);
    if (op.sent && op.stale === "") continue; // under way: it goes as it is
    if (!op.sent && !op.seq) continue;
    const others = ops.filter((o) => o !== op && slotOf(o.request) === slot && !o.refusal);
    const apart = others.findIndex((o) => o.apart);
    const after = apart < 0 ? others : others.slice(0, apart); // written on it
    if (op.stale !== "" && after.length > 0) {
      takeOver(op, after, out);
      continue;
    }
    rewriting(op.request)!.compare(op, op.request, told, now, out);
  }
  return out;
}

/** What was written later takes the place of what can't be sent as it is. */
function takeOver(op: Op, after: Op[], out: Resolution): void {
  const last = after[after.length - 1]!;
  if (after.some((o) => !o.seq)) return; // when it is on disk
  if (after.some((o) => o.sent)) return void out.remove.push(op); // written over, by one that may have arrived: that goes as it is
  out.remove.push(op, ...after.slice(0, -1));
  const how = rewriting(last.request)!;
  if (how.erases) return void out.remove.push(last);
  const request = { ...last.request };
  how.setRevision(request, rewriting(op.request)!.revision(op.request));
  out.change.push({ ...last, ...afresh, basis: op.basis, stale: op.stale, request });
}
