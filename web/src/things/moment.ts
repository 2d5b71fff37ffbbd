// Moments of a lesson, marked by a tap for words later: the kind, and marking one.

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

import { MarkMomentRequestSchema, MomentSchema } from "../gen/undring/v1/observation_pb";
import { Thing } from "../gen/undring/v1/sync_pb";
import { marking } from "../rules/may";
import type { Deed } from "./deed";
import { kindOf } from "./kind";

/** The caller's own moments. */
export const moments = kindOf<"moment">({
  case: "moment",
  thing: Thing.MOMENT,
  schema: MomentSchema,
  id: (m) => m.id,
  answers: ["moment"],
});

/** Keeps a moment, or takes one away. */
export const markMoment: Deed<typeof MarkMomentRequestSchema> = {
  request: MarkMomentRequestSchema,
  allowed: { by: "either", in: marking },
  begin(r, _, now) {
    if (!r.takeBack) r.markedAt ??= timestampFromDate(now); // the tap's own time, however late it is sent
  },
  show(c, r, _, op) {
    if (r.takeBack) return c.drop(moments, r.id);
    if (c.look(moments, r.id)) return;
    const m = create(MomentSchema, { id: r.id, observationId: r.observationId });
    m.markedAt = r.markedAt ?? timestampFromDate(new Date(op.time));
    c.make(moments, r.id, m);
  },
  moot: (refusal) => refusal.reason === "NOT_FOUND",
};
