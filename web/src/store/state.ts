// What is in memory of one person's store, and how it and the disk stay the same.

import { signal } from "@preact/signals";

import type { Change } from "../gen/undring/v1/sync_pb";
import { keyOf, put, rewriting } from "../things";
import { Things } from "../things/kind";
import type { Around, Channel } from "./around";
import { Disk, type Write } from "./disk";
import type { Op } from "./op";
import { overlay } from "./overlay";
import { replaced, robbed } from "./queue";
import { StoreFull, type Conflict } from "./store";

/** A full disk reads differently in each browser. */
export const isFull = (err: unknown): boolean =>
  err instanceof StoreFull || (err as { name?: string } | undefined)?.name === "QuotaExceededError";

/** How long a database may take, in milliseconds, before it is told that nothing is kept. */
const patience = 5_000;

export class State {
  told: Things = new Things();
  ops: Op[] = [];
  readonly texts = new Map<string, string>();
  meta = new Map<string, unknown>();
  /** What a screen sees. */
  readonly seen = signal<Things>(new Things());
  readonly queue = signal<readonly Op[]>([]);
  readonly textsChanged = signal(0);
  readonly metaChanged = signal(0);
  /** The last attempt to keep something failed for want of room. */
  readonly full = signal(false);
  /** The phone does not keep what is written: its database can't be had, or does not answer. */
  readonly lost = signal(false);
  private readonly channel: Channel;
  /** Operations that go, but are still on disk. */
  private readonly leaving = new Set<string>();
  private rereading: Promise<void> | undefined;
  /** Told which words are on the disk, when another tab has written. */
  onReread: (texts: ReadonlyMap<string, string>) => void = () => {};

  constructor(
    private readonly around: Around,
    readonly disk: Disk,
    readonly person: string,
  ) {
    this.channel = around.channel(`${around.prefix}undring-${person}`);
    this.channel.listen(() => {
      this.rereading ??= this.read().then((texts) => this.onReread(texts)).finally(() => (this.rereading = undefined));
    });
  }

  close(): void {
    this.channel.close();
    this.disk.close();
  }

  /** Reads the disk; what is not on it yet stays. Gives the words that are there. */
  async read(): Promise<ReadonlyMap<string, string>> {
    const { things, ops, texts, meta } = await this.disk.read();
    const pending = () => this.ops.filter((op) => op.seq === 0);
    this.told = new Things();
    for (const change of things) put(this.told, change.what);
    const known = new Set(ops.map((op) => op.request.requestId));
    this.ops = [...ops.filter((op) => !this.leaving.has(op.request.requestId)), ...pending().filter((op) => !known.has(op.request.requestId))];
    for (const [key, text] of texts) if (!this.texts.has(key)) this.texts.set(key, text);
    this.meta = meta;
    this.publish();
    this.textsChanged.value++;
    this.metaChanged.value++;
    return texts;
  }

  get skew(): number {
    return (this.meta.get("skew") as number | undefined) ?? 0;
  }

  get conflicts(): Conflict[] {
    return ((this.meta.get("conflicts") as Conflict[] | undefined) ?? []).map((c) => ({ ...c, time: new Date(c.time) }));
  }

  /** The server's time, as well as the phone knows it. */
  now = (): Date => new Date(this.around.now() + this.skew);

  publish(): void {
    const scene = { me: this.person, now: this.now(), language: this.around.language() };
    this.seen.value = overlay(this.told, this.ops, scene);
    this.queue.value = this.ops;
  }

  /**
   * Adds an operation: to be seen at once, on disk when the promise comes true.
   * One that could not be kept goes again.
   */
  add(op: Op, forgets: string[], removes: Op[] = []): Promise<void> {
    const instead = op.apart ? undefined : replaced(op.request, op.visitId, this.ops);
    const gone = [...removes, ...(instead ? [instead] : [])];
    if (instead) {
      op.basis = instead.basis;
      op.apart = instead.apart;
      op.buildsOn = instead.buildsOn;
      const how = rewriting(op.request);
      how?.setRevision(op.request, how.revision(instead.request));
    }
    const before = this.ops;
    this.ops = [...this.ops.filter((o) => !gone.includes(o)), op];
    this.publish();
    const words = new Map(forgets.map((key) => [key, undefined]));
    const typed = forgets.map((key) => [key, this.texts.get(key)] as const);
    for (const key of forgets) this.texts.delete(key);
    if (forgets.length > 0) this.textsChanged.value++;
    for (const o of gone) this.leaving.add(o.request.requestId);
    const left = () => gone.forEach((o) => this.leaving.delete(o.request.requestId));
    return this.commit(() => ({ append: [op], removeUnsent: gone, texts: words })).then(left, (err: unknown) => {
      left();
      this.ops = this.ops.filter((o) => o !== op);
      for (const o of gone) if (!this.ops.includes(o) && before.includes(o)) this.ops.push(o);
      this.ops.sort((a, b) => (a.seq || Infinity) - (b.seq || Infinity));
      this.publish();
      for (const [key, text] of typed) if (text !== undefined && !this.texts.has(key)) this.texts.set(key, text);
      this.textsChanged.value++;
      throw err;
    });
  }

  /** Writes to disk, and tells the other tabs. Breaks with StoreFull where there is no room. */
  async commit(make: () => Write | undefined): Promise<void> {
    const silent = setTimeout(() => (this.lost.value = true), patience);
    try {
      await this.disk.write(make);
      if (this.full.value) this.full.value = false;
      if (this.lost.value) this.lost.value = false;
    } catch (err) {
      this.full.value = isFull(err);
      this.lost.value = !isFull(err);
      throw isFull(err) ? new StoreFull() : err;
    } finally {
      clearTimeout(silent);
    }
    this.channel.post("changed");
  }

  /** Takes what the server has told: to disk, then into memory. */
  async learn(changes: Change[], meta: Map<string, unknown>, startOver: boolean): Promise<void> {
    const things = new Map<string, Change | undefined>();
    for (const change of changes) things.set(keyOf(change.what), change.what.case === "gone" ? undefined : change);
    const change = robbed(this.ops, (key) => (things.has(key) ? things.get(key) === undefined : startOver));
    await this.commit(() => ({ startOver, things, meta, change }));
    this.ops = this.ops.map((op) => change.find((c) => c.seq === op.seq && c.seq > 0) ?? op);
    if (startOver) this.told = new Things();
    for (const change of changes) put(this.told, change.what);
    for (const [key, value] of meta) this.meta.set(key, value);
    this.metaChanged.value++;
    this.publish();
  }

  async setMeta(entries: Map<string, unknown>): Promise<void> {
    for (const [key, value] of entries) this.meta.set(key, value);
    this.metaChanged.value++;
    await this.commit(() => ({ meta: entries }));
  }
}
