import { readFileSync } from "node:fs";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { refusalWords } from "../parts/notices";
import { say } from "../words/words";
import { isForGood, refusalOf } from "./refusal";

const contract = readFileSync(new URL("../../../proto/undring/v1/reasons.proto", import.meta.url), "utf8");
const reasons = [...contract.matchAll(/^ {2}REASON_(\w+) = \d+;/gm)].map((m) => m[1]!).filter((r) => r !== "UNSPECIFIED");

test("only what would be refused for ever is not sent again", () => {
  const refused = (reason: string) => ({ ...refusalOf(new Error("made up")), reason });
  const forGood = reasons.filter((r) => isForGood(refused(r)));
  const rest = reasons.filter((r) => !forGood.includes(r));
  expect(forGood.sort()).toEqual(
    ["ID_TAKEN", "INVALID_FIELD", "LESSON_STARTED", "NOTES_CLOSED", "NOTHING_TO_ANSWER", "NOT_FOUND", "NOT_PEERS", "NOT_YOUR_MOVE", "ROLE_REQUIRED", "WRONG_STATE"].sort(),
  );
  // Time, the other one, or a step in between can mend these.
  for (const r of ["TOO_EARLY", "OVERLOADED", "DOUBLE_BOOKED", "EXCHANGE_OVERDUE", "FOCUS_MISSING", "OWN_VIEW_MISSING", "BUILDS_ON"]) expect(rest).toContain(r);
});

// "No network" is said where there is none: an answer of something in between is told as
// that, and what breaks in the service itself as the service's.
test("what answers without being the service is not told as a missing network", () => {
  const none = refusalOf(new TypeError("Failed to fetch"));
  expect([none.offline, none.astray]).toEqual([true, false]);
  for (const [what, code] of Object.entries({ "a proxy's 502": Code.Unavailable, "a bare 500": Code.Unknown })) {
    const r = refusalOf(new ConnectError("HTTP", code, new Headers({ server: "proxy" })));
    expect([what, r.offline, r.astray]).toEqual([what, true, true]);
    expect(refusalWords(r), what).toBe(say("net.astray"));
  }
  const ours = refusalOf(new ConnectError("internal error", Code.Internal, new Headers({ "request-id": "1" })));
  expect(ours.offline, "the service's own 500").toBe(false);
  expect(refusalWords(ours), "never an empty line").toBe(say("net.broke"));
});
