// Exchanges: the kind, and what the two do in one, from the feedback to the talk.

import { create } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate, type Timestamp } from "@bufbuild/protobuf/wkt";

import {
  AcknowledgeFeedbackRequestSchema,
  AnswerQuestionRequestSchema,
  AskBackRequestSchema,
  ConfirmConversationRequestSchema,
  ConversationSchema,
  CorrectNoteRequestSchema,
  CorrectionSchema,
  ExchangeSchema,
  FeedbackPointSchema,
  GiveFeedbackRequestSchema,
  OpeningSchema,
  OwnViewSchema,
  QuestionSchema,
  QuestionState,
  RecordConversationRequestSchema,
  RecordOwnViewRequestSchema,
  ReplyRequestSchema,
  ResolveCorrectionRequestSchema,
  SayWhatItOpenedRequestSchema,
  SharedNoteSchema,
  TakeOutNameRequestSchema,
  ThreadReplySchema,
  type AnswerQuestionRequest,
  type Exchange,
  type GiveFeedbackRequest,
} from "../gen/undring/v1/feedback_pb";
import { ChangeKind, NameWishSchema, ObservationState as State, type Observation } from "../gen/undring/v1/observation_pb";
import { Thing } from "../gen/undring/v1/sync_pb";
import { anywhere, exchanged, live } from "../rules/may";
import { isAlone, isSettled, nextStep, talksOf } from "../rules/next";
import { newId } from "../store/id";
import { isoClock, isoDay } from "../words/time";
import type { Deed, Scene, Waiting } from "./deed";
import { drafts } from "./draft";
import { kindOf, type Copy } from "./kind";
import { notes } from "./note";
import { move, onVisit, tellOther, visits } from "./visit";

/** What the caller may read of exchanges, by the visit's id. */
export const exchanges = kindOf<"exchange">({
  case: "exchange",
  thing: Thing.EXCHANGE,
  schema: ExchangeSchema,
  id: (e) => e.observationId,
  answers: ["exchange"],
  visitId: (e) => e.observationId,
  parts: (e) => [
    ...[...e.points, ...e.questions, ...e.actions, ...talksOf(e)].map((part) => part.id),
    ...e.sharedNotes.map((s) => s.note?.id ?? ""),
  ],
});

const at = ({ visitId }: { visitId: string }): string => `/v/${visitId}/exchange`;

/** An exchange in which something is done: where, by whom, when. */
export interface InHand extends Scene {
  visit: Observation;
  exchange: Exchange;
  time: Timestamp;
}

/** What is seen of a deed in an exchange. */
export const inExchange =
  <R>(deed: (on: InHand, r: R) => void) =>
  (c: Copy, r: R, scene: Scene, { visitId }: Waiting): void => {
    const visit = c.own(visits, visitId);
    if (!visit) return;
    const { focusQuestion, intention, expectation } = visit;
    const exchange =
      c.own(exchanges, visitId) ?? c.make(exchanges, visitId, create(ExchangeSchema, { observationId: visitId, focusQuestion, intention, expectation }));
    const toWrite = visit.state === State.ANSWERED ? (visit.nextStep?.personIds ?? []) : [visit.observerId, visit.observedId];
    deed({ ...scene, visit, exchange, time: timestampFromDate(scene.now) }, r);
    goOn(visit, exchange, toWrite, scene);
  };

/** Moves the visit as far as what has been said carries it. */
function goOn(v: Observation, e: Exchange, before: string[], { me }: Scene): void {
  const toWrite = before.filter((p) => p !== me || !e.takeaway);
  if (v.state === State.FEEDBACK_GIVEN && v.feedbackOpened && isSettled(v, e)) move(v, State.ANSWERED);
  if (v.state === State.ANSWERED && toWrite.length === 0) move(v, State.CLOSED);
  v.nextStep = nextStep(v, e, toWrite);
}

// Giving and opening the feedback.

/** The notes that a gift rests on or shares. */
const notesOf = (gift: GiveFeedbackRequest): Set<string> =>
  new Set([...gift.points.flatMap((p) => p.noteIds), ...gift.questions.flatMap((q) => q.aboutNoteIds), ...gift.sharedNoteIds]);

/** Hands feedback over. */
export const giveFeedback: Deed<typeof GiveFeedbackRequestSchema> = {
  request: GiveFeedbackRequestSchema,
  allowed: { by: "observer", in: [State.OBSERVED] },
  begin(r) {
    for (const part of [...r.points, ...r.questions]) part.id ||= newId();
  },
  makes: (r) => [...r.points, ...r.questions].map((part) => part.id),
  restsOn: notesOf,
  show: give,
  place: (_, { visitId }) => `/v/${visitId}/feedback/give`,
};

/** What is missing is for the server to say. */
function give(c: Copy, r: GiveFeedbackRequest, { me, now, language }: Scene): void {
  const v = c.own(visits, r.observationId);
  if (!v) return;
  const shared = [...notesOf(r)].map((id) => c.own(notes, id)).filter((n) => n !== undefined);
  for (const n of shared) n.shared = true;
  shared.sort((a, b) => Number((a.observedAt?.seconds ?? 0n) - (b.observedAt?.seconds ?? 0n)));
  const { focusQuestion, intention, expectation } = v;
  const e = create(ExchangeSchema, { observationId: v.id, opened: true, focusQuestion, intention, expectation });
  e.points = r.points.map(({ id, text, noteIds, effect }) => create(FeedbackPointSchema, { id, text, noteIds, effect }));
  e.questions = r.questions.map(({ id, text, aboutNoteIds, source, ...q }) => {
    const asked = { id, text, aboutNoteIds, source, askerId: me, addresseeId: v.observedId, language: q.language || language };
    return create(QuestionSchema, { ...asked, state: QuestionState.OPEN }); // judged by the server, before anybody can settle it
  });
  e.sharedNotes = shared.map((note) => create(SharedNoteSchema, { note }));
  c.make(exchanges, v.id, e);
  c.drop(drafts, v.id);
  move(v, State.FEEDBACK_GIVEN);
  v.feedbackOpened = false;
  v.updateTime = timestampFromDate(now);
  v.nextStep = nextStep(v, e, []);
}

/** Writes, or skips, the two lines of one's own: that opens the feedback. */
export const recordOwnView: Deed<typeof RecordOwnViewRequestSchema> = {
  request: RecordOwnViewRequestSchema,
  allowed: { by: "observed", in: live },
  show: inExchange(({ visit, exchange, time }, r) => {
    const text = r.view.case === "text" ? r.view.value : "";
    exchange.ownView = create(OwnViewSchema, { text, skipped: text === "", recordTime: time });
    exchange.opened = visit.feedbackOpened = true;
  }),
  place: (_, op) => at(op),
  origin: (r) => (r.view.case === "text" ? { first: "own", texts: { [`own-view/${r.observationId}`]: r.view.value } } : undefined),
};

/** Before this the server refuses what the observed does with the feedback. */
export const opened = [recordOwnView];

/** Says that it is read. */
export const acknowledge: Deed<typeof AcknowledgeFeedbackRequestSchema> = {
  request: AcknowledgeFeedbackRequestSchema,
  allowed: { by: "observed", in: live },
  after: opened,
  show: inExchange(({ visit, time }) => void (visit.acknowledgeTime ??= time)),
};

// Questions, answers, threads.

/** Settles a question: in writing, by a talk, or not now. */
export const answer: Deed<typeof AnswerQuestionRequestSchema> = {
  request: AnswerQuestionRequestSchema,
  allowed: { by: "either", in: live },
  after: opened,
  show: inExchange(settle),
  place: (_, op) => at(op),
  origin: (r) => (r.answer.case === "text" ? { first: `answer-${r.questionId}`, texts: { [`answer/${r.questionId}`]: r.answer.value } } : undefined),
};

function settle({ exchange, me, time }: InHand, { questionId, answer }: AnswerQuestionRequest): void {
  const q = exchange.questions.find((there) => there.id === questionId);
  if (!q || q.addresseeId !== me || q.state === QuestionState.ANSWERED || q.state === QuestionState.TALKED) return;
  q.settleTime = time;
  if (answer.case === "text") {
    q.state = QuestionState.ANSWERED;
    q.answer = answer.value;
  } else if (answer.case === "talked") {
    q.state = exchange.conversation?.confirmed ? QuestionState.TALKED : QuestionState.TALKED_UNCONFIRMED;
  } else {
    q.state = QuestionState.PARKED;
  }
}

/** Says of a question whether it opened something. */
export const sayWhatItOpened: Deed<typeof SayWhatItOpenedRequestSchema> = {
  request: SayWhatItOpenedRequestSchema,
  allowed: { by: "observed", in: exchanged },
  after: opened,
  show: inExchange(({ exchange, me, time }, r) => {
    const q = exchange.questions.find((there) => there.id === r.questionId);
    if (!q || q.addresseeId !== me) return;
    if (r.takeBack) delete q.opening;
    else q.opening = create(OpeningSchema, { opened: r.opened, text: r.text, sayTime: time });
  }),
  place: (_, op) => at(op),
  origin: (r) => ({ first: `opening-${r.questionId}-text`, texts: { [`opening/${r.questionId}`]: r.text } }),
};

/** Asks the observer back. */
export const askBack: Deed<typeof AskBackRequestSchema> = {
  request: AskBackRequestSchema,
  allowed: { by: "observed", in: live },
  after: opened,
  show: inExchange(({ visit, exchange, me, language }, r) => {
    if (exchange.questions.some((q) => q.id === r.id)) return;
    const asked = { id: r.id, askerId: me, addresseeId: visit.observerId, text: r.text, language: r.language || language };
    exchange.questions.push(create(QuestionSchema, { ...asked, state: QuestionState.OPEN })); // not judged: it carries no visit
    if (visit.state === State.ANSWERED) move(visit, State.FEEDBACK_GIVEN);
  }),
  place: (_, op) => at(op),
  origin: (r) => ({ first: "ask-back", texts: { [`ask-back/${r.observationId}`]: r.text } }),
};

/** Writes in the thread of a point or a question. */
export const reply: Deed<typeof ReplyRequestSchema> = {
  request: ReplyRequestSchema,
  allowed: { by: "either", in: live },
  after: opened,
  show: inExchange(({ exchange, me, time }, r) => {
    const about = [...exchange.questions, ...exchange.points].find((of) => of.id === r.aboutId);
    if (about && !about.replies.some((there) => there.id === r.id))
      about.replies.push(create(ThreadReplySchema, { id: r.id, authorId: me, text: r.text, createTime: time }));
  }),
  place: (_, op) => at(op),
  origin: (r) => ({ first: `reply-${r.aboutId}`, texts: { [`reply/${r.aboutId}`]: r.text } }),
};

// The conversation.

/** Tells of a conversation. */
export const recordConversation: Deed<typeof RecordConversationRequestSchema> = {
  request: RecordConversationRequestSchema,
  allowed: { by: "either", in: live },
  show: inExchange(({ exchange, me }, r) => {
    if (talksOf(exchange).some((told) => told.id === r.id)) return;
    if (exchange.conversation) exchange.earlierConversations.push(exchange.conversation);
    exchange.conversation = create(ConversationSchema, { id: r.id, recordedById: me, summary: r.summary });
    exchange.conversation.talkedAt = r.talkedAt;
    exchange.conversation.duration = r.duration;
  }),
  place: (_, { visitId }) => `/v/${visitId}/talk`,
  origin(r) {
    const key = `talk/${r.observationId}`;
    const began = r.talkedAt && timestampDate(r.talkedAt);
    const when = began && { day: isoDay(began), time: isoClock(began), minutes: Number(r.duration?.seconds ?? 0n) / 60 };
    return { first: "summary", texts: { [key]: r.summary }, ...(when && { facts: { [`${key}/when`]: JSON.stringify(when) } }) };
  },
};

/** Confirms the other one's word of a conversation. */
export const confirmConversation: Deed<typeof ConfirmConversationRequestSchema> = {
  request: ConfirmConversationRequestSchema,
  allowed: { by: "either", in: live },
  show: inExchange(({ exchange, me }, r) => {
    const talk = talksOf(exchange).find((told) => told.id === r.conversationId);
    if (!talk || talk.recordedById === me) return;
    talk.confirmed = true;
    for (const q of exchange.questions) if (q.state === QuestionState.TALKED_UNCONFIRMED) q.state = QuestionState.TALKED;
  }),
  place: (_, op) => at(op),
};

// Corrections.

/** Words a shared note otherwise. */
export const correctNote: Deed<typeof CorrectNoteRequestSchema> = {
  request: CorrectNoteRequestSchema,
  allowed: { by: "observed", in: live },
  after: opened,
  show: inExchange(({ exchange, time }, r) => {
    for (const s of exchange.sharedNotes)
      if (s.note?.id === r.noteId) s.correction = create(CorrectionSchema, { text: r.text, createTime: time });
  }),
  place: (_, op) => at(op),
};

/** Says what becomes of a correction. */
export const resolveCorrection: Deed<typeof ResolveCorrectionRequestSchema> = {
  request: ResolveCorrectionRequestSchema,
  allowed: { by: "observer", in: live },
  show: inExchange(({ exchange }, r) => {
    for (const s of exchange.sharedNotes) if (s.note?.id === r.noteId && s.correction) s.correction.resolution = r.resolution;
  }),
  place: (_, op) => at(op),
};

/** Wishes that a name goes out of every text, says yes to the other one's wish by the same name, or lets the wish go. The texts without it come from the server. */
export const takeOutName: Deed<typeof TakeOutNameRequestSchema> = {
  request: TakeOutNameRequestSchema,
  allowed: { by: "either", in: anywhere.filter((s) => s !== State.WITHDRAWN) },
  show(c, r, scene) {
    onVisit(c, r.observationId, (v) => {
      const theirs = v.nameWish && v.nameWish.wishedById !== scene.me;
      if (r.letGo || theirs || isAlone(v, scene.me)) {
        if (r.letGo && theirs) tellOther(v, ChangeKind.NAME_REFUSED, scene);
        delete v.nameWish;
      } else v.nameWish = create(NameWishSchema, { name: r.name, wishedById: scene.me });
    });
  },
  place: (_, { visitId }) => `/v/${visitId}/name`,
};
