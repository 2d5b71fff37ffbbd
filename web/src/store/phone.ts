// The store as the screens have it: one person's state, the session that it is
// bound to, and what keeps it and the server the same.

import { create, type JsonValue, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { timestampDate, timestampMs } from "@bufbuild/protobuf/wkt";
import { computed, signal, type ReadonlySignal } from "@preact/signals";

import { FeedbackDraftSchema, FeedbackService } from "../gen/undring/v1/feedback_pb";
import { CultureService } from "../gen/undring/v1/culture_pb";
import { LearningService } from "../gen/undring/v1/learning_pb";
import { NotificationService } from "../gen/undring/v1/notification_pb";
import { ObservationService, SaveNoteRequestSchema, type Note, type Observation } from "../gen/undring/v1/observation_pb";
import { SchoolService } from "../gen/undring/v1/school_pb";
import { SessionService } from "../gen/undring/v1/session_pb";
import type { Around } from "./around";
import { newId } from "./id";
import { Doors } from "../session/doors";
import { Patience } from "../sync/patience";
import { Sync } from "../sync/sync";
import { aboutIds, begin, rewriting, slotNamed, slotOf, thingId, visitOf, type DeedSchema, type Request } from "../things";
import { drafts } from "../things/draft";
import { exchanges } from "../things/exchange";
import { changeOf, Things, type Kind } from "../things/kind";
import { notes, written } from "../things/note";
import { afresh } from "../things/rewrite";
import { rounds } from "../things/round";
import { people, schools } from "../things/school";
import { visits } from "../things/visit";
import { anew, type Op } from "./op";
import { basisOf, buildsOn } from "./queue";
import { State } from "./state";
import { Texts } from "./texts";
import type { Calls, CodeOfProvider, Conflict, Done, Fate, Pending, Proof, Room, Standing, Store } from "./store";
import type { SignInProvider } from "../gen/undring/v1/session_pb";

/** How much room has to be left that nobody is warned. */
const tight = 20_000_000;

interface Undo {
  noteId: string;
  visitId: string;
  text: string;
  note: Note;
  op: Op | undefined;
}

export class Phone implements Store {
  readonly ready = signal(false);
  readonly blocked = signal(false);
  readonly standing = signal<Standing>("starting");
  readonly online = signal(true);
  readonly syncing = signal(false);
  private readonly measured = signal<Omit<Room, "full" | "lost">>({ used: 0, most: 0, low: false });
  readonly takenBack = signal(0);
  readonly undoable = signal<Undo | undefined>(undefined);
  readonly call: Calls;
  readonly app: string;
  private readonly state = signal<State | undefined>(undefined);
  readonly room = computed<Room>(() => ({ ...this.measured.value, full: this.state.value?.full.value ?? false, lost: this.state.value?.lost.value ?? false }));
  private readonly fates = signal<ReadonlyMap<string, Fate>>(new Map());
  private readonly sealed = signal(0);
  private readonly doors: Doors;
  private telling = false;
  private texts: Texts | undefined;
  private link: Sync | undefined;
  private unlisten = () => {};

  constructor(private readonly around: Around) {
    this.app = around.app;
    this.doors = new Doors(around, {
      enter: (state, transport) => this.enter(state, transport),
      empty: () => this.empty(),
      stand: (standing) => (this.standing.value = standing),
      sealed: (n) => (this.sealed.value = n),
    });
    const clients = this.doors.transport;
    this.call = {
      session: createClient(SessionService, clients),
      school: createClient(SchoolService, clients),
      observation: createClient(ObservationService, clients),
      feedback: createClient(FeedbackService, clients),
      learning: createClient(LearningService, clients),
      notification: createClient(NotificationService, clients),
      culture: createClient(CultureService, clients),
      of: (service) => createClient(service, clients),
    };
  }

  /** Begins: reads the disk, then sends and fetches. */
  async open(): Promise<void> {
    this.online.value = this.around.connected();
    this.unlisten = this.around.listen((event) => {
      if (event === "hidden") {
        void this.texts?.flush().catch(() => {});
        if (!this.around.visible()) this.link?.unwatch();
      } else if (event === "offline") this.online.value = false;
      else {
        if (event === "online") this.link?.watchAnew();
        this.awake();
      }
    });
    try {
      await this.doors.open();
    } catch (err) {
      console.error(err);
      this.blocked.value = true; // it would take words, and lose them
      return;
    }
    this.ready.value = true;
    void this.measure();
  }

  /** Ends at once, as a kill would: nothing more is written. */
  close(): void {
    this.unlisten();
    this.empty();
    this.doors.close();
  }

  private async enter(state: State, transport: Doors["transport"]): Promise<void> {
    this.empty();
    await state.read();
    this.texts = new Texts(state);
    this.state.value = state;
    this.link = new Sync(this.around, state, transport, {
      ended: (id) => {
        this.fated(id, "done");
        this.patience.anew();
      },
      online: (is) => {
        this.online.value = is;
        if (is) void this.tellLanguage(state);
      },
      syncing: (is) => (this.syncing.value = is),
    });
    this.awake();
  }

  private empty(): void {
    this.texts?.stop();
    this.link?.stop();
    this.state.value?.close();
    this.state.value = undefined;
    this.texts = this.link = undefined;
    this.undoable.value = undefined;
  }

  private awake(): void {
    if (this.standing.value === "expired" || !this.link) return;
    void this.link.wake();
    if (this.around.visible()) this.link.watch();
  }

  private async measure(): Promise<void> {
    const { usage = 0, quota = 0 } = await this.around.estimate();
    this.measured.value = { used: usage, most: quota, low: quota > 0 && (quota - usage < tight || usage > 0.9 * quota) };
  }

  // What is there.

  private readonly seen = computed<Things>(() => this.state.value?.seen.value ?? new Things());
  all = <V extends Message>(kind: Kind<V>): ReadonlyMap<string, V> => this.seen.value.of(kind);
  /** In the language that was chosen here, before the server has heard of it. */
  readonly me = computed(() => {
    void this.state.value?.metaChanged.value;
    const locale = this.state.value?.meta.get("language") as string | undefined;
    const [me] = this.all(people).values();
    return me && locale !== undefined ? { ...me, locale } : me;
  });
  readonly schools = computed(() => [...this.all(schools).values()]);
  readonly rounds = computed(() => [...this.all(rounds).values()].sort((a, b) => at(b.createTime) - at(a.createTime)));
  private readonly people = computed(() => new Map(this.schools.value.flatMap((s) => s.people.map((p) => [p.id, p] as const))));
  readonly visits: ReadonlySignal<Observation[]> = computed(() => [...this.all(visits).values()].sort(this.order));
  readonly actions = computed(() =>
    [...this.all(exchanges).values()].flatMap((e) => e.actions).sort((a, b) => (a.dueDate || "9").localeCompare(b.dueDate || "9")),
  );
  private readonly notesOfVisits = computed(() => {
    const out = new Map<string, Note[]>();
    for (const n of this.all(notes).values()) out.set(n.observationId, [...(out.get(n.observationId) ?? []), n]);
    for (const list of out.values()) list.sort((a, b) => at(a.observedAt) - at(b.observedAt) || a.id.localeCompare(b.id));
    return out;
  });

  person = (id: string) => this.people.value.get(id);
  visit = (id: string) => this.all(visits).get(id);
  notes = (visitId: string) => this.notesOfVisits.value.get(visitId) ?? [];
  exchange = (visitId: string) => this.all(exchanges).get(visitId);
  draft = (visitId: string) => this.all(drafts).get(visitId) ?? create(FeedbackDraftSchema);
  myMove = (v: Observation) => v.nextStep?.personIds.includes(this.state.value?.person ?? "") ?? false;

  /** My move first, the nearest due first; then what others have to do; the ended last, the latest lesson first. */
  private readonly order = (a: Observation, b: Observation): number => {
    const rank = (v: Observation) => (this.myMove(v) ? 0 : (v.nextStep?.todo ?? 0) !== 0 ? 1 : 2);
    const due = (v: Observation) => (v.nextStep?.dueTime ? timestampMs(v.nextStep.dueTime) : Infinity);
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    if (rank(a) === 2) return at(b.startTime) - at(a.startTime);
    return due(a) === due(b) ? at(a.startTime) - at(b.startTime) : due(a) - due(b);
  };

  // What the person does.

  do<S extends DeedSchema>(schema: S, init: MessageInitShape<S>, o: { words?: string[]; basis?: string | undefined } = {}): Done {
    return this.add(create(schema, init) as unknown as Request, o.words ?? [], o.basis);
  }

  basis = (slot: string): string => JSON.stringify(basisOf(slot, this.seen.value));

  private add(made: Request, words: string[], basis?: string): Done {
    const state = this.state.value;
    if (!state) throw new Error("nobody is signed in");
    const request = begin(made, state.seen.value, state.now());
    const visitId = visitOf(request, state.seen.value);
    const there = this.basis(slotOf(request));
    const op: Op = {
      ...{ seq: 0, request, visitId, time: this.around.now(), failures: 0, refusal: undefined, ...afresh },
      basis: JSON.parse(basis ?? there) as JsonValue,
      apart: basis !== undefined && basis !== there,
      buildsOn: buildsOn(request, visitId, state.ops),
    };
    const how = rewriting(request);
    // The revision that was seen goes along: what has changed since is not written over.
    if (how && !how.revision(request)) how.setRevision(request, how.slot.revision(state.seen.value, how.id(request)));
    if (request.$typeName === "undring.v1.DeleteNoteRequest") return this.removeNote(state, op, request.noteId, words);
    this.undoable.value = undefined; // until the next thing is done
    return this.done(op, state.add(op, words), words);
  }

  private done(op: Op, kept: Promise<void>, words: string[] = []): Done {
    this.texts?.drop(words);
    kept.then(
      () => void this.link?.wake(),
      () => {
        this.texts?.again(words);
        if (words.length > 0) this.takenBack.value++; // it is not done: the words are in their fields again
        void this.measure();
      },
    );
    return { id: op.request.requestId, thingId: thingId(op.request), kept };
  }

  /** A note that the server has not heard of just goes, with what was written on it. */
  private removeNote(state: State, op: Op, noteId: string, words: string[]): Done {
    const note = state.seen.value.get(notes, noteId);
    const waiting = state.ops.filter((o) => slotOf(o.request) === `note/${noteId}` && !o.refusal);
    const unsent = waiting.slice(Math.max(0, waiting.findLastIndex((o) => o.apart))).filter((o) => !o.sent); // what lies behind one that was begun before it has not been seen here
    const known = state.told.get(notes, noteId) !== undefined || state.ops.some((o) => slotOf(o.request) === `note/${noteId}` && o.sent);
    if (note) this.offerUndo({ noteId, visitId: note.observationId, text: note.text, note, op: known ? op : undefined });
    if (known) {
      if (unsent[0]) op.basis = unsent[0].basis;
      return this.done(op, state.add(op, words, unsent), words);
    }
    state.ops = state.ops.filter((o) => !unsent.includes(o));
    state.publish();
    this.fated(op.request.requestId, "done");
    return this.done(op, state.commit(() => ({ removeUnsent: unsent })), words);
  }

  private offerUndo(undo: Undo): void {
    this.undoable.value = undo;
  }

  undo(): void {
    const state = this.state.value;
    const undo = this.undoable.value;
    this.undoable.value = undefined;
    if (!state || !undo) return;
    const { kind, text, tag } = undo.note;
    const unsent = state.ops.find((o) => o === undo.op && !o.sent);
    if (unsent) {
      state.ops = state.ops.filter((o) => o !== unsent);
      state.publish();
      void state.commit(() => ({ removeUnsent: [unsent] })).catch(() => {});
    }
    const same = state.seen.value.get(notes, undo.noteId);
    if (same?.text === text && same.tag === tag && same.kind === kind) return;
    // What is gone at the server gets a new id; what never was there, keeps its own.
    const id = unsent || !undo.op ? undo.noteId : newId();
    this.do(SaveNoteRequestSchema, written(undo.note, id)).kept.catch(() => {});
  }

  fate(requestId: string): Fate {
    const op = this.queue.value.find((o) => o.request.requestId === requestId);
    return op ? outcomeOf(op, this.queue.value) : (this.fates.value.get(requestId) ?? "done");
  }

  private fated(requestId: string, fate: Fate): void {
    this.fates.value = new Map([...[...this.fates.value].slice(-500), [requestId, fate]]);
  }

  // Words being typed.

  typed = (key: string, text: string): void => this.texts?.set(key, text);
  words = (key: string): string | undefined => (void this.state.value, this.texts?.get(key));
  wordsUnder = (prefix: string): string[] => (void this.state.value, this.texts?.under(prefix) ?? []);
  flush = (): Promise<void> => this.texts?.flush() ?? Promise.resolve();

  keep(key: string, text: string): void {
    void this.state.value?.setMeta(new Map([[`kept/${key}`, text]])).catch(() => {});
  }

  kept(key: string): string | undefined {
    void this.state.value?.metaChanged.value;
    return this.state.value?.meta.get(`kept/${key}`) as string | undefined;
  }

  // What is on its way.

  private readonly queue = computed<readonly Op[]>(() => this.state.value?.queue.value ?? []);
  /** Operations as they are on disk; for tests and for who looks for a fault. */
  get queued(): readonly Op[] {
    return this.queue.value;
  }

  readonly outbox = computed(() => this.queue.value.map((op) => pendingOf(op, this.queue.value)));
  readonly unsent = computed(() => (this.state.value ? this.queue.value.filter((op) => !op.refusal).length : this.sealed.value));
  private readonly patience = new Patience(computed(() => this.online.value && this.unsent.value > 0));
  readonly slow = this.patience.over;
  readonly conflicts = computed<Conflict[]>(() => (void this.state.value?.metaChanged.value, this.state.value?.conflicts ?? []));

  refusals = (aboutId: string): Pending[] =>
    this.outbox.value.filter((p) => p.outcome === "refused" && (p.visitId === aboutId || p.aboutIds.includes(aboutId)));

  again(requestId: string, change: Record<string, unknown> = {}): void {
    const state = this.state.value;
    const op = state?.ops.find((o) => o.request.requestId === requestId && o.refusal);
    if (!state || !op) return;
    const next: Op = { ...op, request: anew(op.request, change), refusal: undefined, failures: 0, ...afresh };
    const builders = state.ops.filter((o) => o.buildsOn.includes(requestId));
    for (const o of builders) o.buildsOn = o.buildsOn.map((id) => (id === requestId ? next.request.requestId : id));
    state.ops = state.ops.map((o) => (o === op ? next : o));
    state.publish();
    this.done(next, state.commit(() => ({ change: [next, ...builders] }))).kept.catch(() => {});
  }

  heldUp = (requestId: string): Pending[] => buildersOf(requestId, this.queue.value).map((op) => pendingOf(op, this.queue.value));

  giveUp(requestId: string, words: ReadonlyMap<string, string> = new Map()): void {
    const state = this.state.value;
    const given = state?.ops.find((op) => op.request.requestId === requestId);
    if (!state || !given) return;
    const ops = [given, ...buildersOf(requestId, state.ops)];
    state.ops = state.ops.filter((op) => !ops.includes(op));
    state.publish();
    for (const op of ops) this.fated(op.request.requestId, "given up");
    const texts = new Map(words);
    for (const [key, text] of texts) state.texts.set(key, text);
    this.texts?.drop([...texts.keys()]);
    if (texts.size > 0) this.takenBack.value++;
    void state.commit(() => ({ remove: ops, texts })).catch(() => {});
  }

  settle(conflictId: string, how: "both" | "mine" | "theirs"): void {
    const state = this.state.value;
    const conflict = state?.conflicts.find((c) => c.id === conflictId);
    if (!state || !conflict) return;
    if (how !== "both") slotNamed(conflict.what)?.settle(this, conflict, how);
    void state.setMeta(new Map([["conflicts", state.conflicts.filter((c) => c.id !== conflictId)]])).catch(() => {});
  }

  // The network.

  readonly syncTime = computed(() => {
    void this.state.value?.metaChanged.value;
    const synced = this.state.value?.meta.get("synced") as number | undefined;
    return synced === undefined ? undefined : new Date(synced);
  });
  readonly skew = computed(() => (void this.state.value?.metaChanged.value, this.state.value?.skew ?? 0));
  now = (): Date => this.state.value?.now() ?? new Date(this.around.now());
  sync = (): Promise<void> => this.link?.wake() ?? Promise.resolve();

  // Sessions.

  async signIn(proof: Proof, o: { forOwnData?: boolean } = {}): Promise<void> {
    await this.doors.signIn(
      "demoPerson" in proof ? { case: "demoPerson", value: proof.demoPerson } : { case: "invitationCode", value: proof.invitationCode },
      o.forOwnData,
    );
  }

  beginProvider = (provider: SignInProvider, o: { forOwnData?: boolean } = {}): Promise<void> => this.doors.beginProvider(provider, o.forOwnData);
  endProvider = (url: string): Promise<boolean> => this.doors.endProvider(url);
  codeOf = (url: string): Promise<CodeOfProvider | undefined> => this.doors.codeOf(url);

  async signOut(o: { evenIfUnsent?: boolean } = {}): Promise<boolean> {
    await this.flush().catch(() => {});
    if (!o.evenIfUnsent && this.outbox.value.length > 0) return false;
    await this.doors.signOut();
    return true;
  }

  setLanguage(language: string): void {
    this.around.speak(language);
    const state = this.state.value;
    if (!state) return;
    void state.setMeta(new Map([["language", language]])).catch(() => {});
    state.publish();
    void this.tellLanguage(state);
  }

  /** Tells the server of the language that was chosen here, for as long as it has not heard. */
  private async tellLanguage(state: State): Promise<void> {
    const locale = state.meta.get("language") as string | undefined;
    if (locale === undefined || this.telling) return;
    this.telling = true;
    try {
      await this.call.session.updateMe({ requestId: newId(), locale });
      await this.toldLanguage(state, locale);
    } catch {
      return; // again when something has come through
    } finally {
      this.telling = false;
    }
    await this.sync();
  }

  /** The server knows: the choice goes in the step in which its answer reaches the disk. */
  private toldLanguage(state: State, locale: string): Promise<void> {
    const changes = [...state.told.of(people)].map(([id, me]) => changeOf(people, { ...me, locale }, id));
    const meta = new Map<string, unknown>([["cursor", ""]]); // texts of the server's are in the language that was
    if (state.meta.get("language") === locale) meta.set("language", undefined);
    return state.learn(changes, meta, false);
  }
}

const at = (t: { seconds: bigint; nanos: number } | undefined): number =>
  t ? timestampDate({ $typeName: "google.protobuf.Timestamp", ...t }).getTime() : 0;

function outcomeOf(op: Op, queue: readonly Op[]): Pending["outcome"] {
  if (op.refusal) return "refused";
  const waits = op.stale !== "" || op.buildsOn.some((id) => queue.some((o) => o.request.requestId === id));
  return waits || op.failures > 0 ? "held" : "waiting";
}

/** What builds on an operation, and what builds on that. */
function buildersOf(requestId: string, queue: readonly Op[]): Op[] {
  const gone = new Set([requestId]);
  for (const op of queue) if (op.buildsOn.some((id) => gone.has(id))) gone.add(op.request.requestId);
  gone.delete(requestId);
  return queue.filter((op) => gone.has(op.request.requestId));
}

const pendingOf = (op: Op, queue: readonly Op[]): Pending => ({
  requestId: op.request.requestId,
  typeName: op.request.$typeName,
  request: op.request,
  visitId: op.visitId,
  aboutIds: aboutIds(op.request),
  time: new Date(op.time),
  outcome: outcomeOf(op, queue),
  refusal: op.refusal,
});
