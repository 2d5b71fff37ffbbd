import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ObservationSchema, ObservationState } from "../gen/undring/v1/observation_pb";
import { cases } from "../testing/cases";
import { goesOn } from "./going";

test("words go on the day that is told", () => {
  const all = cases("going");
  expect(all.length).toBeGreaterThan(6);
  for (const c of all) {
    const at = (text: string) => timestampFromDate(new Date(text));
    const visit = create(ObservationSchema, {
      endTime: at(c["end"]!),
      updateTime: at(c["step"]!),
      state: ObservationState[c["state"] as keyof typeof ObservationState],
    });
    expect(goesOn(visit, Number(c["months"])).toISOString().replace(".000", ""), JSON.stringify(c)).toBe(c["goes"]);
  }
});
