// Open lessons: offering one, asking for a place in one, taking an offer back. They
// come to the phone with the school.

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

import {
  AskForPlaceRequestSchema,
  OfferLessonRequestSchema,
  OpenLessonSchema,
  ProposeObservationRequestSchema,
  WithdrawLessonRequestSchema,
  type OpenLesson,
} from "../gen/undring/v1/observation_pb";
import type { Deed } from "./deed";
import type { Copy } from "./kind";
import { schools } from "./school";
import { onVisit, showProposal } from "./visit";

const place = (): string => "/open";

/** Opens a lesson to colleagues. */
export const offerLesson: Deed<typeof OfferLessonRequestSchema> = {
  request: OfferLessonRequestSchema,
  show(c, r, { me, now }) {
    const school = c.own(schools, r.schoolId);
    if (!school || school.openLessons.some((l) => l.id === r.id)) return;
    const { id, schoolId, startTime, endTime, title, focusQuestion, wantedFeedback } = r;
    const known = { id, schoolId, personId: me, place: r.place, title, focusQuestion, wantedFeedback, createTime: timestampFromDate(now) };
    school.openLessons.push(Object.assign(create(OpenLessonSchema, known), { startTime, endTime }));
  },
  place,
  origin: (r) => ({
    first: "title",
    texts: { "open/title": r.title, "open/focus": r.focusQuestion, "open/wanted": r.wantedFeedback, "open/place": r.place },
  }),
};

/** The lesson, as far as the phone knows of it. */
function lessonOf(c: Copy, id: string): OpenLesson | undefined {
  for (const school of c.things.of(schools).values()) {
    const there = school.openLessons.find((l) => l.id === id);
    if (there) return there;
  }
  return undefined;
}

/** Asks for a place: an ordinary proposal, with what the offer says as its card. */
export const askForPlace: Deed<typeof AskForPlaceRequestSchema> = {
  request: AskForPlaceRequestSchema,
  visitId: (r) => r.id,
  show(c, r, scene) {
    const there = lessonOf(c, r.openLessonId);
    if (!there) return;
    const { schoolId, personId: observedId, startTime, endTime } = there;
    const asked = create(ProposeObservationRequestSchema, { id: r.id, schoolId, observerId: scene.me, observedId, place: there.place });
    showProposal(c, Object.assign(asked, { startTime, endTime }), scene);
    onVisit(c, r.id, (v) => {
      v.focusQuestion = there.focusQuestion;
      v.wantedFeedback = there.wantedFeedback;
    });
  },
  place,
};

/** Takes an offer back. */
export const withdrawLesson: Deed<typeof WithdrawLessonRequestSchema> = {
  request: WithdrawLessonRequestSchema,
  show(c, r) {
    const school = c.own(schools, lessonOf(c, r.openLessonId)?.schoolId ?? "");
    if (school) school.openLessons = school.openLessons.filter((l) => l.id !== r.openLessonId);
  },
  moot: (refusal) => refusal.reason === "NOT_FOUND",
  place,
};
