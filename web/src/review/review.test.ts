import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Kind, kinds, parse } from "./judge";
import { score } from "./model";
import { counts, question } from "./review";
import { detect, rulesFor } from "./rules";
import { read } from "./text";

const cases = readFileSync(new URL("../../../review/testdata/judged.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t").map((field) => JSON.parse(field) as string));

/** The model's sums for a text, as the server writes them. */
function sums(text: string, lang: string): string {
  const sentences = read(text);
  const r = detect(sentences, rulesFor(lang));
  const { sum, n } = score(parse(sentences, r), r.english);
  return `${sum.join(" ")} of ${n}`;
}

test("judges every case of the shared corpus as the server does", () => {
  expect(cases.length).toBeGreaterThan(2000);
  const differing = cases.filter(([lang, text, kind, unsure, sum, suggestions]) => {
    const j = question(text!, lang!);
    return (
      j.kind !== kind ||
      String(j.unsure) !== unsure ||
      sums(text!, lang!) !== sum ||
      j.suggestions.join(" | ") !== suggestions ||
      j.reason === ""
    );
  });
  expect(differing.slice(0, 5)).toEqual([]);
}, 60_000); // a busy machine takes its time

test("counts as wondering what the server counts", () => {
  const kept = readFileSync(new URL("../../../review/testdata/counts.tsv", import.meta.url), "utf8").trimEnd().split("\n");
  expect(kept.length).toBe(2 * kinds.length);
  for (const line of kept) {
    const [kind, stoodBy, wanted] = line.split("\t");
    expect(String(counts(kind as Kind, stoodBy === "true")), line).toBe(wanted);
  }
});

test("a question takes well under two milliseconds", () => {
  // Printed, not asserted: a machine may be busy.
  const begun = performance.now();
  for (const [lang, text] of cases) question(text!, lang!);
  console.log(`${((performance.now() - begun) / cases.length).toFixed(3)} ms a question`);
});
