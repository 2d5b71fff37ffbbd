import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { NoteSchema, ObservationSchema } from "../gen/undring/v1/observation_pb";
import { tagsFor } from "./tags";

test("a note that is edited finds its own tag, however many others there are", () => {
  const visit = create(ObservationSchema, { lookFor: "hender, ventetid" });
  const notes = ["a", "b", "c", "d", "e", "f", "mitt"].map((tag) => create(NoteSchema, { tag }));
  expect(tagsFor(visit, notes)).not.toContain("mitt");
  expect(tagsFor(visit, [notes[6]!, ...notes])[0]).toBe("mitt");
});
