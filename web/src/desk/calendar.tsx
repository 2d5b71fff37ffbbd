// The school year: days without school by who tells them, busy periods, hours set aside,
// and timetables.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { type BusyPeriod, CalendarFormat, type CalendarRowError, type DaysWithoutSchool, type ImportHolidaysResponse, type ImportLessonsResponse, type School } from "../gen/undring/v1/school_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Field } from "../parts/field";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { atSchool, fullDay, isoDay } from "../words/time";
import { language } from "../words/words";
import { WayBack } from "./back";
import { Cover } from "./cover";
import type { At } from "./desk";
import { Drop } from "./drop";
import { Hours } from "./hours";
import { Table } from "./table";
import { count, say } from "./words";

const most = 4 * 1_048_576; // bytes of a file, as the contract has it

export const dayOf = (iso: string): Date => atSchool(iso, "12:00");

/** A span of days in words. */
export function span(first: string, last: string, now: Date): string {
  const from = fullDay(dayOf(first), now);
  return first === last ? from : say("span", { from, until: fullDay(dayOf(last), now) });
}

export function CalendarDesk({ at }: { at: At }) {
  const store = useStore();
  const school = useAnswer(() => store.call.school.getSchool({ schoolId: at.id }), [at.id]);
  const again = () => {
    school.again();
    void store.sync();
  };
  return (
    <Answered of={school}>
      {({ school: s }) =>
        s && (
          <>
            <Year school={s} now={store.now()} />
            <Busy at={at} />
            <Hours at={at} school={s} />
            <Cover at={at} />
            <DaysOff school={s} again={again} keeps={at.administers} />
            {at.administers && <Timetables at={at} />}
          </>
        )
      }
    </Answered>
  );
}

const iso = (year: number, month: number, day: number): string => new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

/** The year at a glance: a month each, with what is free and what is busy. What it shows stands in words below. */
function Year({ school, now }: { school: School; now: Date }) {
  const today = isoDay(now);
  const start = Number(today.slice(0, 4)) - (Number(today.slice(5, 7)) < 8 ? 1 : 0);
  const within = (list: { firstDate: string; lastDate: string }[], day: string) => list.some((d) => d.firstDate <= day && day <= d.lastDate);
  const names = new Intl.DateTimeFormat(language.value === "nn" ? "nn-NO" : language.value === "nb" ? "nb-NO" : "en-GB", { month: "long", timeZone: "UTC" });
  return (
    <section aria-labelledby="year">
      <h2 id="year">{say("year.title", { from: start, until: start + 1 })}</h2>
      <p class="legend-of-days">
        <span class="day off">7</span> {say("year.off")} <span class="day busy">7</span> {say("year.busy")} <span class="day today">7</span> {say("year.today")}
      </p>
      <div class="year" role="img" aria-label={say("year.about", { off: school.daysWithoutSchool.length, busy: school.busyPeriods.length })}>
        {Array.from({ length: 12 }, (_, m) => {
          const first = new Date(Date.UTC(start, 7 + m, 1));
          const [year, month] = [first.getUTCFullYear(), first.getUTCMonth()];
          const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
          const lead = (first.getUTCDay() + 6) % 7; // Monday first
          return (
            <div key={m} class="month">
              <b>{names.format(first)}</b>
              <div class="days">
                {Array.from({ length: lead }, (_, i) => (
                  <i key={`-${i}`} />
                ))}
                {Array.from({ length: days }, (_, i) => {
                  const day = iso(year, month, i + 1);
                  const weekend = (lead + i) % 7 > 4;
                  const look = [
                    "day",
                    weekend ? "weekend" : within(school.daysWithoutSchool, day) ? "off" : within(school.busyPeriods, day) ? "busy" : "",
                    day === today ? "today" : "",
                  ];
                  return (
                    <span key={day} class={look.filter(Boolean).join(" ")}>
                      {i + 1}
                    </span>
                  );
                })}
              </div>
            </div>
          );
        })}
      </div>
    </section>
  );
}

/** Busy periods: set ahead, seen by all. */
function Busy({ at }: { at: At }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.school.listBusyPeriods({ schoolId: at.id }), [at.id]);
  const doing = useDoing();
  const [first, setFirst] = useState("");
  const [last, setLast] = useState("");
  const [name, setName] = useState("");
  const [taken, setTaken] = useState<BusyPeriod>();
  const today = isoDay(store.now());
  const tomorrow = isoDay(new Date(store.now().getTime() + 86_400_000));
  const plain = (p: BusyPeriod) => ({ firstDate: p.firstDate, lastDate: p.lastDate, name: p.name });
  const set = (periods: BusyPeriod[], more?: { firstDate: string; lastDate: string; name: string }) =>
    doing.run(async () => {
      const ahead = periods.filter((p) => p.lastDate >= today).map(plain);
      await store.call.school.setBusyPeriods({ requestId: newId(), schoolId: at.id, periods: more ? [...ahead, more] : ahead, revision: answer.data?.revision ?? 0n });
    });
  const done = () => {
    answer.again();
    void store.sync();
  };
  return (
    <section aria-labelledby="busy">
      <h2 id="busy">{say("busy.title")}</h2>
      <p class="quiet">{say("busy.lead")}</p>
      <Answered of={answer}>
        {({ busyPeriods }) => (
          <>
            <Table
              caption={say("busy.title")}
              rows={busyPeriods}
              id={(p) => `${p.firstDate} ${p.name}`}
              empty={<p>{say("busy.none")}</p>}
              columns={[
                { title: say("col.what"), value: (p) => p.name },
                { title: say("col.when"), value: (p) => p.firstDate, cell: (p) => span(p.firstDate, p.lastDate, store.now()) },
              ]}
              act={(p) =>
                p.lastDate >= today && (
                  <button
                    type="button"
                    class="small"
                    disabled={doing.doing}
                    aria-label={say("busy.remove", { name: p.name })}
                    onClick={() =>
                      void set(busyPeriods.filter((o) => o !== p)).then((ok) => {
                        if (!ok) return;
                        setTaken(p.firstDate > today ? p : undefined);
                        done();
                      })
                    }
                  >
                    {say(p.firstDate > today ? "remove" : "busy.end")}
                  </button>
                )
              }
            />
            <WayBack
              said={taken && say("busy.removed", { name: taken.name })}
              undo={
                taken &&
                (() =>
                  void set(busyPeriods, plain(taken)).then((ok) => {
                    if (!ok) return;
                    setTaken(undefined);
                    done();
                  }))
              }
            />
            <form
              class="desk-form"
              onSubmit={(e) => {
                e.preventDefault();
                void set(busyPeriods, { firstDate: first, lastDate: last || first, name: name.trim() }).then((ok) => {
                  if (!ok) return;
                  setFirst("");
                  setLast("");
                  setName("");
                  setTaken(undefined);
                  done();
                });
              }}
            >
              <Field id="busy-name" single required label={say("busy.name")} sees="who.school" max={limits.busyPeriod.name} value={name} input={setName} />
              <label>
                {say("first")}
                <input type="date" required min={tomorrow} value={first} onInput={(e) => setFirst(e.currentTarget.value)} />
              </label>
              <label>
                {say("last")}
                <input type="date" min={first || tomorrow} value={last} onInput={(e) => setLast(e.currentTarget.value)} />
              </label>
              <button type="submit" class="primary" disabled={doing.doing}>
                {say("busy.add")}
              </button>
            </form>
          </>
        )}
      </Answered>
      <Refused refusal={doing.refusal} />
    </section>
  );
}

/** What a calendar's file has that was not taken. */
export function Odd({ rows, more }: { rows: CalendarRowError[]; more: number }) {
  if (rows.length === 0) return null;
  return (
    <details open={rows.length <= 10}>
      <summary>{count("cal.odd", rows.length + more)}</summary>
      <Table
        caption={say("cal.odd.title")}
        file="ikke-forstatt"
        rows={rows}
        id={(r) => `${r.line} ${r.fileLine} ${r.reason}`}
        empty={null}
        columns={[
          { title: say("col.where"), value: (r) => r.fileLine || r.line },
          { title: say("col.what"), value: (r) => [r.description, r.what].filter(Boolean).join(" ") },
        ]}
      />
    </details>
  );
}

/** What a calendar's file would do, what of it was not understood, and the word to do it. */
function Preview(p: { name: string; rows: CalendarRowError[]; more: number; run: string; busy: boolean; do: () => void; leave: () => void; children: ComponentChildren }) {
  return (
    <div class="preview" aria-live="polite">
      <h3>{say("roster.preview", { name: p.name })}</h3>
      {p.children}
      <Odd rows={p.rows} more={p.more} />
      <div class="desk-acts">
        <button type="button" class="primary" disabled={p.busy} onClick={p.do}>
          {p.run}
        </button>
        <button type="button" onClick={p.leave}>
          {say("roster.leave")}
        </button>
      </div>
    </div>
  );
}

/**
 * A calendar's file is tried, what it would do is shown, and then it is taken in. call without what was told is the
 * trial; no says why a file is none for here (empty: it is one).
 */
function FromFile<R extends { rowErrors: CalendarRowError[]; moreRowErrors: number }>(p: {
  label: string;
  hint: string;
  accept: string;
  run: string;
  no?: (name: string, content: Uint8Array) => string;
  call: (content: Uint8Array<ArrayBuffer>, told?: R) => Promise<R>;
  would: (told: R) => ComponentChildren;
  done: (r: R) => string;
  after?: () => void;
}) {
  const doing = useDoing();
  const [file, setFile] = useState<{ name: string; content: Uint8Array<ArrayBuffer> }>();
  const [told, setTold] = useState<R>();
  const [done, setDone] = useState("");
  return (
    <>
      <Drop
        label={p.label}
        hint={p.hint}
        accept={p.accept}
        most={most}
        take={(f, content) => {
          const no = p.no?.(f.name, content) ?? "";
          setTold(undefined);
          setDone(no);
          if (no) return;
          setFile({ name: f.name, content });
          void doing.run(async () => setTold(await p.call(content)));
        }}
      />
      <Refused refusal={doing.refusal} />
      {file && told && (
        <Preview
          name={file.name}
          rows={told.rowErrors}
          more={told.moreRowErrors}
          run={p.run}
          busy={doing.doing}
          leave={() => setTold(undefined)}
          do={() =>
            void doing
              .run(async () => setDone(p.done(await p.call(file.content, told))))
              .then((ok) => {
                if (!ok) return;
                setTold(undefined);
                p.after?.();
              })
          }
        >
          {p.would(told)}
        </Preview>
      )}
      <p role="status" class={done ? "told" : "hidden"}>
        {done}
      </p>
    </>
  );
}

const formatOf = (content: Uint8Array): CalendarFormat => {
  const head = new TextDecoder().decode(content.slice(0, 4096)).toUpperCase();
  return head.includes("BEGIN:VCALENDAR") ? CalendarFormat.ICALENDAR : CalendarFormat.CSV;
};

/** Days without school by who tells them, and a file of more. */
function DaysOff({ school, again, keeps }: { school: School; again: () => void; keeps: boolean }) {
  const store = useStore();
  const [source, setSource] = useState("");
  return (
    <section aria-labelledby="daysoff">
      <h2 id="daysoff">{say("off.title")}</h2>
      <Table
        caption={say("off.title")}
        file="skolefri"
        rows={school.daysWithoutSchool}
        id={(d) => `${d.firstDate} ${d.source} ${d.name} ${d.usual}`}
        empty={<p>{say("off.none")}</p>}
        columns={[
          { title: say("col.when"), value: (d: DaysWithoutSchool) => d.firstDate, cell: (d) => span(d.firstDate, d.lastDate, store.now()) },
          { title: say("col.what"), value: (d) => d.name },
          { title: say("col.source"), value: (d) => (d.usual ? say("off.usual") : d.source || say("off.nobody")) },
        ]}
      />
      {keeps && (
        <>
          <h3>{say("off.more")}</h3>
          <Field id="off-source" single names label={say("off.source")} hint={say("off.source.such")} sees="who.school" max={limits.importHolidays.source} value={source} input={setSource} />
          <FromFile<ImportHolidaysResponse>
            label={say("off.drop")}
            hint={say("off.hint")}
            accept=".ics,.csv,text/calendar,text/csv"
            run={say("off.run")}
            call={(content, told) =>
              store.call.school.importHolidays({
                requestId: newId(), schoolId: school.id, content, format: formatOf(content), source: source.trim(), dryRun: !told, approved: told?.difference ?? "",
              })
            }
            would={(told) => (
              <>
                <p>{say("off.would", { days: told.days, added: told.added })}</p>
                {told.takenAway.length > 0 && <p class="wrong">{say("off.taken", { days: told.takenAway.map((d) => fullDay(dayOf(d), store.now())).join(", ") })}</p>}
                {told.usualTakenAway.length > 0 && <p>{say("off.usual_taken", { days: told.usualTakenAway.map((d) => fullDay(dayOf(d), store.now())).join(", ") })}</p>}
              </>
            )}
            done={(r) => say("off.done", { days: r.days })}
            after={again}
          />
        </>
      )}
    </section>
  );
}

/** A timetable of many. */
function Timetables({ at }: { at: At }) {
  const store = useStore();
  return (
    <section aria-labelledby="timetables">
      <h2 id="timetables">{say("tt.title")}</h2>
      <p class="quiet">{say("tt.lead")}</p>
      <FromFile<ImportLessonsResponse>
        label={say("tt.drop")}
        hint={say("tt.hint")}
        accept=".csv,.ics,text/csv,text/calendar"
        run={say("tt.run")}
        // Whose an iCalendar is, it does not say: each takes in their own.
        no={(name, content) => (formatOf(content) === CalendarFormat.ICALENDAR ? say("tt.own", { name }) : "")}
        call={(content, told) => store.call.school.importLessons({ requestId: newId(), schoolId: at.id, content, format: CalendarFormat.CSV, dryRun: !told })}
        would={(told) => (
          <>
            <p>{say("tt.would", { n: told.lessons, replaced: told.replaced })}</p>
            {told.ownAddresses > 0 && <p>{say("tt.own_addresses", { n: told.ownAddresses })}</p>}
          </>
        )}
        done={(r) => [say("tt.done", { n: r.lessons }), r.ownAddresses > 0 && say("tt.own_addresses", { n: r.ownAddresses })].filter(Boolean).join(" ")}
      />
    </section>
  );
}
