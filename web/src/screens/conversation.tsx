import { durationFromMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import * as limits from "../gen/limits";
import { RecordConversationRequestSchema } from "../gen/undring/v1/feedback_pb";
import type { Observation } from "../gen/undring/v1/observation_pb";
import { Choice } from "../parts/choice";
import { Field } from "../parts/field";
import { useKept } from "../parts/kept";
import { Next } from "../parts/next";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useStore, useTyped } from "../parts/store";
import { endOf, visitTitle } from "../parts/visit";
import { type Span, startAt } from "../parts/when";
import { says } from "../rules/says";
import { go } from "../route";
import { isoClock, isoDay } from "../words/time";
import { say } from "../words/words";

const lengths = [10, 20, 30, 45, 60];

/** "We talked": when, how long, and two lines. */
export function ConversationScreen({ visit }: { visit: Observation }) {
  const store = useStore();
  const now = store.now();
  const begun = endOf(visit) < now ? endOf(visit) : now;
  const talked = useKept<Span>(`talk/${visit.id}/when`, { day: isoDay(begun), time: isoClock(begun), minutes: limits.bookedTalk / 60_000 });
  const { day, time, minutes } = talked.value;
  const summary = useTyped(`talk/${visit.id}`);
  const written = summary.value.trim();
  const at = startAt(talked.value);
  return (
    <Page
      title={say("ex.talk.record")}
      over={visitTitle(store, visit)}
      back={`/v/${visit.id}/exchange`}
      bar={
        <button
          type="button"
          class="primary wide"
          disabled={!says(written)}
          onClick={() => {
            store.do(
              RecordConversationRequestSchema,
              {
                observationId: visit.id,
                talkedAt: timestampFromDate(at < now ? at : now),
                duration: durationFromMs(minutes * 60_000),
                summary: written,
              },
              { words: [summary.key, talked.key] },
            );
            go(`/v/${visit.id}/exchange`);
          }}
        >
          {say("ex.talk.send")}
        </button>
      }
    >
      <Next visit={visit} />
      <RefusedAbout id={visit.id} only={["RecordConversation"]} />
      <Field id="summary" label={say("ex.talk.summary")} sees="who.two" max={limits.recordConversation.summary} rows={2} value={summary.value} input={(t) => summary.set(t)} />
      <div class="two">
        <label class="inline">
          {say("ex.talk.when")}
          <input type="date" max={isoDay(now)} value={day} onChange={(e) => e.currentTarget.value && talked.set({ day: e.currentTarget.value })} />
        </label>
        <label class="inline">
          {say("new.start")}
          <input type="time" value={time} onChange={(e) => e.currentTarget.value && talked.set({ time: e.currentTarget.value })} />
        </label>
      </div>
      <Choice
        legend={say("ex.talk.long")}
        class="chips"
        value={minutes}
        choose={(n) => talked.set({ minutes: n })}
        options={lengths.map((n) => ({ value: n, label: say("new.minutes", { n }) }))}
      />
    </Page>
  );
}
