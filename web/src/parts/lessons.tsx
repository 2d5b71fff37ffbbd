// Open lessons, as they are read.

import { type Observation, type OpenLesson } from "../gen/undring/v1/observation_pb";
import type { Store } from "../store/store";
import { capital, dateOf, lesson as lessonWords } from "../words/time";
import { say } from "../words/words";
import { readBy, Who } from "./field";
import { useNames } from "./people";
import { useStore } from "./store";
import { isOpen } from "./visit";

const startsAt = (l: OpenLesson): number => dateOf(l.startTime)?.getTime() ?? 0;

/** Open lessons that have not begun, the next one first. */
export function lessonsAhead(store: Store): OpenLesson[] {
  const all = store.schools.value.flatMap((s) => s.openLessons);
  return all.filter((l) => startsAt(l) > store.now().getTime()).sort((a, b) => startsAt(a) - startsAt(b));
}

/** The visit that came of asking for a place in the lesson. */
export const visitTo = (store: Store, l: OpenLesson): Observation | undefined =>
  store.visits.value.find((v) => isOpen(v) && v.observedId === l.personId && dateOf(v.startTime)?.getTime() === startsAt(l));

/** What there is to see, with whom, when, and what they wonder about. */
export function LessonText({ lesson }: { lesson: OpenLesson }) {
  const store = useStore();
  const { name, me } = useNames();
  const [start, end] = [dateOf(lesson.startTime) ?? new Date(0), dateOf(lesson.endTime) ?? new Date(0)];
  return (
    <>
      <h3>{say("open.come", { what: lesson.title })}</h3>
      <p>
        {lesson.personId === me ? say("people.you") : name(lesson.personId)}
        <br />
        <small>
          {capital(lessonWords(start, end, store.now()))}
          {lesson.place && ` · ${lesson.place}`}
        </small>
      </p>
      <dl class="card-text">
        <div class="card-focus">
          <dt>{say("open.wonders")}</dt>
          <dd>{lesson.focusQuestion}</dd>
        </div>
        {lesson.wantedFeedback && (
          <div>
            <dt>{say("card.wanted")}</dt>
            <dd>{lesson.wantedFeedback}</dd>
          </div>
        )}
      </dl>
      <Who sees={readBy(lesson.audience, "who.school")} />
    </>
  );
}
