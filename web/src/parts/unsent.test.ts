import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { SaveFeedbackDraftRequestSchema } from "../gen/undring/v1/feedback_pb";
import { DeleteNoteRequestSchema, MarkObservedRequestSchema, SaveNoteRequestSchema } from "../gen/undring/v1/observation_pb";
import type { Request } from "../things";
import { counted } from "./unsent";

const waiting = (request: Request, outcome: "waiting" | "held" | "refused" = "waiting") => ({ typeName: request.$typeName, request, outcome });
const note = (id: string) => waiting(create(SaveNoteRequestSchema, { id, observationId: "v", text: "To hender." }));

test("what waits is counted as people count: twelve notes, not sixteen operations", () => {
  const notes = Array.from({ length: 12 }, (_, i) => note(`n${i}`));
  const rewritten = [note("n0"), note("n0"), note("n3")];
  const took = waiting(create(MarkObservedRequestSchema, { observationId: "v" }));
  expect(counted([took, ...notes, ...rewritten])).toEqual({ things: 12, notes: 12 });
});

test("a note that was taken away is the same note, a draft is one thing, and what was refused does not wait", () => {
  const gone = waiting(create(DeleteNoteRequestSchema, { noteId: "n0" }));
  const draft = () => waiting(create(SaveFeedbackDraftRequestSchema, { observationId: "v" }));
  expect(counted([note("n0"), gone, draft(), draft(), { ...note("n1"), outcome: "refused" }])).toEqual({ things: 2, notes: 1 });
});

test("where only what nobody wrote waits, something does", () => {
  expect(counted([waiting(create(MarkObservedRequestSchema, { observationId: "v" }))])).toEqual({ things: 1, notes: 0 });
  expect(counted([])).toEqual({ things: 0, notes: 0 });
});
