// What was refused, led back: to the screen and the fields that its words came from.

import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Request } from "../store/op";
import { isForGood } from "../store/refusal";
import type { Pending, Store } from "../store/store";
import { isoClock, isoDay } from "../words/time";
import { deedOf, textsOf } from "./notices";
import { myId } from "./people";

/** Where a thing is written. */
export function placeOf(store: Store, p: Pending): string {
  const at = `/v/${p.visitId}`;
  const screens: Record<string, string> = {
    SetFocus: `${at}/card`,
    CounterPropose: `${at}/time`,
    SaveNote: `${at}/note`,
    GiveFeedback: `${at}/feedback/give`,
    SaveFeedbackDraft: `${at}/feedback/points`,
    RecordTakeaway: `${at}/take`,
    RecordConversation: `${at}/talk`,
    ReportAction: "/actions",
    ProposeObservation: proposal(store, p.request as Request),
    StartRound: "/rounds",
    JoinRound: "/rounds",
    LeaveRound: "/rounds",
  };
  const exchange = ["AnswerQuestion", "AskBack", "Reply", "CorrectNote", "ResolveCorrection", "RecordOwnView", "ConfirmConversation"];
  const deed = deedOf(p.typeName);
  return screens[deed] ?? (exchange.includes(deed) ? `${at}/exchange` : at);
}

/** The person to whom a proposal is made. */
const otherOf = (store: Store, r: { observerId: string; observedId: string }): string => (r.observerId === myId(store) ? r.observedId : r.observerId);

/** Proposing, with the person, the school and the hour as they were. */
function proposal(store: Store, r: Request): string {
  if (r.$typeName !== "undring.v1.ProposeObservationRequest" || !r.startTime || !r.endTime) return "/new";
  const [start, end] = [timestampDate(r.startTime), timestampDate(r.endTime)];
  const as = r.observerId === myId(store) ? "observer" : "observed";
  const asked = new URLSearchParams({ school: r.schoolId, as, with: otherOf(store, r) });
  asked.set("at", start.toISOString());
  asked.set("for", String((end.getTime() - start.getTime()) / 60_000));
  if (r.roundId) asked.set("round", r.roundId);
  return `/new?${asked.toString()}`;
}

/** The fields that words came from. */
export interface Fields {
  /** Id of the field to begin at. */
  first: string;
  /** By the keys under which they were typed; as they shall be there again. */
  words: Map<string, string>;
}

/**
 * The fields in which a refused thing can be written otherwise; undefined: it can't be
 * mended so, or words of something else rest on it, which would go with it. What
 * the server refused was never done, so nothing is there twice.
 */
export function fieldsOf(store: Store, p: Pending): Fields | undefined {
  if (!p.refusal || [2, 13].includes(p.refusal.code)) return undefined; // nobody knows whether it was done
  if (isForGood(p.refusal) && p.refusal.reason !== "INVALID_FIELD") return undefined;
  if (store.heldUp(p.requestId).some((o) => textsOf(o.request).length > 0)) return undefined;
  const found = typed(store, p.request as Request);
  if (!found) return undefined;
  const [first, texts, facts = {}] = found;
  const words = new Map<string, string>();
  // What has been begun there since goes on after it.
  for (const [key, text] of Object.entries(texts)) if (text !== "") words.set(key, [text, store.words(key)].filter(Boolean).join(" "));
  for (const [key, fact] of Object.entries(facts)) words.set(key, store.words(key) ?? fact);
  return { first, words };
}

type Words = Record<string, string>;

function typed(store: Store, r: Request): [first: string, texts: Words, facts?: Words] | undefined {
  switch (r.$typeName) {
    case "undring.v1.SaveNoteRequest": {
      if (r.revision > 0n) return undefined; // the older wording stands in the list, and can be edited there
      const key = `note/${r.observationId}`;
      const facts = { kind: r.kind, at: r.observedAt ? timestampDate(r.observedAt).getTime() : 0, tag: r.tag, focus: r.aboutFocus };
      return ["note", { [`${key}/text`]: r.text }, { [`${key}/facts`]: JSON.stringify(facts) }];
    }
    case "undring.v1.ProposeObservationRequest": {
      const key = `new/${otherOf(store, r)}`;
      return ["place", { [`${key}/place`]: r.place, [`${key}/focus`]: r.focusQuestion, [`${key}/intention`]: r.intention, [`${key}/mutual-focus`]: r.mutualFocusQuestion }];
    }
    case "undring.v1.AnswerQuestionRequest":
      return r.answer.case === "text" ? [`answer-${r.questionId}`, { [`answer/${r.questionId}`]: r.answer.value }] : undefined;
    case "undring.v1.AskBackRequest":
      return ["ask-back", { [`ask-back/${r.observationId}`]: r.text }];
    case "undring.v1.ReplyRequest":
      return [`reply-${r.aboutId}`, { [`reply/${r.aboutId}`]: r.text }];
    case "undring.v1.RecordOwnViewRequest":
      return r.view.case === "text" ? ["own", { [`own-view/${r.observationId}`]: r.view.value }] : undefined;
    case "undring.v1.RecordConversationRequest": {
      const key = `talk/${r.observationId}`;
      const at = r.talkedAt && timestampDate(r.talkedAt);
      const when = at && { day: isoDay(at), time: isoClock(at), minutes: Number(r.duration?.seconds ?? 0n) / 60 };
      return ["summary", { [key]: r.summary }, when && { [`${key}/when`]: JSON.stringify(when) }];
    }
    default:
      return undefined;
  }
}
