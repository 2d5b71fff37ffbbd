// What the answer of an operation tells: things as they were when the server
// answered. An answer to a repetition may be the first one, and older than what
// was pulled meanwhile: what is older is left aside.

import { anyUnpack, type Any } from "@bufbuild/protobuf/wkt";
import { create } from "@bufbuild/protobuf";

import type { Exchange, FeedbackDraft } from "../gen/undring/v1/feedback_pb";
import { ObservationState, type Note, type Observation, type Round } from "../gen/undring/v1/observation_pb";
import { ChangeSchema, Thing, type Change } from "../gen/undring/v1/sync_pb";
import { registry, type Op } from "../store/op";
import type { Things } from "../store/things";

/** Every response, by what it may hold. */
interface Answer {
  observation?: Observation;
  mutualObservation?: Observation;
  note?: Note;
  exchange?: Exchange;
  draft?: FeedbackDraft;
  round?: Round;
}

const change = (what: Change["what"]): Change => {
  const c = create(ChangeSchema);
  c.what = what;
  return c;
};

/** That a note is no longer there. */
export const noteGone = (id: string): Change => change({ case: "gone", value: { $typeName: "undring.v1.Gone", thing: Thing.NOTE, id } });

/** Changes of things that an answer tells of. */
export function learnt(op: Op, response: Any | undefined, told: Things): Change[] {
  const answer = (response && anyUnpack(response, registry)) as Answer | undefined;
  const out: Change[] = [];
  if (!answer) return out;
  for (const o of [answer.observation, answer.mutualObservation])
    if (o && (told.visits.get(o.id)?.revision ?? 0n) <= o.revision) out.push(change({ case: "observation", value: o }));
  const { note, exchange, draft, round } = answer;
  if (note && !op.overtaken && (told.notes.get(note.id)?.revision ?? 0n) <= note.revision) {
    out.push(change({ case: "note", value: note }));
    // The first note says that the visit took place: told of in the next pull.
    const visit = told.visits.get(note.observationId);
    if (visit?.state === ObservationState.AGREED) out.push(change({ case: "observation", value: { ...visit, state: ObservationState.OBSERVED } }));
  }
  if (op.request.$typeName === "undring.v1.DeleteNoteRequest")
    out.push(noteGone(op.request.noteId));
  if (exchange) out.push(change({ case: "exchange", value: exchange }));
  const visitId = "observationId" in op.request ? op.request.observationId : "";
  if (draft && (told.drafts.get(visitId)?.revision ?? 0n) <= draft.revision)
    out.push(change({ case: "draft", value: { $typeName: "undring.v1.DraftOfObservation", observationId: visitId, draft } }));
  if (round) out.push(change({ case: "round", value: round }));
  return out;
}
