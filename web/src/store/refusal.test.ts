import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isForGood, refusalOf } from "./refusal";

const contract = readFileSync(new URL("../../../proto/undring/v1/reasons.proto", import.meta.url), "utf8");
const reasons = [...contract.matchAll(/^ {2}REASON_(\w+) = \d+;/gm)].map((m) => m[1]!).filter((r) => r !== "UNSPECIFIED");

test("only what would be refused for ever is not sent again", () => {
  const refused = (reason: string) => ({ ...refusalOf(new Error("made up")), reason });
  const forGood = reasons.filter((r) => isForGood(refused(r)));
  const rest = reasons.filter((r) => !forGood.includes(r));
  expect(forGood.sort()).toEqual(
    ["ID_TAKEN", "INVALID_FIELD", "LESSON_STARTED", "NOTES_CLOSED", "NOT_FOUND", "NOT_PEERS", "NOT_YOUR_MOVE", "ROLE_REQUIRED", "WRONG_STATE"].sort(),
  );
  // Time, the other one, or a step in between can mend these.
  for (const r of ["TOO_EARLY", "OVERLOADED", "DOUBLE_BOOKED", "EXCHANGE_OVERDUE", "FOCUS_MISSING", "OWN_VIEW_MISSING", "BUILDS_ON"]) expect(rest).toContain(r);
});
