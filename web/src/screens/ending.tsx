import {
  CancelObservationRequestSchema,
  EndWithoutExchangeRequestSchema,
  type Observation,
  ObservationState,
  ReopenObservationRequestSchema,
  WithdrawObservationRequestSchema,
} from "../gen/undring/v1/observation_pb";
import { Next } from "../parts/next";
import { RefusedAbout, Sure } from "../parts/notices";
import { isAlone } from "../rules/next";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { useStore } from "../parts/store";
import { otherId, startOf, visitTitle } from "../parts/visit";
import { go } from "../route";
import { say } from "../words/words";

/** The ways out of a visit, each with what it does. Nobody asks why. */
export function Ending({ visit }: { visit: Observation }) {
  const store = useStore();
  const { first, me } = useNames();
  const name = first(otherId(store, visit));
  const is = (...states: ObservationState[]) => states.includes(visit.state);
  const id = { observationId: visit.id };
  const back = () => go(`/v/${visit.id}`);
  const canCancel = is(ObservationState.PROPOSED) || (is(ObservationState.AGREED) && store.now() < startOf(visit));
  const alone = isAlone(visit, me); // nobody would answer a wish
  const canExit = !alone && is(ObservationState.OBSERVED, ObservationState.FEEDBACK_GIVEN) && visit.exitWishedById !== me;
  const canReopen = !alone && is(ObservationState.CLOSED) && visit.reopenWishedById !== me;
  return (
    <Page title={say("leave.title")} over={visitTitle(store, visit)} back={`/v/${visit.id}`}>
      <Next visit={visit} />
      <RefusedAbout id={visit.id} />
      <p class="quiet">{say("leave.no_reason")}</p>
      {canCancel && (
        <section class="way">
          <h2>{say("leave.cancel")}</h2>
          <p>{say("leave.cancel.text", { name })}</p>
          <Sure
            class=""
            label={say("leave.cancel")}
            ask={say("leave.cancel.text", { name })}
            yes={say("leave.cancel.do")}
            do={() => {
              store.do(CancelObservationRequestSchema, id);
              back();
            }}
          />
        </section>
      )}
      {canExit && (
        <section class="way">
          <h2>{say("leave.exit")}</h2>
          <p>{say("leave.exit.text")}</p>
          <button
            type="button"
            onClick={() => {
              store.do(EndWithoutExchangeRequestSchema, id);
              back();
            }}
          >
            {say("leave.exit.do")}
          </button>
        </section>
      )}
      {canReopen && (
        <section class="way">
          <h2>{say("leave.reopen")}</h2>
          <p>{say("leave.reopen.text")}</p>
          <button
            type="button"
            onClick={() => {
              store.do(ReopenObservationRequestSchema, id);
              back();
            }}
          >
            {say("leave.reopen.do")}
          </button>
        </section>
      )}
      <section class="way">
        <h2>{say("leave.withdraw")}</h2>
        <p>{say("leave.withdraw.text")}</p>
        <Sure
          class=""
          label={say("leave.withdraw")}
          ask={say("leave.withdraw.text")}
          yes={say("leave.withdraw.do")}
          do={() => {
            store.do(WithdrawObservationRequestSchema, id);
            back();
          }}
        />
      </section>
    </Page>
  );
}
