import type { CoveredHours } from "../gen/undring/v1/school_pb";
import { useAnswer, useDoing } from "../parts/call";
import { Icon } from "../parts/icons";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import type { Span } from "../parts/when";
import { newId } from "../store/id";
import { capital, dateOf, isoClock, isoDay, lesson } from "../words/time";
import { say } from "../words/words";

const shown = 6; // the next ones
const longest = 90; // minutes of a lesson that is proposed; covered hours may be longer

/**
 * Hours in which the school covers for who visits: one tap takes a place in them, and
 * proposes their time. Nothing stands there where there are none, or no network.
 */
export function Covered({ schoolId, set }: { schoolId: string; set: (span: Span) => void }) {
  const store = useStore();
  const doing = useDoing();
  const answer = useAnswer(async () => {
    const { terms } = await store.call.school.listTerms({ schoolId });
    const term = terms.findLast((t) => !t.closed); // the one that runs: the next one stands before it
    const reply = await store.call.school.getTimeBudget({ schoolId, term: term?.id ?? "" });
    return reply.timeBudget?.hours ?? [];
  }, [schoolId]);
  const coming = (answer.data ?? []).filter((h) => dateOf(h.startTime)! > store.now() && (h.yours || !h.full)).slice(0, shown);
  if (coming.length === 0) return null;
  async function take(h: CoveredHours) {
    if (!h.yours && !(await doing.run(() => store.call.school.bookTime({ requestId: newId(), hoursId: h.id })))) return;
    const [start, end] = [dateOf(h.startTime)!, dateOf(h.endTime)!];
    set({ day: isoDay(start), time: isoClock(start), minutes: Math.min(longest, (end.getTime() - start.getTime()) / 60_000) });
    answer.again();
  }
  return (
    <>
      <h3 id="covered">{say("new.covered")}</h3>
      <ul class="rows" aria-labelledby="covered">
        {coming.map((h) => (
          <li key={h.id}>
            <button type="button" class="row" disabled={doing.doing} onClick={() => void take(h)}>
              <span class="row-text">
                <b>{capital(lesson(dateOf(h.startTime)!, dateOf(h.endTime)!, store.now()))}</b>
                <small>
                  <Icon of={h.yours ? "check" : "circle"} /> {say(h.yours ? "hours.yours" : "hours.free")}
                </small>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Refused refusal={doing.refusal} />
    </>
  );
}
