// Replies of the server, made up for tests: sheets of schools as it would publish
// them, with its words. How true counts become bands is written down once more
// here, in the few lines that an example needs; package culture/guard does it.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  CultureHoldReason,
  type CultureFigureSchema,
  type CultureMetricSchema,
  type CultureReport,
  CultureReportSchema,
  CultureReportState,
  CultureValueKind,
  type GetLivePageResponse,
  GetLivePageResponseSchema,
  type GetPulseResponse,
  GetPulseResponseSchema,
  type ListCultureReportsResponse,
  ListCultureReportsResponseSchema,
  PulseGroup,
  PulseState,
} from "../../src/gen/undring/v1/culture_pb";
import { FocusAreaOrigin } from "../../src/gen/undring/v1/focus_pb";
import type { Language } from "../../src/words/words";
import en from "../../../words/en.json";
import nb from "../../../words/nb.json";
import nn from "../../../words/nn.json";

const words: Record<Language, Record<string, string>> = { nb, nn, en };

/** The server's words, with %s filled in. */
const saying = (l: Language) => (key: string, ...args: (string | number)[]) => {
  let i = 0;
  return words[l][key]!.replace(/%s/g, () => String(args[i++]));
};

type Say = ReturnType<typeof saying>;
type Figure = MessageInitShape<typeof CultureFigureSchema>;
type Metric = MessageInitShape<typeof CultureMetricSchema>;

const owner = "0190f000-0000-7000-8000-000000000001";
const school = "0190f000-0000-7000-8000-000000000002";

const amongOf: Record<string, string> = {
  GAVE: "VISITED", ANSWERED: "HOSTED", IN_TIME: "GAVE", ASKED_BACK: "HOSTED",
  ADJUSTED: "HOSTED", QUESTIONED: "HOSTED", CARRIED_OUT: "HOSTED", REACHED: "VISITED", ON_AREA: "VISITED",
};
const ids = ["VISITED", "GAVE", "HOSTED", "ANSWERED", "IN_TIME", "ASKED_BACK", "ADJUSTED", "QUESTIONED", "CARRIED_OUT", "REACHED", "ON_AREA", "LEADERS"];

interface Band { kind: CultureValueKind; low: number; high: number; among: [number, number] }

const steps = [8, 12, 16, 20, 25, 30, 40, 50, 75, 100, 150, 200];
const step = (n: number): [number, number] => {
  const i = steps.findLastIndex((s) => s <= n);
  return [steps[i]!, steps[i + 1]! - 1];
};

/** What is told of so many among people of whom low to high is known; undefined: nothing. */
function band(count: number, [low, high]: [number, number], inWords: boolean): Band | undefined {
  if (low < 8) return undefined;
  const end = Math.max(3, Math.ceil(low / (inWords ? 4 : 10)));
  const among: [number, number] = [low, high];
  if (count >= low - end) return { kind: CultureValueKind.HIGH_END, low: low - end, high, among };
  if (count <= end) return { kind: CultureValueKind.LOW_END, low: 0, high: end, among };
  if (inWords) return { kind: CultureValueKind.BETWEEN, low: end + 1, high: low - end - 1, among };
  return { kind: CultureValueKind.NUMBER, low: count, high: count, among };
}

function figure(b: Band | undefined, among: string | undefined, inWords: boolean, say: Say): Figure {
  if (!b) {
    const reason = among ? CultureHoldReason.TOO_FEW_AMONG : CultureHoldReason.TOO_FEW;
    const held = among ? say("culture.held.TOO_FEW_AMONG", say(`culture.${among}.title`)) : say("culture.held.TOO_FEW");
    return { outcome: { case: "heldBack", value: { reason, words: held } } };
  }
  const [low, high] = b.among;
  const kind = CultureValueKind[b.kind];
  const told =
    b.kind === CultureValueKind.NUMBER ? String(b.low)
    : inWords ? say(`culture.word.${kind}`)
    : b.kind === CultureValueKind.LOW_END ? say("culture.value.LOW_END", b.high)
    : b.kind === CultureValueKind.BETWEEN ? say("culture.value.BETWEEN", b.low, b.high)
    : among && low !== high ? say("culture.value.HIGH_END", b.low)
    : say("culture.value.ALL_BUT", low - b.low);
  return {
    outcome: { case: "value", value: { kind: b.kind, low: b.low, high: b.high, words: told } },
    people: { low, high, words: low === high ? say("culture.people.NUMBER", low) : say("culture.people.BETWEEN", Math.floor((low + high + 1) / 2)) },
  };
}

/** True counts of one half-year. Nobody but the server ever has them. */
export interface Counts {
  term: string;
  people: number;
  leaders: number;
  yes: Record<string, number>;
}

function figuresOf(c: Counts, inWords: boolean, say: Say): Record<string, Figure> {
  const bands: Record<string, Band | undefined> = {};
  const out: Record<string, Figure> = {};
  for (const id of ids) {
    if (c.yes[id] === undefined) continue;
    const base = amongOf[id] && bands[amongOf[id]];
    const all = id === "LEADERS" ? c.leaders : c.people;
    const people: [number, number] = amongOf[id] ? (base ? [base.low, base.high] : [0, 0]) : all >= 8 ? step(all) : [0, 0];
    bands[id] = band(c.yes[id], people, inWords);
    out[id] = figure(bands[id], amongOf[id], inWords, say);
  }
  return out;
}

function metrics(halves: Counts[], inWords: boolean, say: Say): Metric[] {
  const all = halves.map((c) => ({ term: c.term, figures: figuresOf(c, inWords, say) }));
  const now = all.at(-1)!;
  return ids
    .filter((id) => now.figures[id])
    .map((id) => ({
      id,
      title: say(`culture.${id}.title`),
      definition: say(`culture.${id}.definition`),
      blindSpot: say(`culture.${id}.blind`),
      whatHelps: say(`culture.${id}.helps`),
      among: amongOf[id] ?? "",
      figure: now.figures[id]!,
      trend: all.filter((h) => h.figures[id]).map((h) => ({ term: h.term, figure: h.figures[id]! })),
    }));
}

const yes = (...n: number[]) => Object.fromEntries(ids.map((id, i) => [id, n[i]!]));

/** Half-years of a school of 34, and of two of its teams. */
export const halves: Counts[] = [
  { term: "2024-2", people: 33, leaders: 4, yes: yes(10, 3, 9, 2, 2, 1, 2, 1, 1, 3, 0, 2) },
  { term: "2025-1", people: 33, leaders: 4, yes: yes(14, 6, 13, 5, 4, 3, 4, 2, 3, 5, 2, 2) },
  { term: "2025-2", people: 34, leaders: 4, yes: yes(19, 11, 18, 9, 8, 6, 8, 6, 5, 7, 6, 3) },
  { term: "2026-1", people: 34, leaders: 4, yes: yes(24, 17, 22, 14, 14, 11, 12, 9, 8, 9, 13, 3) },
];
const teamHalves = (visited: number[], hosted: number[]): Counts[] =>
  ["2025-2", "2026-1"].map((term, i) => ({ term, people: 9, leaders: 0, yes: { VISITED: visited[i]!, HOSTED: hosted[i]! } }));

const at = (day: string) => timestampFromDate(new Date(`${day}T00:00:00+01:00`));

/** The sheet of a school, an owner, or of the first half-year, in a language. */
export function report(of: "large" | "owner" | "small" | "first" | "words" | "fresh", l: Language, counts = halves): CultureReport {
  const say = saying(l);
  const made = say("date", 14, say("month.7"), 2026);
  const base = { schoolOwnerId: owner, term: "2026-1", rule: say("culture.rule"), publishTime: at("2026-07-14"), state: CultureReportState.PUBLISHED, standing: say("culture.standing.PUBLISHED", made) };
  switch (of) {
    case "large":
      return create(CultureReportSchema, {
        ...base, schoolId: school, name: "Fjordvik skole", metrics: metrics(counts, false, say),
        teams: [
          { teamId: "0190f000-0000-7000-8000-000000000011", name: "1.–4. trinn", metrics: metrics(teamHalves([3, 5], [4, 6]), false, say) },
          { teamId: "0190f000-0000-7000-8000-000000000012", name: "5.–7. trinn", metrics: metrics(teamHalves([5, 8], [2, 4]), false, say) },
        ],
      });
    case "owner":
      return create(CultureReportSchema, {
        ...base, name: "Fjordvik kommune",
        metrics: metrics(counts.map((c) => ({ ...c, people: c.people * 4, leaders: 11, yes: Object.fromEntries(Object.entries(c.yes).map(([id, n]) => [id, id === "LEADERS" ? n + 2 : n * 3])) })), false, say),
      });
    case "words":
      return create(CultureReportSchema, { ...base, schoolId: school, name: "Fjordvik skole", inWords: true, metrics: metrics(counts.slice(2), true, say) });
    case "first":
      return create(CultureReportSchema, { ...base, schoolId: school, name: "Fjordvik skole", note: say("culture.late"), metrics: metrics(counts.slice(3), false, say) });
    case "small":
      return create(CultureReportSchema, { ...base, schoolId: school, name: "Fjordvik skole", state: CultureReportState.OWNER_ONLY, standing: say("culture.standing.OWNER_ONLY") });
    case "fresh":
      return create(CultureReportSchema, {
        ...base, schoolId: school, term: "2026-2", publishTime: at("2027-01-14"), state: CultureReportState.COMING,
        standing: say("culture.standing.COMING", say("date", 14, say("month.1"), 2027)),
      });
  }
}

const statements = ["PULSE_SAFE", "PULSE_USEFUL", "PULSE_CHOICE", "PULSE_HEARD", "PULSE_TOGETHER"];

/** A round of the pulse: open and mine to answer, or with its results. */
export function round(state: PulseState, l: Language, o: { may?: boolean; answered?: boolean } = {}): GetPulseResponse {
  const say = saying(l);
  const results = (group: PulseGroup, answered: number, agree: number[]) => ({
    group,
    groupWords: say(`pulse.group.${PulseGroup[group]}`),
    response: answered < 8 ? say("culture.held.TOO_FEW") : say("pulse.response.HIGH_END"),
    metrics: statements.map((id, i) => {
      const f = figure(answered < 8 ? undefined : band(agree[i]!, [answered, answered + 4], false), undefined, false, say);
      return {
        id, title: say(`culture.${id}.title`), definition: say(`culture.${id}.definition`), blindSpot: say(`culture.${id}.blind`), whatHelps: say(`culture.${id}.helps`),
        figure: f, trend: [{ term: "2026-1", figure: f }],
      };
    }),
  });
  const past = state === PulseState.PUBLISHED;
  return create(GetPulseResponseSchema, {
    answered: o.answered ?? false,
    mayAnswer: o.may ?? false,
    round: {
      term: past ? "2026-1" : "2026-2",
      state,
      openTime: at(past ? "2026-05-01" : "2026-11-01"),
      closeTime: at(past ? "2026-06-01" : "2026-12-01"),
      promise: say("pulse.promise"),
      statements: statements.map((id) => ({ id, text: say(`culture.${id}.title`) })),
      results: past ? [results(PulseGroup.TEACHERS, 28, [22, 27, 17, 11, 20]), results(PulseGroup.LEADERS, 4, [])] : [],
    },
  });
}

/** The sheets that there are. */
export function list(of: "large" | "small" | "fresh"): ListCultureReportsResponse {
  const state = of === "small" ? CultureReportState.OWNER_ONLY : CultureReportState.PUBLISHED;
  const coming = { term: "2026-2", state: CultureReportState.COMING, publishTime: at("2027-01-14") };
  const there = of === "fresh" ? [] : ["2026-1", "2025-2", "2025-1", "2024-2"].map((term) => ({ term, state, publishTime: at("2026-07-14") }));
  return create(ListCultureReportsResponseSchema, { reports: [coming, ...there] });
}

/** What is true now. */
export function live(l: Language, minutes = 5400): GetLivePageResponse {
  const say = saying(l);
  return create(GetLivePageResponseSchema, {
    term: "2026-2", minutesSetAside: minutes, coveredHours: minutes ? 40 : 0, usedByMany: minutes > 0, used: say(minutes ? "culture.used.many" : "culture.used.few"),
    policy: { feedbackDue: 0, answerDue: 3, takeawayDue: 5, gate: true, retentionMonths: 12, figureThreshold: 8 },
    nextReportTime: at("2027-01-14"), pulseOpenTime: at("2026-11-01"), pulseCloseTime: at("2026-12-01"),
    areas: minutes ? [{ title: "Flere våger å svare", origin: FocusAreaOrigin.TEACHERS, adoptedDay: "2026-09-14" }] : [],
    needs: minutes ? { waiting: 3, overdue: 1, oldestDays: 19 } : {},
    learnings: minutes ? { answered: 5, unanswered: 2, practices: 1 } : {},
  });
}
