// An operation: something that the person did, as it waits on disk to be sent.

import { clone, createRegistry, fromJson, toJson, type DescMessage, type JsonValue, type Message } from "@bufbuild/protobuf";
import { anyPack, type Any } from "@bufbuild/protobuf/wkt";

import * as feedback from "../gen/undring/v1/feedback_pb";
import * as learning from "../gen/undring/v1/learning_pb";
import * as observation from "../gen/undring/v1/observation_pb";
import { newId } from "./id";
import type { Refusal } from "./store";
import type { Things } from "./things";

/** Every message of the services that a phone carries over. */
export const registry = createRegistry(
  observation.file_undring_v1_observation,
  feedback.file_undring_v1_feedback,
  learning.file_undring_v1_learning,
);

/** The requests, told apart by their names. */
export type Request =
  | observation.AcceptObservationRequest
  | observation.CancelObservationRequest
  | observation.CounterProposeRequest
  | observation.DeclineObservationRequest
  | observation.DeleteNoteRequest
  | observation.EndWithoutExchangeRequest
  | observation.JoinRoundRequest
  | observation.KeepFromSuggestionsRequest
  | observation.LeaveRoundRequest
  | observation.MarkObservedRequest
  | observation.ProposeObservationRequest
  | observation.ReopenObservationRequest
  | observation.SaveNoteRequest
  | observation.SetAvailabilityRequest
  | observation.SetFocusRequest
  | observation.StartRoundRequest
  | observation.WithdrawObservationRequest
  | feedback.AcknowledgeFeedbackRequest
  | feedback.AgreeActionRequest
  | feedback.AnswerQuestionRequest
  | feedback.AskBackRequest
  | feedback.ConfirmConversationRequest
  | feedback.CorrectNoteRequest
  | feedback.DeletePromptRequest
  | feedback.GiveFeedbackRequest
  | feedback.RecordConversationRequest
  | feedback.RecordOwnViewRequest
  | feedback.RecordTakeawayRequest
  | feedback.ReplyRequest
  | feedback.ResolveCorrectionRequest
  | feedback.SaveFeedbackDraftRequest
  | feedback.SavePromptRequest
  | learning.ReportActionRequest;

export interface Op {
  /** Its place in the queue; 0 until it is on disk. */
  seq: number;
  request: Request;
  visitId: string;
  /** When the person did it, by the phone's clock, in milliseconds. */
  time: number;
  /** What the person saw of the thing when they wrote it, as JSON; null: it was not there. */
  basis: JsonValue;
  /** Operations that have to be done before it. */
  buildsOn: string[];
  /** It may have reached the server: from now on it is sent as it is. */
  sent: boolean;
  /** How often it failed by the server's own fault. */
  failures: number;
  /** Set aside: why. */
  refusal: Refusal | undefined;
  /** What it was written on has changed: the revision that the server has, to be pulled before it is tried again. */
  stale: string;
  /** The note that it writes was taken away on another device while it was under way: its answer is older than that. */
  overtaken: boolean;
  /** Begun before what waits of the same thing was written, in another tab: that neither makes room for it, nor gives way to it. */
  apart: boolean;
}

/** How an operation stands that is to be sent for the first time. */
export const afresh = { sent: false, stale: "", overtaken: false };

export const schemaOf = (request: Message): DescMessage => {
  const schema = registry.getMessage(request.$typeName);
  if (!schema) throw new Error(`${request.$typeName} is no request that a phone carries over`);
  return schema;
};

export const pack = (request: Request): Any => anyPack(schemaOf(request), request);

export const encodeOp = (op: Op) => ({ ...op, seq: 0, request: toJson(schemaOf(op.request), op.request), type: op.request.$typeName });

export function decodeOp(seq: number, raw: ReturnType<typeof encodeOp>): Op {
  const { type, request, ...rest } = raw;
  const schema = registry.getMessage(type);
  if (!schema) throw new Error(`${type} is no request that this version knows`);
  return { ...rest, overtaken: rest.overtaken ?? false, apart: rest.apart ?? false, seq, request: fromJson(schema, request, { ignoreUnknownFields: true }) as Request };
}

/** Makes the ids that a request may choose, before it is stored: what is sent twice is known by them. */
export function named(request: Request): Request {
  request.requestId = newId();
  if ("id" in request && request.id === "") request.id = newId();
  if (request.$typeName === "undring.v1.RecordTakeawayRequest" && request.action?.id === "") request.action.id = newId();
  if (request.$typeName === "undring.v1.GiveFeedbackRequest") {
    for (const part of [...request.points, ...request.questions]) part.id ||= newId();
  }
  return request;
}

/** Ids of what the request makes. */
export function makes(request: Request): string[] {
  switch (request.$typeName) {
    case "undring.v1.RecordTakeawayRequest":
      return request.action ? [request.action.id] : [];
    case "undring.v1.GiveFeedbackRequest":
      return [...request.points, ...request.questions].map((part) => part.id);
    default:
      return "id" in request ? [request.id] : [];
  }
}

/** Ids of what the request is about, those that it makes among them. */
export function aboutIds(request: Request): string[] {
  const ids = new Set(makes(request));
  for (const field of ["observationId", "noteId", "questionId", "aboutId", "conversationId", "actionId", "roundId", "promptId"]) {
    const id = (request as unknown as Record<string, unknown>)[field];
    if (typeof id === "string" && id !== "") ids.add(id);
  }
  return [...ids];
}

/** The thing that a request makes or changes. */
export const thingId = (request: Request): string =>
  "id" in request ? request.id : (aboutIds(request).find((id) => id !== "") ?? "");

/** The visit that a request is about; empty for none. */
export function visitOf(request: Request, seen: Things): string {
  if ("observationId" in request) return request.observationId;
  if (request.$typeName === "undring.v1.ProposeObservationRequest") return request.id;
  if ("noteId" in request && seen.notes.has(request.noteId)) return seen.notes.get(request.noteId)!.observationId;
  const ids = new Set(aboutIds(request));
  for (const e of seen.exchanges.values()) {
    const parts = [...e.points, ...e.questions, ...e.actions, ...(e.conversation ? [e.conversation] : [])].map((part) => part.id);
    parts.push(...e.sharedNotes.map((s) => s.note?.id ?? ""));
    if (parts.some((id) => ids.has(id))) return e.observationId;
  }
  return "";
}

/** The notes that a gift rests on or shares. */
export const notesOf = (gift: feedback.GiveFeedbackRequest): Set<string> =>
  new Set([...gift.points.flatMap((p) => p.noteIds), ...gift.questions.flatMap((q) => q.aboutNoteIds), ...gift.sharedNoteIds]);

/** A new request with the same content, for a second attempt. */
export function anew<R extends Request>(request: R, change: Partial<R> = {}): R {
  return Object.assign(clone(schemaOf(request), request), change, { requestId: newId() }) as R;
}
