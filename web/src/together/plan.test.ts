import { expect, test } from "vitest";
import { stepsOf } from "./plan";

test("a line is a step, and what stands in brackets at its end says by when", () => {
  expect(stepsOf("Alle prøver én gang (høstferien)\n\n  Vi snakker om det \n(bare dette)")).toEqual([
    { what: "Alle prøver én gang", byWhen: "høstferien" },
    { what: "Vi snakker om det", byWhen: "" },
    { what: "(bare dette)", byWhen: "" },
  ]);
  expect(stepsOf(Array(20).fill("steg").join("\n")).length).toBe(10);
});
