// Hours that come again each week, as one sets them aside.

import { atSchool } from "../words/time";

export interface Pattern {
  /** 1 is Monday, 5 Friday. */
  weekday: number;
  /** HH:MM at the school. */
  start: string;
  end: string;
  /** YYYY-MM-DD, both among them. */
  from: string;
  until: string;
  /** Each week, or each other one. */
  every: 1 | 2;
  places: number;
}

/** At most as many as the contract takes. */
export const mostHours = 500;

const dayMs = 86_400_000;

/** The hours of a pattern, on days with school; none where it makes no sense. */
export function hoursOf(p: Pattern, free: (isoDate: string) => boolean): { start: Date; end: Date; places: number }[] {
  const out: { start: Date; end: Date; places: number }[] = [];
  const last = Date.parse(`${p.until}T12:00:00Z`);
  let at = Date.parse(`${p.from}T12:00:00Z`);
  if (Number.isNaN(at) || Number.isNaN(last) || p.end <= p.start) return out;
  while (new Date(at).getUTCDay() !== p.weekday) at += dayMs;
  for (; at <= last && out.length < mostHours; at += 7 * p.every * dayMs) {
    const day = new Date(at).toISOString().slice(0, 10);
    if (free(day)) continue;
    out.push({ start: atSchool(day, p.start), end: atSchool(day, p.end), places: p.places });
  }
  return out;
}
