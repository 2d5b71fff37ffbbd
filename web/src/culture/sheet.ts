// The page as texts and lengths, made from what the server said and from nothing
// else: two replies with the same bytes make the same page. What stands in a
// picture stands in its table as well.

import { type CultureFigure, type CultureMetric, type CultureReport, type CultureValue, CultureValueKind } from "../gen/undring/v1/culture_pb";
import { type Bar, bar, type Range, scaleFor, ticks } from "./picture";
import { type CultureKey, type Say, termShort, termWords } from "./words";

/** One figure of one half-year, as it is told. */
export interface Told {
  /** How many in words; or why nothing is told. */
  words: string;
  /** Among how many, in words; empty where nothing is told. */
  people: string;
  /** The words in short, to stand in a picture. */
  short: string;
  held: boolean;
  bar: Bar;
}

/** A figure in one half-year. */
export interface Point extends Told {
  term: string;
  termWords: string;
  termShort: [string, string];
}

/** A figure with all that is said about it. */
export interface Figure {
  id: string;
  title: string;
  definition: string;
  blindSpot: string;
  whatHelps: string;
  now: Told;
  trend: Point[];
  /** The whole trend in one sentence, for those who don't see its picture. */
  spoken: string;
}

/** A stage of the way from visit to answer. */
export interface Stage extends Told {
  id: string;
  title: string;
}

/** The first picture: the two who meet, and how far each of them came, on one scale. */
export interface Conversion {
  visitor: Stage[];
  visited: Stage[];
  /** Marks of the scale; none in a sheet that tells in words. */
  ticks: { at: number; words: string }[];
}

/** The figures of a team. */
export interface Team {
  id: string;
  name: string;
  figures: Figure[];
}

/** The figures of a sheet. */
export interface Sheet {
  /** What happened and what a leader can do, in three sentences; none before there are figures. */
  summary: string[];
  conversion: Conversion | undefined;
  figures: Figure[];
  teams: Team[];
}

/** Makes the page of a sheet. */
export function sheet(report: CultureReport, say: Say): Sheet {
  return {
    summary: summary(report, say),
    conversion: conversion(report, say),
    figures: figures(report.metrics, say),
    teams: report.teams.map((t) => ({ id: t.teamId, name: t.name, figures: figures(t.metrics, say) })),
  };
}

/** The figures, those of teachers on one scale; leaders are other people. */
function figures(metrics: CultureMetric[], say: Say): Figure[] {
  const ofLeaders = (m: CultureMetric) => m.id === "LEADERS";
  const scale = (leaders: boolean) =>
    scaleFor(metrics.filter((m) => ofLeaders(m) === leaders).flatMap((m) => m.trend.flatMap((p) => rangesOf(p.figure))));
  const scales = { teachers: scale(false), leaders: scale(true) };
  return metrics.map((m) => figure(m, ofLeaders(m) ? scales.leaders : scales.teachers, say));
}

/** A figure, drawn on a scale. */
export function figure(m: CultureMetric, scale: number, say: Say): Figure {
  const trend = m.trend.map((p) => ({
    term: p.term,
    termWords: termWords(say, p.term),
    termShort: termShort(say, p.term),
    ...told(p.figure, scale, say),
  }));
  return {
    id: m.id,
    title: m.title,
    definition: m.definition,
    blindSpot: m.blindSpot,
    whatHelps: m.whatHelps,
    now: told(m.figure, scale, say),
    trend,
    spoken: [m.title, ...trend.map((p) => `${p.termWords}: ${sentence(p)}`)].join(". "),
  };
}

const sentence = (t: Told): string => [t.words, t.people].filter(Boolean).join(" ");

/** A figure as it is told, drawn on a scale; on its own number of people where none is given. */
export function told(f: CultureFigure | undefined, scale: number | undefined, say: Say): Told {
  const value = f?.outcome.case === "value" ? f.outcome.value : undefined;
  const held = f?.outcome.case === "heldBack" ? f.outcome.value.words : "";
  return {
    words: value?.words ?? held,
    people: value ? (f?.people?.words ?? "") : "",
    short: value ? short(value) : say("held.short"),
    held: value === undefined,
    bar: bar(value, value && f?.people, scale ?? scaleFor(rangesOf(f))),
  };
}

/** What is told of a figure that is not held back: the value, and among how many. */
function rangesOf(f: CultureFigure | undefined): (Range | undefined)[] {
  return f?.outcome.case === "value" ? [f.outcome.value, f.people] : [];
}

/** A value in a few characters; a word stays the word that it is. */
function short({ kind, low, high, words }: CultureValue): string {
  if (!/\d/.test(words)) return words;
  if (kind === CultureValueKind.LOW_END) return `≤\u00a0${high}`;
  if (kind === CultureValueKind.HIGH_END) return `≥\u00a0${low}`;
  return low === high ? String(low) : `${low}–${high}`;
}

/** Those who visited, and gave feedback; those who were visited, and answered. */
function conversion({ metrics, inWords }: CultureReport, say: Say): Conversion | undefined {
  const way = (ids: string[]) => ids.map((id) => metrics.find((m) => m.id === id)).filter((m) => m !== undefined);
  const visitor = way(["VISITED", "GAVE"]);
  const visited = way(["HOSTED", "ANSWERED"]);
  if (visitor.length + visited.length === 0) return undefined;
  const scale = scaleFor([...visitor, ...visited].flatMap((m) => rangesOf(m.figure)));
  const stage = (m: CultureMetric): Stage => ({ id: m.id, title: m.title, ...told(m.figure, scale, say) });
  return {
    visitor: visitor.map(stage),
    visited: visited.map(stage),
    ticks: scale === 0 || inWords ? [] : ticks(scale).map((n) => ({ at: bar({ low: n, high: n }, undefined, scale).sure, words: String(n) })),
  };
}

/** What happened on either side of a visit, and what a leader can do about the first thing that stops short. */
function summary({ metrics }: CultureReport, say: Say): string[] {
  if (metrics.length === 0) return [];
  const of = (id: string) => metrics.find((m) => m.id === id);
  const shown = (id: string) => {
    const f = of(id)?.figure;
    return f?.outcome.case === "value" ? { words: f.outcome.value.words, people: f.people?.words ?? "", share: share(f) } : undefined;
  };
  const side = (first: string, second: string, both: CultureKey, held: CultureKey) => {
    const [a, b] = [shown(first), shown(second)];
    if (!a) return undefined;
    const words = { visited: capital(a.words), people: a.people };
    return b ? say(both, { ...words, gave: b.words }) : say(held, words);
  };
  const sides = [
    side("VISITED", "GAVE", "summary.visitor", "summary.visitor.held"),
    side("HOSTED", "ANSWERED", "summary.visited", "summary.visited.held"),
  ].filter((s) => s !== undefined);
  // The stage that the fewest of its people took; of equal ones, and where nothing is shown, the earlier.
  const stages = ["VISITED", "GAVE", "ANSWERED"].map((id) => ({ id, share: shown(id)?.share ?? Infinity }));
  const short = stages.reduce((least, s) => (s.share < least.share ? s : least));
  const what = of(short.id)?.whatHelps;
  return [...(sides.length > 0 ? sides : [say("summary.few")]), ...(what ? [say("summary.do", { what })] : [])];
}

/** How many of those it is counted among, between 0 and 1, from the middle of what is told. */
function share(f: CultureFigure): number {
  const [value, people] = rangesOf(f);
  return value && people ? (value.low + value.high) / Math.max(people.low + people.high, 1) : Infinity;
}

const capital = (s: string): string => s.charAt(0).toUpperCase() + s.slice(1);
