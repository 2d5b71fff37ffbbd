// The queue of operations: in which order they go, what waits for what, and what
// becomes of one that was written on something that has changed. Pure: the disk
// and the network are elsewhere.

import { clone, create, equals, fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";

import { FeedbackDraftSchema, type SaveFeedbackDraftRequest } from "../gen/undring/v1/feedback_pb";
import {
  NoteSchema,
  ObservationSchema,
  type DeleteNoteRequest,
  type Note,
  type Observation,
  type SaveNoteRequest,
  type SetFocusRequest,
} from "../gen/undring/v1/observation_pb";
import { newId } from "./id";
import { asBasis, clash, mergeDrafts, pick, type Clash } from "./merge";
import { aboutIds, anew, makes, notesOf, pack, schemaOf, afresh, type Op, type Request } from "./op";
import type { Conflict } from "./store";
import type { Things } from "./things";

/** Most operations of a batch, and most bytes. */
const mostOps = 500;
const mostBytes = 200_000;
/** Most operations that one names as what it builds on. */
const mostBuildsOn = 20;

const key = (op: Op) => op.request.requestId;

/** What has one wording and a revision: an operation on it goes by what was read. Empty: nothing such. */
export function slotOf(r: Request): string {
  switch (r.$typeName) {
    case "undring.v1.SaveNoteRequest":
      return `note/${r.id}`;
    case "undring.v1.DeleteNoteRequest":
      return `note/${r.noteId}`;
    case "undring.v1.SetFocusRequest":
      return `card/${r.observationId}`;
    case "undring.v1.SaveFeedbackDraftRequest":
      return `draft/${r.observationId}`;
    default:
      return "";
  }
}

/** What is there of the thing that a slot names, to be compared with later. */
export function basisOf(slot: string, seen: Things): JsonValue {
  const [what, id = ""] = slot.split("/");
  switch (what) {
    case "note":
      return noteBasis(seen.notes.get(id));
    case "card":
      return cardBasis(seen.visits.get(id));
    case "draft":
      return asBasis(seen.drafts.get(id));
    default:
      return null;
  }
}

const noteBasis = (n: Note | undefined): JsonValue => (n ? toJson(NoteSchema, n) : null);

const cardFields = ["focusQuestion", "intention", "lookFor", "doNotNote", "wantedFeedback", "focusAreaId"] as const;

function cardBasis(v: Observation | undefined): JsonValue {
  if (!v) return null;
  return toJson(ObservationSchema, create(ObservationSchema, Object.fromEntries(cardFields.map((f) => [f, v[f]]))));
}

/** Deeds that the server refuses before the feedback is opened. */
const afterOpening = ["AcknowledgeFeedback", "AnswerQuestion", "AskBack", "Reply", "CorrectNote", "RecordTakeaway"];

/** What a new operation builds on, of those that wait. */
export function buildsOn(r: Request, visitId: string, waiting: readonly Op[]): string[] {
  const ids = new Set([...aboutIds(r), visitId]);
  if (r.$typeName === "undring.v1.GiveFeedbackRequest") for (const id of notesOf(r)) ids.add(id);
  const short = r.$typeName.slice("undring.v1.".length, -"Request".length);
  const opens = (op: Op) =>
    op.visitId === visitId &&
    ((short === "AcceptObservation" && op.request.$typeName === "undring.v1.SetFocusRequest") ||
      (afterOpening.includes(short) && op.request.$typeName === "undring.v1.RecordOwnViewRequest"));
  const needed = waiting.filter((op) => opens(op) || makes(op.request).some((id) => ids.has(id)));
  return needed.slice(-mostBuildsOn).map(key);
}

/** The operation whose place a new one takes, since it was never sent: what is typed often goes once. */
export function replaced(r: Request, visitId: string, waiting: readonly Op[]): Op | undefined {
  const slot = slotOf(r);
  if (slot === "" || r.$typeName === "undring.v1.DeleteNoteRequest") return undefined;
  for (let i = waiting.length - 1; i >= 0; i--) {
    const op = waiting[i]!;
    if (slotOf(op.request) === slot)
      return op.request.$typeName === r.$typeName && !op.sent && !op.refusal && !op.stale ? op : undefined;
    if (op.visitId === visitId && !slotOf(op.request).match(/^(note|draft)/)) return undefined; // order counts
  }
  return undefined;
}

/**
 * The operations to send now: in order; of each visit none before what was done
 * before it; of a thing with a revision one at a time. One that was set aside
 * holds up only what builds on it.
 */
export function batch(ops: readonly Op[]): Op[] {
  const out: Op[] = [];
  const aside = new Set<string>();
  const later = new Set<string>();
  const visits = new Set<string>();
  const slots = new Set<string>();
  let bytes = 0;
  for (const op of ops) {
    const slot = slotOf(op.request);
    if (op.refusal || op.buildsOn.some((id) => aside.has(id))) {
      aside.add(key(op));
      continue;
    }
    const waits = !op.seq || op.stale !== "" || visits.has(op.visitId) || slots.has(slot) || op.buildsOn.some((id) => later.has(id));
    const size = waits ? 0 : pack(op.request).value.length + 100;
    if (waits || (out.length > 0 && bytes + size > mostBytes)) {
      later.add(key(op));
      if (op.visitId !== "") visits.add(op.visitId);
      continue;
    }
    out.push(op);
    bytes += size;
    if (slot !== "") slots.add(slot);
    if (out.length === mostOps) break;
  }
  return out;
}

/**
 * What becomes of the operations on notes that are no longer there, as a pull has
 * told. Who waits for the newer wording would wait for ever. What may have reached
 * the server goes once more, for its receipt; that can be older than the pull.
 */
export function robbed(ops: readonly Op[], isGone: (noteId: string) => boolean): Op[] {
  return ops
    .filter((op) => !op.refusal && slotOf(op.request).startsWith("note/") && isGone(slotOf(op.request).slice("note/".length)))
    .flatMap((op) => (op.stale !== "" ? [{ ...op, stale: "gone" }] : op.sent ? [{ ...op, overtaken: true }] : []));
}

/** What becomes of the operations that were written on something with a revision. */
export interface Resolution {
  /** As they are to be sent now. */
  change: Op[];
  remove: Op[];
  conflicts: Conflict[];
}

/**
 * Compares what each operation was written on with what is there now. The first
 * of each thing alone: what comes after it was written on it.
 */
export function resolve(ops: readonly Op[], told: Things, now: number): Resolution {
  const out: Resolution = { change: [], remove: [], conflicts: [] };
  const seen = new Set<string>();
  for (const op of ops) {
    const slot = slotOf(op.request);
    if (slot === "" || seen.has(slot) || op.refusal) continue;
    seen.add(slot);
    if (op.sent && op.stale === "") continue; // under way: it goes as it is
    if (!op.sent && !op.seq) continue;
    const others = ops.filter((o) => o !== op && slotOf(o.request) === slot && !o.refusal);
    const apart = others.findIndex((o) => o.apart);
    const after = apart < 0 ? others : others.slice(0, apart); // written on it
    if (op.stale !== "" && after.length > 0) {
      takeOver(op, after, out);
      continue;
    }
    compare(op, told, now, out);
  }
  return out;
}

/** What was written later takes the place of what can't be sent as it is. */
function takeOver(op: Op, after: Op[], out: Resolution): void {
  const last = after[after.length - 1]!;
  if (after.some((o) => !o.seq)) return; // when it is on disk
  if (after.some((o) => o.sent)) return void out.remove.push(op); // written over, by one that may have arrived: that goes as it is
  out.remove.push(op, ...after.slice(0, -1));
  if (last.request.$typeName === "undring.v1.DeleteNoteRequest") out.remove.push(last);
  else out.change.push({ ...last, ...afresh, basis: op.basis, stale: op.stale, request: withRevision(last.request, revisionIn(op.request)) });
}

function compare(op: Op, told: Things, now: number, out: Resolution): void {
  const r = op.request;
  switch (r.$typeName) {
    case "undring.v1.SaveNoteRequest":
      return compareNote(op, r, told, now, out);
    case "undring.v1.DeleteNoteRequest":
      return compareDeletion(op, r, told, now, out);
    case "undring.v1.SetFocusRequest":
      return compareCard(op, r, told, now, out);
    case "undring.v1.SaveFeedbackDraftRequest":
      return compareDraft(op, r, told, now, out);
  }
}

const revisionIn = (r: Request): bigint =>
  "revision" in r ? (r.revision as bigint) : r.$typeName === "undring.v1.SaveFeedbackDraftRequest" ? (r.draft?.revision ?? 0n) : 0n;

function withRevision<R extends Request>(request: R, revision: bigint): R {
  const r = { ...request };
  if ("revision" in r) Object.assign(r, { revision });
  if (r.$typeName === "undring.v1.SaveFeedbackDraftRequest") r.draft = Object.assign(clone(FeedbackDraftSchema, r.draft!), { revision });
  return r;
}

/** The server has a newer one than was pulled: it is too early to compare. */
const notPulled = (op: Op, revision: bigint) => op.stale !== "" && op.stale !== "gone" && revision < BigInt(op.stale);

/** Goes with this revision; as a new request, where the old one was refused. */
function go(op: Op, request: Request, out: Resolution, basis = op.basis): void {
  if (op.stale === "" && equals(schemaOf(request), op.request, request)) return;
  out.change.push({ ...op, request: op.stale === "" ? request : anew(request), basis, ...afresh });
}

const conflictOf = (op: Op, what: Conflict["what"], now: number, of: Clash, thingId: string): Conflict => ({
  id: newId(),
  what,
  visitId: op.visitId,
  thingId,
  ...of,
  time: new Date(now),
});

function compareNote(op: Op, r: SaveNoteRequest, told: Things, now: number, out: Resolution): void {
  const there = told.notes.get(r.id);
  const was = op.basis === null ? undefined : fromJson(NoteSchema, op.basis, { ignoreUnknownFields: true });
  if (!there) {
    if (op.stale !== "gone" && op.stale !== "") return; // told of, and not pulled yet
    if (!was && op.stale === "") return go(op, r, out);
    if (was?.text === r.text) return void out.remove.push(op); // no word of it is new
    // The other device took the note away; what was written here is a new one.
    const id = newId();
    out.change.push({ ...op, request: anew(r, { id, revision: 0n }), basis: null, ...afresh });
    out.conflicts.push(conflictOf(op, "note", now, { field: "", mine: r.text, theirs: "", copyId: id }, r.id));
    return;
  }
  if (notPulled(op, there.revision)) return;
  const before = was ?? create(NoteSchema);
  const both = clash(before.text, r.text, there.text);
  const merged = Object.assign({ ...r }, {
    kind: pick(before.kind, r.kind, there.kind),
    tag: pick(before.tag, r.tag, there.tag),
    aboutFocus: pick(before.aboutFocus, r.aboutFocus, there.aboutFocus),
    text: pick(before.text, r.text, there.text),
    revision: there.revision,
  });
  if (!both) return go(op, merged, out, noteBasis(there));
  // Both wordings stand: the other one in its place, this one as a new note.
  const id = newId();
  const observedAt = r.observedAt ?? there.observedAt;
  out.change.push({ ...op, request: anew(r, { id, revision: 0n, ...(observedAt ? { observedAt } : {}) }), basis: null, ...afresh });
  out.conflicts.push(conflictOf(op, "note", now, { field: "", mine: r.text, theirs: there.text, copyId: id }, r.id));
}

function compareDeletion(op: Op, r: DeleteNoteRequest, told: Things, now: number, out: Resolution): void {
  const there = told.notes.get(r.noteId);
  if (!there) return op.stale === "" ? undefined : void out.remove.push(op);
  if (notPulled(op, there.revision)) return;
  const was = op.basis === null ? undefined : fromJson(NoteSchema, op.basis, { ignoreUnknownFields: true });
  if (was?.text === there.text) return go(op, { ...r, revision: there.revision }, out);
  out.remove.push(op); // rewritten since on the other device: nobody has read that, so it stays
  out.conflicts.push(conflictOf(op, "note", now, { field: "", mine: "", theirs: there.text, copyId: "" }, r.noteId));
}

function compareCard(op: Op, r: SetFocusRequest, told: Things, now: number, out: Resolution): void {
  const there = told.visits.get(r.observationId);
  if (!there || notPulled(op, there.revision)) return;
  const was = op.basis === null ? create(ObservationSchema) : fromJson(ObservationSchema, op.basis, { ignoreUnknownFields: true });
  const merged = { ...r, revision: there.focusQuestion === "" ? 0n : there.revision };
  for (const field of cardFields) {
    merged[field] = pick(was[field], r[field], there[field]);
    if (clash(was[field], r[field], there[field]) && r[field].trim() !== "")
      out.conflicts.push(conflictOf(op, "card", now, { field, mine: r[field], theirs: there[field], copyId: "" }, there.id));
  }
  if (op.stale !== "" && cardFields.every((f) => merged[f] === there[f])) return void out.remove.push(op); // all is there
  go(op, merged, out, cardBasis(there));
}

function compareDraft(op: Op, r: SaveFeedbackDraftRequest, told: Things, now: number, out: Resolution): void {
  const there = told.drafts.get(r.observationId);
  const mine = r.draft;
  if (!mine || notPulled(op, there?.revision ?? 0n)) return;
  if (!there) return go(op, withRevision(r, 0n), out);
  const { draft, clashes } = mergeDrafts(op.basis, mine, there);
  draft.revision = there.revision;
  for (const c of clashes) out.conflicts.push(conflictOf(op, "draft", now, c, r.observationId));
  go(op, { ...r, draft }, out, asBasis(there));
}
