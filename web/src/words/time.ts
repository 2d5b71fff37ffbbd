// Dates and times as Norwegians order them, by the school's clock.

import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { signal } from "@preact/signals";
import { type Key, language, say } from "./words";

/** The school's time zone. */
export const zone = signal("Europe/Oslo");

// Nynorsk has bokmål's months and order; browsers seldom know its weekdays, so
// those come from the catalogue.
const tag = () => (language.value === "en" ? "en-GB" : "nb-NO");

const format = (d: Date, o: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(tag(), { timeZone: zone.value, ...o }).format(d);

export const dateOf = (t: Timestamp | undefined): Date | undefined => (t ? timestampDate(t) : undefined);

/** The date at the school, YYYY-MM-DD. */
export function isoDay(d: Date): string {
  const at: Record<string, string> = {};
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone.value, year: "numeric", month: "2-digit", day: "2-digit" });
  for (const p of parts.formatToParts(d)) at[p.type] = p.value;
  return `${at.year}-${at.month}-${at.day}`;
}

/** The time of day for a field, 10:15. */
export const isoClock = (d: Date): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone: zone.value, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(d);

/** The time of day as people read it: 10.15 in Norwegian; in English as the phone's own clock shows it. */
export function clock(d: Date): string {
  if (language.value !== "en") return isoClock(d).replace(":", ".");
  const own = typeof navigator !== "undefined" && navigator.language.startsWith("en") ? navigator.language : "en-GB";
  return new Intl.DateTimeFormat(own, { timeZone: zone.value, hour: "numeric", minute: "2-digit" }).format(d);
}

/** A time of day behind a day: kl. 10.15. */
export const at = (d: Date): string => say("time.at", { time: clock(d) });

export function weekday(d: Date): string {
  const [y, m, day] = isoDay(d).split("-").map(Number);
  return say(`day.${new Date(Date.UTC(y!, m! - 1, day!)).getUTCDay()}` as Key);
}

const daysBetween = (a: Date, b: Date) => Math.round((Date.parse(isoDay(b)) - Date.parse(isoDay(a))) / 86_400_000);

/** The day: today, tomorrow, yesterday, or torsdag 26. november. */
export function day(d: Date, now: Date): string {
  const near: Record<number, Key> = { 0: "time.today", 1: "time.tomorrow", [-1]: "time.yesterday" };
  const key = near[daysBetween(now, d)];
  return key ? say(key) : fullDay(d, now);
}

export function fullDay(d: Date, now: Date): string {
  const year = isoDay(d).slice(0, 4) === isoDay(now).slice(0, 4) ? {} : { year: "numeric" as const };
  return `${weekday(d)} ${format(d, { day: "numeric", month: "long", ...year })}`;
}

/** The day in a few letters: tors. 26. nov. */
export function shortDay(d: Date): string {
  return `${weekday(d).slice(0, 3)} ${format(d, { day: "numeric", month: "short" })}`;
}

/** Day and time. */
export const when = (d: Date, now: Date): string => `${day(d, now)} ${at(d)}`;

/** A lesson: day, from and to. */
export function lesson(start: Date, end: Date, now: Date): string {
  return `${day(start, now)} ${at(start)}–${clock(end)}`;
}

/** The moment at which it is this time of this day at the school. */
export function atSchool(isoDate: string, time: string): Date {
  const guess = new Date(`${isoDate}T${time}:00Z`);
  const shown = new Date(`${isoDay(guess)}T${isoClock(guess)}:00Z`);
  const first = new Date(guess.getTime() - (shown.getTime() - guess.getTime()));
  const again = new Date(`${isoDay(first)}T${isoClock(first)}:00Z`); // the clock may go forward or back in between
  return new Date(first.getTime() - (again.getTime() - guess.getTime()));
}

export const capital = (s: string): string => s.charAt(0).toUpperCase() + s.slice(1);
