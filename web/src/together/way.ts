// The way from a need to what a school does: what there is at each station of it.

import type { FocusArea, Need } from "../gen/undring/v1/focus_pb";
import type { ActionRound, Meeting, SharedLearning } from "../gen/undring/v1/learning_pb";
import type { Observation } from "../gen/undring/v1/observation_pb";
import type { Commons } from "../gen/undring/v1/sync_pb";

export interface Trace {
  needs: Need[];
  areas: FocusArea[];
  rounds: ActionRound[];
  /** Those of the reader alone: who else visits whom is for the two of them. */
  visits: Observation[];
  meetings: Meeting[];
  learnings: SharedLearning[];
  /** Those of the learnings that have become the practice of the school. */
  practices: SharedLearning[];
}

/** What a school works on, as far as the way goes through it. */
type Lists = Pick<Commons, "needs" | "focusAreas" | "actionRounds" | "learnings" | "meetings">;

/** Follows a need, or an area: from a need to the areas that answer it, from an area back to its needs, and on to what belongs to them. */
export function traceOf(all: Lists, visits: readonly Observation[], id: string): Trace {
  const areas = all.focusAreas.filter((a) => a.id === id || a.text?.needIds.includes(id));
  const ofAreas = (one: { focusAreaId: string }) => areas.some((a) => a.id === one.focusAreaId);
  const needs = all.needs.filter((n) => n.id === id || areas.some((a) => a.id === id && a.text?.needIds.includes(n.id)));
  const rounds = all.actionRounds.filter(ofAreas);
  const learnings = all.learnings.filter((l) => l.published && ofAreas(l));
  const talked = new Set([...needs, ...rounds, ...learnings].map((one) => one.id));
  return {
    ...{ needs, areas, rounds, learnings },
    visits: visits.filter(ofAreas),
    meetings: all.meetings.filter((m) => m.items.some((i) => talked.has(i.aboutId))),
    practices: learnings.filter((l) => l.practice !== ""),
  };
}
