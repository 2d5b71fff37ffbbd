import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ObservationSchema, ObservationState } from "../gen/undring/v1/observation_pb";
import { tenseOf } from "./visit";

const end = new Date("2026-11-25T10:00:00Z");
const [during, after] = [-60_000, 60_000].map((ms) => new Date(end.getTime() + ms));

test("one speaks of a visit as of what is to come, what was, or what may never have been", () => {
  const said = Object.values(ObservationState)
    .filter((s) => typeof s === "number" && s !== ObservationState.UNSPECIFIED)
    .map((state) => {
      const visit = create(ObservationSchema, { state: state as ObservationState, endTime: timestampFromDate(end) });
      return [ObservationState[visit.state], tenseOf(visit, during!), tenseOf(visit, after!)];
    });
  expect(said.sort()).toEqual([
    ["AGREED", "ahead", "ahead"],
    ["ANSWERED", "past", "past"],
    ["CANCELLED", "never", "never"],
    ["CLOSED", "past", "past"],
    ["CLOSED_WITHOUT_EXCHANGE", "past", "past"],
    ["DECLINED", "never", "never"],
    ["EXPIRED", "never", "never"],
    ["FEEDBACK_GIVEN", "past", "past"],
    ["OBSERVED", "ahead", "past"],
    ["PROPOSED", "ahead", "ahead"],
    ["WITHDRAWN", "never", "never"],
  ]);
});
