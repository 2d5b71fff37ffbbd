// What a school works on together: the kind, and what is done with needs. It comes to
// the phone as one thing for each school.

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

import {
  AdoptFocusAreaRequestSchema,
  AnswerNeedRequestSchema,
  EndFocusAreaRequestSchema,
  HearingVoiceSchema,
  NeedSchema,
  NeedStatus,
  OpenHearingRequestSchema,
  PracticeStorySchema,
  ProposeFocusAreaRequestSchema,
  SpeakInHearingRequestSchema,
  SubmitNeedRequestSchema,
  SupportNeedRequestSchema,
  UpdateFocusAreaRequestSchema,
  WithdrawNeedRequestSchema,
} from "../gen/undring/v1/focus_pb";
import {
  ApproveLearningRequestSchema,
  DecideOurPracticeRequestSchema,
  DecisionSchema,
  EndActionRoundRequestSchema,
  LearningAnswerSchema,
  LearningResponseKind,
  ParkedPointSchema,
  ParkPointRequestSchema,
  PlanMeetingRequestSchema,
  ProposeLearningRequestSchema,
  RecordDecisionRequestSchema,
  ReportOnRoundRequestSchema,
  RespondToLearningRequestSchema,
  RoundReportSchema,
  RunMeetingRequestSchema,
  SetMeetingNormsRequestSchema,
  StartActionRoundRequestSchema,
  ThankForLearningRequestSchema,
  WithdrawLearningRequestSchema,
} from "../gen/undring/v1/learning_pb";
import { type Commons, CommonsSchema, Thing } from "../gen/undring/v1/sync_pb";
import { isoDay } from "../words/time";
import type { Deed } from "./deed";
import { kindOf, type Copy } from "./kind";

/** What each of the caller's schools works on. */
export const commons = kindOf<"commons">({
  case: "commons",
  thing: Thing.COMMONS,
  schema: CommonsSchema,
  id: (c) => c.schoolId,
});

/** What a school works on, to be changed; made where nothing has been told of it yet. */
function ofSchool(c: Copy, schoolId: string): Commons {
  return c.own(commons, schoolId) ?? c.make(commons, schoolId, create(CommonsSchema, { schoolId }));
}

type Lists = Pick<Commons, "needs" | "focusAreas" | "learnings" | "actionRounds" | "meetings">;

/** Changes one of a school's needs, areas, learnings, rounds or meetings that is there. */
function on<K extends keyof Lists>(list: K) {
  return (c: Copy, id: string, change: (one: Lists[K][number], all: Commons) => void): void => {
    const find = (all: Commons) => (all[list] as Lists[K][number][]).find((one) => one.id === id);
    for (const [schoolId, known] of c.things.of(commons)) {
      if (!find(known)) continue;
      const all = c.own(commons, schoolId)!;
      change(find(all)!, all);
    }
  };
}
const onNeed = on("needs");
const onLearning = on("learnings");
const onRound = on("actionRounds");
const onMeeting = on("meetings");

const needsPlace = (): string => "/needs";

/** Drops a need into the box. An anonymous one is not seen before the next day, by its writer either. */
export const submitNeed: Deed<typeof SubmitNeedRequestSchema> = {
  request: SubmitNeedRequestSchema,
  show(c, r, { me, now }) {
    if (r.anonymous) return;
    const all = ofSchool(c, r.schoolId);
    if (all.needs.some((n) => n.id === r.id)) return;
    const { id, schoolId, text } = r;
    all.needs.unshift(create(NeedSchema, { id, schoolId, text, personId: me, day: isoDay(now), status: NeedStatus.OPEN, revision: 1n }));
  },
  place: needsPlace,
  origin: (r) => ({ first: "need", texts: { "need/text": r.text }, facts: { "need/anonymous": JSON.stringify({ yes: r.anonymous }) } }),
};

/** Supports a need, or no longer. */
export const supportNeed: Deed<typeof SupportNeedRequestSchema> = {
  request: SupportNeedRequestSchema,
  show(c, r, { me, now }) {
    onNeed(c, r.needId, (need) => {
      if (need.supported === r.takeBack) need.supporters += r.takeBack ? -1 : 1;
      need.supported = !r.takeBack;
      need.stories = need.stories.filter((s) => s.personId !== me);
      if (r.story && !r.takeBack) need.stories.push(create(PracticeStorySchema, { personId: me, text: r.story, day: isoDay(now) }));
    });
  },
  place: needsPlace,
  origin: (r) => (r.story ? { first: `story-${r.needId}`, texts: { [`need/${r.needId}/story`]: r.story } } : undefined),
};

const libraryPlace = (): string => "/library";

/** Writes down what the two of a visit learned; the server says which school it is for. */
export const proposeLearning: Deed<typeof ProposeLearningRequestSchema> = {
  request: ProposeLearningRequestSchema,
  place: libraryPlace,
  origin: (r) => ({ first: "learned", texts: { "lib/new/text": r.text, "lib/new/source": r.source } }),
};

/** The other one's yes. */
export const approveLearning: Deed<typeof ApproveLearningRequestSchema> = {
  request: ApproveLearningRequestSchema,
  show(c, r) {
    onLearning(c, r.learningId, (l) => {
      l.published = true;
      l.awaitsMe = false;
    });
  },
  place: libraryPlace,
};

/** Takes a learning back. */
export const withdrawLearning: Deed<typeof WithdrawLearningRequestSchema> = {
  request: WithdrawLearningRequestSchema,
  show(c, r) {
    onLearning(c, r.learningId, (_, all) => (all.learnings = all.learnings.filter((l) => l.id !== r.learningId)));
  },
  moot: (refusal) => refusal.reason === "NOT_FOUND",
  place: libraryPlace,
};

/** Answers a learning. */
export const respondToLearning: Deed<typeof RespondToLearningRequestSchema> = {
  request: RespondToLearningRequestSchema,
  show(c, r, { me, now }) {
    onLearning(c, r.learningId, (l) => {
      if (l.responses.some((a) => a.id === r.id)) return;
      l.responses.push(create(LearningAnswerSchema, { id: r.id, personId: me, kind: r.kind, text: r.text, day: isoDay(now) }));
      l.hasDialogue ||= !l.mine;
    });
  },
  place: libraryPlace,
  origin: (r) => {
    const field = { [LearningResponseKind.TRIED]: "tried", [LearningResponseKind.ANSWER]: "answer" }[r.kind as number] ?? "question";
    return { first: `${field}-${r.learningId}`, texts: { [`lib/${r.learningId}/${field}`]: r.text } };
  },
};

/** Thanks for a learning, or no longer. */
export const thankForLearning: Deed<typeof ThankForLearningRequestSchema> = {
  request: ThankForLearningRequestSchema,
  show(c, r) {
    onLearning(c, r.learningId, (l) => (l.thanked = !r.takeBack));
  },
  place: libraryPlace,
};

/** Writes down what the staff decided: seen once the server has taken it. */
export const decideOurPractice: Deed<typeof DecideOurPracticeRequestSchema> = { request: DecideOurPracticeRequestSchema, place: libraryPlace };

const tryingPlace = (): string => "/trying";

/** Begins a round: seen once the server has taken it, which says who takes part. */
export const startActionRound: Deed<typeof StartActionRoundRequestSchema> = {
  request: StartActionRoundRequestSchema,
  place: tryingPlace,
  origin: (r) => ({ first: "try-question", texts: { "try/new/question": r.question, "try/new/action": r.action } }),
};

/** Tells how it went; told again, the newer report stands. */
export const reportOnRound: Deed<typeof ReportOnRoundRequestSchema> = {
  request: ReportOnRoundRequestSchema,
  show(c, r, { me, now }) {
    onRound(c, r.roundId, (round) => {
      if (round.endedDay) return;
      const { did, happened, questioned, learning } = r;
      round.reports = [...round.reports.filter((p) => p.personId !== me), create(RoundReportSchema, { personId: me, did, happened, questioned, learning, day: isoDay(now) })];
    });
  },
  place: tryingPlace,
  origin: (r) => ({ first: `did-${r.roundId}`, texts: { [`try/${r.roundId}/did`]: r.did, [`try/${r.roundId}/happened`]: r.happened, [`try/${r.roundId}/questioned`]: r.questioned } }),
};

/** Ends a round: seen once the server has taken it, which says how many have told. */
export const endActionRound: Deed<typeof EndActionRoundRequestSchema> = {
  request: EndActionRoundRequestSchema,
  place: tryingPlace,
  origin: (r) => ({ first: `end-${r.roundId}`, texts: { [`try/${r.roundId}/end`]: r.nowDifferently } }),
};

const meetingsPlace = (): string => "/meetings";

/** Plans a meeting: seen once the server has taken it. */
export const planMeeting: Deed<typeof PlanMeetingRequestSchema> = {
  request: PlanMeetingRequestSchema,
  place: meetingsPlace,
  origin: (r) => ({ first: "meet-place", texts: { "meet/new/place": r.place, "meet/new/reading": r.reading, "meet/new/why": r.readingWhy } }),
};

/** Goes on in a meeting: also in a forest without a signal, where the clock runs on the phone of whoever leads. */
export const runMeeting: Deed<typeof RunMeetingRequestSchema> = {
  request: RunMeetingRequestSchema,
  show(c, r, { now }) {
    onMeeting(c, r.meetingId, (m) => {
      if (m.endTime || m.atItem === r.item) return;
      if (r.item === 0) m.endTime = timestampFromDate(now);
      else if (r.item <= m.items.length) [m.atItem, m.itemTime] = [r.item, timestampFromDate(now)];
    });
  },
  place: meetingsPlace,
};

/** Leaves something for later. */
export const parkPoint: Deed<typeof ParkPointRequestSchema> = {
  request: ParkPointRequestSchema,
  show(c, r) {
    onMeeting(c, r.meetingId, (m) => {
      if (!m.endTime && !m.parked.some((p) => p.id === r.id)) m.parked.push(create(ParkedPointSchema, { id: r.id, text: r.text }));
    });
  },
  place: meetingsPlace,
  origin: (r) => ({ first: "park", texts: { [`meet/${r.meetingId}/park`]: r.text } }),
};

/** Writes down what was decided, or that it is done. */
export const recordDecision: Deed<typeof RecordDecisionRequestSchema> = {
  request: RecordDecisionRequestSchema,
  show(c, r) {
    onMeeting(c, r.meetingId, (m) => {
      const { id, text, personId, dueDate, done } = r;
      const now = create(DecisionSchema, { id, text, personId, dueDate, done });
      m.decisions = m.decisions.some((d) => d.id === id) ? m.decisions.map((d) => (d.id === id ? now : d)) : [...m.decisions, now];
    });
  },
  place: meetingsPlace,
  origin: (r) => ({ first: "decision", texts: { [`meet/${r.meetingId}/decision`]: r.text } }),
};

/** Writes norms down: seen once the server has taken them. */
export const setMeetingNorms: Deed<typeof SetMeetingNormsRequestSchema> = {
  request: SetMeetingNormsRequestSchema,
  place: meetingsPlace,
  origin: (r) => ({ first: "norms", texts: { [`norms/${r.schoolId}/${r.teamId}/text`]: r.norms.join("\n"), [`norms/${r.schoolId}/${r.teamId}/agreed`]: r.agreedWith } }),
};

const planPlace = (): string => "/plan";

/** Drafts an area. Nothing of the plan is seen before the server has answered: it is everybody's. */
export const proposeFocusArea: Deed<typeof ProposeFocusAreaRequestSchema> = { request: ProposeFocusAreaRequestSchema, place: planPlace };
export const openHearing: Deed<typeof OpenHearingRequestSchema> = { request: OpenHearingRequestSchema, place: planPlace };
export const adoptFocusArea: Deed<typeof AdoptFocusAreaRequestSchema> = { request: AdoptFocusAreaRequestSchema, place: planPlace };
export const updateFocusArea: Deed<typeof UpdateFocusAreaRequestSchema> = { request: UpdateFocusAreaRequestSchema, place: planPlace };
export const endFocusArea: Deed<typeof EndFocusAreaRequestSchema> = { request: EndFocusAreaRequestSchema, place: planPlace };

/** Says what one thinks in a hearing. */
export const speakInHearing: Deed<typeof SpeakInHearingRequestSchema> = {
  request: SpeakInHearingRequestSchema,
  show(c, r, { me, now }) {
    on("focusAreas")(c, r.focusAreaId, (area) => {
      if (!area.voices.some((v) => v.id === r.id)) area.voices.push(create(HearingVoiceSchema, { id: r.id, personId: me, text: r.text, day: isoDay(now) }));
    });
  },
  place: planPlace,
  origin: (r) => ({ first: `voice-${r.focusAreaId}`, texts: { [`area/${r.focusAreaId}/voice`]: r.text } }),
};

/** A leader's answer: seen once the server has taken it, since another leader may have answered. */
export const answerNeed: Deed<typeof AnswerNeedRequestSchema> = {
  request: AnswerNeedRequestSchema,
  place: needsPlace,
  origin: (r) => ({ first: `answer-${r.needId}`, texts: { [`need/${r.needId}/answer`]: r.answer } }),
};

/** Takes one's own need back. */
export const withdrawNeed: Deed<typeof WithdrawNeedRequestSchema> = {
  request: WithdrawNeedRequestSchema,
  show(c, r) {
    onNeed(c, r.needId, (_, all) => (all.needs = all.needs.filter((n) => n.id !== r.needId)));
  },
  moot: (refusal) => refusal.reason === "NOT_FOUND",
  place: needsPlace,
};
