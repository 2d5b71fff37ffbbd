// What a phone shows of something before it is sent is what the server says of it
// afterwards: each deed is done offline, looked at, sent, and looked at again.

import { timestampFromDate, timestampMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, expect, test } from "vitest";

import * as f from "../gen/undring/v1/feedback_pb";
import { ReportActionRequestSchema } from "../gen/undring/v1/learning_pb";
import * as o from "../gen/undring/v1/observation_pb";
import { Handset, until } from "../testing/phones";
import { startServer, type Server } from "../testing/server";
import { newId } from "./id";
import type { Phone } from "./phone";
import type { Done } from "./store";

let server: Server;

/** Somebody with a phone that can be taken off the network. */
class Someone {
  phone!: Phone;
  id = "";
  private readonly handset: Handset;

  constructor(readonly name: string) {
    this.handset = new Handset(name, server.address);
  }

  async signIn(): Promise<this> {
    this.phone = await this.handset.start();
    const { demoPeople } = await this.phone.call.session.getSignInOptions({});
    this.id = demoPeople.find((p) => p.name === this.name)!.id;
    await this.phone.signIn({ demoPerson: this.id });
    await until("the first pull", () => this.phone.schools.value.length > 0);
    return this;
  }

  offline = (is: boolean) => void (this.handset.weather.down = is);
}

const time = (t: Parameters<typeof timestampMs>[0] | undefined) => (t ? timestampMs(t) : undefined);
const replies = (of: f.ThreadReply[]) => of.map((r) => `${r.authorId}: ${r.text}`);

/** What the screens show of a visit, its notes, its exchange and the rounds. What only the server can know, such as due times, is left out. */
function shown({ phone }: Someone) {
  const visits = phone.visits.value.map((v) => {
    const { id, state, observerId, observedId, place, coTaught, focusQuestion, suggestedFocusQuestion, intention, expectation } = v;
    const { lookFor, doNotNote, wantedFeedback, focusAreaId, roundId, exitWishedById, reopenWishedById, feedbackOpened } = v;
    const e = phone.exchange(id);
    return {
      ...{ id, state, observerId, observedId, place, coTaught, focusQuestion, suggestedFocusQuestion, intention, expectation },
      later: [v.laterIntention?.intention, v.laterIntention?.expectation],
      ...{ lookFor, doNotNote, wantedFeedback, focusAreaId, roundId, exitWishedById, reopenWishedById, feedbackOpened },
      unseen: v.unseenChanges.map((u) => [u.personId, u.kind]),
      move: v.move && [v.move.proposedById, time(v.move.startTime), time(v.move.endTime)],
      acknowledged: v.acknowledgeTime !== undefined,
      from: [time(v.startTime), time(v.endTime)],
      talk: [time(v.talk?.startTime), v.talk?.duration?.seconds, v.talk?.arena],
      yes: v.agreement?.consents.map((c) => c.personId).sort(),
      step: [v.nextStep?.todo, [...(v.nextStep?.personIds ?? [])].sort(), v.nextStep?.overdue],
      notes: phone.notes(id).map((n) => [n.id, n.kind, n.text, n.tag, n.aboutFocus, n.shared, time(n.observedAt)]),
      draft: [phone.draft(id).points, phone.draft(id).questions, phone.draft(id).sharedNoteIds],
      exchange: e && {
        opened: e.opened,
        focus: [e.focusQuestion, e.intention, e.expectation],
        ownView: e.ownView && [e.ownView.text, e.ownView.skipped],
        points: e.points.map((p) => [p.id, p.text, p.noteIds, replies(p.replies)]),
        questions: e.questions.map((q) => [q.id, q.askerId, q.addresseeId, q.text, q.language, q.state, q.answer, q.aboutNoteIds, q.settleTime !== undefined, replies(q.replies)]),
        judged: e.questions.map((q) => [q.wondering, q.standBy]),
        notes: e.sharedNotes.map((s) => [s.note?.id, s.note?.text, s.note?.shared, s.correction?.text, s.correction?.resolution]),
        talk: e.conversation && [e.conversation.id, e.conversation.recordedById, e.conversation.summary, e.conversation.confirmed, e.conversation.duration?.seconds],
        earlierTalks: e.earlierConversations.map((c) => [c.id, c.summary, c.confirmed]),
        takeaway: e.takeaway && [e.takeaway.text, e.takeaway.borrowed, e.takeaway.learning],
        earlier: e.earlierTakeaways.map((t) => t.text),
        actions: e.actions.map((a) => [a.id, a.personId, a.text, a.lesson, a.dueDate, a.state, a.reportDue, a.report?.did, a.report?.happened, a.report?.next, a.report?.outcome]),
      },
    };
  });
  const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
  const rounds = phone.rounds.value.map((r) => ({ id: r.id, ended: r.ended, members: r.members.map((m) => [m.personId, m.joined]), legs: r.legs.map((l) => [l.observerId, l.observedId]) }));
  const lessons = phone.schools.value.flatMap((s) => s.openLessons).map((l) => ({ id: l.id, by: l.personId, says: [l.title, l.focusQuestion, l.wantedFeedback, l.place], from: [time(l.startTime), time(l.endTime)] }));
  return { visits: visits.sort(byId), rounds: rounds.sort(byId), lessons: lessons.sort(byId) };
}

let anne: Someone;
let ida: Someone;
let kari: Someone;

beforeAll(async () => {
  server = await startServer();
  anne = await new Someone("Anne Solbakken").signIn();
  ida = await new Someone("Ida Sæther").signIn();
  kari = await new Someone("Kari Fossheim").signIn();
}, 300_000);

afterAll(() => server?.stop());

type Shown = ReturnType<typeof shown>;

/** What only the server has, and no phone can show before it is told: the other visit of a mutual one; feedback that was not opened; what a question does, which carries nothing before it is answered. */
const untold: Record<string, (all: Shown, guessed: Shown) => Shown> = {
  "proposes both ways": (all, guessed) => ({ ...all, visits: all.visits.filter((v) => guessed.visits.some((g) => g.id === v.id)) }),
  "gives feedback": (all) => ({ ...all, visits: all.visits.map((v) => ({ ...v, exchange: v.exchange && { ...v.exchange, judged: [] } })) }),
  "opens the feedback": (all) => ({
    ...all,
    visits: all.visits.map((v) => ({ ...v, exchange: v.exchange && { ...v.exchange, points: [], questions: [], judged: [], notes: [] } })),
  }),
};

/** Does something without a network, then with one: both times the same is seen. */
async function does(who: Someone, what: string, deed: (phone: Phone) => Done): Promise<string> {
  for (const one of [anne, ida, kari]) await one.phone.sync();
  who.offline(true);
  const before = shown(who);
  const done = deed(who.phone);
  await done.kept;
  const guessed = shown(who);
  who.offline(false);
  await until(`${who.name} has sent: ${what}`, () => (void who.phone.sync(), who.phone.outbox.value.every((p) => p.outcome === "refused")));
  const refusal = who.phone.outbox.value[0]?.refusal;
  if (refusal) who.phone.giveUp(done.id); // what comes after it is judged by itself
  expect(refusal, `${what} was refused: ${refusal?.reason} ${refusal?.message}`).toBeUndefined();
  await who.phone.sync();
  const known = untold[what] ?? ((all: Shown) => all);
  expect.soft(known(guessed, guessed), what).toEqual(known(shown(who), guessed));
  expect.soft(guessed, `${what} changes what is seen`).not.toEqual(before);
  return done.thingId;
}

const hour = 3600_000;
const lesson = (hoursBack: number) => {
  const start = Math.floor(Date.now() / 60_000) * 60_000 - hoursBack * hour;
  return { startTime: timestampFromDate(new Date(start)), endTime: timestampFromDate(new Date(start + 45 * 60_000)) };
};
const pair = () => ({ schoolId: anne.phone.schools.value[0]!.school!.id, observerId: anne.id, observedId: ida.id });
const wondering = "Hva tror du skjedde i gruppene da du ventet?";

/** A visit that both have said yes to. */
async function agreed(hoursBack: number): Promise<string> {
  const observationId = await does(anne, "proposes", (p) => p.do(o.ProposeObservationRequestSchema, { ...pair(), ...lesson(hoursBack), place: "Rom 1" }));
  await does(ida, "writes the card", (p) => p.do(o.SetFocusRequestSchema, { observationId, focusQuestion: "Hvem får ordet?", lookFor: "pauser" }));
  await does(ida, "accepts", (p) => p.do(o.AcceptObservationRequestSchema, { observationId }));
  return observationId;
}

/** A visit whose feedback is given, with a point and some questions. */
async function given(hoursBack: number, questions: string[] = [wondering]) {
  const observationId = await agreed(hoursBack);
  const note = await does(anne, "notes", (p) => p.do(o.SaveNoteRequestSchema, { observationId, kind: o.NoteKind.SAW, text: "To hender.", tag: "pauser" }));
  const asked = questions.map((text) => ({ id: newId(), text, aboutNoteIds: [note] }));
  const point = { id: newId(), text: "To hender gikk opp.", noteIds: [note] };
  await does(anne, "gives feedback", (p) => p.do(f.GiveFeedbackRequestSchema, { observationId, points: [point], questions: asked }));
  return { observationId, note, point: point.id, questions: asked.map((q) => q.id) };
}

const talk = (observationId: string) => (p: Phone) =>
  p.do(f.RecordConversationRequestSchema, { observationId, talkedAt: timestampFromDate(new Date(Date.now() - 60_000)), duration: { seconds: 600n }, summary: "Om ventetid." });

const takesAway = (observationId: string, action?: { text: string; lesson: string }) => (p: Phone) =>
  p.do(f.RecordTakeawayRequestSchema, { observationId, text: "Venter lenger.", borrowed: "tavla", learning: f.Learning.ADJUSTED_PRACTICE, ...(action ? { action } : {}) });

test("proposing, and proposing otherwise", async () => {
  const observationId = await does(anne, "proposes with a suggestion", (p) =>
    p.do(o.ProposeObservationRequestSchema, { ...pair(), ...lesson(-48), place: "Rom 2", focusQuestion: "Hvem svarer?", talk: { duration: { seconds: 2400n }, arena: o.Arena.WALK } }),
  );
  await does(ida, "counters with an hour", (p) => p.do(o.CounterProposeRequestSchema, { observationId, ...lesson(-50) }));
  await does(ida, "writes the card", (p) => p.do(o.SetFocusRequestSchema, { observationId, focusQuestion: "Hvem får ordet?", intention: "Flere skal få det." }));
  await does(anne, "counters with a talk and a room", (p) =>
    p.do(o.CounterProposeRequestSchema, { observationId, ...lesson(-52), place: "Rom 3", talk: { duration: { seconds: 1800n }, arena: o.Arena.CAFE } }),
  );
  await does(ida, "accepts", (p) => p.do(o.AcceptObservationRequestSchema, { observationId }));
  await does(ida, "rewrites the card", (p) => p.do(o.SetFocusRequestSchema, { observationId, focusQuestion: "Hvem får ordet sist?", doNotNote: "navn" }));
  await does(anne, "cancels", (p) => p.do(o.CancelObservationRequestSchema, { observationId }));
  const other = await does(ida, "invites", (p) => p.do(o.ProposeObservationRequestSchema, { ...pair(), ...lesson(-72), focusQuestion: "Hva ser du?", intention: "Ro." }));
  await does(anne, "declines", (p) => p.do(o.DeclineObservationRequestSchema, { observationId: other }));
  const third = await does(anne, "proposes", (p) => p.do(o.ProposeObservationRequestSchema, { ...pair(), ...lesson(-96) }));
  await does(ida, "withdraws", (p) => p.do(o.WithdrawObservationRequestSchema, { observationId: third }));
}, 120_000);

test("a round of three", async () => {
  const start = { schoolId: pair().schoolId, memberIds: [anne.id, ida.id, kari.id] };
  const roundId = await does(anne, "starts a round", (p) => p.do(o.StartRoundRequestSchema, start));
  await does(ida, "joins", (p) => p.do(o.JoinRoundRequestSchema, { roundId }));
  await does(kari, "leaves", (p) => p.do(o.LeaveRoundRequestSchema, { roundId }));
}, 120_000);

test("an open lesson", async () => {
  const { schoolId } = pair();
  const offer = { schoolId, ...lesson(-300), title: "venter på svar", focusQuestion: "Hvem får ordet?", wantedFeedback: "Hvem som snakker.", place: "Rom 7" };
  const openLessonId = await does(ida, "opens a lesson", (p) => p.do(o.OfferLessonRequestSchema, offer));
  await does(anne, "asks for a place", (p) => p.do(o.AskForPlaceRequestSchema, { openLessonId }));
  await does(ida, "takes the lesson back", (p) => p.do(o.WithdrawLessonRequestSchema, { openLessonId }));
}, 120_000);

test("notes and a draft", async () => {
  const observationId = await agreed(2);
  await does(anne, "says that it took place", (p) => p.do(o.MarkObservedRequestSchema, { observationId }));
  const note = await does(anne, "notes", (p) => p.do(o.SaveNoteRequestSchema, { observationId, kind: o.NoteKind.INTERPRETATION, text: "Rolig.", aboutFocus: true }));
  await does(anne, "rewrites a note", (p) => p.do(o.SaveNoteRequestSchema, { id: note, observationId, kind: o.NoteKind.SAW, text: "Roligere." }));
  const points = [{ id: newId(), text: "Det ble rolig.", noteIds: [note] }];
  await does(anne, "keeps a draft", (p) => p.do(f.SaveFeedbackDraftRequestSchema, { observationId, draft: { points, questions: [], sharedNoteIds: [note] } }));
  await does(anne, "takes a note away", (p) => p.do(o.DeleteNoteRequestSchema, { noteId: note }));
  await does(anne, "wishes to end without", (p) => p.do(o.EndWithoutExchangeRequestSchema, { observationId }));
  await does(anne, "takes the wish back", (p) => p.do(o.EndWithoutExchangeRequestSchema, { observationId, takeBack: true }));
  await does(ida, "wishes to end without", (p) => p.do(o.EndWithoutExchangeRequestSchema, { observationId }));
  await does(anne, "ends without", (p) => p.do(o.EndWithoutExchangeRequestSchema, { observationId }));
}, 120_000);

test("a whole exchange, closed and reopened", async () => {
  const { observationId, note, point, questions } = await given(4);
  await does(ida, "opens the feedback", (p) => p.do(f.RecordOwnViewRequestSchema, { observationId, view: { case: "text", value: "Roligere enn ventet." } }));
  await does(ida, "says thanks", (p) => p.do(f.AcknowledgeFeedbackRequestSchema, { observationId }));
  await does(ida, "corrects a note", (p) => p.do(f.CorrectNoteRequestSchema, { noteId: note, text: "Tre hender." }));
  await does(anne, "lets both stand", (p) => p.do(f.ResolveCorrectionRequestSchema, { noteId: note, resolution: f.CorrectionResolution.BOTH_STAND }));
  await does(ida, "replies to a point", (p) => p.do(f.ReplyRequestSchema, { aboutId: point, text: "Tre, tror jeg." }));
  await does(anne, "replies to a question", (p) => p.do(f.ReplyRequestSchema, { aboutId: questions[0]!, text: "Jeg så bare to." }));
  const back = await does(ida, "asks back", (p) => p.do(f.AskBackRequestSchema, { observationId, text: "Hva så du først?" }));
  await does(ida, "answers", (p) => p.do(f.AnswerQuestionRequestSchema, { questionId: questions[0]!, answer: { case: "text", value: "De tenkte." } }));
  await does(anne, "says that they talked", (p) => p.do(f.AnswerQuestionRequestSchema, { questionId: back, answer: { case: "talked", value: true } }));
  const conversationId = await does(anne, "tells of the talk", talk(observationId));
  await does(ida, "confirms the talk", (p) => p.do(f.ConfirmConversationRequestSchema, { conversationId }));
  await does(anne, "takes something along", takesAway(observationId, { text: "Vente ti sekunder", lesson: "neste matematikktime" }));
  const action = anne.phone.exchange(observationId)!.actions[0]!.id;
  await ida.phone.sync();
  await does(ida, "agrees an action", (p) => p.do(f.AgreeActionRequestSchema, { actionId: action }));
  await does(ida, "takes something along", takesAway(observationId));
  await does(anne, "tells of an action", (p) =>
    p.do(ReportActionRequestSchema, { actionId: action, did: "Ventet.", happened: "Flere svarte.", outcome: f.ActionOutcome.KEPT, learning: f.Learning.NOTHING_NEW, next: "Fortsetter." }),
  );
  await does(anne, "wishes to reopen", (p) => p.do(o.ReopenObservationRequestSchema, { observationId }));
  await does(anne, "takes it back", (p) => p.do(o.ReopenObservationRequestSchema, { observationId, takeBack: true }));
  await does(ida, "wishes to reopen", (p) => p.do(o.ReopenObservationRequestSchema, { observationId }));
  await does(anne, "says no to that", (p) => p.do(o.AnswerWishRequestSchema, { observationId, wish: o.WishKind.REOPEN }));
  await does(ida, "sees the no", (p) => p.do(o.AcknowledgeChangeRequestSchema, { observationId, seenRevision: seenOf(ida, observationId) }));
  await does(ida, "wishes again, and is heard", (p) => p.do(o.ReopenObservationRequestSchema, { observationId }));
  await does(anne, "reopens", (p) => p.do(o.AnswerWishRequestSchema, { observationId, yes: true }));
  await does(ida, "asks back again", (p) => p.do(f.AskBackRequestSchema, { observationId, text: "Hva ser du nå?" }));
  await does(ida, "withdraws it all", (p) => p.do(o.WithdrawObservationRequestSchema, { observationId }));
}, 120_000);

/** The newest change that somebody has on the screen. */
const seenOf = ({ phone, id }: Someone, visit: string) => phone.visit(visit)!.unseenChanges.filter((u) => u.personId === id).at(-1)!.revision;

test("an agreed visit is moved, or is not", async () => {
  const observationId = await does(anne, "proposes", (p) => p.do(o.ProposeObservationRequestSchema, { ...pair(), ...lesson(-200) }));
  await does(ida, "writes the card", (p) => p.do(o.SetFocusRequestSchema, { observationId, focusQuestion: "Hvem får ordet?" }));
  await does(ida, "says yes", (p) => p.do(o.AcceptObservationRequestSchema, { observationId }));
  await does(anne, "proposes another time", (p) => p.do(o.ProposeMoveRequestSchema, { observationId, ...lesson(-204) }));
  await does(anne, "takes it back", (p) => p.do(o.ProposeMoveRequestSchema, { observationId, takeBack: true }));
  await does(anne, "proposes another time again", (p) => p.do(o.ProposeMoveRequestSchema, { observationId, ...lesson(-206) }));
  await does(ida, "says no to it", (p) => p.do(o.DeclineObservationRequestSchema, { observationId }));
  await does(anne, "sees that", (p) => p.do(o.AcknowledgeChangeRequestSchema, { observationId, seenRevision: seenOf(anne, observationId) }));
  await does(ida, "proposes a time of her own", (p) => p.do(o.ProposeMoveRequestSchema, { observationId, ...lesson(-208) }));
  await does(anne, "answers with another", (p) => p.do(o.ProposeMoveRequestSchema, { observationId, ...lesson(-210) }));
  await does(ida, "says yes to that one", (p) => p.do(o.AcceptObservationRequestSchema, { observationId }));
  await does(ida, "calls it off", (p) => p.do(o.CancelObservationRequestSchema, { observationId }));
  await does(anne, "sees all of it", (p) => p.do(o.AcknowledgeChangeRequestSchema, { observationId }));
}, 120_000);

test("questions that are parked or talked about", async () => {
  const { observationId, questions } = await given(6, [wondering, "Hva hadde du sett for deg at gruppene skulle gjøre?", "Når begynte timen?"]);
  await does(ida, "opens the feedback", (p) => p.do(f.RecordOwnViewRequestSchema, { observationId, view: { case: "skip", value: true } }));
  await does(ida, "parks", (p) => p.do(f.AnswerQuestionRequestSchema, { questionId: questions[0]!, answer: { case: "parked", value: true } }));
  await does(ida, "parks the second", (p) => p.do(f.AnswerQuestionRequestSchema, { questionId: questions[1]!, answer: { case: "parked", value: true } }));
  await does(ida, "answers what carries nothing", (p) => p.do(f.AnswerQuestionRequestSchema, { questionId: questions[2]!, answer: { case: "text", value: "Kvart over." } }));
  await does(ida, "talked about what was parked", (p) => p.do(f.AnswerQuestionRequestSchema, { questionId: questions[0]!, answer: { case: "talked", value: true } }));
  const conversationId = await does(ida, "tells of the talk", talk(observationId));
  await does(anne, "confirms the talk", (p) => p.do(f.ConfirmConversationRequestSchema, { conversationId }));
  await does(ida, "tells of a second talk", talk(observationId));
  expect(ida.phone.exchange(observationId)!.earlierConversations.map((c) => c.confirmed), "the confirmed talk stays in sight").toEqual([true]);
  await does(ida, "takes something along", takesAway(observationId));
  await does(ida, "takes something else along", (p) => p.do(f.RecordTakeawayRequestSchema, { observationId, text: "Venter kortere.", learning: f.Learning.QUESTIONED_ASSUMPTION }));
  await does(anne, "takes the same along", takesAway(observationId));
}, 120_000);

test("a mutual visit", async () => {
  const back = (hours: number) => ({ ...pair(), ...lesson(hours), coTaught: true, mutual: true });
  const observationId = await does(anne, "proposes both ways", (p) => p.do(o.ProposeObservationRequestSchema, back(-120)));
  await does(ida, "counters both", (p) => p.do(o.CounterProposeRequestSchema, { observationId, ...lesson(-124) }));
  await does(anne, "cancels both", (p) => p.do(o.CancelObservationRequestSchema, { observationId }));
}, 120_000);
