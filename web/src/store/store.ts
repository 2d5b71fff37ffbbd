// What the screens see of the phone's store, and what they can ask of it. All
// that they read is here at once, without a network; all that they do is on the
// phone's disk before it is called done, and reaches the server when it can.
//
// A screen is a function of what it reads: whatever is a signal, or a function
// beside one, makes the screen draw anew when it changes.

import type { DescService, Message, MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { ReadonlySignal } from "@preact/signals";
import type { Action, Exchange, FeedbackDraft, FeedbackService } from "../gen/undring/v1/feedback_pb";
import type { CultureService } from "../gen/undring/v1/culture_pb";
import type { LearningService } from "../gen/undring/v1/learning_pb";
import type { NotificationService } from "../gen/undring/v1/notification_pb";
import type { Note, Observation, ObservationService, Round } from "../gen/undring/v1/observation_pb";
import type { Person, SchoolService } from "../gen/undring/v1/school_pb";
import type { SessionService, SignInProvider } from "../gen/undring/v1/session_pb";
import type { Me, SchoolOnPhone } from "../gen/undring/v1/sync_pb";
import type { DeedSchema, Request } from "../things";
import type { Kind } from "../things/kind";

/** What a refused call says, in the reader's language. */
export interface Refusal {
  /** The code of the status, as gRPC counts them. */
  code: number;
  /** As in reasons.proto, bare, such as NOTES_CLOSED; OFFLINE without a network. */
  reason: string;
  /** What to tell the person. Empty for OFFLINE. */
  message: string;
  /** Everything that is missing or goes beyond a limit, in words. */
  missing: string[];
  /** Facts, such as current_revision. */
  metadata: Record<string, string>;
  /** There was no network, or no server at the end of it. */
  offline: boolean;
  /** Something answered that is not our service: a proxy that can't reach it, a portal. It is told so, and not as a missing network. */
  astray?: boolean;
}

/**
 * How an operation stands: on its way; sent once and to be sent again, or waiting
 * for another one; set aside, since the server refused it.
 */
export type Outcome = "waiting" | "held" | "refused";

/** An operation that has not been carried out at the server. */
export interface Pending {
  /** Names the operation. */
  requestId: string;
  /** Full name of the request's type, such as undring.v1.SaveNoteRequest. */
  typeName: string;
  /** The request, as it will be sent. */
  request: Request;
  /** The visit that it is about; empty for none. */
  visitId: string;
  /** Everything that it is about: ids of visit, note, question, action, round. */
  aboutIds: string[];
  /** When the person did it, by the phone's clock. */
  time: Date;
  outcome: Outcome;
  /** Why not, where it is refused. */
  refusal: Refusal | undefined;
}

/**
 * Two devices of the person wrote the same thing. Both texts are there: the other
 * device's in its place, this one's as a note, or an item of the draft, of its own.
 */
export interface Conflict {
  id: string;
  /** The slot that both wrote in: "note", "draft" or "card". */
  what: string;
  /** Of a card, the field that both wrote, such as intention; empty otherwise. */
  field: string;
  visitId: string;
  /** The thing that both wrote: the note's id, or the visit's. */
  thingId: string;
  /** Where this device's text is now: a note's id, or an item's of the draft. Empty: nowhere but here. */
  copyId: string;
  /** This device's words; empty: it took the note away, and the note stays. */
  mine: string;
  /** The other device's; empty: it took the note away, and mine is a new one. */
  theirs: string;
  time: Date;
}

/** What became of something that the person did. */
export type Fate = Outcome | "done" | "given up";

/** Something that the person did. */
export interface Done {
  /** The operation, by its request id. */
  id: string;
  /** The thing that it made or changed: the id in the request, chosen here where it had none. */
  thingId: string;
  /** Comes true when it is on disk. Breaks with [StoreFull] when it can't be kept; then nothing has changed. */
  kept: Promise<void>;
}

/** The phone has no room: nothing was kept, and nothing that was there is lost. */
export class StoreFull extends Error {
  constructor() {
    super("the phone has no room left");
  }
}

/**
 * Where a person stands with this phone. "signed-out": nobody is here. "expired":
 * somebody is, and has to sign in again before anything is sent; all is there.
 * "revoked": the session was ended from another device; what came from the server
 * is gone, what was never sent waits, unread, for the same person to sign in.
 */
export type Standing = "starting" | "signed-out" | "signed-in" | "expired" | "revoked";

/** One proof of who someone is, as SignIn takes it. */
export type Proof = { demoPerson: string } | { invitationCode: string };

/** What came back from a provider, as SignIn takes it. */
export interface CodeOfProvider {
  providerId: string;
  code: string;
  codeVerifier: string;
  redirectUrl: string;
  nonce: string;
  issuer: string;
}

/** Clients of the calls that need a network. They break with what [refusalOf] reads. */
export interface Calls {
  session: Client<typeof SessionService>;
  school: Client<typeof SchoolService>;
  observation: Client<typeof ObservationService>;
  feedback: Client<typeof FeedbackService>;
  learning: Client<typeof LearningService>;
  notification: Client<typeof NotificationService>;
  culture: Client<typeof CultureService>;
  /** A client of a service that a part of the app brings along which comes by itself. */
  of: <S extends DescService>(service: S) => Client<S>;
}

/** How much room there is on the phone. */
export interface Room {
  /** Bytes in use and at most; 0: the browser doesn't say. */
  used: number;
  most: number;
  /** Under a tenth, or under 20 MB, is left: say so before somebody types. */
  low: boolean;
  /** The last attempt to keep something failed for want of room. */
  full: boolean;
  /** What is written now is not kept: the browser's database is gone, or does not answer. */
  lost: boolean;
}

export interface Store {
  /** The disk is read: what is below is all there is on this phone. */
  ready: ReadonlySignal<boolean>;
  /** The browser lets the app keep nothing: site data is blocked. Nothing can be done then. */
  blocked: ReadonlySignal<boolean>;
  standing: ReadonlySignal<Standing>;

  // What is there, with everything applied that the server doesn't know yet.

  /** Who is here; undefined: nobody, or it has not been told yet. */
  me: ReadonlySignal<Me | undefined>;
  schools: ReadonlySignal<SchoolOnPhone[]>;
  /** Somebody of one of the schools; undefined: not there any more. */
  person(id: string): Person | undefined;
  /** My visits: where it is my move first, the nearest due first; the ended last, the latest first. */
  visits: ReadonlySignal<Observation[]>;
  visit(id: string): Observation | undefined;
  /** It is my move in this visit. */
  myMove(visit: Observation): boolean;
  /** My notes of a visit, by the visit's clock. What was shared with me is in the exchange. */
  notes(visitId: string): Note[];
  exchange(visitId: string): Exchange | undefined;
  /** My draft of feedback; an empty one of revision 0 where there is none. */
  draft(visitId: string): FeedbackDraft;
  rounds: ReadonlySignal<Round[]>;
  /** Actions of all my visits, the nearest due first. */
  actions: ReadonlySignal<Action[]>;

  /** All things of a kind, by their ids: for what has no line of its own here. */
  all<V extends Message>(kind: Kind<V>): ReadonlyMap<string, V>;

  // What the person does.

  /**
   * Does something: makes request_id, and the id where the client may choose it,
   * keeps it on disk, and sends it when it can. What a screen reads has changed
   * when this returns. words: keys of typed texts that have gone into it; they are
   * forgotten in the same step on disk. basis: what it was begun on, where that was
   * before now.
   */
  do<S extends DeedSchema>(schema: S, init: MessageInitShape<S>, o?: { words?: string[]; basis?: string | undefined }): Done;
  /**
   * What is there now of something that people rewrite: "note/", "card/" or
   * "draft/" and the id. Who takes it when the writing begins, and hands it to do,
   * does not write over what another device has told meanwhile.
   */
  basis(slot: string): string;
  /** What became of it. Read in a screen, it draws anew. */
  fate(requestId: string): Fate;
  /** What can be undone: the last deletion of a note, until the next thing is done. */
  undoable: ReadonlySignal<{ noteId: string; visitId: string; text: string } | undefined>;
  /** Undoes it: unsent, the deletion just goes; sent, the note is written anew. */
  undo(): void;

  // Words being typed.

  /** Keeps words of a field: on disk within 300 ms of the last key, at once when the app goes out of sight. Empty: forgets them. */
  typed(key: string, text: string): void;
  /** What was typed there and not used yet. */
  words(key: string): string | undefined;
  /** Keys of kept words that begin so. */
  wordsUnder(prefix: string): string[];
  /** Puts on disk what is typed, now. */
  flush(): Promise<void>;

  /** Keeps a page of the server's that is not part of what is pulled, to be read offline. Sealed; it goes with the session. */
  keep(key: string, text: string): void;
  kept(key: string): string | undefined;

  // What is on its way.

  /** What the server has not carried out, in order. */
  outbox: ReadonlySignal<Pending[]>;
  /** How many of them are not sent; without those that are refused. */
  unsent: ReadonlySignal<number>;
  /** Refused operations about a visit, note, question, action or round. */
  refusals(aboutId: string): Pending[];
  /** Sends a refused operation again, with changes where some are given; as a new request. */
  again(requestId: string, change?: Record<string, unknown>): void;
  /** What goes with an operation when it is given up, since it builds on it. */
  heldUp(requestId: string): Pending[];
  /** Gives a refused operation up, and what builds on it. words: what is being typed again from then on, by key; on disk in the same step. */
  giveUp(requestId: string, words?: ReadonlyMap<string, string>): void;
  /** How often words were put back into their fields: what shows these is made anew. */
  takenBack: ReadonlySignal<number>;
  conflicts: ReadonlySignal<Conflict[]>;
  /** Puts a conflict away. "theirs" also takes this device's copy away, "mine" puts it into the place of the other; "both" leaves both. */
  settle(conflictId: string, how: "both" | "mine" | "theirs"): void;

  // The network.

  /** The last call came through, and the browser says that there is a network. */
  online: ReadonlySignal<boolean>;
  syncing: ReadonlySignal<boolean>;
  /** There seems to be a network, and for some seconds nothing of what is not sent has got through. It is tried still. */
  slow: ReadonlySignal<boolean>;
  /** When the server last told everything; undefined: never. */
  syncTime: ReadonlySignal<Date | undefined>;
  /** Server's clock minus the phone's, in milliseconds. */
  skew: ReadonlySignal<number>;
  /** The server's time, as well as the phone knows it. */
  now(): Date;
  /** Sends and fetches now. */
  sync(): Promise<void>;
  room: ReadonlySignal<Room>;
  call: Calls;

  /** Which version of which app this is, such as web/Cq3x_f0d. */
  app: string;

  // Sessions.

  /** Signs in; forOwnData: for a copy of what is one's own, or its end, which no other sign-in allows. What somebody else left unsent on this phone stays theirs. Breaks as [refusalOf] reads. */
  signIn(proof: Proof, o?: { forOwnData?: boolean }): Promise<void>;
  /** Sends the browser to a provider; it comes back to /sign-in. forOwnData as for signIn. */
  beginProvider(provider: SignInProvider, o?: { forOwnData?: boolean }): Promise<void>;
  /** At /sign-in: ends what beginProvider began. false: this page is no such return. */
  endProvider(url: string): Promise<boolean>;
  /** What SignIn takes of the address that one came back from a provider to; undefined: nobody was sent there. */
  codeOf(url: string): Promise<CodeOfProvider | undefined>;
  /** Ends the session. What is unsent stays on this phone, sealed, for the same person; false and nothing done where there is some and evenIfUnsent is not said. */
  signOut(o?: { evenIfUnsent?: boolean }): Promise<boolean>;
  /** The language that the person wants to be spoken to in: kept on the phone at once, told to the server when it can be. */
  setLanguage(language: string): void;
}
