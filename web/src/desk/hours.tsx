// Hours that are set aside for visits: how many for all, and those that are covered.

import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useState } from "preact/hooks";
import type { School, Term, TimeBudget } from "../gen/undring/v1/school_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { dateOf, isoDay, lesson } from "../words/time";
import { CoverOf } from "./cover";
import type { At } from "./desk";
import { hoursOf, mostHours, type Pattern } from "./pattern";
import { Table } from "./table";
import { count, say } from "./words";

const most = 50; // places of one hour, as the contract has it

interface Hour {
  id: string;
  start: Date;
  end: Date;
  places: number;
  full: boolean;
}

const hoursIn = (b: TimeBudget | undefined): Hour[] =>
  (b?.hours ?? []).map((h) => ({ id: h.id, start: dateOf(h.startTime)!, end: dateOf(h.endTime)!, places: h.places, full: h.full }));

export function Hours({ at, school }: { at: At; school: School }) {
  const store = useStore();
  const terms = useAnswer(() => store.call.school.listTerms({ schoolId: at.id }), [at.id]);
  const [chosen, choose] = useState("");
  return (
    <section aria-labelledby="hours">
      <h2 id="hours">{say("hours.title")}</h2>
      <p class="quiet">{say("hours.lead")}</p>
      <Answered of={terms}>
        {({ terms: all }) => {
          const open = all.filter((t) => !t.closed).toReversed(); // the one that runs, then the next
          const term = open.find((t) => t.id === chosen) ?? open[0];
          if (!term) return null;
          return (
            <>
              <label class="inline">
                {say("hours.term")}
                <select value={term.id} onChange={(e) => choose(e.currentTarget.value)}>
                  {open.map((t) => (
                    <option key={t.id} value={t.id}>
                      {termWords(t.id)}
                    </option>
                  ))}
                </select>
              </label>
              <OfTerm key={term.id} at={at} school={school} term={term} />
            </>
          );
        }}
      </Answered>
    </section>
  );
}

const termWords = (id: string): string => say(id.endsWith("-1") ? "term.spring" : "term.autumn", { year: id.slice(0, 4) });

function OfTerm({ at, school, term }: { at: At; school: School; term: Term }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.school.getTimeBudget({ schoolId: at.id, term: term.id }), [at.id, term.id]);
  return (
    <Answered of={answer}>
      {({ timeBudget }) => <Edit key={String(timeBudget?.revision)} at={at} school={school} term={term} budget={timeBudget} again={answer.again} />}
    </Answered>
  );
}

function Edit({ at, school, term, budget, again }: { at: At; school: School; term: Term; budget: TimeBudget | undefined; again: () => void }) {
  const store = useStore();
  const doing = useDoing();
  const there = hoursIn(budget);
  const [total, setTotal] = useState(String((budget?.minutes ?? 0) / 60));
  const [hours, setHours] = useState(there);
  const [looked, look] = useState<Hour>(); // at who could stand in
  const first = isoDay(dateOf(term.startTime)!);
  const last = isoDay(new Date(dateOf(term.endTime)!.getTime() - 3_600_000));
  const tomorrow = isoDay(new Date(store.now().getTime() + 86_400_000));
  const [p, setP] = useState<Pattern>({ weekday: 2, start: "10:15", end: "11:45", from: tomorrow > first ? tomorrow : first, until: last, every: 1, places: 1 });
  const free = (day: string) => school.daysWithoutSchool.some((d) => d.firstDate <= day && day <= d.lastDate);
  const changed = total !== String((budget?.minutes ?? 0) / 60) || hours.map((h) => h.id).join() !== there.map((h) => h.id).join();
  const found = hoursOf(p, free).filter((h) => !hours.some((o) => o.start.getTime() === h.start.getTime() && o.end.getTime() === h.end.getTime()));
  const set = <K extends keyof Pattern>(key: K, value: Pattern[K]) => setP({ ...p, [key]: value });
  async function save() {
    const ok = await doing.run(() =>
      store.call.school.setTimeBudget({
        requestId: newId(),
        schoolId: at.id,
        term: term.id,
        minutes: Math.round(Number(total.replace(",", ".")) * 60) || 0,
        hours: hours.map((h) => ({ id: h.id, startTime: timestampFromDate(h.start), endTime: timestampFromDate(h.end), places: h.places })),
        revision: budget?.revision ?? 0n,
      }),
    );
    if (ok) again();
  }
  return (
    <>
      <label class="inline">
        {say("hours.total")}
        <input type="text" inputMode="decimal" class="short" value={total} onInput={(e) => setTotal(e.currentTarget.value)} />
      </label>
      <Table
        caption={say("hours.covered")}
        file={`timer-${term.id}`}
        rows={hours}
        id={(h) => h.id}
        empty={<p>{say("hours.none")}</p>}
        columns={[
          { title: say("col.when"), value: (h) => h.start.toISOString(), cell: (h) => lesson(h.start, h.end, store.now()) },
          { title: say("col.places"), value: (h) => h.places },
          { title: say("col.free"), value: (h) => say(h.full ? "hours.full" : "hours.free") },
        ]}
        act={(h) => (
          <>
            <button type="button" class="small" aria-expanded={looked === h} onClick={() => look(looked === h ? undefined : h)}>
              {say("cover.who")}
            </button>
            <button type="button" class="small" onClick={() => setHours(hours.filter((o) => o !== h))}>
              {say("remove")}
            </button>
          </>
        )}
      />
      {looked && (
        <div class="preview" aria-live="polite">
          <h3>{say("cover.then", { when: lesson(looked.start, looked.end, store.now()) })}</h3>
          <CoverOf key={looked.id} at={at} day={isoDay(looked.start)} within={looked} />
        </div>
      )}
      <fieldset class="desk-form">
        <legend>{say("hours.pattern")}</legend>
        <label>
          {say("hours.weekday")}
          <select value={p.weekday} onChange={(e) => set("weekday", Number(e.currentTarget.value))}>
            {[1, 2, 3, 4, 5].map((d) => (
              <option key={d} value={d}>
                {say(`weekday.${d}` as "weekday.1")}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say("hours.start")}
          <input type="time" value={p.start} onInput={(e) => set("start", e.currentTarget.value)} />
        </label>
        <label>
          {say("hours.end")}
          <input type="time" value={p.end} onInput={(e) => set("end", e.currentTarget.value)} />
        </label>
        <label>
          {say("first")}
          <input type="date" min={first} max={last} value={p.from} onInput={(e) => set("from", e.currentTarget.value)} />
        </label>
        <label>
          {say("last")}
          <input type="date" min={first} max={last} value={p.until} onInput={(e) => set("until", e.currentTarget.value)} />
        </label>
        <label>
          {say("hours.every")}
          <select value={p.every} onChange={(e) => set("every", Number(e.currentTarget.value) === 2 ? 2 : 1)}>
            <option value={1}>{say("hours.every.1")}</option>
            <option value={2}>{say("hours.every.2")}</option>
          </select>
        </label>
        <label>
          {say("col.places")}
          <input type="number" min={1} max={most} value={p.places} onInput={(e) => set("places", Math.min(most, Math.max(1, Number(e.currentTarget.value) || 1)))} />
        </label>
        <button
          type="button"
          disabled={found.length === 0}
          onClick={() => setHours([...hours, ...found.map((h) => ({ ...h, id: newId(), full: false }))].toSorted((a, b) => a.start.getTime() - b.start.getTime()).slice(0, mostHours))}
        >
          {count("hours.add", found.length)}
        </button>
      </fieldset>
      <Refused refusal={doing.refusal} />
      <div class="desk-acts">
        <button type="button" class="primary" disabled={doing.doing || !changed} onClick={() => void save()}>
          {say("hours.save")}
        </button>
        {changed && (
          <button
            type="button"
            onClick={() => {
              setHours(there);
              setTotal(String((budget?.minutes ?? 0) / 60));
            }}
          >
            {say("hours.leave")}
          </button>
        )}
        <span role="status" class="quiet">
          {changed ? say("hours.unsaved") : ""}
        </span>
      </div>
    </>
  );
}
