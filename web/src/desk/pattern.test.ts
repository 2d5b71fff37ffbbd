import { expect, test } from "vitest";
import { hoursOf, type Pattern } from "./pattern";

const tuesdays: Pattern = { weekday: 2, start: "10:15", end: "11:00", from: "2026-10-01", until: "2026-11-10", every: 1, places: 2 };
const days = (p: Pattern, free: (d: string) => boolean = () => false) => hoursOf(p, free).map((h) => h.start.toISOString());

test("each Tuesday, by the school's clock on both sides of its change", () => {
  expect(days(tuesdays)).toEqual([
    "2026-10-06T08:15:00.000Z",
    "2026-10-13T08:15:00.000Z",
    "2026-10-20T08:15:00.000Z",
    "2026-10-27T09:15:00.000Z",
    "2026-11-03T09:15:00.000Z",
    "2026-11-10T09:15:00.000Z",
  ]);
});

test("each other week, and none on a day without school", () => {
  expect(days({ ...tuesdays, every: 2 }).map((d) => d.slice(0, 10))).toEqual(["2026-10-06", "2026-10-20", "2026-11-03"]);
  expect(days(tuesdays, (d) => d === "2026-10-06").length).toBe(5);
});

test("what makes no sense is nothing, and there is an end to it", () => {
  expect(days({ ...tuesdays, end: "10:15" })).toEqual([]);
  expect(days({ ...tuesdays, until: "" })).toEqual([]);
  expect(days({ ...tuesdays, until: "2099-12-31" }).length).toBe(500);
});
