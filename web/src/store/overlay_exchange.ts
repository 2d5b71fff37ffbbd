// The half of the overlay that is about an exchange: feedback, questions, answers,
// talk, take-aways, actions.

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

import {
  ActionReportSchema,
  ActionSchema,
  ActionState,
  ConversationSchema,
  CorrectionSchema,
  ExchangeSchema,
  FeedbackPointSchema,
  OwnViewSchema,
  QuestionSchema,
  QuestionState,
  SharedNoteSchema,
  TakeawaySchema,
  ThreadReplySchema,
  type Exchange,
  type GiveFeedbackRequest,
  type RecordTakeawayRequest,
} from "../gen/undring/v1/feedback_pb";
import { ObservationState as State, type Observation } from "../gen/undring/v1/observation_pb";
import { notesOf, type Request } from "./op";
import type { Scene } from "./overlay";
import { move, settled, stepOf } from "./step";
import type { Copy } from "./things";

const live = [State.FEEDBACK_GIVEN, State.ANSWERED];

/** Does one deed in an exchange, as the server would. */
export function actOnExchange(c: Copy, r: Request, visitId: string, scene: Scene): void {
  const visit = c.things.visits.get(visitId);
  if (!visit) return;
  if (r.$typeName === "undring.v1.GiveFeedbackRequest") return give(c, r, scene);
  const followsUp = r.$typeName === "undring.v1.AgreeActionRequest" || r.$typeName === "undring.v1.ReportActionRequest";
  if (![...live, ...(followsUp ? [State.CLOSED] : [])].includes(visit.state)) return;
  const v = c.visit(visitId)!;
  if (!c.things.exchanges.has(visitId)) {
    const { focusQuestion, intention } = v;
    c.things.exchanges.set(visitId, c.made(create(ExchangeSchema, { observationId: visitId, focusQuestion, intention })));
  }
  const toWrite = v.state === State.ANSWERED ? (v.nextStep?.personIds ?? []) : [v.observerId, v.observedId];
  const e = c.exchange(visitId)!;
  deed(v, e, r, scene);
  goOn(v, e, toWrite, scene);
}

/** Moves the visit as far as what has been said carries it. */
function goOn(v: Observation, e: Exchange, before: string[], { me }: Scene): void {
  const toWrite = before.filter((p) => p !== me || !e.takeaway);
  if (v.state === State.FEEDBACK_GIVEN && v.feedbackOpened && settled(v, e)) move(v, State.ANSWERED);
  if (v.state === State.ANSWERED && toWrite.length === 0) move(v, State.CLOSED);
  v.nextStep = stepOf(v, e, toWrite);
}

function deed(v: Observation, e: Exchange, r: Request, { me, now, language }: Scene): void {
  const time = timestampFromDate(now);
  const question = (id: string) => e.questions.find((q) => q.id === id);
  switch (r.$typeName) {
    case "undring.v1.RecordOwnViewRequest": {
      const text = r.view.case === "text" ? r.view.value : "";
      e.ownView = create(OwnViewSchema, { text, skipped: text === "", recordTime: time });
      e.opened = v.feedbackOpened = true;
      return;
    }
    case "undring.v1.AcknowledgeFeedbackRequest":
      v.acknowledgeTime ??= time;
      return;
    case "undring.v1.AnswerQuestionRequest": {
      const q = question(r.questionId);
      if (!q || q.addresseeId !== me || q.state === QuestionState.ANSWERED || q.state === QuestionState.TALKED) return;
      q.settleTime = time;
      if (r.answer.case === "text") {
        q.state = QuestionState.ANSWERED;
        q.answer = r.answer.value;
      } else if (r.answer.case === "talked") {
        q.state = e.conversation?.confirmed ? QuestionState.TALKED : QuestionState.TALKED_UNCONFIRMED;
      } else {
        q.state = QuestionState.PARKED;
      }
      return;
    }
    case "undring.v1.AskBackRequest": {
      if (question(r.id)) return;
      const asked = { id: r.id, askerId: me, addresseeId: v.observerId, text: r.text, language: r.language || language };
      e.questions.push(create(QuestionSchema, { ...asked, state: QuestionState.OPEN })); // not judged: it carries no visit
      if (v.state === State.ANSWERED) move(v, State.FEEDBACK_GIVEN);
      return;
    }
    case "undring.v1.ReplyRequest": {
      const about = question(r.aboutId) ?? e.points.find((p) => p.id === r.aboutId);
      if (about && !about.replies.some((there) => there.id === r.id))
        about.replies.push(create(ThreadReplySchema, { id: r.id, authorId: me, text: r.text, createTime: time }));
      return;
    }
    case "undring.v1.RecordConversationRequest": {
      if (e.conversation?.id === r.id) return;
      e.conversation = create(ConversationSchema, { id: r.id, recordedById: me, summary: r.summary });
      e.conversation.talkedAt = r.talkedAt;
      e.conversation.duration = r.duration;
      return;
    }
    case "undring.v1.ConfirmConversationRequest":
      if (e.conversation?.id !== r.conversationId || e.conversation.recordedById === me) return;
      e.conversation.confirmed = true;
      for (const q of e.questions) if (q.state === QuestionState.TALKED_UNCONFIRMED) q.state = QuestionState.TALKED;
      return;
    case "undring.v1.CorrectNoteRequest":
      for (const s of e.sharedNotes)
        if (s.note?.id === r.noteId) s.correction = create(CorrectionSchema, { text: r.text, createTime: time });
      return;
    case "undring.v1.ResolveCorrectionRequest":
      for (const s of e.sharedNotes) if (s.note?.id === r.noteId && s.correction) s.correction.resolution = r.resolution;
      return;
    case "undring.v1.RecordTakeawayRequest":
      return takeAlong(v, e, r, { me, now, language });
    case "undring.v1.AgreeActionRequest":
      for (const a of e.actions)
        if (a.id === r.actionId && a.personId !== me && a.state === ActionState.PROPOSED) a.state = ActionState.AGREED;
      return;
    case "undring.v1.ReportActionRequest":
      for (const a of e.actions) {
        if (a.id !== r.actionId || a.state === ActionState.PROPOSED) continue;
        const { did, happened, questioned, next, learning } = r;
        a.state = ActionState.REPORTED;
        a.reportDue = false;
        a.report = create(ActionReportSchema, { did, happened, questioned, next, learning, reportTime: time });
      }
  }
}

function takeAlong(v: Observation, e: Exchange, r: RecordTakeawayRequest, { me, now }: Scene): void {
  const { text, borrowed, learning, action } = r;
  e.takeaway = create(TakeawaySchema, { text, borrowed, learning, recordTime: timestampFromDate(now) });
  if (!action || e.actions.some((a) => a.id === action.id)) return;
  const { id, text: what, lesson, dueDate, focusAreaId } = action;
  e.actions.push(
    create(ActionSchema, { id, observationId: v.id, personId: me, text: what, lesson, dueDate, focusAreaId, state: ActionState.PROPOSED }),
  );
}

/** Hands feedback over: what is missing is for the server to say. */
function give(c: Copy, r: GiveFeedbackRequest, { me, now, language }: Scene): void {
  const there = c.things.visits.get(r.observationId);
  if (there?.state !== State.OBSERVED && there?.state !== State.AGREED) return;
  const v = c.visit(r.observationId)!;
  const shared = [...notesOf(r)].map((id) => c.note(id)).filter((n) => n !== undefined);
  for (const n of shared) n.shared = true;
  shared.sort((a, b) => Number((a.observedAt?.seconds ?? 0n) - (b.observedAt?.seconds ?? 0n)));
  const { focusQuestion, intention } = v;
  const e = create(ExchangeSchema, { observationId: v.id, opened: true, focusQuestion, intention });
  e.points = r.points.map(({ id, text, noteIds }) => create(FeedbackPointSchema, { id, text, noteIds }));
  e.questions = r.questions.map(({ id, text, aboutNoteIds, source, ...q }) => {
    const asked = { id, text, aboutNoteIds, source, askerId: me, addresseeId: v.observedId, language: q.language || language };
    return create(QuestionSchema, { ...asked, state: QuestionState.OPEN }); // judged by the server, before anybody can settle it
  });
  e.sharedNotes = shared.map((note) => create(SharedNoteSchema, { note }));
  c.things.exchanges.set(v.id, c.made(e));
  c.things.drafts.delete(v.id);
  move(v, State.FEEDBACK_GIVEN);
  v.feedbackOpened = false;
  v.updateTime = timestampFromDate(now);
  v.nextStep = stepOf(v, e, []);
}

