import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { AcceptObservationRequestSchema, NextTodo, type Observation, ObservationState, SetFocusRequestSchema } from "../gen/undring/v1/observation_pb";
import { Field, readBy } from "../parts/field";
import { useMissing } from "../parts/missing";
import { Next } from "../parts/next";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { OtherAnswers, Promised } from "../parts/promise";
import { Prompts } from "../parts/prompts";
import { useBegun, useStore, useTyped } from "../parts/store";
import { startOf, visitTitle } from "../parts/visit";
import { isAfterwards, isFrozen, latest } from "../rules/frozen";
import { says } from "../rules/says";
import { go } from "../route";
import { when } from "../words/time";
import { say } from "../words/words";

/** What stood there when the lesson began, and stands. */
const Frozen = ({ visit }: { visit: Observation }) => (
  <dl class="card-text">
    {visit.intention && (
      <div>
        <dt>{say("card.intention")}</dt>
        <dd>{visit.intention}</dd>
      </div>
    )}
    {visit.expectation && (
      <div>
        <dt>{say("card.expectation")}</dt>
        <dd>{visit.expectation}</dd>
      </div>
    )}
  </dl>
);

/** The visit card, written by the observed. With a proposal that waits for it, one goes on to say yes. */
export function CardScreen({ visit }: { visit: Observation }) {
  const store = useStore();
  const { first } = useNames();
  const missing = useMissing();
  const at = (field: string) => `card/${visit.id}/${field}`;
  const begun = useBegun(at("begun"), `card/${visit.id}`);
  const focus = useTyped(at("focus"), visit.focusQuestion, begun);
  const frozen = isFrozen(visit, store.now());
  const now = latest(visit);
  const intention = useTyped(at("intention"), now.intention, begun);
  const expectation = useTyped(at("expectation"), now.expectation, begun);
  const lookFor = useTyped(at("look-for"), visit.lookFor, begun);
  const notNote = useTyped(at("not-note"), visit.doNotNote, begun);
  const wanted = useTyped(at("wanted"), visit.wantedFeedback, begun);
  const [more, setMore] = useState(lookFor.value + notNote.value + wanted.value !== "");
  const proposed = visit.state === ObservationState.PROPOSED;
  const willAccept = proposed && visit.nextStep?.todo === NextTodo.SET_FOCUS;

  function save(accept: boolean) {
    if (missing.found(!says(focus.value) && { id: "focus", words: say("new.missing.focus") })) return;
    store.do(
      SetFocusRequestSchema,
      {
        observationId: visit.id,
        focusQuestion: focus.value.trim(),
        intention: intention.value.trim(),
        expectation: expectation.value.trim(),
        lookFor: lookFor.value.trim(),
        doNotNote: notNote.value.trim(),
        wantedFeedback: wanted.value.trim(),
        focusAreaId: visit.focusAreaId,
        revision: visit.revision,
      },
      { words: [begun, focus, intention, expectation, lookFor, notNote, wanted].map((w) => w.key), basis: begun.basis },
    );
    const now = store.visit(visit.id);
    if (accept && now && store.myMove(now)) store.do(AcceptObservationRequestSchema, { observationId: visit.id });
    go(`/v/${visit.id}`);
  }

  return (
    <Page
      title={say("card.title")}
      over={visitTitle(store, visit)}
      back={`/v/${visit.id}`}
      bar={
        willAccept ? (
          <div class="two">
            <button type="button" onClick={() => save(false)}>
              {say("do.save")}
            </button>
            <button type="button" class="primary" onClick={() => save(true)}>
              {say("card.accept")}
            </button>
          </div>
        ) : (
          <button type="button" class="primary wide" onClick={() => save(false)}>
            {say("do.save")}
          </button>
        )
      }
    >
      <Next visit={visit} />
      <RefusedAbout id={visit.id} only={["SetFocus"]} />
      {visit.suggestedFocusQuestion && !visit.focusQuestion && (
        <div class="suggestion">
          <p>
            <small>{say("visit.suggested", { name: first(visit.observerId) })}</small>
            <br />
            {visit.suggestedFocusQuestion}
          </p>
          <button type="button" onClick={() => focus.set(visit.suggestedFocusQuestion)}>
            {say("visit.use_suggested")}
          </button>
        </div>
      )}
      <Field id="focus" label={say("card.focus")} hint={say("card.focus.hint")} sees={readBy(visit.audience, "who.two")} max={limits.setFocus.focusQuestion} value={focus.value} wrong={missing.of("focus", says(focus.value))} input={(t) => focus.set(t)} />
      <Prompts moment="card" take={(t) => focus.append(t)} />
      {frozen && (
        <div class="suggestion">
          <small>{say(isAfterwards(visit) ? "card.afterwards" : "card.frozen")}</small>
          <Frozen visit={visit} />
        </div>
      )}
      <Field id="intention" optional label={say(frozen ? "card.intention.now" : "card.intention")} hint={say("card.intention.hint")} sees={readBy(visit.audience, "who.two")} max={limits.setFocus.intention} value={intention.value} input={(t) => intention.set(t)} />
      <Field id="expectation" optional label={say(frozen ? "card.expectation.now" : "card.expectation")} hint={say("card.expectation.hint")} sees={readBy(visit.audience, "who.two")} max={limits.setFocus.expectation} value={expectation.value} input={(t) => expectation.set(t)} />
      <p class="quiet">{frozen ? say("card.is_frozen") : startOf(visit) > store.now() && say("card.freezes", { when: when(startOf(visit), store.now()) })}</p>
      <details class="more" open={more} onToggle={(e) => setMore(e.currentTarget.open)}>
        <summary>{say("card.more")}</summary>
        <Field id="look-for" optional label={say("card.look_for")} hint={say("card.look_for.hint")} sees={readBy(visit.audience, "who.two")} max={limits.setFocus.lookFor} value={lookFor.value} input={(t) => lookFor.set(t)} />
        <Field id="not-note" optional label={say("card.not_note")} hint={say("card.not_note.hint")} sees={readBy(visit.audience, "who.two")} max={limits.setFocus.doNotNote} value={notNote.value} input={(t) => notNote.set(t)} />
        <Field id="wanted" optional label={say("card.wanted")} hint={say("card.wanted.hint")} sees={readBy(visit.audience, "who.two")} max={limits.setFocus.wantedFeedback} value={wanted.value} input={(t) => wanted.set(t)} />
      </details>
      {willAccept && (
        <>
          <Promised words={say("proposal.promise")} lines={visit.agreement?.lines ?? []} />
          <OtherAnswers visit={visit} />
        </>
      )}
    </Page>
  );
}
