import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { CounterProposeRequestSchema, type Observation } from "../gen/undring/v1/observation_pb";
import { Field } from "../parts/field";
import { Next } from "../parts/next";
import { Page } from "../parts/page";
import { useStore, useTyped } from "../parts/store";
import { endOf, startOf, visitTitle } from "../parts/visit";
import { endAt, startAt, When } from "../parts/when";
import { go } from "../route";
import { isoClock, isoDay } from "../words/time";
import { say } from "../words/words";

/** Another time, and if one likes another place. */
export function Counter({ visit }: { visit: Observation }) {
  const store = useStore();
  const start = startOf(visit);
  const [span, setSpan] = useState({
    day: isoDay(start),
    time: isoClock(start),
    minutes: Math.round((endOf(visit).getTime() - start.getTime()) / 60_000),
  });
  const place = useTyped(`time/${visit.id}/place`, visit.place);
  return (
    <Page
      title={say("counter.title")}
      over={visitTitle(store, visit)}
      back={`/v/${visit.id}`}
      bar={
        <button
          type="button"
          class="primary wide"
          onClick={() => {
            store.do(
              CounterProposeRequestSchema,
              { observationId: visit.id, startTime: timestampFromDate(startAt(span)), endTime: timestampFromDate(endAt(span)), place: place.value.trim() },
              { words: [place.key] },
            );
            go(`/v/${visit.id}`);
          }}
        >
          {say("counter.send")}
        </button>
      }
    >
      <Next visit={visit} />
      <When span={span} set={setSpan} now={store.now()} />
      <Field id="place" single optional label={say("new.place")} sees="who.two" max={limits.counterPropose.place} value={place.value} input={(t) => place.set(t)} />
    </Page>
  );
}
