// Whose move it is, worked out on the phone while the server can't say. The
// mirror of observation/visit.go, NextStep, and of feedback/exchange.go, count and
// unsettled. Both are held to the cases in spec/rules: next, late and answered; the
// server's own word on many more visits is in feedback/testdata/steps.json.

import { create } from "@bufbuild/protobuf";
import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt";

import { QuestionState, type Exchange } from "../gen/undring/v1/feedback_pb";
import { NextStepSchema, NextTodo, ObservationState as State, type NextStep, type Observation } from "../gen/undring/v1/observation_pb";
import { says } from "./says";

/** Who a proposal waits for: the other one of whom said yes last. */
export function awaited(visit: Observation): string {
  let last: { personId: string; at: number } | undefined;
  for (const yes of visit.agreement?.consents ?? []) {
    const at = yes.acceptTime ? timestampDate(yes.acceptTime).getTime() : 0;
    if (!last || at > last.at) last = { personId: yes.personId, at };
  }
  return last?.personId === visit.observerId ? visit.observedId : visit.observerId;
}

/**
 * Whose move it is. toWrite: those who have not written what they take with
 * them; that is told nowhere but in the next step of an answered visit.
 */
export function nextStep(visit: Observation, exchange: Exchange | undefined, toWrite: string[]): NextStep {
  const { observerId: observer, observedId: observed } = visit;
  const make: Make = (personIds, todo, dueTime) =>
    create(NextStepSchema, { personIds, todo, ...(dueTime ? { dueTime } : {}) });
  switch (visit.state) {
    case State.PROPOSED:
      if (!says(visit.focusQuestion)) return make([observed], NextTodo.SET_FOCUS, visit.startTime);
      return make([awaited(visit)], NextTodo.ANSWER_PROPOSAL, visit.startTime);
    case State.AGREED:
      return make([observer], NextTodo.VISIT, visit.startTime);
    case State.OBSERVED:
      return make([observer], NextTodo.GIVE_FEEDBACK, visit.feedbackDueTime);
    case State.FEEDBACK_GIVEN:
      return exchangeStep(visit, exchange, make);
    case State.ANSWERED:
      return make(toWrite, NextTodo.RECORD_TAKEAWAY, visit.takeawayDueTime);
    default:
      return make([], NextTodo.UNSPECIFIED);
  }
}

type Make = (personIds: string[], todo: NextTodo, dueTime?: Timestamp) => NextStep;

function exchangeStep(visit: Observation, exchange: Exchange | undefined, make: Make): NextStep {
  const { observerId: observer, observedId: observed, answerDueTime: due } = visit;
  const questions = exchange?.questions ?? [];
  const open = questions.filter((q) => q.state === QuestionState.OPEN);
  const nearest = open.map((q) => q.dueTime).filter((t) => t !== undefined).sort((a, b) => Number(a.seconds - b.seconds))[0];
  const waiting = [observer, observed].filter((p) => open.some((q) => q.addresseeId === p));
  const talk = exchange?.conversation;
  const teller = talk && !talk.confirmed ? talk.recordedById : "";
  switch (true) {
    case !visit.feedbackOpened:
      return make([observed], NextTodo.RECORD_OWN_VIEW, due);
    case waiting.length > 0:
      return make(waiting, NextTodo.ANSWER_QUESTIONS, nearest);
    case !questions.some((q) => q.state === QuestionState.TALKED_UNCONFIRMED):
      return make([observed], NextTodo.ANSWER_QUESTIONS, due); // all is parked: one wondering question still wants words
    case teller === "":
      return make([observer, observed], NextTodo.RECORD_CONVERSATION, due);
    default:
      return make([teller === observer ? observed : observer], NextTodo.CONFIRM_CONVERSATION, due);
  }
}

/** Whether the promise of a next step is late. What is merely ahead never is. */
export function isLate(step: NextStep, now: Date): boolean {
  const ahead = [NextTodo.ANSWER_PROPOSAL, NextTodo.SET_FOCUS, NextTodo.VISIT].includes(step.todo);
  return !ahead && step.dueTime !== undefined && timestampDate(step.dueTime) < now;
}

/** Nothing keeps an exchange from being answered: no question is open, and words have settled a wondering one of the observer's. */
export function isSettled(visit: Pick<Observation, "observerId">, exchange: Exchange): boolean {
  const open = [QuestionState.OPEN, QuestionState.TALKED_UNCONFIRMED];
  return (
    !exchange.questions.some((q) => open.includes(q.state)) &&
    exchange.questions.some(
      (q) => q.wondering && q.askerId === visit.observerId && [QuestionState.ANSWERED, QuestionState.TALKED].includes(q.state),
    )
  );
}
