// The phone's rules against the tables that the server is held to as well
// (observation/spec_test.go, feedback/spec_test.go).

import { readdirSync, readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";

import { ExchangeSchema, QuestionState } from "../gen/undring/v1/feedback_pb";
import { ChangeKind, LaterIntentionSchema, MoveProposalSchema, NameWishSchema, NextStepSchema, NextTodo, NoteKind, ObservationSchema, ObservationState as State, UnseenChangeSchema } from "../gen/undring/v1/observation_pb";
import { cases, type Case } from "../testing/cases";
import { callOf, deeds } from "../things";
import type { Deed } from "../things/deed";
import { latest, rewrite } from "./frozen";
import { missingOf } from "./gift";
import { may } from "./may";
import { isLate, isSettled, nextStep } from "./next";
import { mayNote } from "./notes";
import { says } from "./says";

const people = ["observer", "observed"];
const noon = new Date("2026-11-25T11:00:00Z");
const hour = 3600_000;
const inHours = (n: number) => timestampFromDate(new Date(noon.getTime() + n * hour));
const words = (cell: string) => cell.split(" ").filter((w) => w !== "");
const parts = (cell: string) => cell.split(";").map((part) => part.trim()).filter((part) => part !== "");
const stateOf = (name: string) => State[name as keyof typeof State];

/** A visit whose proposal waits for somebody: the other one said yes last. */
function visitOf(state: State, awaits: string) {
  const yes = (who: string, hoursAgo: number) => ({ personId: who, acceptTime: inHours(-hoursAgo), version: "1" });
  const consents = awaits === "observer" ? [yes("observed", 2)] : [yes("observed", 3), yes("observer", 2)];
  const due = { feedbackDueTime: inHours(24), answerDueTime: inHours(48), takeawayDueTime: inHours(72) };
  return create(ObservationSchema, { id: "v", state, observerId: "observer", observedId: "observed", focusQuestion: "Hvem får ordet?", startTime: inHours(-1), endTime: inHours(-0.25), agreement: { consents }, ...due });
}

test("who may do what in which state", () => {
  const table = cases("may");
  const described = new Map((deeds as readonly Deed[]).map((d) => [callOf(d.request.typeName), d]));
  const allowed = [...described].filter(([, d]) => d.allowed).map(([call]) => call);
  expect(allowed.sort()).toEqual(table.map((c) => c["call"]).sort());
  for (const c of table) {
    const rule = described.get(c["call"]!)!.allowed!;
    for (const [name, by] of Object.entries(c)) {
      if (name === "call") continue;
      for (const awaits of people) {
        for (const who of [...people, "somebody else"]) {
          const want = (by === "either" && people.includes(who)) || by === who || (by === "awaited" && awaits === who);
          expect(may(rule, visitOf(stateOf(name), awaits), who), `${c["call"]} in ${name} by ${who}, who waits for ${awaits}`).toBe(want);
        }
      }
    }
  }
});

test("what is seen before it is sent is allowed somewhere: every deed in a visit says where", () => {
  const beforeTheVisit = ["ProposeObservation", "StartRound", "JoinRound", "LeaveRound", "OfferLesson", "AskForPlace", "WithdrawLesson",
    "SubmitNeed", "SupportNeed", "WithdrawNeed", "SpeakInHearing", "MarkRead",
    "ApproveLearning", "WithdrawLearning", "RespondToLearning", "ThankForLearning", "ReportOnRound",
    "RunMeeting", "ParkPoint", "RecordDecision"];
  const shown = (deeds as readonly Deed[]).filter((d) => d.show && !d.allowed).map((d) => callOf(d.request.typeName));
  expect(shown).toEqual(beforeTheVisit);
});

test("what feedback lacks", () => {
  for (const c of cases("gift")) {
    const notes = new Map(words(c["notes"]!).map((n) => [n.split(":")[0]!, NoteKind[n.split(":")[1] as keyof typeof NoteKind]]));
    const points = parts(c["points"]!).map((p) => ({ noteIds: p === "()" ? [] : p.split(",") }));
    const questions = parts(c["questions"]!).map((q) => ({ text: q.replace(/^!/, ""), standBy: q.startsWith("!"), noteIds: [] }));
    const missing = missingOf(points, questions, notes, c["language"]!).map((m) => (m.point < 0 ? m.reason : `${m.reason}:${m.point + 1}`));
    expect(missing.sort(), c["name"]).toEqual(words(c["lacks"]!).sort());
  }
});

test("when notes are open", () => {
  for (const c of cases("notes")) {
    const v = visitOf(stateOf(c["state"]!), "observed");
    v.startTime = timestampFromDate(noon);
    v.endTime = inHours(0.75);
    const now = new Date(noon.getTime() + Number(c["minutes"]) * 60_000);
    expect(mayNote(v, c["role"]!, now), JSON.stringify(c)).toBe(c["may"] === "yes");
  }
});

test("what is intended is frozen when the lesson begins", () => {
  for (const c of cases("frozen")) {
    const [was, pair] = [timestampFromDate(new Date(0)), (text: string) => text.split("/")];
    const v = visitOf(State.AGREED, "observed");
    v.startTime = timestampFromDate(noon);
    Object.assign(v, { intention: c["had"], expectation: c["expected"] });
    if (v.intention + v.expectation !== "") v.intentionTime = was;
    if (c["later"]) v.laterIntention = create(LaterIntentionSchema, { intention: pair(c["later"])[0]!, expectation: pair(c["later"])[1]!, writeTime: was });
    const now = new Date(noon.getTime() + Number(c["minutes"]) * 60_000);
    rewrite(v, { intention: c["writes"]!, expectation: c["expects"]! }, now);
    expect(`${v.intention}/${v.expectation}`, c["name"]).toBe(c["then"]);
    const beside = v.laterIntention;
    expect(beside ? `${beside.intention}/${beside.expectation}` : "", c["name"]).toBe(c["beside"]);
    expect(v.intentionTime && timestampDate(v.intentionTime), c["name"]).toEqual({ now, was: new Date(0) }[c["time"]!]);
    expect(latest(v), `${c["name"]}: how it is put now`).toEqual({ intention: c["writes"], expectation: c["expects"] });
  }
});

const otherOf = (role: string) => people.find((p) => p !== role)!;

function exchangeOf(c: Case) {
  const questions = words(c["questions"]!).map((q, i) => {
    const [askerId = "", state, hours] = q.split(":");
    return { id: `q${i}`, askerId, addresseeId: otherOf(askerId), wondering: askerId === "observer", state: QuestionState[state as keyof typeof QuestionState], dueTime: inHours(Number(hours)) };
  });
  const conversation = c["told"] ? { conversation: { id: "c", recordedById: c["told"] } } : {};
  return create(ExchangeSchema, { observationId: "v", questions, ...conversation });
}

test("whose move it is, what is to be done and by when", () => {
  for (const c of cases("next")) {
    const v = visitOf(stateOf(c["state"]!), c["awaits"]!);
    if (c["focus"] === "no") v.focusQuestion = "";
    v.feedbackOpened = c["opened"] === "yes";
    v[v.state === State.CLOSED ? "reopenWishedById" : "exitWishedById"] = c["wished"]!;
    v.leftIds = words(c["left"]!);
    if (c["names"]) v.nameWish = create(NameWishSchema, { name: "Emma", wishedById: c["names"] });
    if (c["moves"]) v.move = create(MoveProposalSchema, { proposedById: c["moves"], startTime: inHours(5), endTime: inHours(6) });
    v.unseenChanges = words(c["unseen"]!).map((personId) => create(UnseenChangeSchema, { personId, kind: ChangeKind.CALLED_OFF }));
    const step = nextStep(v, exchangeOf(c), people.filter((p) => !words(c["wrote"]!).includes(p)));
    const due = { start: v.startTime, feedback: v.feedbackDueTime, answer: v.answerDueTime, takeaway: v.takeawayDueTime }[c["due"]!];
    const when = due ?? (c["due"] === "" ? undefined : inHours(Number(c["due"])));
    expect([words(c["movers"]!), NextTodo[c["todo"] as keyof typeof NextTodo] ?? NextTodo.UNSPECIFIED], c["name"]).toEqual([step.personIds, step.todo]);
    expect(step.dueTime && timestampDate(step.dueTime), c["name"]).toEqual(when && timestampDate(when));
  }
});

test("what is late", () => {
  for (const c of cases("late")) {
    const due = c["minutes"] === "" ? {} : { dueTime: timestampFromDate(new Date(noon.getTime() + Number(c["minutes"]) * 60_000)) };
    const step = create(NextStepSchema, { todo: NextTodo[c["todo"] as keyof typeof NextTodo], ...due });
    expect(isLate(step, noon), JSON.stringify(c)).toBe(c["late"] === "yes");
  }
});

test("what is answered", () => {
  for (const c of cases("answered")) {
    const questions = words(c["questions"]!).map((q) => {
      const [askerId = "", kind, state] = q.split(":");
      return { askerId, wondering: kind === "wondering", state: QuestionState[state as keyof typeof QuestionState] };
    });
    expect(isSettled({ observerId: "observer" }, create(ExchangeSchema, { questions })), c["name"]).toBe(c["answered"] === "yes");
  }
});

test("the rules know neither the screen nor the store", () => {
  const own = readdirSync(new URL(".", import.meta.url)).filter((f) => !f.includes(".test."));
  const imported = own.flatMap((f) => [...readFileSync(new URL(f, import.meta.url), "utf8").matchAll(/from "([^"]+)"/g)].map((m) => `${f}: ${m[1]}`));
  expect(imported.length).toBeGreaterThan(own.length);
  expect(imported.filter((i) => !/: (@bufbuild\/|\.\.\/gen\/|\.\.\/review\/|\.\/)/.test(i))).toEqual([]);
});

test("a full stop says nothing", () => {
  for (const c of cases("says")) expect(says(c["text"] ?? ""), c["text"]).toBe(c["says"] === "yes");
});
