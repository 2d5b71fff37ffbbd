// One person's database on this phone. Everything in it is sealed; what is not,
// are ids, the places of the queue, and whether an operation may have been sent.

import { deleteDB, openDB, type DBSchema } from "idb";
import { fromBinary, toBinary } from "@bufbuild/protobuf";

import { ChangeSchema, type Change } from "../gen/undring/v1/sync_pb";
import { Connection } from "./connection";
import { decodeOp, encodeOp, type Op } from "./op";
import { Vault, type Sealed } from "./vault";

interface OpRow {
  sealed: Sealed;
  sent: boolean;
}

interface Tables extends DBSchema {
  /** What the server has told, by keyOf: a Change each. */
  things: { key: string; value: Sealed };
  /** Operations, by their place. */
  outbox: { key: number; value: OpRow };
  /** Words being typed, by the key that the screen gives them. */
  texts: { key: string; value: Sealed };
  /** Cursor, skew, conflicts, a language that the server has not heard of, which kinds were known when some were left aside. */
  meta: { key: string; value: Sealed };
}

/** What changes in one step: all of it or nothing. */
export interface Write {
  /** Forget all that the server has told, first. */
  startOver?: boolean;
  /** By keyOf; undefined: it goes. */
  things?: Map<string, Change | undefined>;
  /** New operations, at the end of the queue. They get their places. */
  append?: Op[];
  /** Operations as they are now, in their places. */
  change?: Op[];
  /** Operations that go. */
  remove?: Op[];
  /** Operations that go unless they may have been sent meanwhile, by another tab. */
  removeUnsent?: Op[];
  texts?: Map<string, string | undefined>;
  meta?: Map<string, unknown>;
}

/** All that is on the disk. */
export interface Content {
  things: Change[];
  ops: Op[];
  texts: Map<string, string>;
  meta: Map<string, unknown>;
}

export const nameOf = (prefix: string, person: string) => `${prefix}undring-${person}`;

export class Disk {
  private tail: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly db: Connection<Tables>,
    private readonly vault: Vault,
  ) {}

  /** Opens a person's database. blocking is called when another version of the app wants it. */
  static async open(name: string, key: CryptoKey, blocking: () => void): Promise<Disk> {
    const db = new Connection<Tables>(() =>
      openDB<Tables>(name, 1, {
        upgrade(db) {
          db.createObjectStore("things");
          db.createObjectStore("outbox", { autoIncrement: true });
          db.createObjectStore("texts");
          db.createObjectStore("meta");
        },
        blocking,
      }),
    );
    await db.use(async () => {}); // whoever can't have it is told here
    return new Disk(db, new Vault(key));
  }

  static delete = (name: string): Promise<void> => deleteDB(name);

  close(): void {
    this.db.close();
  }

  /** Reads everything, after all writes that were asked for before. What can't be opened or is of no known kind is left out: it is not lost, but not for this key or version. */
  read(): Promise<Content> {
    const turn = this.tail.then(() => this.readAll());
    this.tail = turn.catch(() => {});
    return turn;
  }

  private async readAll(): Promise<Content> {
    const [things, seqs, ops, texts, meta] = await this.db.use((db) => {
      const tx = db.transaction(["things", "outbox", "texts", "meta"]);
      const rows = async (table: "things" | "texts" | "meta") =>
        Promise.all([tx.objectStore(table).getAllKeys(), tx.objectStore(table).getAll()]);
      const outbox = tx.objectStore("outbox");
      return Promise.all([rows("things"), outbox.getAllKeys(), outbox.getAll(), rows("texts"), rows("meta")]);
    });
    const opened = async <T>([keys, sealed]: [string[], Sealed[]], read: (s: Sealed) => Promise<T>) => {
      const out = new Map<string, T>();
      await Promise.all(keys.map(async (key, i) => read(sealed[i]!).then((v) => out.set(key, v), () => {})));
      return out;
    };
    const queue = await Promise.all(
      seqs.map(async (seq, i) => {
        const { sealed, sent } = ops[i]!;
        return this.vault.openJson<ReturnType<typeof encodeOp>>(sealed).then(
          (raw) => ({ ...decodeOp(seq, raw), sent }),
          () => undefined,
        );
      }),
    );
    const changes = await opened(things, async (s) => fromBinary(ChangeSchema, await this.vault.open(s)));
    return {
      things: [...changes.values()],
      ops: queue.filter((op) => op !== undefined).sort((a, b) => a.seq - b.seq),
      texts: await opened(texts, this.vault.openJson<string>),
      meta: await opened(meta, this.vault.openJson<unknown>),
    };
  }

  /** Whether all of these are on the disk still: another tab may have sent some. */
  async holds(ops: readonly Op[]): Promise<boolean> {
    const there = new Set(await this.db.use((db) => db.getAllKeys("outbox")));
    return ops.every((op) => there.has(op.seq));
  }

  /** How many operations wait, without opening one. */
  countOps = (): Promise<number> => this.db.use((db) => db.count("outbox"));

  /**
   * Writes in one step, after all writes that were asked for before; make is asked
   * when it is this one's turn. The phone's disk has it when this is done.
   */
  write(make: () => Write | undefined): Promise<void> {
    const turn = this.tail.then(async () => {
      const w = make();
      if (w) await this.put(w);
    });
    this.tail = turn.catch(() => {});
    return turn;
  }

  private async put(w: Write): Promise<void> {
    // Sealed first: a transaction of the browser's ends when it is left waiting.
    const { vault } = this;
    const seal = async <T>(of: Map<string, T | undefined> | undefined, how: (v: T) => Promise<Sealed>) =>
      Promise.all([...(of ?? [])].map(async ([key, v]) => [key, v === undefined ? undefined : await how(v)] as const));
    const row = async (op: Op): Promise<OpRow> => ({ sealed: await vault.sealJson(encodeOp(op)), sent: op.sent });
    const things = await seal(w.things, (c) => vault.seal(toBinary(ChangeSchema, c)));
    const texts = await seal(w.texts, vault.sealJson);
    const meta = await seal(w.meta, vault.sealJson);
    const append = await Promise.all((w.append ?? []).map(row));
    const change = await Promise.all((w.change ?? []).map(row));

    const seqs = await this.db.use(async (db) => {
      const tx = db.transaction(["things", "outbox", "texts", "meta"], "readwrite", { durability: "strict" });
      const outbox = tx.objectStore("outbox");
      const done: Promise<unknown>[] = [];
      if (w.startOver) done.push(tx.objectStore("things").clear());
      for (const [table, rows] of [["things", things], ["texts", texts], ["meta", meta]] as const) {
        const store = tx.objectStore(table);
        for (const [key, value] of rows) done.push(value === undefined ? store.delete(key) : store.put(value, key));
      }
      const seqs = append.map((value) => outbox.put(value));
      (w.change ?? []).forEach((op, i) => done.push(outbox.put(change[i]!, op.seq)));
      for (const op of w.remove ?? []) if (op.seq) done.push(outbox.delete(op.seq));
      for (const op of w.removeUnsent ?? [])
        if (op.seq) done.push(outbox.get(op.seq).then((there) => (there && !there.sent ? outbox.delete(op.seq) : undefined)));
      try {
        await Promise.all([...seqs, ...done, tx.done]);
      } catch (err) {
        await tx.done.catch(() => {});
        throw tx.error ?? err;
      }
      return Promise.all(seqs);
    });
    for (const [i, op] of (w.append ?? []).entries()) op.seq = seqs[i]!;
  }

  /** Forgets all that the server has told, and keeps what the person wrote and never sent. */
  forgetTold = (): Promise<void> =>
    this.db.use((db) => {
      const tx = db.transaction(["things", "meta"], "readwrite", { durability: "strict" });
      return Promise.all([tx.objectStore("things").clear(), tx.objectStore("meta").clear(), tx.done]).then(() => {});
    });

  /** Whether the person left something unsent: operations or words. */
  async holdsUnsent(): Promise<boolean> {
    return this.db.use(async (db) => (await db.count("outbox")) + (await db.count("texts")) > 0);
  }
}
