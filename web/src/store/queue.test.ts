import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";

import { NoteKind, NoteSchema, SaveNoteRequestSchema, SaveNoteResponseSchema } from "../gen/undring/v1/observation_pb";
import { newId } from "./id";
import { learnt } from "../sync/receipt";
import { slotOf } from "../things";
import { keyAt, Things } from "../things/kind";
import { notes } from "../things/note";
import { afresh } from "../things/rewrite";
import type { Op } from "./op";
import { basisOf, batch, resolve, robbed } from "./queue";

const visit = newId();

function told(text: string, revision: bigint) {
  const things = new Things();
  things.of(notes).set("n", create(NoteSchema, { id: "n", observationId: visit, kind: NoteKind.SAW, text, revision }));
  return things;
}

function save(text: string, seen: ReturnType<typeof told>, more: Partial<Op> = {}): Op {
  const request = create(SaveNoteRequestSchema, { id: "n", requestId: newId(), observationId: visit, kind: NoteKind.SAW, text, revision: 1n });
  return { seq: 1, request, visitId: visit, time: 0, basis: basisOf(slotOf(request), seen), buildsOn: [], failures: 0, refusal: undefined, apart: false, ...afresh, ...more };
}

describe("a note that two devices wrote", () => {
  const before = told("was", 1n);

  test("goes as it is where nothing has changed", () => {
    expect(resolve([save("mine", before)], before, 0).change).toHaveLength(0);
  });

  test("stands in both wordings, this one's as a new note", () => {
    const r = resolve([save("mine", before, { sent: true, stale: "2" })], told("theirs", 2n), 0);
    expect(r.conflicts).toMatchObject([{ what: "note", mine: "mine", theirs: "theirs" }]);
    const made = r.change[0]!.request;
    expect(made).toMatchObject({ text: "mine", revision: 0n, id: r.conflicts[0]!.copyId });
  });

  test("waits until what is newer has been pulled", () => {
    expect(resolve([save("mine", before, { sent: true, stale: "2" })], before, 0)).toEqual({ change: [], remove: [], conflicts: [] });
  });

  test("holds up nothing where a later one may have arrived already", () => {
    const first = save("first", before, { sent: true, stale: "2" });
    const second = save("second", before, { seq: 2, sent: true });
    expect(resolve([first, second], told("theirs", 2n), 0)).toEqual({ change: [], remove: [first], conflicts: [] });
  });

  test("is the same text on both: nothing is there twice", () => {
    const r = resolve([save("same", before, { sent: true, stale: "2" })], told("same", 2n), 0);
    expect(r.conflicts).toHaveLength(0);
  });
});

describe("a note that was taken away on the other device", () => {
  const before = told("was", 1n);
  const isGone = (key: string) => key === keyAt(notes, "n");

  test("is not waited for, where its newer wording was", () => {
    const waiting = save("mine", before, { sent: true, stale: "2" });
    expect(resolve([waiting], new Things(), 0)).toEqual({ change: [], remove: [], conflicts: [] });
    const [op] = robbed([waiting], isGone);
    expect(resolve([op!], new Things(), 0).conflicts).toMatchObject([{ what: "note", mine: "mine", theirs: "" }]);
  });

  test("does not come back with a receipt that is older than that", () => {
    const underWay = save("mine", before, { sent: true });
    const response = anyPack(SaveNoteResponseSchema, create(SaveNoteResponseSchema, { note: told("mine", 2n).get(notes, "n")! }));
    expect(learnt(underWay, response, new Things())).toHaveLength(1);
    const [op] = robbed([underWay], isGone);
    expect(learnt(op!, response, new Things())).toHaveLength(0);
  });

  test("leaves alone what was never sent, and what was set aside", () => {
    const refusal = { code: 3, reason: "INVALID_FIELD", message: "", missing: [], metadata: {}, offline: false };
    expect(robbed([save("mine", before), save("mine", before, { sent: true, refusal })], isGone)).toHaveLength(0);
  });
});

test("what is set aside holds up what builds on it, and nothing else", () => {
  const refusal = { code: 9, reason: "NOTES_CLOSED", message: "", missing: [], metadata: {}, offline: false };
  const a = save("a", new Things(), { refusal });
  const b = save("b", new Things(), { seq: 2, buildsOn: [a.request.requestId] });
  const c = save("c", new Things(), { seq: 3 });
  expect(batch([a, b, c]).map((op) => op.seq)).toEqual([3]);
});
