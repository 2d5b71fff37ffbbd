// Whose move it is, worked out on the phone while the server can't say. The
// mirror of observation/visit.go, NextStep, and of feedback/exchange.go, count and
// unsettled. Both are held to the cases in spec/rules: next, late and answered; the
// server's own word on many more visits is in feedback/testdata/steps.json.

import { create } from "@bufbuild/protobuf";
import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt";

import { QuestionState, type Conversation, type Exchange } from "../gen/undring/v1/feedback_pb";
import { NextStepSchema, NextTodo, ObservationState as State, type NextStep, type Observation } from "../gen/undring/v1/observation_pb";
import { says } from "./says";

/** Who a proposal waits for: the other one of whom said yes last; of an agreed visit, of whom would move it. */
export function awaited(visit: Observation): string {
  if (visit.state === State.AGREED) return visit.move ? otherOf(visit, visit.move.proposedById) : "";
  let last: { personId: string; at: number } | undefined;
  for (const yes of visit.agreement?.consents ?? []) {
    const at = yes.acceptTime ? timestampDate(yes.acceptTime).getTime() : 0;
    if (!last || at > last.at) last = { personId: yes.personId, at };
  }
  return last?.personId === visit.observerId ? visit.observedId : visit.observerId;
}

/** Nothing more is to be done in it. Said in may.ts too, which builds on this file. */
const over = [State.CLOSED, State.CLOSED_WITHOUT_EXCHANGE, State.DECLINED, State.CANCELLED, State.EXPIRED, State.WITHDRAWN];

/** Whether the other one of a person is not at the school any more. */
export const isAlone = (visit: Observation, person: string): boolean => visit.leftIds.includes(otherOf(visit, person));

/** The other one of the two. */
const otherOf = (visit: Observation, person: string): string => (person === visit.observerId ? visit.observedId : visit.observerId);

/**
 * Whose move it is. toWrite: those who have not written what they take with
 * them; that is told nowhere but in the next step of an answered visit.
 */
export function nextStep(visit: Observation, exchange: Exchange | undefined, toWrite: string[]): NextStep {
  const alone = [visit.observerId, visit.observedId].filter((p) => isAlone(visit, p));
  if (alone.length > 0 && !over.includes(visit.state)) return create(NextStepSchema, { personIds: alone, todo: NextTodo.END_ALONE });
  const step = stepOfState(visit, exchange, toWrite);
  const asked = askedBy(visit);
  if (asked !== "") {
    // The promise of the one who is asked stays due: a wish is no way around it.
    const due = step.personIds.includes(asked) && step.dueTime ? { dueTime: step.dueTime } : {};
    return create(NextStepSchema, { personIds: [asked], todo: NextTodo.ANSWER_WISH, ...due });
  }
  return step.todo === NextTodo.UNSPECIFIED ? toSee(visit) : step;
}

/** Who wishes for the honest exit, or to reopen what is closed; empty where nobody does, or has left. */
export function endWishOf(visit: Observation): string {
  const wish = visit.state === State.CLOSED ? visit.reopenWishedById : visit.exitWishedById;
  return isAlone(visit, wish) ? "" : wish;
}

/** Whom a wish waits for: the other one of whom has it; empty where nobody wishes for anything. */
export function askedBy(visit: Observation): string {
  const wish = endWishOf(visit) || (visit.nameWish?.wishedById ?? "");
  return wish === "" || isAlone(visit, wish) ? "" : otherOf(visit, wish); // who has left is asked for nothing
}

/** The step of those who have not seen what happened to a visit that has ended. */
function toSee({ observerId, observedId, unseenChanges }: Observation): NextStep {
  const personIds = [observerId, observedId].filter((p) => unseenChanges.some((u) => u.personId === p));
  return create(NextStepSchema, personIds.length > 0 ? { personIds, todo: NextTodo.SEE_CHANGE } : {});
}

function stepOfState(visit: Observation, exchange: Exchange | undefined, toWrite: string[]): NextStep {
  const { observerId: observer, observedId: observed } = visit;
  const make: Make = (personIds, todo, dueTime) =>
    create(NextStepSchema, { personIds, todo, ...(dueTime ? { dueTime } : {}) });
  switch (visit.state) {
    case State.PROPOSED:
      if (!says(visit.focusQuestion)) return make([observed], NextTodo.SET_FOCUS, visit.startTime);
      return make([awaited(visit)], NextTodo.ANSWER_PROPOSAL, visit.startTime);
    case State.AGREED:
      if (visit.move) return make([awaited(visit)], NextTodo.ANSWER_MOVE, visit.startTime);
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
  const teller = talksOf(exchange).findLast((talk) => !talk.confirmed)?.recordedById ?? "";
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

/** The talks of an exchange, the oldest first. */
export const talksOf = (exchange: Exchange | undefined): Conversation[] =>
  exchange?.conversation ? [...exchange.earlierConversations, exchange.conversation] : [];

/** Whether the promise of a next step is late. What is merely ahead never is. */
export function isLate(step: NextStep, now: Date): boolean {
  const ahead = [NextTodo.ANSWER_PROPOSAL, NextTodo.SET_FOCUS, NextTodo.VISIT, NextTodo.ANSWER_MOVE, NextTodo.SEE_CHANGE].includes(step.todo);
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
