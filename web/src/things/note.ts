// Notes: the kind, writing one, taking one away.

import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";

import {
  DeleteNoteRequestSchema,
  NoteKind,
  NoteSchema,
  ObservationState as State,
  SaveNoteRequestSchema,
  type DeleteNoteRequest,
  type Note,
  type SaveNoteRequest,
} from "../gen/undring/v1/observation_pb";
import { Thing, type Change } from "../gen/undring/v1/sync_pb";
import { noting } from "../rules/may";
import { newId } from "../store/id";
import { clash, pick } from "../store/merge";
import type { Op } from "../store/op";
import type { Conflict, Store } from "../store/store";
import type { Deed, Scene, Slot, Waiting } from "./deed";
import { changeOf, kindOf, type Copy, type Things } from "./kind";
import { afresh, anew, go, ignore, notPulled, tell, type Resolution } from "./rewrite";
import { onVisit, visits } from "./visit";

/** The caller's own notes. */
export const notes = kindOf<"note">({
  case: "note",
  thing: Thing.NOTE,
  schema: NoteSchema,
  id: (n) => n.id,
  answers: ["note"],
  revision: (n) => n.revision,
  implies: tookPlace,
  visitId: (n) => n.observationId,
  parts: (n) => [n.id],
});

/** The first note says that the visit took place; the pull that comes after tells of the rest. */
function tookPlace(note: Note, there: Things): Change[] {
  const visit = there.get(visits, note.observationId);
  return visit?.state === State.AGREED ? [changeOf(visits, { ...visit, state: State.OBSERVED }, visit.id)] : [];
}

const slot: Slot = {
  name: "note",
  basis: (seen, id) => noteBasis(seen.get(notes, id)),
  revision: (seen, id) => seen.get(notes, id)?.revision ?? 0n,
  kind: notes,
  apart: true,
  settle,
};

const noteBasis = (n: Note | undefined) => (n ? toJson(NoteSchema, n) : null);
const read = (op: Op) => (op.basis === null ? undefined : fromJson(NoteSchema, op.basis, { ignoreUnknownFields: true }));

/** Writes a note, or rewrites it. */
export const saveNote: Deed<typeof SaveNoteRequestSchema> = {
  request: SaveNoteRequestSchema,
  allowed: { by: "observer", in: noting },
  begin(r, seen, now) {
    if (!r.observedAt && !seen.get(notes, r.id)) r.observedAt = timestampFromDate(now);
  },
  rewrites: {
    slot,
    id: (r) => r.id,
    revision: (r) => r.revision,
    setRevision: (r, to) => void (r.revision = to),
    compare,
  },
  show,
  place: (_, { visitId }) => `/v/${visitId}/note`,
  origin(r) {
    if (r.revision > 0n) return undefined; // the older wording stands in the list, and can be edited there
    const key = `note/${r.observationId}`;
    const facts = { kind: r.kind, at: r.observedAt ? timestampDate(r.observedAt).getTime() : 0, tag: r.tag, focus: r.aboutFocus };
    return { first: "note", texts: { [`${key}/text`]: r.text }, facts: { [`${key}/facts`]: JSON.stringify(facts) } };
  },
};

/** Takes a note away. */
export const deleteNote: Deed<typeof DeleteNoteRequestSchema> = {
  request: DeleteNoteRequestSchema,
  allowed: { by: "observer", in: noting },
  rewrites: {
    slot,
    id: (r) => r.noteId,
    revision: (r) => r.revision,
    setRevision: (r, to) => void (r.revision = to),
    erases: true,
    compare: compareDeletion,
  },
  show: (c, r) => c.drop(notes, r.noteId),
  moot: (refusal) => refusal.reason === "NOT_FOUND",
};

function show(c: Copy, r: SaveNoteRequest, scene: Scene, op: Waiting): void {
  const there = c.look(notes, r.id);
  const visit = c.look(visits, r.observationId);
  if (there?.shared) return;
  if (visit?.state === State.AGREED) onVisit(c, visit.id, (v) => void (v.state = State.OBSERVED)); // the first note says that it took place
  const { id, observationId, kind, text, tag, aboutFocus } = r;
  const note = c.make(notes, id, create(NoteSchema, { id, observationId, kind, text, tag, aboutFocus, revision: there?.revision ?? 0n }));
  note.observedAt = r.observedAt ?? there?.observedAt ?? timestampFromDate(new Date(op.time));
  note.updateTime = timestampFromDate(scene.now);
}

function compare(op: Op, r: SaveNoteRequest, told: Things, now: number, out: Resolution): void {
  const there = told.get(notes, r.id);
  const was = read(op);
  if (!there) {
    if (op.stale !== "gone" && op.stale !== "") return; // told of, and not pulled yet
    if (!was && op.stale === "") return go(SaveNoteRequestSchema, op, r, out);
    if (was?.text === r.text) return void out.remove.push(op); // no word of it is new
    // The other device took the note away; what was written here is a new one.
    const id = newId();
    out.change.push({ ...op, request: anew(SaveNoteRequestSchema, r, { id, revision: 0n }), basis: null, ...afresh });
    tell(out, op, "note", now, { field: "", mine: r.text, theirs: "", copyId: id }, r.id);
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
  if (!both) return go(SaveNoteRequestSchema, op, merged, out, noteBasis(there));
  // Both wordings stand: the other one in its place, this one as a new note.
  const id = newId();
  const observedAt = r.observedAt ?? there.observedAt;
  out.change.push({ ...op, request: anew(SaveNoteRequestSchema, r, { id, revision: 0n, ...(observedAt ? { observedAt } : {}) }), basis: null, ...afresh });
  tell(out, op, "note", now, { field: "", mine: r.text, theirs: there.text, copyId: id }, r.id);
}

function compareDeletion(op: Op, r: DeleteNoteRequest, told: Things, now: number, out: Resolution): void {
  const there = told.get(notes, r.noteId);
  if (!there) return op.stale === "" ? undefined : void out.remove.push(op);
  if (notPulled(op, there.revision)) return;
  if (read(op)?.text === there.text) return go(DeleteNoteRequestSchema, op, { ...r, revision: there.revision }, out);
  out.remove.push(op); // rewritten since on the other device: nobody has read that, so it stays
  tell(out, op, "note", now, { field: "", mine: "", theirs: there.text, copyId: "" }, r.noteId);
}

/** The request that writes a note as it was, or with another text. */
export function written(note: Note, id = note.id, text = note.text) {
  const { observationId, kind, tag, aboutFocus, observedAt } = note;
  return { id, observationId, kind: kind || NoteKind.SAW, text, tag, aboutFocus, ...(observedAt ? { observedAt } : {}) };
}

function settle(store: Store, c: Conflict, how: "mine" | "theirs"): void {
  const there = store.notes(c.visitId).find((n) => n.id === c.thingId);
  if (how === "mine" && there && c.mine !== "") ignore(store.do(SaveNoteRequestSchema, written(there, there.id, c.mine)));
  if (c.mine === "" ? how === "mine" : how === "theirs" || there !== undefined)
    ignore(store.do(DeleteNoteRequestSchema, { noteId: c.mine === "" ? c.thingId : c.copyId }));
}
