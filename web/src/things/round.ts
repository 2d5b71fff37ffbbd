// Rounds: the kind, starting one, joining and leaving it.

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

import {
  JoinRoundRequestSchema,
  LeaveRoundRequestSchema,
  RoundLegSchema,
  RoundMemberSchema,
  RoundSchema,
  StartRoundRequestSchema,
} from "../gen/undring/v1/observation_pb";
import { Thing } from "../gen/undring/v1/sync_pb";
import type { Deed } from "./deed";
import { kindOf } from "./kind";

/** The caller's rounds. */
export const rounds = kindOf<"round">({
  case: "round",
  thing: Thing.ROUND,
  schema: RoundSchema,
  id: (r) => r.id,
  answers: ["round"],
});

const place = (): string => "/rounds";

/** Starts a round. */
export const startRound: Deed<typeof StartRoundRequestSchema> = {
  request: StartRoundRequestSchema,
  show(c, { id, schoolId, memberIds }, { me, now }) {
    if (c.look(rounds, id)) return;
    const legs = memberIds.map((observerId, i) => create(RoundLegSchema, { observerId, observedId: memberIds[(i + 1) % memberIds.length]! }));
    const members = memberIds.map((personId) => create(RoundMemberSchema, { personId, joined: personId === me }));
    c.make(rounds, id, create(RoundSchema, { id, schoolId, members, legs, createTime: timestampFromDate(now) }));
  },
  place,
};

/** Joins a round. */
export const joinRound: Deed<typeof JoinRoundRequestSchema> = {
  request: JoinRoundRequestSchema,
  show(c, r, { me }) {
    for (const m of c.own(rounds, r.roundId)?.members ?? []) m.joined ||= m.personId === me;
  },
  place,
};

/** Leaves a round: that ends it. */
export const leaveRound: Deed<typeof LeaveRoundRequestSchema> = {
  request: LeaveRoundRequestSchema,
  show(c, r) {
    const round = c.own(rounds, r.roundId);
    if (round) round.ended = true;
  },
  place,
};
