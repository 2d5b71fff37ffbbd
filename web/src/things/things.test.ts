// The phone's descriptions against the contract, and against what the server says
// that phones know (server/phone_test.go writes contract.json).

import { create, type DescMessage, type DescMethod } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { deeds, kinds, makes, rewriting, slotOf, textsOf, visitOf, type Request } from ".";
import { FeedbackDraftSchema, GiveFeedbackRequestSchema } from "../gen/undring/v1/feedback_pb";
import { registry } from "../store/op";
import contract from "./contract.json";
import type { Deed } from "./deed";
import { Things, type AnyKind } from "./kind";
import { exchanges } from "./exchange";

const all: readonly Deed[] = deeds;
const kindList = Object.values(kinds) as AnyKind[];
const names = all.map((d) => d.request.typeName);

/** The call that a deed is. */
function methodOf(deed: Deed): DescMethod {
  const methods = deed.request.file.services.flatMap((s) => s.methods);
  return methods.find((m) => m.input.typeName === deed.request.typeName)!;
}

test("every call that waits on a phone is described, once, and nothing else is", () => {
  expect([...names].sort()).toEqual(contract.deeds);
});

test("every kind of thing is described by the name and the number of the contract", () => {
  expect(Object.fromEntries(Object.entries(kinds).map(([name, k]) => [name, k.thing]))).toEqual(contract.things);
  for (const [name, kind] of Object.entries(kinds)) expect(kind.case).toBe(name);
});

test("what an answer brings is learnt: no field of one holds a thing that its kind does not name", () => {
  const named = kindList.flatMap((k) => (k.answers ?? []).map((field) => `${field}: ${k.schema.typeName}`));
  const held = new Set<string>();
  for (const deed of all) {
    for (const field of methodOf(deed).output.fields) {
      const type = field.fieldKind === "message" ? field.message.typeName : "";
      if (kindList.some((k) => k.schema.typeName === type)) held.add(`${field.localName}: ${type}`);
    }
  }
  expect([...held].sort()).toEqual(named.sort());
});

test("every answer can be read", () => {
  for (const deed of all) expect(registry.getMessage(methodOf(deed).output.typeName)).toBeDefined();
});

/** Whether a request says which revision it rewrites, by itself or in a part of it. */
const revised = (message: DescMessage): boolean =>
  message.fields.some((f) => f.localName === "revision" || (f.fieldKind === "message" && f.message.file === message.file && revised(f.message)));

test("what has a revision is rewritten by it, and compared with what is there", () => {
  // A prompt of the school's is on the phone as a part of the school, and written in the office.
  for (const deed of all.filter((d) => d.show)) expect(deed.rewrites !== undefined, deed.request.typeName).toBe(revised(deed.request));
  for (const deed of all) {
    const r = create(deed.request) as Request;
    const how = rewriting(r);
    if (!how) continue;
    if (r.$typeName === "undring.v1.SaveFeedbackDraftRequest") r.draft = create(FeedbackDraftSchema);
    how.setRevision(r, 7n);
    expect(how.revision(r), deed.request.typeName).toBe(7n);
    expect(slotOf(r)).toMatch(new RegExp(`^${how.slot.name}/`));
  }
});

test("a deed that waits for another one waits for one that there is", () => {
  for (const deed of all) for (const first of deed.after ?? []) expect(names).toContain(first.request.typeName);
});

test("what is said of a part of an exchange is about its visit", () => {
  const things = new Things();
  things.of(exchanges).set("v", create(exchanges.schema, { observationId: "v", questions: [{ id: "q" }], sharedNotes: [{ note: { id: "n" } }] }));
  const about = (call: string, init: object) => visitOf(create(all.find((d) => d.request.typeName === `undring.v1.${call}Request`)!.request, init) as Request, things);
  expect(about("AnswerQuestion", { questionId: "q" })).toBe("v");
  expect(about("CorrectNote", { noteId: "n" })).toBe("v");
  expect(about("AnswerQuestion", { questionId: "another" })).toBe("");
  expect(about("ProposeObservation", { id: "new" })).toBe("new");
});

test("people's words are told apart from ids and the like", () => {
  const gift = create(GiveFeedbackRequestSchema, {
    ...{ requestId: "r", observationId: "v", sharedNoteIds: ["n"] },
    points: [{ id: "p", text: "To hender.", noteIds: ["n"] }],
    questions: [{ id: "q", text: "Hva skjedde?", language: "nb", source: "Boka", aboutNoteIds: ["n"] }],
  });
  expect(textsOf(gift)).toEqual(["To hender.", "Hva skjedde?", "Boka"]);
  expect(makes(gift)).toEqual(["p", "q"]);
});
