// What the two take along: take-aways, and the actions that come of them.

import { create } from "@bufbuild/protobuf";

import {
  ActionReportSchema,
  ActionSchema,
  ActionState,
  AgreeActionRequestSchema,
  RecordTakeawayRequestSchema,
  TakeawaySchema,
  type RecordTakeawayRequest,
} from "../gen/undring/v1/feedback_pb";
import { ReportActionRequestSchema } from "../gen/undring/v1/learning_pb";
import { exchanged, live } from "../rules/may";
import { newId } from "../store/id";
import type { Deed } from "./deed";
import { inExchange, opened, type InHand } from "./exchange";

/** Writes what one takes along. */
export const recordTakeaway: Deed<typeof RecordTakeawayRequestSchema> = {
  request: RecordTakeawayRequestSchema,
  allowed: { by: "either", in: live },
  begin(r) {
    if (r.action) r.action.id ||= newId();
  },
  makes: (r) => (r.action ? [r.action.id] : []),
  after: opened,
  show: inExchange(takeAlong),
  place: (_, { visitId }) => `/v/${visitId}/take`,
};

function takeAlong({ visit, exchange, me, time }: InHand, { text, borrowed, learning, action }: RecordTakeawayRequest): void {
  exchange.takeaway = create(TakeawaySchema, { text, borrowed, learning, recordTime: time });
  if (!action || exchange.actions.some((a) => a.id === action.id)) return;
  const { id, text: what, lesson, dueDate, focusAreaId } = action;
  exchange.actions.push(
    create(ActionSchema, { id, observationId: visit.id, personId: me, text: what, lesson, dueDate, focusAreaId, state: ActionState.PROPOSED }),
  );
}

/** Agrees to the other one's action. */
export const agreeAction: Deed<typeof AgreeActionRequestSchema> = {
  request: AgreeActionRequestSchema,
  allowed: { by: "either", in: exchanged },
  show: inExchange(({ exchange, me }, r) => {
    for (const a of exchange.actions)
      if (a.id === r.actionId && a.personId !== me && a.state === ActionState.PROPOSED) a.state = ActionState.AGREED;
  }),
};

/** Tells what came of an action. */
export const reportAction: Deed<typeof ReportActionRequestSchema> = {
  request: ReportActionRequestSchema,
  allowed: { by: "either", in: exchanged },
  show: inExchange(({ exchange, time }, r) => {
    for (const a of exchange.actions) {
      if (a.id !== r.actionId || a.state === ActionState.PROPOSED) continue;
      const { did, happened, questioned, next, outcome, learning } = r;
      a.state = ActionState.REPORTED;
      a.reportDue = false;
      a.report = create(ActionReportSchema, { did, happened, questioned, next, outcome, learning, reportTime: time });
    }
  }),
  place: () => "/actions",
};
