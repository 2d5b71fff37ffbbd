// Who could stand in for whom at a day's lessons, as far as the timetables tell.

import { useState } from "preact/hooks";
import type { LessonToCover } from "../gen/undring/v1/school_pb";
import { Answered, useAnswer } from "../parts/call";
import { nameOf } from "../parts/people";
import { useStore } from "../parts/store";
import { clock, dateOf, isoDay } from "../words/time";
import type { At } from "./desk";
import { Table } from "./table";
import { say } from "./words";

/** A span of a day; half open, as lessons are. */
export interface Span {
  start: Date;
  end: Date;
}

/** Cover of a day that one chooses. */
export function Cover({ at }: { at: At }) {
  const store = useStore();
  const [day, setDay] = useState(isoDay(new Date(store.now().getTime() + 86_400_000)));
  return (
    <section aria-labelledby="cover">
      <h2 id="cover">{say("cover.title")}</h2>
      <p class="quiet">{say("cover.lead")}</p>
      <label class="inline">
        {say("cover.day")}
        <input type="date" value={day} onInput={(e) => setDay(e.currentTarget.value)} />
      </label>
      {day && <CoverOf key={day} at={at} day={day} />}
    </section>
  );
}

/** Cover of a day, or of a part of it. */
export function CoverOf({ at, day, within }: { at: At; day: string; within?: Span }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.school.listCover({ schoolId: at.id, date: day }), [at.id, day]);
  const of = (l: LessonToCover): Span => ({ start: dateOf(l.startTime)!, end: dateOf(l.endTime)! });
  const hour = ({ start, end }: Span) => `${clock(start)}–${clock(end)}`;
  return (
    <Answered of={answer}>
      {({ lessons }) => (
        <Table
          caption={say("cover.title")}
          file={`dekning-${day}`}
          rows={lessons.filter((l) => !within || (of(l).start < within.end && within.start < of(l).end))}
          id={(l) => `${l.personId} ${l.startTime?.seconds}`}
          empty={<p>{say("cover.none")}</p>}
          columns={[
            { title: say("cover.hour"), value: (l) => hour(of(l)) },
            { title: say("cover.teaches"), value: (l) => nameOf(store, l.personId) },
            { title: say("cover.able"), value: (l) => l.ableIds.map((id) => nameOf(store, id)).join(", ") || say("cover.nobody") },
          ]}
        />
      )}
    </Answered>
  );
}
