// What the answer of an operation tells: things as they were when the server
// answered. An answer to a repetition may be the first one, and older than what
// was pulled meanwhile: what is older is left aside.

import type { Message } from "@bufbuild/protobuf";
import { anyUnpack, type Any } from "@bufbuild/protobuf/wkt";

import type { Change } from "../gen/undring/v1/sync_pb";
import { registry, type Op } from "../store/op";
import { kinds, rewriting } from "../things";
import { changeOf, goneOf, type AnyKind, type Things } from "../things/kind";

/** Changes of things that an answer tells of. */
export function learnt(op: Op, response: Any | undefined, told: Things): Change[] {
  const answer = response && (anyUnpack(response, registry) as Record<string, unknown> | undefined);
  const out: Change[] = [];
  if (!answer) return out;
  const how = rewriting(op.request);
  for (const kind of Object.values(kinds)) {
    if (op.overtaken && kind === how?.slot.kind) continue;
    for (const field of kind.answers ?? []) if (answer[field]) out.push(...news(kind, answer[field] as Message, op, told));
  }
  if (how?.erases) out.push(goneOf(how.slot.kind!, how.id(op.request)));
  return out;
}

/** What a thing in an answer tells; nothing, where what is there is newer. */
function news(kind: AnyKind, thing: Message, op: Op, told: Things): Change[] {
  // What is carried with an id beside it has none of its own: it belongs to the visit that the deed is about.
  const id: string = kind.carry ? op.visitId : kind.id(thing as never);
  const there = told.get(kind, id);
  if (there && kind.revision && kind.revision(there) > kind.revision(thing)) return [];
  return [changeOf(kind, thing, id), ...(kind.implies?.(thing, told) ?? [])];
}
