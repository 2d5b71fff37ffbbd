// Day and time for one hand: the coming days and lesson hours as buttons, and a
// picker of the phone's own for all else.

import { useState } from "preact/hooks";
import { capital, clock, fullDay, isoDay, shortDay, atSchool } from "../words/time";
import { language, say } from "../words/words";
import { Choice } from "./choice";

export interface Span {
  /** YYYY-MM-DD at the school. */
  day: string;
  /** HH:MM at the school. */
  time: string;
  minutes: number;
}

export const startAt = (s: Span): Date => atSchool(s.day, s.time);
export const endAt = (s: Span): Date => new Date(startAt(s).getTime() + s.minutes * 60_000);

const lengths = [30, 45, 60, 90];
const coming = 5; // days shown as buttons

const noon = (iso: string) => atSchool(iso, "12:00");
const weekend = (iso: string) => [0, 6].includes(new Date(`${iso}T12:00:00Z`).getUTCDay());

/** Today and the next days that are no weekend. */
export function comingDays(now: Date, n = coming): string[] {
  const out: string[] = [];
  for (let at = now; out.length < n; at = new Date(at.getTime() + 86_400_000)) {
    const iso = isoDay(at);
    if (!weekend(iso)) out.push(iso);
  }
  return out;
}

/** A first guess: tomorrow, at a lesson in the morning. No hour after teaching is the default. */
export function firstSpan(now: Date): Span {
  const days = comingDays(now, 2);
  const today = isoDay(now);
  return { day: days.find((d) => d !== today) ?? days[0]!, time: "10:15", minutes: 45 };
}

export function When({ span, set, now }: { span: Span; set: (s: Span) => void; now: Date }) {
  const days = comingDays(now);
  const [other, setOther] = useState(!days.includes(span.day));
  void language.value;
  return (
    <div class="when">
      <Choice
        legend={say("new.day")}
        class="chips"
        value={other ? "other" : span.day}
        choose={(d) => {
          setOther(d === "other");
          if (d !== "other") set({ ...span, day: d });
        }}
        options={[
          ...days.map((d) => ({ value: d, label: d === isoDay(now) ? capital(say("time.today")) : capital(shortDay(noon(d))) })),
          { value: "other", label: say("new.other_day") },
        ]}
      />
      {other && (
        <label class="inline">
          {say("new.other_day")}
          <input type="date" value={span.day} onChange={(e) => e.currentTarget.value && set({ ...span, day: e.currentTarget.value })} />
        </label>
      )}
      <div class="two">
        <label class="inline">
          {say("new.start")}
          <input type="time" step={300} value={span.time} onChange={(e) => e.currentTarget.value && set({ ...span, time: e.currentTarget.value })} />
        </label>
        <p class="span-words" aria-live="polite">
          {capital(fullDay(noon(span.day), now))}
          <br />
          <b>{hoursOf(span)}</b>
        </p>
      </div>
      <Choice
        legend={say("new.length")}
        class="chips"
        value={span.minutes}
        choose={(minutes) => set({ ...span, minutes })}
        options={lengths.map((n) => ({ value: n, label: say("new.minutes", { n }) }))}
      />
    </div>
  );
}

/** From when to when, as the phone's own clock shows hours. */
export const hoursOf = (s: Span): string => `${clock(startAt(s))}–${clock(endAt(s))}`;
