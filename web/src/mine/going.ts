import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Observation, ObservationState } from "../gen/undring/v1/observation_pb";
import type { Store } from "../store/store";

/** How long before it happens one is told. */
const ahead = 30 * 24 * 3600_000;

/** Two years are the end, whatever a policy says. */
const most = 24;

/**
 * When the words of a visit go: so many months after the lesson or the last step,
 * whichever is later. A month that has no such day is over on the first of the next one.
 * The server counts alike (observation's forget_visits); both are held to spec/rules/going.tsv.
 */
export function goesOn(visit: Observation, months: number): Date {
  const end = visit.endTime ? timestampDate(visit.endTime) : new Date(0);
  const step = visit.updateTime && visit.state !== ObservationState.EXPIRED ? timestampDate(visit.updateTime) : end;
  const on = new Date(Math.max(end.getTime(), step.getTime()));
  const date = on.getUTCDate();
  on.setUTCMonth(on.getUTCMonth() + Math.min(months || 12, most));
  if (on.getUTCDate() !== date) {
    on.setUTCDate(1);
    on.setUTCHours(0, 0, 0, 0);
  }
  return on;
}

/** Visits whose words go within a month, the first one first. */
export function goesSoon(store: Store): { visit: Observation; on: Date }[] {
  const now = store.now().getTime();
  return store.visits.value
    .filter((v) => v.state !== ObservationState.WITHDRAWN)
    .map((visit) => {
      const school = store.schools.value.find((s) => s.school?.id === visit.schoolId)?.school;
      return { visit, on: goesOn(visit, school?.policy?.retentionMonths ?? 12) };
    })
    .filter(({ on }) => on.getTime() - now < ahead)
    .sort((a, b) => a.on.getTime() - b.on.getTime());
}
