// A connection to a database of the browser's. A phone that was locked, or is short
// of memory, takes it away without a word; what the app wants to do next finds out.

import type { IDBPDatabase } from "idb";

/** What a browser calls it when the connection is gone; each has a name of its own. */
const gone = ["InvalidStateError", "UnknownError", "AbortError", "TransactionInactiveError"];

const isGone = (err: unknown): boolean => gone.includes((err as { name?: string } | undefined)?.name ?? "");

export class Connection<T> {
  private closed = false;
  private db: Promise<IDBPDatabase<T>> | undefined;

  constructor(private readonly connect: () => Promise<IDBPDatabase<T>>) {}

  private open(): Promise<IDBPDatabase<T>> {
    const opened = (this.db ??= this.connect());
    opened.catch(() => this.db === opened && (this.db = undefined)); // tried anew the next time
    return opened;
  }

  /**
   * Does something with the database: on a new connection where the old one is gone.
   * What a lost connection was doing has not happened: a transaction is whole or is not.
   */
  async use<R>(run: (db: IDBPDatabase<T>) => Promise<R>): Promise<R> {
    const opened = this.open();
    const db = await opened;
    try {
      return await run(db);
    } catch (err) {
      if (this.closed || !isGone(err)) throw err;
      db.close();
      if (this.db === opened) this.db = undefined;
      return run(await this.open());
    }
  }

  /** Ends it: nothing more is read or written. */
  close(): void {
    this.closed = true;
    void this.db?.then((db) => db.close(), () => {});
  }
}
