// What the screens ask of a visit.

import { NextTodo, type Observation, ObservationState } from "../gen/undring/v1/observation_pb";
import { ended, exchanged, live } from "../rules/may";
import { mayNote } from "../rules/notes";
import type { Store } from "../store/store";
import { dateOf } from "../words/time";
import { type Key, say, sayCode } from "../words/words";
import { firstNameOf, myId, nameOf } from "./people";

export type Seat = "observer" | "observed";

export const seatOf = (store: Store, v: Observation): Seat => (v.observerId === myId(store) ? "observer" : "observed");
export const otherId = (store: Store, v: Observation): string =>
  seatOf(store, v) === "observer" ? v.observedId : v.observerId;

export const startOf = (v: Observation): Date => dateOf(v.startTime) ?? new Date(0);
export const endOf = (v: Observation): Date => dateOf(v.endTime) ?? startOf(v);

const titles: Record<Tense, Record<Seat, Key>> = {
  ahead: { observer: "you.visit", observed: "you.are_visited" },
  past: { observer: "you.visited", observed: "you.were_visited" },
  never: { observer: "you.visit_not", observed: "you.are_visited_not" },
};

/** "You visit Kari Fossheim", "You visited …" once it has taken place, "Visit to …" where it may never have. */
export const visitTitle = (store: Store, v: Observation): string =>
  say(titles[tenseOf(v, store.now())][seatOf(store, v)], { name: nameOf(store, otherId(store, v)) });

export type Tense = "ahead" | "past" | "never";

/** How one speaks of a visit: noted in already, it is still going on until the lesson ends. Of one that was withdrawn nobody says whether it took place. */
export function tenseOf(v: Observation, now: Date): Tense {
  switch (v.state) {
    case ObservationState.PROPOSED:
    case ObservationState.AGREED:
      return "ahead";
    case ObservationState.OBSERVED:
      return now < endOf(v) ? "ahead" : "past";
    case ObservationState.FEEDBACK_GIVEN:
    case ObservationState.ANSWERED:
    case ObservationState.CLOSED:
    case ObservationState.CLOSED_WITHOUT_EXCHANGE:
      return "past";
    default:
      return "never";
  }
}

export const isOpen = (v: Observation): boolean => !ended.includes(v.state);

/** The exchange is under way, or done. */
export const hasExchange = (v: Observation): boolean =>
  exchanged.includes(v.state) || (v.endedAloneById !== "" && v.answerDueTime !== undefined); // ended alone, it stays readable

/** The exchange can still be written in. */
export const exchangeOpen = (v: Observation): boolean => live.includes(v.state);

/** The one who is here may write notes now. */
export const canNote = (store: Store, v: Observation): boolean => mayNote(v, myId(store), store.now());

/** Where it goes on: the very place at which the next thing is done. */
export function nextPlace(store: Store, v: Observation): string {
  const at = `/v/${v.id}`;
  if (!store.myMove(v)) return at;
  switch (v.nextStep?.todo) {
    case NextTodo.SET_FOCUS:
      return `${at}/card`;
    case NextTodo.GIVE_FEEDBACK:
      return `${at}/feedback`;
    case NextTodo.RECORD_OWN_VIEW:
    case NextTodo.ANSWER_QUESTIONS:
    case NextTodo.CONFIRM_CONVERSATION:
      return `${at}/exchange`;
    case NextTodo.RECORD_CONVERSATION:
      return `${at}/talk`;
    case NextTodo.RECORD_TAKEAWAY:
      return `${at}/take`;
    default:
      return at;
  }
}

/** The lesson is on, and nothing else is asked: nobody has to be told to go there before it begins, or what comes after it. */
export const lessonIsOn = (v: Observation, now: Date): boolean =>
  [NextTodo.VISIT, NextTodo.GIVE_FEEDBACK].includes(v.nextStep?.todo ?? NextTodo.UNSPECIFIED) && startOf(v) <= now && now < endOf(v);

/** What is to be done, in a few words, for whom it is to do. */
export function todoWords(store: Store, v: Observation): string {
  const step = v.nextStep;
  if (!step || step.todo === NextTodo.UNSPECIFIED) return sayCode("state", ObservationState[v.state]);
  const code = NextTodo[step.todo];
  if (lessonIsOn(v, store.now())) return say(seatOf(store, v) === "observer" ? "todo.now.observer" : "todo.now.observed", { name: firstNameOf(store, otherId(store, v)) });
  if (!(step.todo in NextTodo) && step.text) return step.text; // a newer server says what it means
  if (store.myMove(v)) return sayCode("todo.mine", code);
  return sayCode("todo.theirs", code, { name: firstNameOf(store, otherId(store, v)) });
}
