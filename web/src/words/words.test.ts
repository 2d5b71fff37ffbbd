import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { hoursOf } from "../parts/when";
import agreement from "./agreement.json";
import en from "./en.json";
import "./later";
import laterNb from "./later.nb.json";
import nb from "./nb.json";
import nn from "./nn.json";
import { atSchool, day, isoClock, isoDay, lesson } from "./time";
import { asLanguage, count, fetchWords, language, say } from "./words";

beforeAll(async () => {
  await fetchWords("nn");
  await fetchWords("en");
});

afterEach(() => void vi.unstubAllGlobals());

beforeEach(() => {
  language.value = "nb";
});

test("every catalogue has the same keys, and the same names in each text", () => {
  const names = (s: string) => (s.match(/\{\w+\}/g) ?? []).sort().join();
  for (const other of [nn, en] as Record<string, string>[]) {
    expect(Object.keys(other).sort()).toEqual(Object.keys(nb).sort());
    expect(Object.entries(nb).filter(([k, v]) => names(v) !== names(other[k]!))).toEqual([]);
    expect(Object.values(other).filter((v) => v.trim() === "")).toEqual([]);
  }
});

test("a part of the app that comes by itself has all its texts in each language", () => {
  const folder = new URL(".", import.meta.url);
  const read = (f: string) => JSON.parse(readFileSync(new URL(f, folder), "utf8")) as Record<string, string>;
  const names = (s: string) => (s.match(/\{\w+\}/g) ?? []).sort().join();
  const parts = readdirSync(folder).flatMap((f) => /^(\w+)\.nb\.json$/.exec(f)?.[1] ?? []);
  expect(parts).toContain("identity");
  for (const part of parts) {
    const first = read(`${part}.nb.json`);
    for (const l of ["nn", "en"]) {
      const other = read(`${part}.${l}.json`);
      expect(Object.keys(other), `${part}.${l}`).toEqual(Object.keys(first));
      expect(Object.entries(first).filter(([k, v]) => names(v) !== names(other[k]!)), `names in ${part}.${l}`).toEqual([]);
      expect(Object.values(other).filter((v) => v.trim() === ""), `${part}.${l}`).toEqual([]);
    }
    for (const l of ["nb", "nn"]) expect(Object.entries(read(`${part}.${l}.json`)).filter(([, v]) => stumbled[l]!.test(v)), `${part}.${l}`).toEqual([]);
  }
});

test("no text is left that nothing says", () => {
  const root = new URL("..", import.meta.url);
  const code = (readdirSync(root, { recursive: true }) as string[])
    .filter((f) => /\.tsx?$/.test(f) && !f.startsWith("gen") && !f.includes(".test."))
    .map((f) => readFileSync(new URL(f, root), "utf8"))
    .join("\n");
  const stem = (k: string) => k.split(".").slice(0, -1).join(".");
  const said = (k: string) =>
    code.includes(`"${k}"`) || code.includes(`"${stem(k)}"`) || code.includes(`\`${stem(k)}.\${`) || code.includes(`"${k.split(".")[0]}."`);
  expect(Object.keys({ ...nb, ...laterNb }).filter((k) => !said(k) && !said(stem(k)))).toEqual([]);
});

// Words that a native reader stumbled over when every text was read aloud, with what
// stands for them now. One form for one thing: einig and never samd, gjenbesøk and
// never gjenvisitt, and "what we will try" for aksjon, which sounds like a strike.
const stumbled: Record<string, RegExp> = {
  nb: /begge sin tur|aksjon|gjenvisitt|skulle vært gjort|timen går nå|begge må si det|ja, si nei|hører hjemme den|ytterpunkt|venter du vil|underviser ikke på skolen|kom ikke fram/i,
  nn: /tur til begge|aksjon|gjenvitj|gjenvisitt|skulle vore gjort|timen går no|begge må seie det|ja, sei nei|ytterpunkt|ventar du vil|underviser ikkje på skulen|kom ikkje fram|\bsamde?\b|tingast|\bbyrj\b|\bvart\b|(frå|på|av|lese|hent|lagre|pakk|fullfør|styrer) ho\b/i,
};

test("no word is left that a native reader stumbles over", () => {
  const server = (l: string) => JSON.parse(readFileSync(new URL(`../../../words/${l}.json`, import.meta.url), "utf8")) as Record<string, string>;
  const page = (l: string) => JSON.parse(readFileSync(new URL(`./culture.${l}.json`, import.meta.url), "utf8")) as Record<string, string>;
  const together = (l: string) => JSON.parse(readFileSync(new URL(`./together.${l}.json`, import.meta.url), "utf8")) as Record<string, string>;
  for (const [l, app] of Object.entries({ nb, nn } as Record<string, Record<string, string>>)) {
    for (const texts of [app, server(l), page(l), together(l)]) {
      expect(Object.entries(texts).filter(([, v]) => stumbled[l]!.test(v))).toEqual([]);
    }
  }
});

test("what is promised before a visit is there is what the service keeps as agreed to", () => {
  for (const l of ["nb", "nn", "en"] as const) {
    const server = JSON.parse(readFileSync(new URL(`../../../words/${l}.json`, import.meta.url), "utf8")) as Record<string, string>;
    expect(agreement[l]).toEqual(Object.entries(server).filter(([k]) => k.startsWith("agreement.")).map(([, v]) => v));
  }
  const visit = readFileSync(new URL("../../../observation/visit.go", import.meta.url), "utf8");
  expect(visit).toContain(`AgreementVersion = "${agreement.version}"`);
});

test("counts in the language's own way", () => {
  expect(count("visit.notes", 1)).toBe("1 notat");
  expect(count("visit.notes", 5)).toBe("5 notater");
  language.value = "en";
  expect(count("visit.notes", 1)).toBe("1 note");
});

test("finds a language for what a phone asks for", () => {
  expect(["nb-NO", "no", "nn-NO", "en-US", "sv", "pl"].map(asLanguage)).toEqual(["nb", "nb", "nn", "en", "nb", undefined]);
});

test("says days in Norwegian order, in nynorsk too", () => {
  const now = new Date("2026-11-25T08:00:00Z");
  const then = new Date("2026-12-01T09:15:00Z");
  expect(day(then, now)).toBe("tirsdag 1. desember");
  expect(lesson(then, new Date("2026-12-01T10:00:00Z"), now)).toBe("tirsdag 1. desember kl. 10.15–11.00");
  language.value = "nn";
  expect(day(then, now)).toBe("tysdag 1. desember");
  language.value = "en";
  expect(day(then, now)).toBe("Tuesday 1 December");
  expect(day(new Date("2026-11-25T22:59:00Z"), now)).toBe(say("time.today"));
  expect(day(new Date("2026-11-25T23:01:00Z"), now)).toBe(say("time.tomorrow"));
});

// An English phone may have a clock of twelve hours, and then no hour is told in another way.
test("tells hours as the phone's own clock does", () => {
  const now = new Date("2026-11-25T08:00:00Z");
  const span = { day: "2026-11-25", time: "13:05", minutes: 45 };
  const said = (tag: string) => {
    vi.stubGlobal("navigator", { language: tag, languages: [tag] });
    return [hoursOf(span), lesson(new Date("2026-11-25T12:05:00Z"), new Date("2026-11-25T12:50:00Z"), now)].map((s) => s.replace(/[\u202f\u00a0]/g, " "));
  };
  expect(said("nb-NO")).toEqual(["13.05–13.50", "i dag kl. 13.05–13.50"]);
  language.value = "en";
  expect(said("en-US")).toEqual(["1:05 PM–1:50 PM", "today 1:05 PM–1:50 PM"]);
  expect(said("en-GB")).toEqual(["13:05–13:50", "today 13:05–13:50"]);
});

test("turns a time at the school into a moment, over both changes of the clock", () => {
  for (const [date, time] of [
    ["2026-11-25", "10:15"],
    ["2026-07-01", "00:30"],
    ["2026-03-29", "08:00"],
    ["2026-10-25", "08:00"],
  ] as const) {
    const at = atSchool(date, time);
    expect([isoDay(at), isoClock(at)]).toEqual([date, time]);
  }
});

// A text that is said before its catalogue is there would be empty. So the first load is walked:
// all that main.tsx imports, but for what comes by import().
test("the first load says nothing that comes later", () => {
  const seen = new Map<string, string>();
  const walk = (file: URL) => {
    const found = [file.href, `${file.href}.ts`, `${file.href}.tsx`, `${file.href}/index.ts`].map((f) => new URL(f)).find((f) => /\.tsx?$/.test(f.pathname) && existsSync(f));
    if (!found || seen.has(found.href) || found.pathname.includes("/gen/")) return;
    const code = readFileSync(found, "utf8");
    seen.set(found.href, code);
    for (const [, from] of code.matchAll(/^\s*(?:import|export)\s+(?!type\b)(?:[^;]*?from\s+)?"(\.[^"]+)"/gm)) walk(new URL(from!, found));
  };
  walk(new URL("../main.tsx", import.meta.url));
  expect(seen.size).toBeGreaterThan(50);
  const code = [...seen.values()].join("\n");
  const stems = (k: string) => k.split(".").slice(0, -1).map((_, i, all) => all.slice(0, i + 1).join("."));
  const said = (k: string) => code.includes(`"${k}"`) || stems(k).some((s) => code.includes(`"${s}"`) || code.includes(`\`${s}.\${`));
  expect(Object.keys(laterNb).filter(said)).toEqual([]);
});
