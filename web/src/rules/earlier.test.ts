// What comes back at the next visit, and to whom.

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";

import { ExchangeSchema, type Exchange } from "../gen/undring/v1/feedback_pb";
import { ObservationSchema, ObservationState as State } from "../gen/undring/v1/observation_pb";
import { ofTheFocus, ofTheTwo, sameFocus } from "./earlier";

const visit = (id: string, observerId: string, observedId: string, day: number, focusQuestion: string, state = State.CLOSED, focusAreaId = "") =>
  create(ObservationSchema, { id, observerId, observedId, state, focusQuestion, focusAreaId, startTime: timestampFromMs(day * 86_400_000) });

const exchange = (observationId: string, questions: [string, string, string][], actions: [string, string][]): Exchange =>
  create(ExchangeSchema, {
    observationId,
    questions: questions.map(([askerId, addresseeId, text]) => ({ id: text, askerId, addresseeId, text })),
    actions: actions.map(([personId, text]) => ({ id: text, personId, text })),
  });

test("D39: the last action and question of the same focus come back with another colleague, one's own part only", () => {
  const next = visit("next", "kari", "ida", 9, "Hvem får ordet?", State.AGREED);
  const all = [
    next,
    visit("oldest", "kari", "ola", 1, "Hvem får ordet?"),
    visit("older", "kari", "ola", 3, "hvem får ordet"),
    visit("another focus", "kari", "ola", 5, "Hva gjør jeg når det blir stille?"),
    visit("to come", "kari", "ola", 12, "Hvem får ordet?"),
    visit("without an exchange", "kari", "ola", 6, "Hvem får ordet?", State.CLOSED_WITHOUT_EXCHANGE),
  ];
  const exchanges = new Map([
    exchange("oldest", [["kari", "ola", "Hva skjedde først?"]], [["kari", "Telle til fem."]]),
    exchange("older", [["kari", "ola", "Hva skjedde da?"], ["ola", "kari", "Hva så du?"]], [["kari", "Telle til åtte."], ["ola", "Spørre flere."]]),
    exchange("another focus", [["kari", "ola", "Noe annet?"]], [["kari", "Noe annet."]]),
  ].map((e) => [e.observationId, e]));
  const got = ofTheFocus(next, all, (id) => exchanges.get(id), "kari");
  expect(got.question?.text, "the last one that I asked").toBe("Hva skjedde da?");
  expect(got.actions.map((a) => a.text), "mine, the latest first").toEqual(["Telle til åtte.", "Telle til fem."]);
  expect(ofTheFocus(next, all, (id) => exchanges.get(id), "ida"), "nothing of somebody who was not in them").toEqual({ actions: [], question: undefined });
  expect(ofTheTwo(next, all, (id) => exchanges.get(id)), "the two have no visit before").toEqual({ actions: [], question: undefined });

  // Where I am seen, the question is the one that was put to me.
  const seen = visit("seen", "ida", "kari", 9, "Hvem får ordet?", State.AGREED);
  expect(ofTheFocus(seen, all, (id) => exchanges.get(id), "kari").question?.text).toBe("Hva så du?");
});

test("what the two left open is both of theirs", () => {
  const next = visit("next", "ola", "kari", 9, "Noe nytt", State.PROPOSED);
  const before = visit("before", "kari", "ola", 1, "Hvem får ordet?");
  const e = exchange("before", [["kari", "ola", "Hva skjedde?"]], [["kari", "Telle."], ["ola", "Spørre."]]);
  const got = ofTheTwo(next, [next, before], () => e);
  expect(got.actions.map((a) => a.text)).toEqual(["Telle.", "Spørre."]);
  expect(got.question?.text).toBe("Hva skjedde?");
});

test("a focus is the same by its area or its words", () => {
  const on = (focus: string, area = "") => visit("v", "a", "b", 1, focus, State.CLOSED, area);
  expect(sameFocus(on("Hvem får ordet?"), on(" hvem får ordet "))).toBe(true);
  expect(sameFocus(on("Hvem får ordet?", "x"), on("Noe annet", "x"))).toBe(true);
  expect(sameFocus(on(""), on(""))).toBe(false);
  expect(sameFocus(on("A"), on("B"))).toBe(false);
});
