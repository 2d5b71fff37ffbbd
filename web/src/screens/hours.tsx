import type { CoveredHours } from "../gen/undring/v1/school_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Icon } from "../parts/icons";
import { Refused } from "../parts/notices";
import { Page } from "../parts/page";
import { hasVisits } from "../parts/people";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { capital, dateOf, lesson } from "../words/time";
import { say } from "../words/words";
import { Timetable } from "./timetable";

/** Hours that the school covers, and a place in them. */
export function Hours() {
  const store = useStore();
  const school = store.schools.value.find((s) => s.school)?.school; // its clock counts; the lessons are one's own everywhere
  return (
    <Page title={say("hours.title")} back="/more">
      <p class="lead">{say("hours.lead")}</p>
      <p class="quiet">{say("hours.secret")}</p>
      {store.schools.value.map((s) => s.school && <OfSchool key={s.school.id} schoolId={s.school.id} name={s.school.name} />)}
      {school && hasVisits(store) && <Timetable schoolId={school.id} />}
    </Page>
  );
}

function OfSchool({ schoolId, name }: { schoolId: string; name: string }) {
  const store = useStore();
  const answer = useAnswer(async () => {
    const { terms } = await store.call.school.listTerms({ schoolId });
    const now = store.now();
    const term = terms.find((t) => dateOf(t.startTime)! <= now && now < dateOf(t.endTime)!) ?? terms.find((t) => !t.closed);
    const reply = await store.call.school.getTimeBudget({ schoolId, term: term?.id ?? "" });
    return { minutes: reply.timeBudget?.minutes ?? 0, hours: reply.timeBudget?.hours ?? [] };
  }, [schoolId]);
  return (
    <Answered of={answer}>
      {(budget) => {
        const coming = budget.hours.filter((h) => (dateOf(h.endTime) ?? store.now()) > store.now());
        return (
          <section aria-label={name}>
            {store.schools.value.length > 1 && <h2>{name}</h2>}
            {budget.minutes > 0 && <p>{say("hours.total", { n: Math.round(budget.minutes / 60) })}</p>}
            {coming.length === 0 && <p>{say("hours.none")}</p>}
            <ul class="cards">
              {coming.map((h) => (
                <HoursCard key={h.id} hours={h} again={answer.again} />
              ))}
            </ul>
          </section>
        );
      }}
    </Answered>
  );
}

function HoursCard({ hours: h, again }: { hours: CoveredHours; again: () => void }) {
  const store = useStore();
  const doing = useDoing();
  const start = dateOf(h.startTime)!;
  const end = dateOf(h.endTime)!;
  const book = (giveBack: boolean) =>
    void doing.run(() => store.call.school.bookTime({ requestId: newId(), hoursId: h.id, giveBack })).then((ok) => ok && again());
  return (
    <li class="card">
      <div class="card-main">
        <b>{capital(lesson(start, end, store.now()))}</b>
        <small>
          <Icon of={h.yours ? "check" : h.full ? "off" : "circle"} /> {say(h.yours ? "hours.yours" : h.full ? "hours.full" : "hours.free")}
        </small>
        <Refused refusal={doing.refusal} />
      </div>
      {h.yours ? (
        <div class="two">
          <button type="button" disabled={doing.doing} onClick={() => book(true)}>
            {say("hours.give_back")}
          </button>
          <a class="button" href={`#/new?at=${start.toISOString()}`}>
            {say("hours.propose")}
          </a>
        </div>
      ) : (
        !h.full &&
        hasVisits(store) && (
          <button type="button" disabled={doing.doing} onClick={() => book(false)}>
            {say("hours.book")}
          </button>
        )
      )}
    </li>
  );
}
