// One's own timetable from an address that is read again each night.

import { useEffect, useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { type CalendarRowError, type TimetableFeed, TimetableFeedState } from "../gen/undring/v1/school_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Field } from "../parts/field";
import { Refused, Sure } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { dateOf, when } from "../words/time";
import en from "../words/timetable.en.json";
import nb from "../words/timetable.nb.json";
import nn from "../words/timetable.nn.json";
import { own } from "../words/own";

const say = own({ nb, nn, en });
const shown = 20; // lines that were not understood
const lookAgain = 4_000; // ms, while it waits to be read

/** What is said of each state but READ, which has numbers. */
const states: Partial<Record<TimetableFeedState, keyof typeof nb>> = {
  [TimetableFeedState.WAITING]: "feed.WAITING",
  [TimetableFeedState.UNREACHABLE]: "feed.UNREACHABLE",
  [TimetableFeedState.REFUSED]: "feed.REFUSED",
  [TimetableFeedState.TOO_LARGE]: "feed.TOO_LARGE",
  [TimetableFeedState.NO_CALENDAR]: "feed.NO_CALENDAR",
  [TimetableFeedState.INSIDE]: "feed.INSIDE",
};

/** The address of one's timetable: set once, and what came of it. */
export function Feed({ schoolId }: { schoolId: string }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.school.getTimetableFeed({}));
  const doing = useDoing();
  const [address, setAddress] = useState("");
  const waits = answer.data?.feed?.state === TimetableFeedState.WAITING;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(answer.again, lookAgain);
    return () => clearInterval(timer);
  }, [waits, answer.again]);
  const set = (o: { address?: string; again?: boolean }) =>
    void doing
      .run(() => store.call.school.setTimetableFeed({ requestId: newId(), schoolId, ...o }))
      .then((ok) => {
        if (!ok) return;
        setAddress("");
        answer.again();
      });
  return (
    <>
      <h3 id="feed">{say("feed.title")}</h3>
      <p class="quiet">{say("feed.lead")}</p>
      <Answered of={answer}>{({ feed }) => feed && <Standing of={feed} now={store.now()} />}</Answered>
      <form
        aria-labelledby="feed"
        onSubmit={(e) => {
          e.preventDefault();
          set({ address });
        }}
      >
        <Field id="feed-address" single required label={say(answer.data?.feed ? "feed.other" : "feed.address")} sees="who.mine" max={limits.setTimetableFeed.address} value={address} input={setAddress} />
        <Refused refusal={doing.refusal} />
        <button type="submit" disabled={doing.doing}>
          {say("feed.set")}
        </button>
      </form>
      {answer.data?.feed && (
        <div class="two">
          <button type="button" disabled={doing.doing || waits} onClick={() => set({ again: true })}>
            {say("feed.again")}
          </button>
          <Sure label={say("feed.remove")} ask={say("feed.remove.what")} yes={say("feed.remove")} do={() => set({})} />
        </div>
      )}
    </>
  );
}

function Standing({ of, now }: { of: TimetableFeed; now: Date }) {
  const read = dateOf(of.readTime);
  const state = states[of.state];
  return (
    <div class="told" role="status">
      <p>
        <b>{of.host}</b>
      </p>
      {state && <p>{say(state)}</p>}
      {read && <p>{say("feed.read", { n: of.lessons, when: when(read, now) })}</p>}
      {of.lessons > 0 && <p>{say("feed.holds")}</p>}
      {of.kept > 0 && <p>{say("feed.kept", { n: of.kept })}</p>}
      {of.leftOut > 0 && <p>{say("left_out", { n: of.leftOut })}</p>}
      <NotUnderstood rows={of.rowErrors} more={of.moreRowErrors} />
    </div>
  );
}

/** What of a calendar was not taken, and why. */
export function NotUnderstood({ rows, more }: { rows: CalendarRowError[]; more: number }) {
  if (rows.length === 0) return null;
  return (
    <details open={rows.length <= 5}>
      <summary>{say(rows.length + more === 1 ? "odd.one" : "odd.many", { n: rows.length + more })}</summary>
      <ul>
        {rows.slice(0, shown).map((r) => (
          <li key={`${r.line} ${r.fileLine} ${r.reason}`}>{[r.what, r.description].filter(Boolean).join(": ")}</li>
        ))}
      </ul>
    </details>
  );
}
