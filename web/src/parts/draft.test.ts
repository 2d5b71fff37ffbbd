import { expect, test } from "vitest";
import { changed, newItem } from "./draft";

test("standing by a question goes with its words", () => {
  const stood = changed(newItem("Var du fornøyd?"), { standBy: true });
  expect(stood.standBy).toBe(true);
  expect(changed(stood, { text: "Var du fornøyd? " }).standBy, "a blank is no other text").toBe(true);
  expect(changed(stood, { noteIds: ["a"] }).standBy).toBe(true);
  expect(changed(stood, { text: "Var du ikke fornøyd?" }).standBy).toBe(false);
  expect(changed(changed(stood, { text: "Var du ikke fornøyd?" }), { text: "Var du fornøyd?" }).standBy, "written again, it has to be stood by again").toBe(false);
});
