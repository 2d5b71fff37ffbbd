// All kinds of things that the phone is told of, and all deeds that it carries over.
// Store, overlay, queue, synchronisation and notices know no more of them than what
// their descriptions say: a new one is a description, and a name in a list here.

import type { Message, MessageShape } from "@bufbuild/protobuf";

import { ChangeSchema, type Change } from "../gen/undring/v1/sync_pb";
import { newId } from "../store/id";
import type { AnyDeed, Deed, Rewriting, Slot } from "./deed";
import * as commons from "./commons";
import { saveDraft, drafts } from "./draft";
import * as exchange from "./exchange";
import { keyAt, type AnyKind, type Case, type Things, type What } from "./kind";
import { markMoment, moments } from "./moment";
import { deleteNote, notes, saveNote } from "./note";
import * as lesson from "./lesson";
import * as notice from "./notice";
import * as round from "./round";
import * as school from "./school";
import * as takeaway from "./takeaway";
import * as visit from "./visit";

/** By their names in a change. */
export const kinds: Record<Case, AnyKind> = {
  me: school.people,
  school: school.schools,
  observation: visit.visits,
  note: notes,
  draft: drafts,
  exchange: exchange.exchanges,
  round: round.rounds,
  moment: moments,
  commons: commons.commons,
  notification: notice.notices,
  preferences: notice.preferences,
};

export const deeds = [
  visit.propose,
  visit.counter,
  visit.setFocus,
  visit.accept,
  visit.decline,
  visit.cancel,
  visit.markObserved,
  visit.withdraw,
  visit.endWithoutExchange,
  visit.reopen,
  visit.proposeMove,
  visit.answerWish,
  visit.acknowledgeChange,
  visit.endAlone,
  saveNote,
  deleteNote,
  markMoment,
  saveDraft,
  exchange.giveFeedback,
  exchange.recordOwnView,
  exchange.acknowledge,
  exchange.answer,
  exchange.sayWhatItOpened,
  exchange.askBack,
  exchange.reply,
  exchange.recordConversation,
  exchange.confirmConversation,
  exchange.correctNote,
  exchange.resolveCorrection,
  exchange.takeOutName,
  takeaway.recordTakeaway,
  takeaway.agreeAction,
  takeaway.reportAction,
  round.startRound,
  round.joinRound,
  round.leaveRound,
  lesson.offerLesson,
  lesson.askForPlace,
  lesson.withdrawLesson,
  commons.submitNeed,
  commons.supportNeed,
  commons.answerNeed,
  commons.withdrawNeed,
  commons.proposeFocusArea,
  commons.openHearing,
  commons.speakInHearing,
  commons.adoptFocusArea,
  commons.updateFocusArea,
  commons.endFocusArea,
  notice.markRead,
  notice.setPreferences,
  notice.registerDevice,
  notice.renewFeed,
  commons.proposeLearning,
  commons.approveLearning,
  commons.withdrawLearning,
  commons.respondToLearning,
  commons.thankForLearning,
  commons.decideOurPractice,
  commons.startActionRound,
  commons.reportOnRound,
  commons.endActionRound,
  commons.planMeeting,
  commons.runMeeting,
  commons.parkPoint,
  commons.recordDecision,
  commons.setMeetingNorms,
  school.keepFromSuggestions,
  school.setAvailability,
  school.savePrompt,
  school.deletePrompt,
] as const;

/** The descriptions of the requests that can wait on the phone for a network. */
export type DeedSchema = (typeof deeds)[number]["request"];
/** The requests, told apart by their names. */
export type Request = MessageShape<DeedSchema>;

const byRequest = new Map<string, AnyDeed>(deeds.map((d) => [d.request.typeName, d]));
const byThing = new Map<number, AnyKind>(Object.values(kinds).map((k) => [k.thing, k]));
const all = Object.values(kinds);

// Deeds.

/** What is known of the deed that a request stands for. */
export function deedOf(request: { $typeName: string }): Deed {
  const deed = byRequest.get(request.$typeName);
  if (!deed) throw new Error(`${request.$typeName} is no request that a phone carries over`);
  return deed;
}

/** The call that a request is for: SaveNote of undring.v1.SaveNoteRequest. */
export const callOf = (typeName: string): string => typeName.replace(/^.*\./, "").replace(/Request$/, "");

/** Makes the ids that a request may choose, before it is stored: what is sent twice is known by them. */
export function begin(request: Request, seen: Things, now: Date): Request {
  request.requestId = newId();
  if ("id" in request) request.id ||= newId();
  deedOf(request).begin?.(request, seen, now);
  return request;
}

/** Ids of what the request makes. */
export const makes = (request: Request): string[] => deedOf(request).makes?.(request) ?? ("id" in request ? [request.id] : []);

/** Fields whose ids name nothing that a request makes or changes. */
const besides = ["id", "requestId", "schoolId", "observerId", "observedId", "personId", "focusAreaId"];

/** Ids of what the request is about, those that it makes among them. */
export function aboutIds(request: Request): string[] {
  const ids = new Set(makes(request));
  for (const [field, id] of Object.entries(request))
    if (field.endsWith("Id") && !besides.includes(field) && typeof id === "string" && id !== "") ids.add(id);
  return [...ids];
}

/** The thing that a request makes or changes. */
export const thingId = (request: Request): string => ("id" in request ? request.id : (aboutIds(request)[0] ?? ""));

/** The visit that a request is about; empty for none. */
export function visitOf(request: Request, seen: Things): string {
  if ("observationId" in request) return request.observationId;
  const told = deedOf(request).visitId?.(request);
  if (told !== undefined) return told;
  const ids = new Set(aboutIds(request));
  for (const kind of all) {
    if (!kind.visitId || !kind.parts) continue;
    for (const thing of seen.of(kind).values()) if (kind.parts(thing).some((id) => ids.has(id))) return kind.visitId(thing);
  }
  return "";
}

/** How a request rewrites something with a revision; undefined: it does not. */
export const rewriting = (request: Request): Rewriting<Request> | undefined => deedOf(request).rewrites;

/** What has one wording and a revision, and is rewritten: its name and id. Empty: nothing such. */
export function slotOf(request: Request): string {
  const how = rewriting(request);
  return how ? `${how.slot.name}/${how.id(request)}` : "";
}

const slots = new Map<string, Slot>(deeds.flatMap((d: Deed) => (d.rewrites ? [[d.rewrites.slot.name, d.rewrites.slot]] : [])));

/** A slot by its name. */
export const slotNamed = (name: string): Slot | undefined => slots.get(name);

/** Fields that hold no words of a person's, besides those that hold ids. */
const plain = new Set(["$typeName", "case", "id", "language", "dueDate"]);

/** Everything that a person wrote in a request. */
export function textsOf(request: object): string[] {
  const out: string[] = [];
  const walk = (value: unknown, name: string) => {
    if (typeof value === "string") {
      if (value !== "" && !plain.has(name) && !/ids?$/i.test(name)) out.push(value);
    } else if (Array.isArray(value)) value.forEach((v) => walk(v, name));
    else if (value && typeof value === "object") for (const [k, v] of Object.entries(value)) walk(v, k);
  };
  walk(request, "");
  return out;
}

// Things.

/** The kinds that this version of the app can be told of, by their numbers in the contract. */
export const known = ChangeSchema.fields.map((f) => f.number).join(" ");

/** A newer server tells of kinds of things that this version knows nothing of. */
export const isKnown = (change: Change): boolean => change.what.case !== undefined;

const kindIn = (what: What): AnyKind | undefined => (what.case === undefined ? undefined : what.case === "gone" ? byThing.get(what.value.thing) : kinds[what.case]);

/** Where a thing lies on disk: its kind and id. */
export function keyOf(what: What): string {
  if (what.case === undefined) return "";
  if (what.case === "gone") return keyAt(what.value, what.value.id);
  const kind: AnyKind = kinds[what.case];
  return keyAt(kind, kind.id(what.value as never));
}

/** Puts a thing in, or takes it out. */
export function put(into: Things, what: What): void {
  const kind = kindIn(what);
  if (!kind) return;
  if (what.case === "gone") {
    if (!kind.stays) into.of(kind).delete(what.value.id);
    return;
  }
  const thing = kind.keep ? kind.keep(what.value as never) : (what.value as Message);
  if (thing) into.of(kind).set(kind.id(what.value as never), thing);
}
