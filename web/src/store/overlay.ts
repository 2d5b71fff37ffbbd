// What a screen sees: what the server has told, with everything applied that the
// person did and the server has not said yet. Worked out anew after each pull,
// as Replicache rebases: an operation whose effect has come meanwhile, or can't
// be any more, changes nothing. The server's word takes the place of the guess.

import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, timestampMs } from "@bufbuild/protobuf/wkt";

import { FeedbackDraftSchema } from "../gen/undring/v1/feedback_pb";
import {
  AgreementConsentSchema,
  NextStepSchema,
  NoteSchema,
  ObservationSchema,
  ObservationState as State,
  RoundLegSchema,
  RoundMemberSchema,
  RoundSchema,
  TalkSchema,
  type Observation,
  type SaveNoteRequest,
  type ProposeObservationRequest,
  type Talk,
} from "../gen/undring/v1/observation_pb";
import type { Op } from "./op";
import { actOnExchange } from "./overlay_exchange";
import { awaited, late, move, stepOf } from "./step";
import { Copy, type Things } from "./things";

/** In whose name, and when. */
export interface Scene {
  me: string;
  /** The server's time, as well as the phone knows it. */
  now: Date;
  /** nb, nn or en. */
  language: string;
}

/** Things as a screen sees them. Changes neither of the two that it is made of. */
export function overlay(told: Things, ops: readonly Op[], scene: Scene): Things {
  const c = new Copy(told);
  for (const op of ops) {
    if (!op.refusal) act(c, op, scene); // what the server said no to is shown as that
  }
  for (const visit of c.things.visits.values()) markLate(c, visit, scene.now);
  return c.things;
}

/** That something has become late is no change that is pulled: the phone goes by the due times. */
function markLate(c: Copy, visit: Observation, now: Date): void {
  const step = visit.nextStep;
  if (step && step.overdue !== late(step, now)) c.visit(visit.id)!.nextStep!.overdue = !step.overdue;
}

function act(c: Copy, op: Op, scene: Scene): void {
  const r = op.request;
  switch (r.$typeName) {
    case "undring.v1.ProposeObservationRequest":
      return propose(c, r, scene);
    case "undring.v1.CounterProposeRequest":
      return onProposal(c, r.observationId, scene, (v) => {
        v.startTime = r.startTime;
        v.endTime = r.endTime;
        if (r.place !== "") v.place = r.place;
        v.talk = talkOf(r.talk ?? { ...(v.talk ?? create(TalkSchema)), startTime: undefined }, v); // with the lesson, where nobody says otherwise
        consent(v, scene);
      });
    case "undring.v1.AcceptObservationRequest":
      return onProposal(c, r.observationId, scene, (v) => {
        if (awaited(v) !== scene.me || v.focusQuestion === "") return;
        v.state = State.AGREED;
        consent(v, scene);
      });
    case "undring.v1.DeclineObservationRequest":
      return onProposal(c, r.observationId, scene, (v) => void (v.state = State.DECLINED));
    case "undring.v1.CancelObservationRequest":
      return onVisit(c, r.observationId, [State.PROPOSED, State.AGREED], (v) => {
        if (v.state === State.PROPOSED) for (const twin of twins(c, v)) cancel(twin);
        cancel(v);
      });
    case "undring.v1.WithdrawObservationRequest":
      return withdraw(c, r.observationId);
    case "undring.v1.SetFocusRequest":
      return onVisit(c, r.observationId, [State.PROPOSED, State.AGREED], (v) => {
        v.focusQuestion = r.focusQuestion;
        v.intention = r.intention;
        v.focusAreaId = r.focusAreaId;
        v.lookFor = r.lookFor;
        v.doNotNote = r.doNotNote;
        v.wantedFeedback = r.wantedFeedback;
      });
    case "undring.v1.MarkObservedRequest":
      return onVisit(c, r.observationId, [State.AGREED], (v) => void (v.state = State.OBSERVED));
    case "undring.v1.SaveNoteRequest":
      return saveNote(c, r, op, scene);
    case "undring.v1.DeleteNoteRequest":
      return void c.things.notes.delete(r.noteId);
    case "undring.v1.SaveFeedbackDraftRequest": {
      const draft = clone(FeedbackDraftSchema, r.draft ?? create(FeedbackDraftSchema));
      draft.revision = c.things.drafts.get(r.observationId)?.revision ?? 0n;
      return void c.things.drafts.set(r.observationId, draft);
    }
    case "undring.v1.EndWithoutExchangeRequest":
      return onVisit(c, r.observationId, [State.OBSERVED, State.FEEDBACK_GIVEN], (v) => {
        if (r.takeBack) v.exitWishedById = v.exitWishedById === scene.me ? "" : v.exitWishedById;
        else if (v.exitWishedById === "" || v.exitWishedById === scene.me) v.exitWishedById = scene.me;
        else {
          move(v, State.CLOSED_WITHOUT_EXCHANGE);
          c.things.drafts.delete(v.id);
        }
      });
    case "undring.v1.ReopenObservationRequest":
      return onVisit(c, r.observationId, [State.CLOSED], (v) => {
        if (r.takeBack) v.reopenWishedById = v.reopenWishedById === scene.me ? "" : v.reopenWishedById;
        else if (v.reopenWishedById === "" || v.reopenWishedById === scene.me) v.reopenWishedById = scene.me;
        else reopen(c, v);
      });
    case "undring.v1.StartRoundRequest": {
      if (c.things.rounds.has(r.id)) return;
      const legs = r.memberIds.map((observerId, i) =>
        create(RoundLegSchema, { observerId, observedId: r.memberIds[(i + 1) % r.memberIds.length]! }),
      );
      const members = r.memberIds.map((personId) => create(RoundMemberSchema, { personId, joined: personId === scene.me }));
      return void c.things.rounds.set(
        r.id,
        c.made(create(RoundSchema, { id: r.id, schoolId: r.schoolId, members, legs, createTime: timestampFromDate(scene.now) })),
      );
    }
    case "undring.v1.JoinRoundRequest":
      for (const m of c.round(r.roundId)?.members ?? []) m.joined ||= m.personId === scene.me;
      return;
    case "undring.v1.LeaveRoundRequest": {
      const round = c.round(r.roundId);
      if (round) round.ended = true;
      return;
    }
    case "undring.v1.KeepFromSuggestionsRequest":
    case "undring.v1.SetAvailabilityRequest":
    case "undring.v1.SavePromptRequest":
    case "undring.v1.DeletePromptRequest":
      return; // nothing of it is on the phone
    default:
      return actOnExchange(c, r, op.visitId, scene);
  }
}

/** A closed visit is answered again: both write anew what they take along. */
function reopen(c: Copy, v: Observation): void {
  move(v, State.ANSWERED);
  v.nextStep = create(NextStepSchema, { personIds: [v.observerId, v.observedId] });
  const e = c.exchange(v.id);
  if (!e?.takeaway) return;
  e.earlierTakeaways = [e.takeaway, ...e.earlierTakeaways];
  delete e.takeaway;
}

/** Changes a visit in one of some states, and says whose move it is then. */
function onVisit(c: Copy, id: string, states: State[], change: (v: Observation) => void): void {
  const there = c.things.visits.get(id);
  if (!there || !states.includes(there.state)) return;
  const v = c.visit(id)!;
  change(v);
  v.nextStep = stepOf(v, c.things.exchanges.get(id), v.nextStep?.personIds ?? []);
}

/** The visit the other way, of a mutual one, while both are proposed. */
const twins = (c: Copy, v: Observation): Observation[] => {
  const twin = c.things.visits.get(v.mutualObservationId);
  return twin?.state === State.PROPOSED ? [c.visit(twin.id)!] : [];
};

/** Changes what is proposed: of a mutual visit both. */
function onProposal(c: Copy, id: string, _scene: Scene, change: (v: Observation) => void): void {
  const there = c.things.visits.get(id);
  const both = there?.state === State.PROPOSED ? twins(c, there) : [];
  onVisit(c, id, [State.PROPOSED], change);
  for (const twin of both) onVisit(c, twin.id, [State.PROPOSED], change);
}

function cancel(v: Observation): void {
  v.state = State.CANCELLED;
  v.nextStep = stepOf(v, undefined, []);
}

/** Says yes in somebody's name: what was said last is who is waited for. */
function consent(v: Observation, { me, now }: Scene): void {
  if (!v.agreement) return;
  const latest = Math.max(now.getTime(), ...v.agreement.consents.map((yes) => (yes.acceptTime ? timestampMs(yes.acceptTime) + 1 : 0)));
  const yes = create(AgreementConsentSchema, { personId: me, acceptTime: timestampFromDate(new Date(latest)), version: v.agreement.version });
  v.agreement.consents = [...v.agreement.consents.filter((other) => other.personId !== me), yes];
}

function talkOf(talk: Talk | undefined, v: Observation): Talk {
  const out = talk ? clone(TalkSchema, talk) : create(TalkSchema);
  out.duration ??= { $typeName: "google.protobuf.Duration", seconds: 1800n, nanos: 0 };
  out.startTime ??= v.endTime;
  return out;
}

function propose(c: Copy, r: ProposeObservationRequest, scene: Scene): void {
  if (c.things.visits.has(r.id)) return;
  const { id, schoolId, observerId, observedId, startTime, endTime, place, coTaught, focusAreaId, roundId } = r;
  const mine = scene.me === observedId;
  const known: MessageInitShape<typeof ObservationSchema> = {
    ...{ id, schoolId, observerId, observedId, place, coTaught, focusAreaId, roundId, state: State.PROPOSED },
    ...(mine ? { focusQuestion: r.focusQuestion, intention: r.intention } : { suggestedFocusQuestion: r.focusQuestion }),
    agreement: anyAgreement(c.things),
  };
  const v = c.made(create(ObservationSchema, known));
  v.startTime = startTime;
  v.endTime = endTime;
  v.createTime = v.updateTime = timestampFromDate(scene.now);
  v.talk = talkOf(r.talk, v);
  consent(v, scene);
  v.nextStep = stepOf(v, undefined, []);
  c.things.visits.set(id, v);
}

/** The text that both say yes to is the same in every visit; without another one it is told with the answer. */
function anyAgreement(things: Things): { version: string; lines: string[] } {
  const { version = "", lines = [] } = [...things.visits.values()][0]?.agreement ?? {};
  return { version, lines };
}

function saveNote(c: Copy, r: SaveNoteRequest, op: Op, scene: Scene): void {
  const there = c.things.notes.get(r.id);
  const visit = c.things.visits.get(r.observationId);
  if (there?.shared) return;
  if (!there && visit && ![State.AGREED, State.OBSERVED].includes(visit.state)) return;
  onVisit(c, r.observationId, [State.AGREED], (v) => void (v.state = State.OBSERVED)); // the first note says that it took place
  const { id, observationId, kind, text, tag, aboutFocus } = r;
  const note = c.made(create(NoteSchema, { id, observationId, kind, text, tag, aboutFocus, revision: there?.revision ?? 0n }));
  note.observedAt = r.observedAt ?? there?.observedAt ?? timestampFromDate(new Date(op.time));
  note.updateTime = timestampFromDate(scene.now);
  c.things.notes.set(id, note);
}

function withdraw(c: Copy, id: string): void {
  const v = c.visit(id);
  if (!v) return;
  for (const one of v.state === State.PROPOSED ? [v, ...twins(c, v)] : [v]) {
    const { schoolId, observerId, observedId, coTaught, mutualObservationId, revision } = one;
    const bare = c.made(create(ObservationSchema, { id: one.id, schoolId, observerId, observedId, coTaught, mutualObservationId, revision }));
    const { startTime, endTime, createTime, agreement, feedbackOpened } = one;
    const talk = create(TalkSchema, { startTime: endTime, duration: one.talk?.duration });
    Object.assign(bare, { state: State.WITHDRAWN, startTime, endTime, createTime, talk, agreement, feedbackOpened });
    bare.nextStep = stepOf(bare, undefined, []);
    c.things.visits.set(one.id, bare);
    c.things.exchanges.delete(one.id);
    c.things.drafts.delete(one.id);
    for (const n of [...c.things.notes.values()]) if (n.observationId === one.id) c.things.notes.delete(n.id);
  }
}
