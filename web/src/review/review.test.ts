import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { question } from "./review";

const cases = readFileSync(new URL("../../../review/testdata/judged.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t").map((field) => JSON.parse(field) as string));

test("judges every case of the shared corpus as the server does", () => {
  expect(cases.length).toBeGreaterThan(2000);
  const differing = cases.filter(([lang, text, kind, suggestions]) => {
    const j = question(text!, lang!);
    return j.kind !== kind || j.suggestions.join(" | ") !== suggestions || j.reason === "";
  });
  expect(differing.slice(0, 5)).toEqual([]);
});

test("a question takes well under two milliseconds", () => {
  // Printed, not asserted: a machine may be busy.
  const begun = performance.now();
  for (const [lang, text] of cases) question(text!, lang!);
  console.log(`${((performance.now() - begun) / cases.length).toFixed(3)} ms a question`);
});
