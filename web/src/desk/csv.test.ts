import { expect, test } from "vitest";
import { csv } from "./csv";

test("a sheet has its cells, whatever stands in them", () => {
  expect(csv([["Navn", "Timer"], ['Åse "Åsa" Li; rektor', 3], ["to\nlinjer", 0]])).toBe(
    '\uFEFFNavn;Timer\r\n"Åse ""Åsa"" Li; rektor";3\r\n"to\nlinjer";0\r\n',
  );
});

test("no cell becomes a formula", () => {
  for (const s of ["=1+1", "+47 900 00 000", "-2", "@SUM(A1)", "\tx"]) expect(csv([[s]])).toContain(`'${s}`);
  expect(csv([[-2]])).toBe("\uFEFF-2\r\n"); // a number of ours is one
});
