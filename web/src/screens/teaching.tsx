import type { TimeSlot } from "../gen/undring/v1/observation_pb";
import { useAnswer } from "../parts/call";
import { useStore } from "../parts/store";
import type { Span } from "../parts/when";
import { capital, dateOf, isoClock, isoDay, lesson } from "../words/time";
import { say } from "../words/words";

const longest = 45; // minutes that are proposed of an hour; the picker has longer ones

/** At how many of one's free hours they teach. */
export const teachesWords = (n: number, name: string): string => say(n === 1 ? "new.teaches.one" : "new.teaches.many", { n, name });

/** An hour as it is proposed. */
export function spanOfSlot(of: TimeSlot): Span {
  const [start, end] = [dateOf(of.startTime)!, dateOf(of.endTime)!];
  return { day: isoDay(start), time: isoClock(start), minutes: Math.min(longest, (end.getTime() - start.getTime()) / 60_000) };
}

/**
 * Hours of the coming week at which a colleague teaches and one is free: one tap proposes one of
 * them. Nothing stands there where the timetables are not known, or there is no network.
 */
export function Teaching({ schoolId, personId, name, set }: { schoolId: string; personId: string; name: string; set: (span: Span) => void }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.observation.suggestPartners({ schoolId, personId }), [schoolId, personId]);
  const of = answer.data?.suggestions[0];
  if (!of || of.teachingHours === 0) return null;
  return (
    <>
      <h3 id="teaches">{teachesWords(of.teachingHours, name)}</h3>
      <ul class="rows" aria-labelledby="teaches">
        {of.teachingSlots.map((s) => (
          <li key={dateOf(s.startTime)!.toISOString()}>
            <button type="button" class="row" onClick={() => set(spanOfSlot(s))}>
              <span class="row-text">
                <b>{capital(lesson(dateOf(s.startTime)!, dateOf(s.endTime)!, store.now()))}</b>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
