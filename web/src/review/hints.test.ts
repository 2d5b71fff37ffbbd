import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Hint, onNote, onPoint } from "./hints";

const cases = readFileSync(new URL("../../../review/testdata/hinted.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t").map((field) => JSON.parse(field) as string));

const told = (hints: Hint[]) => hints.map((h) => `${h.id}: ${h.text}`).join(" | ");

test("gives the hints on notes and points that the server gives", () => {
  expect(cases.length).toBeGreaterThan(1000);
  const ids = new Set(cases.flatMap(([, ...hints]) => hints.slice(1).flatMap((h) => h.split(" | ").map((x) => x.split(":")[0]))));
  for (const id of ["judging", "pupil", "should", "praise", "person", "bare"]) expect(ids, `no case has the hint ${id}`).toContain(id);
  const differing = cases
    .map(([lang, text, saw, other, point]) => ({
      text: `${lang}: ${text}`,
      server: [saw, other, point],
      phone: [told(onNote(true, text!, lang!)), told(onNote(false, text!, lang!)), told(onPoint(text!, lang!))],
    }))
    .filter((c) => c.server.join("\n") !== c.phone.join("\n"));
  expect(differing.slice(0, 5)).toEqual([]);
});
