import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import * as limits from "../gen/limits";
import { CounterProposeRequestSchema, type Observation, ObservationState, ProposeMoveRequestSchema } from "../gen/undring/v1/observation_pb";
import { Warnings } from "../parts/check";
import { Field, readBy } from "../parts/field";
import { useKept } from "../parts/kept";
import { Next } from "../parts/next";
import { Page } from "../parts/page";
import { firstNameOf } from "../parts/people";
import { useStore, useTyped } from "../parts/store";
import { endOf, otherId, startOf, visitTitle } from "../parts/visit";
import { endAt, type Span, startAt, When } from "../parts/when";
import { go } from "../route";
import { isoClock, isoDay } from "../words/time";
import { say } from "../words/words";

/** Another time: for a proposal, and if one likes another place, or for what is agreed. */
export function Counter({ visit }: { visit: Observation }) {
  const store = useStore();
  const start = startOf(visit);
  // Of another time than it was begun on nothing is kept: it may be what was proposed meanwhile.
  const chosen = useKept<Span>(`time/${visit.id}/${start.getTime()}`, {
    day: isoDay(start),
    time: isoClock(start),
    minutes: Math.round((endOf(visit).getTime() - start.getTime()) / 60_000),
  });
  const span = chosen.value;
  const agreed = visit.state === ObservationState.AGREED;
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
            const id = { observationId: visit.id, startTime: timestampFromDate(startAt(span)), endTime: timestampFromDate(endAt(span)) };
            if (agreed) store.do(ProposeMoveRequestSchema, id, { words: [chosen.key] });
            else store.do(
              CounterProposeRequestSchema,
              { ...id, place: place.value.trim() },
              { words: [place.key, chosen.key] },
            );
            go(`/v/${visit.id}`);
          }}
        >
          {say("counter.send")}
        </button>
      }
    >
      <Next visit={visit} />
      {agreed && <p class="quiet">{say("move.lead", { name: firstNameOf(store, otherId(store, visit)) })}</p>}
      <When span={span} set={(s) => chosen.set(s)} now={store.now()} />
      <Warnings of={{ schoolId: visit.schoolId, observerId: visit.observerId, observedId: visit.observedId, coTaught: visit.coTaught, observationId: visit.id }} span={span} />
      {!agreed && <Field id="place" single optional label={say("new.place")} sees={readBy(visit.audience, "who.two")} max={limits.counterPropose.place} value={place.value} input={(t) => place.set(t)} />}
    </Page>
  );
}
