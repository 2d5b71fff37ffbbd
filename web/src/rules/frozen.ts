// What becomes of another wording of intention and expectation. The mirror of
// observation/card.go, rewrite; both are held to spec/rules/frozen.tsv.

import { create } from "@bufbuild/protobuf";
import { timestampFromDate, timestampMs } from "@bufbuild/protobuf/wkt";

import { LaterIntentionSchema, type Observation } from "../gen/undring/v1/observation_pb";

/** What one means to do, and expects of it. */
export interface Intended {
  intention: string;
  expectation: string;
}

/** The lesson has begun, and something was written: that stands as it is. */
export const isFrozen = (v: Observation, now: Date): boolean =>
  v.startTime !== undefined && timestampMs(v.startTime) <= now.getTime() && v.intention + v.expectation !== "";

/** How the observed puts it now: the later words, where there are some. */
export const latest = (v: Observation): Intended => ({
  intention: v.laterIntention?.intention ?? v.intention,
  expectation: v.laterIntention?.expectation ?? v.expectation,
});

/** Nothing was written before the lesson began: it was put into words behind it. */
export const isAfterwards = (v: Observation): boolean =>
  v.intentionTime !== undefined && v.startTime !== undefined && timestampMs(v.intentionTime) >= timestampMs(v.startTime);

/**
 * Another wording. The hour that counts is that at which the server hears of it; what
 * waits on the phone when the lesson begins is shown as later, as it will be.
 */
export function rewrite(v: Observation, to: Intended, now: Date): void {
  const time = timestampFromDate(now);
  const { laterIntention: was } = v;
  delete v.laterIntention;
  if (to.intention === v.intention && to.expectation === v.expectation) return;
  if (isFrozen(v, now)) {
    const again = was?.intention === to.intention && was.expectation === to.expectation;
    v.laterIntention = again ? was : create(LaterIntentionSchema, { intention: to.intention, expectation: to.expectation, writeTime: time });
    return;
  }
  v.intention = to.intention;
  v.expectation = to.expectation;
  if (to.intention + to.expectation === "") delete v.intentionTime;
  else v.intentionTime = time;
}
