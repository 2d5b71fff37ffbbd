// Visits: the kind, and what one does with a visit as a whole.

import { clone, create, fromJson, toJson, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate, timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";

import * as limits from "../gen/limits";
import {
  AcceptObservationRequestSchema,
  AcknowledgeChangeRequestSchema,
  AgreementConsentSchema,
  AnswerWishRequestSchema,
  CancelObservationRequestSchema,
  ChangeKind,
  CounterProposeRequestSchema,
  DeclineObservationRequestSchema,
  EndAloneRequestSchema,
  EndWithoutExchangeRequestSchema,
  MarkObservedRequestSchema,
  MoveProposalSchema,
  NextStepSchema,
  ObservationSchema,
  ObservationState as State,
  ProposeMoveRequestSchema,
  ProposeObservationRequestSchema,
  ReopenObservationRequestSchema,
  SetFocusRequestSchema,
  TalkSchema,
  UnseenChangeSchema,
  WishKind,
  WithdrawObservationRequestSchema,
  type Observation,
  type ProposeObservationRequest,
  type SetFocusRequest,
  type Talk,
} from "../gen/undring/v1/observation_pb";
import { Thing } from "../gen/undring/v1/sync_pb";
import { ahead, anywhere, ended, live, underWay, wishing } from "../rules/may";
import { latest, rewrite } from "../rules/frozen";
import { askedBy, endWishOf, isAlone, nextStep } from "../rules/next";
import { says } from "../rules/says";
import { clash, pick } from "../store/merge";
import type { Op } from "../store/op";
import type { Conflict, Store } from "../store/store";
import { mootIn, type Deed, type Scene, type Slot } from "./deed";
import { drafts } from "./draft";
import { exchanges } from "./exchange";
import { kindOf, type Copy, type Things } from "./kind";
import { moments } from "./moment";
import { notes } from "./note";
import { go, ignore, notPulled, tell, type Resolution } from "./rewrite";

/** The caller's visits. */
export const visits = kindOf<"observation">({
  case: "observation",
  thing: Thing.OBSERVATION,
  schema: ObservationSchema,
  id: (v) => v.id,
  answers: ["observation", "mutualObservation"],
  revision: (v) => v.revision,
});

/** Moves a visit; with that, what one of the two wished for is settled. */
export function move(visit: Observation, to: State): void {
  visit.state = to;
  visit.exitWishedById = visit.reopenWishedById = visit.endedAloneById = "";
  delete visit.move;
}

/** What the other one is to see, as the server will keep it. */
export function tellOther(v: Observation, kind: ChangeKind, { me, now }: Scene): void {
  const personId = me === v.observerId ? v.observedId : v.observerId;
  v.unseenChanges.push(create(UnseenChangeSchema, { personId, kind, revision: v.revision + 1n, changeTime: timestampFromDate(now) }));
}

/** Changes a visit, and says whose move it is then. */
export function onVisit(c: Copy, id: string, change: (v: Observation) => void): void {
  const v = c.own(visits, id);
  if (!v) return;
  change(v);
  v.nextStep = nextStep(v, c.look(exchanges, id), v.nextStep?.personIds ?? []);
}

/** The visit, and of a mutual one both while they are proposed. */
function both(c: Copy, id: string): string[] {
  const v = c.look(visits, id);
  const twin = v && c.look(visits, v.mutualObservationId);
  return v?.state === State.PROPOSED && twin?.state === State.PROPOSED ? [id, twin.id] : [id];
}

/** Changes what is proposed: of a mutual visit both. */
const onProposal = (c: Copy, id: string, change: (v: Observation) => void): void => both(c, id).forEach((one) => onVisit(c, one, change));

// Proposing.

/** The person to whom a proposal is made. */
const otherOf = (r: { observerId: string; observedId: string }, me: string): string => (r.observerId === me ? r.observedId : r.observerId);

/** Asks for a visit, or offers one. */
export const propose: Deed<typeof ProposeObservationRequestSchema> = {
  request: ProposeObservationRequestSchema,
  visitId: (r) => r.id,
  show: showProposal,
  place: (r, { me }) => proposing(r, me),
  origin(r, me) {
    const key = `new/${otherOf(r, me)}`;
    return {
      first: "place",
      texts: { [`${key}/place`]: r.place, [`${key}/focus`]: r.focusQuestion, [`${key}/intention`]: r.intention, [`${key}/expectation`]: r.expectation, [`${key}/mutual-focus`]: r.mutualFocusQuestion },
    };
  },
};

/** The address of proposing, with the person, the school and the hour as they were. */
function proposing(r: ProposeObservationRequest, me: string): string {
  if (!r.startTime || !r.endTime) return "/new";
  const [start, end] = [timestampDate(r.startTime), timestampDate(r.endTime)];
  const asked = new URLSearchParams({ school: r.schoolId, as: r.observerId === me ? "observer" : "observed", with: otherOf(r, me) });
  asked.set("at", start.toISOString());
  asked.set("for", String((end.getTime() - start.getTime()) / 60_000));
  if (r.roundId) asked.set("round", r.roundId);
  return `/new?${asked.toString()}`;
}

/** What is seen of a proposal. */
export function showProposal(c: Copy, r: ProposeObservationRequest, scene: Scene): void {
  if (c.look(visits, r.id)) return;
  const { id, schoolId, observerId, observedId, startTime, endTime, place, coTaught, focusAreaId, roundId } = r;
  const mine = scene.me === observedId;
  const known: MessageInitShape<typeof ObservationSchema> = {
    ...{ id, schoolId, observerId, observedId, place, coTaught, focusAreaId, roundId, state: State.PROPOSED },
    ...(mine ? { focusQuestion: r.focusQuestion } : { suggestedFocusQuestion: r.focusQuestion }),
    agreement: anyAgreement(c.things),
  };
  const v = create(ObservationSchema, known);
  v.startTime = startTime;
  v.endTime = endTime;
  if (mine) rewrite(v, { intention: r.intention, expectation: r.expectation }, scene.now);
  v.createTime = v.updateTime = timestampFromDate(scene.now);
  v.talk = talkOf(r.talk, v);
  consent(v, scene);
  v.nextStep = nextStep(v, undefined, []);
  c.make(visits, id, v);
}

/** The text that both say yes to is the same in every visit; without another one it is told with the answer. */
function anyAgreement(things: Things): { version: string; lines: string[] } {
  const { version = "", lines = [] } = [...things.of(visits).values()][0]?.agreement ?? {};
  return { version, lines };
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
  out.duration ??= { $typeName: "google.protobuf.Duration", seconds: BigInt(limits.bookedTalk / 1000), nanos: 0 };
  out.startTime ??= v.endTime;
  return out;
}

/** Proposes another time. */
export const counter: Deed<typeof CounterProposeRequestSchema> = {
  request: CounterProposeRequestSchema,
  allowed: { by: "awaited", in: [State.PROPOSED] },
  show(c, r, scene) {
    onProposal(c, r.observationId, (v) => {
      v.startTime = r.startTime;
      v.endTime = r.endTime;
      if (r.place !== "") v.place = r.place;
      v.talk = talkOf(r.talk ?? { ...(v.talk ?? create(TalkSchema)), startTime: undefined }, v); // with the lesson, where nobody says otherwise
      consent(v, scene);
    });
  },
  place: (_, { visitId }) => `/v/${visitId}/time`,
};

// The card.

const cardFields = ["focusQuestion", "intention", "expectation", "lookFor", "doNotNote", "wantedFeedback", "focusAreaId"] as const;

type CardText = Record<(typeof cardFields)[number], string>;

const cardOf = (of: Observation | SetFocusRequest) => Object.fromEntries(cardFields.map((f) => [f, of[f]])) as CardText;

/** The card as it is worded now: what was put otherwise since the lesson began in its later words. */
const cardNow = (v: Observation): CardText => ({ ...cardOf(v), ...latest(v) });

const cardBasis = (v: Observation | undefined) => (v ? toJson(ObservationSchema, create(ObservationSchema, cardNow(v))) : null);

const card: Slot = {
  name: "card",
  basis: (seen, id) => cardBasis(seen.get(visits, id)),
  /** The first card rewrites nothing, though the visit has been there before. */
  revision(seen, id) {
    const v = seen.get(visits, id);
    return v && v.focusQuestion !== "" ? v.revision : 0n;
  },
  settle(store: Store, c: Conflict, how) {
    const v = store.visit(c.visitId);
    if (how === "mine" && v) ignore(store.do(SetFocusRequestSchema, { observationId: v.id, ...cardNow(v), [c.field]: c.mine }));
  },
};

/** Writes the card. */
export const setFocus: Deed<typeof SetFocusRequestSchema> = {
  request: SetFocusRequestSchema,
  allowed: { by: "observed", in: ahead },
  rewrites: {
    slot: card,
    id: (r) => r.observationId,
    revision: (r) => r.revision,
    setRevision: (r, to) => void (r.revision = to),
    compare: compareCard,
  },
  show(c, r, { now }) {
    onVisit(c, r.observationId, (v) => {
      const { intention, expectation, ...rest } = cardOf(r);
      Object.assign(v, rest);
      rewrite(v, { intention, expectation }, now);
    });
  },
  place: (_, { visitId }) => `/v/${visitId}/card`,
};

function compareCard(op: Op, r: SetFocusRequest, told: Things, now: number, out: Resolution): void {
  const there = told.get(visits, r.observationId);
  if (!there || notPulled(op, there.revision)) return;
  const was = op.basis === null ? create(ObservationSchema) : fromJson(ObservationSchema, op.basis, { ignoreUnknownFields: true });
  const merged = { ...r, revision: there.focusQuestion === "" ? 0n : there.revision };
  const theirs = cardNow(there);
  for (const field of cardFields) {
    merged[field] = pick(was[field], r[field], theirs[field]);
    if (clash(was[field], r[field], theirs[field]) && r[field].trim() !== "")
      tell(out, op, "card", now, { field, mine: r[field], theirs: theirs[field], copyId: "" }, there.id);
  }
  if (op.stale !== "" && cardFields.every((f) => merged[f] === theirs[f])) return void out.remove.push(op); // all is there
  go(SetFocusRequestSchema, op, merged, out, cardBasis(there));
}

// Another time for what is agreed.

/** The visits that move together: of a mutual one both, as long as they are agreed for the same lesson. */
function inStep(c: Copy, id: string): string[] {
  const v = c.look(visits, id);
  const twin = v && c.look(visits, v.mutualObservationId);
  const same = twin && [v, twin].every((one) => one.state === State.AGREED) && v.startTime?.seconds === twin.startTime?.seconds;
  return same ? [id, twin.id] : [id];
}

/** Proposes another time; until the other one has answered, the old one stands. */
export const proposeMove: Deed<typeof ProposeMoveRequestSchema> = {
  request: ProposeMoveRequestSchema,
  allowed: { by: "either", in: [State.AGREED] },
  show(c, r, { me, now }) {
    for (const id of inStep(c, r.observationId))
      onVisit(c, id, (v) => {
        if (!r.takeBack) {
          v.move = create(MoveProposalSchema, { proposedById: me, createTime: timestampFromDate(now) });
          v.move.startTime = r.startTime;
          v.move.endTime = r.endTime;
        } else if (v.move?.proposedById === me) delete v.move;
      });
  },
  place: (_, { visitId }) => `/v/${visitId}/time`,
};

/** The proposed time takes the place of the old one. */
function moved(v: Observation): void {
  v.startTime = v.move?.startTime;
  v.endTime = v.move?.endTime;
  v.talk = talkOf({ ...(v.talk ?? create(TalkSchema)), startTime: undefined }, v);
  delete v.move;
}

/** Answers the move that is meant: of a mutual visit both. */
function onMove(c: Copy, id: string, meant: Timestamp | undefined, change: (v: Observation) => void): void {
  const move = c.look(visits, id)?.move;
  if (!move || (meant && meant.seconds !== move.startTime?.seconds)) return;
  for (const one of inStep(c, id)) onVisit(c, one, (v) => void (v.move?.proposedById === move.proposedById && change(v)));
}

/** An answer is to the time that was read: one that is long on its way answers no other. */
function meansWhatIsSeen(r: { observationId: string; startTime?: Timestamp }, seen: Things): void {
  const v = seen.get(visits, r.observationId);
  r.startTime ??= v?.move?.startTime ?? v?.startTime;
}

// Answering a proposal, calling it off, saying that it took place.

/** Says yes. */
export const accept: Deed<typeof AcceptObservationRequestSchema> = {
  request: AcceptObservationRequestSchema,
  allowed: { by: "awaited", in: [State.PROPOSED, State.AGREED] },
  after: [setFocus],
  begin: meansWhatIsSeen,
  show(c, r, scene) {
    onMove(c, r.observationId, r.startTime, (v) => {
      moved(v);
      tellOther(v, ChangeKind.MOVED, scene);
    });
    onProposal(c, r.observationId, (v) => {
      if (v.state !== State.PROPOSED || !says(v.focusQuestion)) return;
      v.state = State.AGREED;
      consent(v, scene);
    });
  },
  moot: mootIn("AGREED", "OBSERVED"),
};

/** Says no. */
export const decline: Deed<typeof DeclineObservationRequestSchema> = {
  request: DeclineObservationRequestSchema,
  allowed: { by: "awaited", in: [State.PROPOSED, State.AGREED] },
  begin: meansWhatIsSeen,
  show(c, r, scene) {
    onMove(c, r.observationId, r.startTime, (v) => {
      delete v.move;
      tellOther(v, ChangeKind.MOVE_REFUSED, scene);
    });
    onProposal(c, r.observationId, (v) => {
      if (v.state !== State.PROPOSED) return;
      v.state = State.DECLINED;
      tellOther(v, ChangeKind.DECLINED, scene);
    });
  },
  moot: mootIn("DECLINED"),
};

/** Calls it off. */
export const cancel: Deed<typeof CancelObservationRequestSchema> = {
  request: CancelObservationRequestSchema,
  allowed: { by: "either", in: ahead },
  show(c, r, scene) {
    onProposal(c, r.observationId, (v) => {
      move(v, State.CANCELLED);
      tellOther(v, ChangeKind.CALLED_OFF, scene);
    });
  },
  moot: mootIn("CANCELLED"),
};

/** Says that it took place. */
export const markObserved: Deed<typeof MarkObservedRequestSchema> = {
  request: MarkObservedRequestSchema,
  allowed: { by: "observer", in: [State.AGREED] },
  show: (c, r) => onVisit(c, r.observationId, (v) => move(v, State.OBSERVED)),
  moot: mootIn("OBSERVED", "FEEDBACK_GIVEN", "ANSWERED", "CLOSED"),
};

// Getting out, and back in.

/** Withdraws: of the visit there is left that there was one. */
export const withdraw: Deed<typeof WithdrawObservationRequestSchema> = {
  request: WithdrawObservationRequestSchema,
  allowed: { by: "either", in: [...ahead, State.OBSERVED, ...live, ...ended.filter((s) => s !== State.WITHDRAWN)] },
  show(c, r, scene) {
    for (const id of both(c, r.observationId)) erase(c, c.look(visits, id), scene);
  },
  moot: mootIn("WITHDRAWN"),
};

function erase(c: Copy, v: Observation | undefined, scene: Scene): void {
  if (!v) return;
  const { schoolId, observerId, observedId, coTaught, mutualObservationId, revision } = v;
  const bare = create(ObservationSchema, { id: v.id, schoolId, observerId, observedId, coTaught, mutualObservationId, revision });
  const { startTime, endTime, createTime, agreement, feedbackOpened, unseenChanges } = v;
  const talk = create(TalkSchema, { startTime: endTime, duration: v.talk?.duration });
  Object.assign(bare, { state: State.WITHDRAWN, startTime, endTime, createTime, talk, agreement, feedbackOpened, unseenChanges: [...unseenChanges] });
  if (!ended.includes(v.state)) tellOther(bare, ChangeKind.WITHDRAWN, scene);
  bare.nextStep = nextStep(bare, undefined, []);
  c.make(visits, v.id, bare);
  c.drop(exchanges, v.id);
  c.drop(drafts, v.id);
  for (const n of [...c.things.of(notes).values()]) if (n.observationId === v.id) c.drop(notes, n.id);
  for (const m of [...c.things.of(moments).values()]) if (m.observationId === v.id) c.drop(moments, m.id);
}

/** Wishes for something that both have to wish for, or takes the wish back; the second one carries it out. */
function wish(v: Observation, of: "exitWishedById" | "reopenWishedById", me: string, takeBack: boolean, agreed: () => void): void {
  if (takeBack) v[of] = v[of] === me ? "" : v[of];
  else if (v[of] === "" || v[of] === me) v[of] = me;
  else agreed();
}

/** Wishes to end the visit without an exchange. */
export const endWithoutExchange: Deed<typeof EndWithoutExchangeRequestSchema> = {
  request: EndWithoutExchangeRequestSchema,
  allowed: { by: "either", in: [State.OBSERVED, State.FEEDBACK_GIVEN] },
  show(c, r, { me }) {
    onVisit(c, r.observationId, (v) =>
      wish(v, "exitWishedById", me, r.takeBack, () => endedWithout(c, v)),
    );
  },
};

/** Wishes to reopen a closed visit. */
export const reopen: Deed<typeof ReopenObservationRequestSchema> = {
  request: ReopenObservationRequestSchema,
  allowed: { by: "either", in: [State.CLOSED] },
  show(c, r, { me }) {
    onVisit(c, r.observationId, (v) => wish(v, "reopenWishedById", me, r.takeBack, () => answeredAgain(c, v)));
  },
};

/** Answers the other one's wish. A no leaves the visit as it was. */
export const answerWish: Deed<typeof AnswerWishRequestSchema> = {
  request: AnswerWishRequestSchema,
  allowed: { by: "either", in: wishing },
  show(c, r, scene) {
    onVisit(c, r.observationId, (v) => {
      const standing = v.state === State.CLOSED ? WishKind.REOPEN : WishKind.EXIT;
      if (endWishOf(v) === "" || askedBy(v) !== scene.me || (r.wish !== WishKind.UNSPECIFIED && r.wish !== standing)) return;
      if (!r.yes) {
        v.exitWishedById = v.reopenWishedById = "";
        tellOther(v, standing === WishKind.REOPEN ? ChangeKind.REOPEN_REFUSED : ChangeKind.EXIT_REFUSED, scene);
      } else if (standing === WishKind.REOPEN) answeredAgain(c, v);
      else endedWithout(c, v);
    });
  },
};

/** Says that one has seen what happened. */
export const acknowledgeChange: Deed<typeof AcknowledgeChangeRequestSchema> = {
  request: AcknowledgeChangeRequestSchema,
  allowed: { by: "either", in: anywhere },
  show(c, r, { me }) {
    onVisit(c, r.observationId, (v) => {
      v.unseenChanges = v.unseenChanges.filter((u) => u.personId !== me || (r.seenRevision !== 0n && u.revision > r.seenRevision));
    });
  },
};

/** Ends a visit whose other one has left the school. */
export const endAlone: Deed<typeof EndAloneRequestSchema> = {
  request: EndAloneRequestSchema,
  allowed: { by: "either", in: underWay },
  show(c, r, { me }) {
    onProposal(c, r.observationId, (v) => {
      if (!isAlone(v, me)) return;
      const e = c.own(exchanges, v.id);
      const wrote = v.state === State.ANSWERED && e?.takeaway !== undefined;
      if (v.state === State.FEEDBACK_GIVEN && me === v.observedId) v.feedbackOpened = true;
      if (e && v.feedbackOpened) e.opened = true;
      if (ahead.includes(v.state)) move(v, State.CANCELLED);
      else if (wrote) move(v, State.CLOSED);
      else endedWithout(c, v);
      v.endedAloneById = me;
    });
  },
  moot: mootIn("CLOSED", "CLOSED_WITHOUT_EXCHANGE", "CANCELLED"),
};

/** The honest exit, that both wish for. */
function endedWithout(c: Copy, v: Observation): void {
  move(v, State.CLOSED_WITHOUT_EXCHANGE);
  c.drop(drafts, v.id);
}

/** A closed visit is answered again: both write anew what they take along. */
function answeredAgain(c: Copy, v: Observation): void {
  move(v, State.ANSWERED);
  v.nextStep = create(NextStepSchema, { personIds: [v.observerId, v.observedId] });
  const e = c.own(exchanges, v.id);
  if (!e?.takeaway) return;
  e.earlierTakeaways = [e.takeaway, ...e.earlierTakeaways];
  delete e.takeaway;
}
