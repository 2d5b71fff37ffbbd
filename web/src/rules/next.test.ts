import { readFileSync } from "node:fs";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { ExchangeSchema } from "../gen/undring/v1/feedback_pb";
import { ObservationSchema } from "../gen/undring/v1/observation_pb";
import { isLate, nextStep } from "./next";

interface Case {
  name: string;
  now: string;
  observation: JsonValue;
  exchange?: JsonValue;
  toWrite: string[];
}

const file = new URL("../../../feedback/testdata/steps.json", import.meta.url);
const cases = JSON.parse(readFileSync(file, "utf8")) as Case[];

test("the phone says as the server does whose move it is", () => {
  expect(cases.length).toBeGreaterThan(150);
  for (const c of cases) {
    const { nextStep: said, ...visit } = fromJson(ObservationSchema, c.observation);
    const exchange = c.exchange === undefined ? undefined : fromJson(ExchangeSchema, c.exchange);
    const step = nextStep(visit, exchange, c.toWrite);
    step.overdue = isLate(step, new Date(c.now));
    expect(step, c.name).toEqual(said);
  }
});
