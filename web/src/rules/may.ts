// Who may do what in which state of a visit. The mirror of observation/machine.go;
// what a deed says of itself in web/src/things is held to spec/rules/may.tsv.

import { ObservationState as State, type Observation } from "../gen/undring/v1/observation_pb";
import { awaited } from "./next";

/** Whose move something is: of one of the two, of whom a proposal waits for, of either. */
export type Mover = "observer" | "observed" | "awaited" | "either";

/** Who may do something, and in which states of the visit. */
export interface Allowed {
  by: Mover;
  in: readonly State[];
}

/** The exchange is under way: it can be written in. */
export const live: readonly State[] = [State.FEEDBACK_GIVEN, State.ANSWERED];
/** There is an exchange: under way, or done. */
export const exchanged: readonly State[] = [...live, State.CLOSED];
/** Notes and a draft can be written, as far as the hour lets one. */
export const noting: readonly State[] = [State.AGREED, State.OBSERVED];
/** Moments of the lesson can be marked: what waited for a network comes when the visit has gone on. */
export const marking: readonly State[] = [...noting, ...live];
/** It has not taken place yet, and may still come. */
export const ahead: readonly State[] = [State.PROPOSED, State.AGREED];
/** Nothing more is to be done in it. */
export const ended: readonly State[] = [
  State.CLOSED,
  State.CLOSED_WITHOUT_EXCHANGE,
  State.DECLINED,
  State.CANCELLED,
  State.EXPIRED,
  State.WITHDRAWN,
];

/** A wish for the exit or to reopen can stand. */
export const wishing: readonly State[] = [State.OBSERVED, State.FEEDBACK_GIVEN, State.CLOSED];
/** Something is still to be done. */
export const underWay: readonly State[] = [...ahead, State.OBSERVED, ...live];
/** Everywhere. */
export const anywhere: readonly State[] = [...underWay, ...ended];

/** Whether somebody may, by state and role alone. */
export function may(allowed: Allowed, visit: Observation, person: string): boolean {
  return allowed.in.includes(visit.state) && isBy(allowed.by, visit, person);
}

function isBy(by: Mover, visit: Observation, person: string): boolean {
  switch (by) {
    case "observer":
      return person === visit.observerId;
    case "observed":
      return person === visit.observedId;
    case "awaited":
      return person === awaited(visit);
    default:
      return person === visit.observerId || person === visit.observedId;
  }
}
