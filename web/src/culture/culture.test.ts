import { capitalOf, capitals } from "./capitals";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Counts, halves, report, round } from "../../e2e/culture/example";
import { CultureReportSchema, CultureValueKind, PulseState } from "../gen/undring/v1/culture_pb";
import { languages } from "../words/words";
import { bar, scaleFor, ticks } from "./picture";
import { pulse } from "./pulse";
import { sheet } from "./sheet";
import { catalogues, saying, termWords } from "./words";

const say = saying("nb");

test("every catalogue has the same keys, in the same order, and the same names in each text", () => {
  const names = (s: string) => (s.match(/\{\w+\}/g) ?? []).sort().join();
  for (const l of languages) {
    expect(Object.keys(catalogues[l])).toEqual(Object.keys(catalogues.nb));
    for (const [key, text] of Object.entries(catalogues.nb)) {
      const other = catalogues[l][key as keyof typeof catalogues.nb];
      expect([key, names(other)]).toEqual([key, names(text)]);
      expect([key, other.trim()]).not.toEqual([key, ""]);
    }
  }
});

test("no text is left that nothing says", () => {
  const here = new URL(".", import.meta.url);
  const code = readdirSync(here)
    .filter((f) => /\.tsx?$/.test(f) && !f.includes(".test."))
    .map((f) => readFileSync(new URL(f, here), "utf8"))
    .join("\n");
  const said = (k: string) => code.includes(`"${k}"`) || code.includes(`"${k.replace(/\.(one|other)$/, "")}"`) || code.includes(`\`${k.replace(/\.\w+$/, "")}.\${`);
  expect(Object.keys(catalogues.nb).filter((k) => !said(k))).toEqual([]);
});

test("a bar goes from at least to at most, and a held-back figure has none", () => {
  expect(bar({ low: 12, high: 12 }, { low: 20, high: 24 }, 24)).toEqual({ sure: 50, most: 50, among: 83.33, amongMost: 100 });
  expect(bar({ low: 0, high: 3 }, { low: 20, high: 24 }, 24)).toEqual({ sure: 0, most: 12.5, among: 83.33, amongMost: 100 });
  expect(bar(undefined, undefined, 24)).toEqual({ sure: 0, most: 0, among: 0, amongMost: 0 });
  expect(bar({ low: 1, high: 2 }, undefined, 0)).toEqual({ sure: 0, most: 0, among: 0, amongMost: 0 });
  expect(bar({ low: 30, high: 40 }, undefined, 20)).toMatchObject({ sure: 100, most: 100 });
});

test("a scale has room for all that may be, and few round marks", () => {
  expect(scaleFor([{ low: 1, high: 4 }, undefined, { low: 0, high: 9 }])).toBe(9);
  expect(scaleFor([])).toBe(0);
  expect(ticks(9)).toEqual([0, 2, 4, 6, 8]);
  expect(ticks(39)).toEqual([0, 10, 20, 30]);
  expect(ticks(1234)).toEqual([0, 500, 1000]);
  for (const scale of [1, 8, 11, 49, 74, 99, 299, 4999, 99_999]) expect(ticks(scale).length).toBeLessThanOrEqual(6);
});

const bytes = (counts?: Counts[]) => Buffer.from(toBinary(CultureReportSchema, report("large", "nb", counts))).toString("hex");
const drawn = (raw: string) => JSON.stringify(sheet(fromBinary(CultureReportSchema, Buffer.from(raw, "hex")), say));

/** The counts with one figure of the last half-year put to another value. */
const withCount = (id: string, n: number): Counts[] => halves.map((c, i) => (i === halves.length - 1 ? { ...c, yes: { ...c.yes, [id]: n } } : c));

test("the same reply makes the same page, whatever is behind it", () => {
  for (const [id, ends] of [["ASKED_BACK", [0, 1, 2, 3]], ["CARRIED_OUT", [19, 20, 21, 22]]] as const) {
    const pages = ends.map((n) => {
      const raw = bytes(withCount(id, n));
      expect(raw, `${id} ${n}: the example does not close its ends`).toEqual(bytes(withCount(id, ends[0])));
      return drawn(raw);
    });
    expect(new Set(pages).size).toBe(1);
  }
  expect(drawn(bytes(withCount("ASKED_BACK", 4)))).not.toBe(drawn(bytes(withCount("ASKED_BACK", 3))));
});

test("what makes the page reads the reply, and neither time, chance, network nor what is kept", () => {
  const seen: string[] = [];
  const visit = (file: string) => {
    if (seen.includes(file)) return;
    seen.push(file);
    const code = readFileSync(new URL(`./${file}`, import.meta.url), "utf8");
    expect([file, code.match(/\b(fetch|localStorage|sessionStorage|indexedDB|document|window|navigator|performance|crypto|Math\.random|Date\.now|new Date\(\))/g)]).toEqual([file, null]);
    for (const [, from] of code.matchAll(/from "\.\/(\w+)"/g)) visit(`${from}.ts`);
  };
  visit("sheet.ts");
  expect(seen.sort()).toEqual(["picture.ts", "sheet.ts", "words.ts"]);
});

test("lengths come from at least and at most, from nothing else", () => {
  const plain = report("large", "nb");
  const lengths = (r: typeof plain) => {
    const s = sheet(r, say);
    return [s.conversion?.visitor, s.conversion?.visited, ...s.figures.map((f) => f.trend), ...s.teams.flatMap((t) => t.figures.map((f) => f.trend))].map((list) => list?.map((p) => p.bar));
  };
  const other = fromBinary(CultureReportSchema, toBinary(CultureReportSchema, plain));
  for (const m of [...other.metrics, ...other.teams.flatMap((t) => t.metrics)]) {
    m.title = m.definition = m.blindSpot = m.whatHelps = "x";
    for (const f of [m.figure!, ...m.trend.map((p) => p.figure!)]) {
      if (f.outcome.case === "heldBack") f.outcome.value.words = "x";
      if (f.outcome.case !== "value") continue;
      f.outcome.value.words = "x";
      f.outcome.value.kind = CultureValueKind.UNSPECIFIED;
      f.people!.words = "x";
    }
  }
  expect(lengths(other)).toEqual(lengths(plain));
});

test("every number on the page stands in the reply", () => {
  for (const of of ["large", "owner", "words", "first"] as const) {
    const r = report(of, "nb");
    const told = new Set<string>();
    const take = (value: unknown): void => {
      if (typeof value === "number") told.add(String(value));
      else if (typeof value === "string") for (const n of value.match(/\d+/g) ?? []) told.add(n);
      else if (value && typeof value === "object") Object.values(value).forEach(take);
    };
    take(r);
    const { conversion, ...rest } = sheet(r, say);
    const words = JSON.stringify([conversion?.visitor, conversion?.visited, rest], (key, value: unknown) => (key === "bar" ? undefined : value));
    const odd = (words.match(/\d+/g) ?? []).filter((n) => !told.has(n));
    expect(odd, `the page of ${of} says numbers that the server did not`).toEqual([]);
  }
});

test("begins with what happened and what a leader can do, in at most three sentences", () => {
  for (const l of languages) {
    for (const of of ["large", "owner", "words", "first"] as const) {
      const made = sheet(report(of, l), saying(l)).summary;
      expect(made.length, of).toBeGreaterThanOrEqual(2);
      expect(made.length, of).toBeLessThanOrEqual(3);
      expect(made.join(" "), of).not.toMatch(/[{}]|undefined/);
    }
    expect(sheet(report("small", l), saying(l)).summary).toEqual([]);
  }
  expect(sheet(report("large", "nb"), say).summary[0]).toMatch(/^\d+(–\d+)? av (omtrent )?\d+ besøkte en kollega, og .+ av dem ga tilbakemelding/);
});

test("an end is a range, and says so in words and in short", () => {
  const figures = sheet(report("large", "nb"), say).figures;
  const gave = figures.find((f) => f.id === "GAVE")!;
  expect(gave.trend[0]).toMatchObject({ words: "3 eller færre", short: "≤\u00a03", held: false, bar: { sure: 0 } });
  expect(gave.trend[0]!.bar.most).toBeGreaterThan(0);
  const inTime = figures.find((f) => f.id === "IN_TIME")!.now;
  expect(inTime).toMatchObject({ words: "alle unntatt 3 eller færre", short: "≥\u00a014" });
  expect(inTime.bar.most).toBeGreaterThan(inTime.bar.sure);
});

test("what is held back has no bar, no number, and its reason", () => {
  const inTime = sheet(report("large", "nb"), say).figures.find((f) => f.id === "IN_TIME")!.trend[0]!;
  expect(inTime).toMatchObject({ held: true, people: "", short: say("held.short"), bar: { sure: 0, most: 0, among: 0, amongMost: 0 } });
  expect(inTime.words).toContain("Vises ikke");
});

test("a sheet in words shows words, and no marks of numbers", () => {
  const s = sheet(report("words", "nb"), say);
  expect(new Set(s.figures.flatMap((f) => f.trend.filter((p) => !p.held).map((p) => p.short)))).toEqual(new Set(["noen", "de fleste"]));
  expect(s.conversion!.ticks).toEqual([]);
});

test("the two ways of learning stand beside each other, with the same scale", () => {
  const list = sheet(report("large", "nb"), say).figures;
  const at = list.findIndex((f) => f.id === "ADJUSTED");
  expect(list[at + 1]!.id).toBe("QUESTIONED");
  const [adjusted, questioned] = [list[at]!.now.bar, list[at + 1]!.now.bar];
  expect(adjusted.among).toBe(questioned.among);
});

test("before there is a sheet nothing is drawn", () => {
  for (const of of ["small", "fresh"] as const) expect(sheet(report(of, "nb"), say)).toEqual({ summary: [], conversion: undefined, figures: [], teams: [] });
});

test("the pulse puts teachers and leaders side by side, and is silent until it is out", () => {
  const p = pulse(round(PulseState.PUBLISHED, "nb").round!, say)!;
  expect(p.statements).toHaveLength(5);
  for (const s of p.statements) expect(s.groups.map((g) => [g.group, g.held])).toEqual([["Lærere", false], ["Ledere", true]]);
  for (const state of [PulseState.COMING, PulseState.OPEN, PulseState.CLOSED]) expect(pulse(round(state, "nb").round!, say)).toBeUndefined();
});

test("half-years have names", () => {
  expect(["2026-1", "2026-2"].map((t) => termWords(say, t))).toEqual(["vår 2026", "høst 2026"]);
  expect(termWords(saying("nn"), "2026-2")).toBe("haust 2026");
  expect(termWords(saying("en"), "2026-2")).toBe("autumn 2026");
});

test("read by the three capitals, every figure stands in one of them, and each has some", () => {
  const figures = sheet(report("large", "nb"), say).figures;
  const by = capitals.map((c) => figures.filter((f) => capitalOf(f.id) === c).map((f) => f.id));
  expect(by.flat().sort()).toEqual(figures.map((f) => f.id).sort());
  expect(by.every((ids) => ids.length > 1)).toBe(true);
});
