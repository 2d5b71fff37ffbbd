// Sends what waits and fetches what is new: push, then pull, in one go of one tab
// at a time. Never a step that a kill could halve: an operation leaves the disk in
// the same transaction in which the server's receipt reaches it.

import { Code, ConnectError, createClient, type Client, type Transport } from "@connectrpc/connect";
import { create } from "@bufbuild/protobuf";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";

import { SchoolService } from "../gen/undring/v1/school_pb";
import { SessionService } from "../gen/undring/v1/session_pb";
import { MeSchema, OperationOutcome as Outcome, SchoolOnPhoneSchema, SyncService, type Change, type OperationResult } from "../gen/undring/v1/sync_pb";
import type { Around } from "../store/around";
import { anew, pack, type Op } from "../store/op";
import { batch, resolve } from "../store/queue";
import { refusalOf, refusalOfOperation } from "../store/refusal";
import type { State } from "../store/state";
import type { Refusal } from "../store/store";
import { deedOf, isKnown, keyOf, known, put, rewriting } from "../things";
import { changeOf, goneOf } from "../things/kind";
import { people, schools } from "../things/school";
import { learnt } from "./receipt";

/** Pauses after failures, in milliseconds: doubled each time, and shaken. */
const shortest = 1_000;
const longest = 60_000;
/** How often an operation may fail by the server's own fault before it is set aside. */
const mostFailures = 5;
/**
 * How long one stream of hints may last, in milliseconds. A stream that has died on
 * the way, since the phone went from one network to another, says nothing at all;
 * the next one begins with a hint.
 */
const streamTime = 120_000;
/**
 * How often the phone pulls while the app is seen, in milliseconds, whatever the
 * stream says: a proxy may keep hints to itself until it has a buffer full of them.
 */
const pullTime = 60_000;
/** What a call breaks with by the server's own fault. */
const trouble = [Code.Canceled, Code.Unknown, Code.DeadlineExceeded, Code.Aborted, Code.Internal, Code.Unavailable, Code.DataLoss];
/** Bounds of one go. */
const mostBatches = 200;
const mostPages = 1_000;

export interface Watchers {
  /** How an operation ended. */
  ended(requestId: string): void;
  /** Whether the last call came through. */
  online(is: boolean): void;
  syncing(is: boolean): void;
}

export class Sync {
  private readonly client: Client<typeof SyncService>;
  private running: Promise<void> | undefined;
  private wanted = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private watching: AbortController | undefined;
  private each: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly around: Around,
    private readonly state: State,
    private readonly transport: Transport,
    private readonly tell: Watchers,
  ) {
    this.client = createClient(SyncService, transport);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.unwatch();
  }

  /** Something may have to be sent or fetched: begins at once, or when what runs is done. */
  wake(): Promise<void> {
    clearTimeout(this.timer);
    if (this.stopped) return Promise.resolve();
    this.wanted = true;
    this.running ??= this.run();
    return this.running;
  }

  private async run(): Promise<void> {
    this.tell.syncing(true);
    try {
      while (this.wanted && !this.stopped) {
        this.wanted = false;
        await this.around.lock(`${this.around.prefix}undring-sync-${this.state.person}`, () => this.go());
        this.failures = 0;
        this.tell.online(true);
      }
    } catch (err) {
      if (!this.stopped) this.failed(err);
    } finally {
      // Here and not a moment later: who wakes it from now on begins anew, or nobody would.
      this.running = undefined;
      this.tell.syncing(false);
    }
  }

  private failed(err: unknown): void {
    const refusal = refusalOf(err);
    if (refusal.offline) this.tell.online(false);
    else if (err instanceof ConnectError) this.tell.online(true); // the server is there, and in trouble
    if (["NOT_SIGNED_IN", "SESSION_REVOKED"].includes(refusal.reason)) return; // until somebody signs in
    this.failures++;
    this.again(err instanceof Later ? err.pause : 0);
  }

  /** Tries again after a pause. */
  private again(atLeast: number): void {
    const pause = Math.min(longest, shortest * 2 ** Math.min(this.failures - 1, 10)) * (0.5 + Math.random() / 2);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.wake(), Math.max(pause, atLeast));
  }

  private async go(): Promise<void> {
    await this.push();
    try {
      await this.pull();
    } catch (err) {
      if (refusalOf(err).reason !== "ROLE_REQUIRED") throw err;
      await this.ask();
    }
    await this.settleSlots();
    if (batch(this.state.ops).length > 0) await this.push();
  }

  /** Says of each thing with a revision what is to be sent of it now. Where the first of a thing goes elsewhere, the next one is to be compared, too. */
  private async settleSlots(): Promise<void> {
    for (let n = 0; n <= this.state.ops.length && (await this.settleFirsts()); n++);
  }

  private async settleFirsts(): Promise<boolean> {
    const { state } = this;
    const r = resolve(state.ops, state.told, this.around.now());
    if (r.change.length + r.remove.length === 0) return false;
    const conflicts = [...state.conflicts, ...r.conflicts];
    const meta = new Map<string, unknown>(r.conflicts.length > 0 ? [["conflicts", conflicts]] : []);
    // In memory first: what the person writes meanwhile is written on what stands now.
    for (const op of r.change) {
      const was = state.ops.find((o) => o.seq === op.seq);
      if (was && was.request.requestId !== op.request.requestId) this.renamed(was.request.requestId, op.request.requestId);
    }
    const removed = new Set(r.remove.map((o) => o.request.requestId));
    state.ops = state.ops.filter((o) => !removed.has(o.request.requestId)).map((o) => r.change.find((c) => c.seq === o.seq && c.seq > 0) ?? o);
    for (const [key, value] of meta) state.meta.set(key, value);
    state.metaChanged.value++;
    state.publish();
    await state.commit(() => ({ change: r.change, remove: r.remove, meta }));
    return true;
  }

  /** What builds on an operation builds on the one that took its place. */
  private renamed(from: string, to: string): void {
    for (const op of this.state.ops) op.buildsOn = op.buildsOn.map((id) => (id === from ? to : id));
  }

  private async push(): Promise<void> {
    for (let n = 0; n < mostBatches && !this.stopped; n++) {
      await this.settleSlots();
      const ops = batch(this.state.ops);
      if (ops.length === 0) return;
      // At once: what the person writes meanwhile comes after these, and not in their place.
      const marked = ops.filter((op) => !op.sent);
      for (const op of marked) op.sent = true;
      if (!(await this.state.disk.holds(ops))) {
        await this.state.read();
        continue;
      }
      if (marked.length > 0) await this.state.commit(() => ({ change: marked }));
      if (!(await this.send(ops))) return;
    }
  }

  /** Sends a batch, marked as sent; false: the rest has to wait. */
  private async send(ops: Op[]): Promise<boolean> {
    const here = new Set(ops.map((op) => op.request.requestId));
    const operations = ops.map((op) => ({ request: pack(op.request), buildsOn: op.buildsOn.filter((id) => here.has(id)) }));
    let results: OperationResult[];
    try {
      ({ results } = await this.client.push({ operations }));
    } catch (err) {
      const refusal = refusalOf(err);
      if (refusal.offline || !["INVALID_FIELD", "UNKNOWN"].includes(refusal.reason) || this.stopped) throw err;
      // A server in trouble says nothing of what was sent; one that falls over it each time does.
      if (trouble.includes(refusal.code) && (refusal.code !== Code.Internal || this.failures < mostFailures)) throw err;
      return this.sendHalves(ops, refusal);
    }
    return this.receive(ops, results);
  }

  /** The batch as a whole was refused: one operation in it is to blame, and is looked for. */
  private async sendHalves(ops: Op[], refusal: Refusal): Promise<boolean> {
    if (ops.length === 1) {
      await this.setAside(ops[0]!, refusal);
      return true;
    }
    const middle = Math.ceil(ops.length / 2);
    return (await this.send(ops.slice(0, middle))) && this.send(ops.slice(middle));
  }

  private async receive(ops: Op[], results: OperationResult[]): Promise<boolean> {
    const { state } = this;
    const gone: Op[] = [];
    const changed: Op[] = [];
    const changes: Change[] = [];
    const learn = (c: Change) => {
      changes.push(c);
      put(state.told, c.what); // what comes after it is compared with it
    };
    let pause = 0;
    for (const [i, op] of ops.entries()) {
      const result = results[i];
      if (result?.outcome === Outcome.DONE) {
        gone.push(op);
        learnt(op, result.response, state.told).forEach(learn);
        continue;
      }
      const refusal = result?.refusal ? refusalOfOperation(result.refusal) : undefined;
      const wait = result?.refusal?.retryAfter ? durationMs(result.refusal.retryAfter) : 0;
      if (result?.outcome === Outcome.REFUSED && refusal) {
        if (deedOf(op.request).moot?.(refusal)) gone.push(op);
        else {
          const next = { ...op, ...onRefusal(op, refusal) };
          changed.push(next);
          const how = rewriting(op.request);
          if (next.stale === "gone" && how?.slot.kind) learn(goneOf(how.slot.kind, how.id(op.request)));
        }
      } else if (refusal && [2, 13].includes(refusal.code) && refusal.reason !== "BUILDS_ON") {
        const failures = op.failures + 1;
        changed.push({ ...op, failures, ...(failures >= mostFailures ? { refusal } : {}) });
        pause = Math.max(pause, wait);
      } else if (refusal?.reason !== "BUILDS_ON") {
        pause = Math.max(pause, wait, 1);
      }
    }
    const things = new Map(changes.map((c) => [keyOf(c.what), c.what.case === "gone" ? undefined : c]));
    const done = new Set(gone.map((o) => o.seq));
    state.ops = state.ops.filter((o) => !done.has(o.seq)).map((o) => changed.find((c) => c.seq === o.seq && c.seq > 0) ?? o);
    state.publish();
    await state.commit(() => ({ remove: gone, change: changed, things }));
    for (const op of gone) this.tell.ended(op.request.requestId);
    if (pause > 0) throw new Later(pause);
    return gone.length + changed.length > 0;
  }

  private async setAside(op: Op, refusal: Refusal): Promise<void> {
    const aside = { ...op, refusal };
    await this.state.commit(() => ({ change: [aside] }));
    this.state.ops = this.state.ops.map((o) => (o.seq === op.seq ? aside : o));
    this.state.publish();
  }

  private async pull(): Promise<void> {
    const { state } = this;
    let cursor = (state.meta.get("cursor") as string | undefined) ?? "";
    const left = state.meta.get("left") as string | undefined;
    if (left !== undefined && left !== known) cursor = ""; // another version of the app left things aside, which this one may know
    const spoken = this.around.language();
    if (state.meta.get("spoken") !== spoken) cursor = ""; // agreements and prompts are there in another language
    let startOver = cursor === "";
    const kept: Change[] = []; // of a new beginning: it counts as a whole
    for (let n = 0; n < mostPages && !this.stopped; n++) {
      const before = this.around.now();
      const page = await this.client.pull({ cursor, pageSize: cursor === "" ? 2000 : 0 }, { timeoutMs: 30_000 });
      cursor = page.nextCursor;
      if (page.startOver) {
        startOver = true;
        kept.length = 0;
      }
      kept.push(...page.changes);
      if (page.more && startOver) continue;
      const changes = kept.splice(0);
      const taken = changes.filter(isKnown);
      const meta = new Map<string, unknown>([["cursor", cursor], ["spoken", spoken]]);
      if (taken.length < changes.length) meta.set("left", known);
      else if (startOver) meta.set("left", undefined);
      if (page.serverTime) {
        // The answer was made between asking and hearing it.
        meta.set("skew", Math.round(timestampMs(page.serverTime) - (before + this.around.now()) / 2));
        meta.set("synced", this.around.now());
      }
      await state.learn(taken, meta, startOver);
      if (!page.more) return;
    }
  }

  /**
   * Whoever only represents others has no visits, and so nothing to pull: who they are
   * and the schools that they speak for are asked for, and take the place of what was
   * there, since a role may have been another one before.
   */
  private async ask(): Promise<void> {
    const { state } = this;
    const { person, memberships, locale } = await createClient(SessionService, this.transport).getMe({});
    if (!person) return;
    const school = createClient(SchoolService, this.transport);
    const ids = [...new Set(memberships.map((m) => m.schoolId))];
    const found = await Promise.all(ids.map((schoolId) => school.getSchool({ schoolId })));
    const changes = [
      changeOf(people, create(MeSchema, { person, memberships, locale }), person.id),
      ...found.flatMap((f) => (f.school ? [changeOf(schools, create(SchoolOnPhoneSchema, { school: f.school }), f.school.id)] : [])),
    ];
    // Without a cursor: whoever gets another role begins anew.
    await state.learn(changes, new Map<string, unknown>([["cursor", ""], ["synced", this.around.now()]]), true);
  }

  /** Listens for hints while the app is seen, in one tab. */
  watch(): void {
    if (!this.around.watches || this.watching || this.stopped) return;
    this.each ??= setInterval(() => void this.wake(), this.around.pullTime ?? pullTime);
    const end = (this.watching = new AbortController());
    void this.around
      .lock(`${this.around.prefix}undring-watch-${this.state.person}`, async () => {
        while (!end.signal.aborted) {
          try {
            for await (const hint of this.client.watch({}, { signal: end.signal, timeoutMs: streamTime })) if (!hint.nothing) void this.wake();
          } catch (err) {
            if (["NOT_SIGNED_IN", "SESSION_REVOKED", "ROLE_REQUIRED"].includes(refusalOf(err).reason)) return;
          }
          if (!end.signal.aborted) await new Promise((go) => setTimeout(go, 2_000 + Math.random() * 3_000));
        }
      }, end.signal)
      .catch(() => {});
  }

  /** Over another network the stream that was there may be dead. */
  watchAnew(): void {
    if (!this.watching) return;
    this.unwatch();
    this.watch();
  }

  unwatch(): void {
    clearInterval(this.each);
    this.each = undefined;
    this.watching?.abort();
    this.watching = undefined;
  }
}

/** The server has too much to do, or did not get to it: again after a pause. */
class Later extends Error {
  constructor(readonly pause: number) {
    super("later");
  }
}

/** What becomes of an operation that the server refused. */
function onRefusal(op: Op, refusal: Refusal): Partial<Op> {
  const how = rewriting(op.request);
  if (how) {
    if (refusal.reason === "STALE_REVISION") return { stale: refusal.metadata["current_revision"] ?? "1" };
    const rewrites = how.slot.kind && !how.erases && how.revision(op.request) > 0n;
    if (refusal.reason === "NOT_FOUND" && rewrites) return { stale: "gone" };
  }
  if (refusal.reason === "REQUEST_ID_REUSED") return { request: anew(op.request), sent: false };
  return { refusal };
}
