import { beforeAll, expect, test } from "vitest";
import { SessionEnd } from "../gen/undring/v1/session_pb";
import { Arena, NextTodo, ObservationState, SuggestionReason } from "../gen/undring/v1/observation_pb";
import { CorrectionResolution, QuestionKind, QuestionState } from "../gen/undring/v1/feedback_pb";
import { Role } from "../gen/undring/v1/school_pb";
import "./later";
import { fetchWords, language, languages, say, sayCode } from "./words";

// Every code that a screen makes a text of, with what is said of it. A value that the
// contract gains has words in three languages, or this fails; on a phone of yesterday it
// is "something newer", and never the code.
const codes: [prefix: string, values: object, but?: string[]][] = [
  ["state", ObservationState, ["UNSPECIFIED"]],
  ["todo.mine", NextTodo, ["UNSPECIFIED"]],
  ["todo.theirs", NextTodo, ["UNSPECIFIED"]],
  ["todo.do", NextTodo, ["UNSPECIFIED"]],
  ["reason", SuggestionReason, ["UNSPECIFIED"]],
  ["arena", Arena],
  ["dev", SessionEnd, ["UNSPECIFIED"]],
  ["ex.q", QuestionState, ["UNSPECIFIED"]],
  ["ex.correct", CorrectionResolution],
  ["fb.kind", QuestionKind, ["UNSPECIFIED"]],
];

beforeAll(() => Promise.all(languages.map(fetchWords)));

const namesOf = (e: object): string[] => Object.keys(e).filter((k) => Number.isNaN(Number(k)));

test("every code of the contract that is shown has words in each language", () => {
  for (const l of languages) {
    language.value = l;
    for (const [prefix, values, but = []] of codes)
      for (const name of namesOf(values).filter((n) => !but.includes(n))) {
        const text = sayCode(prefix, name, { name: "Kari" });
        expect([l, prefix, name, text]).not.toEqual([l, prefix, name, say("app.unknown")]);
        expect([l, prefix, name, text]).not.toEqual([l, prefix, name, `${prefix}.${name}`]);
      }
    for (const name of namesOf(Role).filter((n) => n !== "UNSPECIFIED")) expect(sayCode("role", name.toLowerCase())).not.toBe(say("app.unknown"));
    expect(sayCode("state", "SOMETHING_OF_TOMORROW")).toBe(say("app.unknown"));
    expect(sayCode("state", undefined)).toBe(say("app.unknown"));
  }
});
