import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ObservationSchema } from "../gen/undring/v1/observation_pb";
import { CommonsSchema } from "../gen/undring/v1/sync_pb";
import { traceOf } from "./way";

const all = create(CommonsSchema, {
  needs: [{ id: "n1" }, { id: "n2" }, { id: "n3" }],
  focusAreas: [
    { id: "a1", text: { needIds: ["n1", "n2"] } },
    { id: "a2", text: { needIds: ["n3"] } },
  ],
  actionRounds: [{ id: "r1", focusAreaId: "a1" }, { id: "r2", focusAreaId: "a2" }, { id: "r3" }],
  learnings: [
    { id: "l1", focusAreaId: "a1", published: true, practice: "Vi venter." },
    { id: "l2", focusAreaId: "a1", published: true },
    { id: "l3", focusAreaId: "a1" },
  ],
  meetings: [
    { id: "m1", items: [{ aboutId: "r1" }] },
    { id: "m2", items: [{ aboutId: "r2" }, { aboutId: "" }] },
  ],
});
const visits = [create(ObservationSchema, { id: "v1", focusAreaId: "a1" }), create(ObservationSchema, { id: "v2" })];
const ids = (of: ReturnType<typeof traceOf>) => Object.fromEntries(Object.entries(of).map(([what, list]) => [what, (list as { id: string }[]).map((one) => one.id)]));

test("a need leads to what became of it, and an area to the needs that it answers", () => {
  const rest = { areas: ["a1"], rounds: ["r1"], visits: ["v1"], meetings: ["m1"], learnings: ["l1", "l2"], practices: ["l1"] };
  expect(ids(traceOf(all, visits, "n1"))).toEqual({ needs: ["n1"], ...rest });
  expect(ids(traceOf(all, visits, "a1"))).toEqual({ needs: ["n1", "n2"], ...rest });
});

test("what points at no area leads nowhere, and not to everything that points at none either", () => {
  const nothing = { needs: [], areas: [], rounds: [], visits: [], meetings: [], learnings: [], practices: [] };
  expect(ids(traceOf(all, visits, ""))).toEqual(nothing);
  expect(ids(traceOf(all, visits, "unknown"))).toEqual(nothing);
});
