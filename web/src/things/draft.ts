// The draft of feedback: the kind, and saving it.

import { clone, create } from "@bufbuild/protobuf";

import {
  FeedbackDraftSchema,
  SaveFeedbackDraftRequestSchema,
  type FeedbackDraft,
  type SaveFeedbackDraftRequest,
} from "../gen/undring/v1/feedback_pb";
import { DraftOfObservationSchema, Thing } from "../gen/undring/v1/sync_pb";
import { noting } from "../rules/may";
import { asBasis, mergeDrafts } from "../store/merge";
import type { Op } from "../store/op";
import type { Conflict, Store } from "../store/store";
import type { Deed, Slot } from "./deed";
import { kindOf, type Things } from "./kind";
import { go, ignore, notPulled, tell, type Resolution } from "./rewrite";

/** The caller's own drafts, by the visit's id. */
export const drafts = kindOf<"draft", FeedbackDraft>({
  case: "draft",
  thing: Thing.DRAFT,
  schema: FeedbackDraftSchema,
  id: (of) => of.observationId,
  keep: (of) => of.draft,
  carry: (draft, observationId) => create(DraftOfObservationSchema, { observationId, draft }),
  answers: ["draft"],
  revision: (d) => d.revision,
});

const slot: Slot = {
  name: "draft",
  basis: (seen, id) => asBasis(seen.get(drafts, id)),
  revision: (seen, id) => seen.get(drafts, id)?.revision ?? 0n,
  apart: true,
  settle,
};

/** Keeps what is written of the feedback so far. */
export const saveDraft: Deed<typeof SaveFeedbackDraftRequestSchema> = {
  request: SaveFeedbackDraftRequestSchema,
  allowed: { by: "observer", in: noting },
  rewrites: {
    slot,
    id: (r) => r.observationId,
    revision: (r) => r.draft?.revision ?? 0n,
    setRevision(r, revision) {
      if (r.draft) r.draft = Object.assign(clone(FeedbackDraftSchema, r.draft), { revision });
    },
    compare,
  },
  show(c, r) {
    const draft = clone(FeedbackDraftSchema, r.draft ?? create(FeedbackDraftSchema));
    draft.revision = c.look(drafts, r.observationId)?.revision ?? 0n;
    c.make(drafts, r.observationId, draft);
  },
  place: (_, { visitId }) => `/v/${visitId}/feedback/points`,
};

function compare(op: Op, r: SaveFeedbackDraftRequest, told: Things, now: number, out: Resolution): void {
  const there = told.get(drafts, r.observationId);
  const mine = r.draft;
  if (!mine || notPulled(op, there?.revision ?? 0n)) return;
  if (!there) return go(SaveFeedbackDraftRequestSchema, op, { ...r, draft: Object.assign(clone(FeedbackDraftSchema, mine), { revision: 0n }) }, out);
  const { draft, clashes } = mergeDrafts(op.basis, mine, there);
  draft.revision = there.revision;
  for (const c of clashes) tell(out, op, "draft", now, c, r.observationId);
  go(SaveFeedbackDraftRequestSchema, op, { ...r, draft }, out, asBasis(there));
}

function settle(store: Store, c: Conflict, how: "mine" | "theirs"): void {
  const draft = store.draft(c.visitId);
  for (const list of [draft.points, draft.questions]) {
    const copy = list.findIndex((item) => item.id === c.copyId);
    if (copy < 0) continue;
    const [mine] = list.splice(copy, 1);
    const other = list.find((item) => item.text === c.theirs);
    if (how === "mine" && other && mine) other.text = mine.text;
  }
  ignore(store.do(SaveFeedbackDraftRequestSchema, { observationId: c.visitId, draft }));
}
