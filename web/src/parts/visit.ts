// What the screens ask of a visit.

import { NextTodo, type Observation, ObservationState } from "../gen/undring/v1/observation_pb";
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

const ended = [
  ObservationState.CLOSED,
  ObservationState.CLOSED_WITHOUT_EXCHANGE,
  ObservationState.DECLINED,
  ObservationState.CANCELLED,
  ObservationState.EXPIRED,
  ObservationState.WITHDRAWN,
];

export const isOpen = (v: Observation): boolean => !ended.includes(v.state);

/** The exchange is under way, or done. */
export const hasExchange = (v: Observation): boolean =>
  [ObservationState.FEEDBACK_GIVEN, ObservationState.ANSWERED, ObservationState.CLOSED].includes(v.state);

/** The exchange can still be written in. */
export const exchangeOpen = (v: Observation): boolean =>
  [ObservationState.FEEDBACK_GIVEN, ObservationState.ANSWERED].includes(v.state);

const quarter = 15 * 60_000; // notes open so long before the lesson, in ms

export const notesOpenAt = (v: Observation): Date => new Date(startOf(v).getTime() - quarter);

/** The observer may write notes now. */
export const canNote = (store: Store, v: Observation): boolean =>
  seatOf(store, v) === "observer" &&
  (v.state === ObservationState.OBSERVED || (v.state === ObservationState.AGREED && store.now() >= notesOpenAt(v)));

/** The lesson is on, or about to be: noting is one tap away. */
export const isNow = (store: Store, v: Observation): boolean =>
  canNote(store, v) && store.now() >= notesOpenAt(v) && store.now().getTime() <= endOf(v).getTime() + quarter;

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

/** What is to be done, in a few words, for whom it is to do. */
export function todoWords(store: Store, v: Observation): string {
  const step = v.nextStep;
  if (!step || step.todo === NextTodo.UNSPECIFIED) return sayCode("state", ObservationState[v.state]);
  const code = NextTodo[step.todo];
  if (!(step.todo in NextTodo) && step.text) return step.text; // a newer server says what it means
  if (store.myMove(v)) return sayCode("todo.mine", code);
  return sayCode("todo.theirs", code, { name: firstNameOf(store, otherId(store, v)) });
}
