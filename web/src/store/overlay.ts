// What a screen sees: what the server has told, with everything applied that the
// person did and the server has not said yet. Worked out anew after each pull,
// as Replicache rebases: an operation whose effect has come meanwhile, or can't
// be any more, changes nothing. The server's word takes the place of the guess.

import type { Observation } from "../gen/undring/v1/observation_pb";
import { may } from "../rules/may";
import { isLate } from "../rules/next";
import { deedOf } from "../things";
import type { Scene } from "../things/deed";
import { Copy, type Things } from "../things/kind";
import { visits } from "../things/visit";
import type { Op } from "./op";

/** Things as a screen sees them. Changes neither of the two that it is made of. */
export function overlay(told: Things, ops: readonly Op[], scene: Scene): Things {
  const c = new Copy(told);
  for (const op of ops) {
    if (!op.refusal) show(c, op, scene); // what the server said no to is shown as that
  }
  for (const visit of c.things.of(visits).values()) markLate(c, visit, scene.now);
  return c.things;
}

function show(c: Copy, op: Op, scene: Scene): void {
  const deed = deedOf(op.request);
  const visit = deed.allowed && c.look(visits, op.visitId);
  if (visit && !may(deed.allowed!, visit, scene.me)) return;
  deed.show?.(c, op.request, scene, op);
}

/** That something has become late is no change that is pulled: the phone goes by the due times. */
function markLate(c: Copy, visit: Observation, now: Date): void {
  const step = visit.nextStep;
  if (step && step.overdue !== isLate(step, now)) c.own(visits, visit.id)!.nextStep!.overdue = !step.overdue;
}
