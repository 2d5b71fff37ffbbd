// What the server has told this phone, by kind and id. The same shape holds what
// a screen sees: this, with everything applied that is not sent yet.

import { clone, type Message } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";

import { ExchangeSchema, FeedbackDraftSchema, type Exchange, type FeedbackDraft } from "../gen/undring/v1/feedback_pb";
import { NoteSchema, ObservationSchema, RoundSchema, type Note, type Observation, type Round } from "../gen/undring/v1/observation_pb";
import { ChangeSchema, Thing, type Change, type Me, type SchoolOnPhone } from "../gen/undring/v1/sync_pb";

export interface Things {
  me: Me | undefined;
  schools: Map<string, SchoolOnPhone>;
  visits: Map<string, Observation>;
  notes: Map<string, Note>;
  /** By the visit's id, as are drafts. */
  exchanges: Map<string, Exchange>;
  drafts: Map<string, FeedbackDraft>;
  rounds: Map<string, Round>;
}

export const nothing = (): Things => ({
  me: undefined,
  schools: new Map(),
  visits: new Map(),
  notes: new Map(),
  exchanges: new Map(),
  drafts: new Map(),
  rounds: new Map(),
});

/** A change of things: of what, and what it is now. */
type What = Change["what"];

/** The kinds of things that this version of the app can be told of, by their numbers in the contract. */
export const kinds = ChangeSchema.fields.map((f) => f.number).join(" ");

/** A newer server tells of kinds of things that this version knows nothing of. */
export const isKnown = (change: Change): boolean => change.what.case !== undefined;

/** Where a thing lies on disk: its kind and id. */
export function keyOf(what: What): string {
  switch (what.case) {
    case "observation":
      return `${Thing.OBSERVATION}/${what.value.id}`;
    case "note":
      return `${Thing.NOTE}/${what.value.id}`;
    case "exchange":
      return `${Thing.EXCHANGE}/${what.value.observationId}`;
    case "draft":
      return `${Thing.DRAFT}/${what.value.observationId}`;
    case "round":
      return `${Thing.ROUND}/${what.value.id}`;
    case "school":
      return `${Thing.SCHOOL}/${what.value.school?.id ?? ""}`;
    case "me":
      return `${Thing.ME}/${what.value.person?.id ?? ""}`;
    case "gone":
      return `${what.value.thing}/${what.value.id}`;
    default:
      return "";
  }
}

/** Puts a thing in, or takes it out. */
export function put(into: Things, what: What): void {
  switch (what.case) {
    case "observation":
      into.visits.set(what.value.id, what.value);
      break;
    case "note":
      into.notes.set(what.value.id, what.value);
      break;
    case "exchange":
      into.exchanges.set(what.value.observationId, what.value);
      break;
    case "draft":
      if (what.value.draft) into.drafts.set(what.value.observationId, what.value.draft);
      break;
    case "round":
      into.rounds.set(what.value.id, what.value);
      break;
    case "school":
      into.schools.set(what.value.school?.id ?? "", what.value);
      break;
    case "me":
      into.me = what.value;
      break;
    case "gone":
      take(into, what.value.thing, what.value.id);
  }
}

function take(from: Things, thing: Thing, id: string): void {
  switch (thing) {
    case Thing.OBSERVATION:
      from.visits.delete(id);
      break;
    case Thing.NOTE:
      from.notes.delete(id);
      break;
    case Thing.EXCHANGE:
      from.exchanges.delete(id);
      break;
    case Thing.DRAFT:
      from.drafts.delete(id);
      break;
    case Thing.ROUND:
      from.rounds.delete(id);
      break;
    case Thing.SCHOOL:
      from.schools.delete(id);
  }
}

/** Things that can be changed without changing those that they were made of. */
export class Copy {
  readonly things: Things;
  private readonly fresh = new Set<Message>();

  constructor(of: Things) {
    this.things = {
      me: of.me,
      schools: of.schools,
      visits: new Map(of.visits),
      notes: new Map(of.notes),
      exchanges: new Map(of.exchanges),
      drafts: new Map(of.drafts),
      rounds: new Map(of.rounds),
    };
  }

  private own<M extends Message>(schema: GenMessage<M>, map: Map<string, M>, id: string): M | undefined {
    const there = map.get(id);
    if (!there || this.fresh.has(there)) return there;
    const mine = clone(schema, there) as M;
    this.fresh.add(mine);
    map.set(id, mine);
    return mine;
  }

  visit = (id: string): Observation | undefined => this.own(ObservationSchema, this.things.visits, id);
  note = (id: string): Note | undefined => this.own(NoteSchema, this.things.notes, id);
  exchange = (id: string): Exchange | undefined => this.own(ExchangeSchema, this.things.exchanges, id);
  draft = (id: string): FeedbackDraft | undefined => this.own(FeedbackDraftSchema, this.things.drafts, id);
  round = (id: string): Round | undefined => this.own(RoundSchema, this.things.rounds, id);

  /** Says that a thing was made here. */
  made<M extends Message>(m: M): M {
    this.fresh.add(m);
    return m;
  }
}
