import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { MeetingSchema } from "../gen/undring/v1/learning_pb";
import { PersonSchema } from "../gen/undring/v1/school_pb";
import { clock, leftOf, roles, turnOf, waitingOf } from "./roles";

const people = ["Berit", "Anne", "Carl", "Dina"].map((name) => create(PersonSchema, { id: name, name }));

test("the roles of meetings go round: in as many meetings as there are people, each has had each once", () => {
  const before = [];
  for (let i = 0; i < people.length; i++) {
    const turn = turnOf(people, before);
    expect(new Set(Object.values(turn)).size, `nobody has two roles at once: ${JSON.stringify(turn)}`).toBe(3);
    before.push(create(MeetingSchema, { ...turn, startTime: timestampFromDate(new Date(Date.UTC(2026, 8, i + 1))) }));
  }
  for (const role of roles.slice(0, 1)) expect(new Set(before.map((m) => m[role])).size, role).toBe(people.length);
});

test("in a pair, and alone, a role that nobody is left for stays open", () => {
  expect(turnOf(people.slice(0, 2), [])).toEqual({ leaderId: "Anne", timekeeperId: "Berit", questionerId: "" });
  expect(turnOf([], [])).toEqual({ leaderId: "", timekeeperId: "", questionerId: "" });
});

test("the clock of an item runs down, and on below zero", () => {
  const since = new Date(Date.UTC(2026, 8, 1, 12, 0, 0));
  expect(clock(leftOf(5, since, new Date(Date.UTC(2026, 8, 1, 12, 0, 55))))).toBe("4:05");
  expect(clock(leftOf(5, since, new Date(Date.UTC(2026, 8, 1, 12, 6, 20))))).toBe("-1:20");
  expect(clock(leftOf(5, undefined, since))).toBe("5:00");
});

test("D59: each one gets a first turn before anyone's second: whoever has had the word waits until nobody is left", () => {
  const had: string[] = [];
  for (let left = people.length; left > 0; left--) {
    const waiting = waitingOf(people, had);
    expect(waiting.map((p) => p.id)).toEqual(people.slice(-left).map((p) => p.id));
    had.push(waiting[0]!.id, waiting[0]!.id); // who speaks twice has had one turn
  }
  expect(waitingOf(people, had)).toEqual([]);
});
