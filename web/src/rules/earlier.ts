// What comes back from before at the next visit: of the same two, what they left open;
// of the same focus with anybody else, one's own part and nothing of the other's.

import { timestampMs } from "@bufbuild/protobuf/wkt";

import type { Action, Exchange, Question } from "../gen/undring/v1/feedback_pb";
import type { Observation } from "../gen/undring/v1/observation_pb";
import { exchanged } from "./may";

export interface Earlier {
  /** What is to be tried yet, the latest visit's first. */
  actions: Action[];
  /** The last question. */
  question: Question | undefined;
}

const startOf = (v: Observation): number => (v.startTime ? timestampMs(v.startTime) : 0);
const pairOf = (v: Observation): string => [v.observerId, v.observedId].sort().join();
const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** Two visits are on the same focus: the same focus area of the half-year, or the same question in the card. */
export const sameFocus = (a: Observation, b: Observation): boolean =>
  (a.focusAreaId !== "" && a.focusAreaId === b.focusAreaId) || (plain(a.focusQuestion) !== "" && plain(a.focusQuestion) === plain(b.focusQuestion));

const before = (visit: Observation, all: readonly Observation[]): Observation[] =>
  all
    .filter((v) => v.id !== visit.id && startOf(v) < startOf(visit) && exchanged.includes(v.state))
    .sort((a, b) => startOf(b) - startOf(a));

function of(visits: readonly Observation[], exchangeOf: (id: string) => Exchange | undefined, mine: (a: Action) => boolean, asked: (q: Question) => boolean): Earlier {
  const there = visits.flatMap((v) => exchangeOf(v.id) ?? []);
  return {
    actions: there.flatMap((e) => e.actions.filter((a) => !a.report && mine(a))),
    question: there.map((e) => e.questions.filter(asked).at(-1)).find((q) => q !== undefined),
  };
}

/** What the two left open last time: the actions of both, and the last question. */
export function ofTheTwo(visit: Observation, all: readonly Observation[], exchangeOf: (id: string) => Exchange | undefined): Earlier {
  const visits = before(visit, all).filter((v) => pairOf(v) === pairOf(visit));
  const last = visits[0];
  const { actions } = of(visits, exchangeOf, () => true, () => false);
  return { actions, question: last && exchangeOf(last.id)?.questions.at(-1) };
}

/**
 * What I took from visits with others on the same focus: what I would try, and the last
 * question that was mine, asked by me where I go to see, put to me where I am seen. A
 * colleague's action stays with them, and what was asked of a colleague, too.
 */
export function ofTheFocus(visit: Observation, all: readonly Observation[], exchangeOf: (id: string) => Exchange | undefined, me: string): Earlier {
  const visits = before(visit, all).filter((v) => pairOf(v) !== pairOf(visit) && sameFocus(v, visit));
  return of(
    visits,
    exchangeOf,
    (a) => a.personId === me,
    (q) => (visit.observerId === me ? q.askerId : q.addresseeId) === me,
  );
}
