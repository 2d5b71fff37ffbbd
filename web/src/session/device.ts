// Who has signed in on this phone, and the keys of each: one database beside
// those of the people, with no word and no name in it. A key can be used by the
// app and is handed out to nobody; a refresh token is sealed.

import { openDB, type DBSchema } from "idb";

import { Connection } from "../store/connection";
import type { Sealed } from "../store/vault";

/** One person on this phone. */
export interface Seat {
  person: string;
  /** Seals the person's database. Gone: it can't be read any more. */
  key: CryptoKey;
  /** Signs for each refresh of the session. */
  device: CryptoKeyPair;
  /** The refresh token that came last; none: the person has to sign in. */
  refresh: Sealed | undefined;
  /** When they signed in, and when they were last here, by the phone's clock. */
  signedIn: number;
  seen: number;
  /** The session was ended from elsewhere. */
  revoked: boolean;
}

/** A sign-in by a provider that is under way. */
export interface Errand {
  state: string;
  providerId: string;
  nonce: string;
  verifier: string;
  redirectUrl: string;
  begun: number;
  /** The sign-in is for what is one's own: a copy of it, or its end. */
  forOwnData: boolean;
}

interface Tables extends DBSchema {
  seats: { key: string; value: Seat };
  /** Whose seat is taken: under "current". */
  current: { key: string; value: string };
  errands: { key: string; value: Errand };
}

export class Device {
  private constructor(private readonly db: Connection<Tables>) {}

  static async open(prefix: string): Promise<Device> {
    const db = new Connection<Tables>(() =>
      openDB<Tables>(`${prefix}undring`, 1, {
        upgrade(db) {
          db.createObjectStore("seats", { keyPath: "person" });
          db.createObjectStore("current");
          db.createObjectStore("errands", { keyPath: "state" });
        },
      }),
    );
    await db.use(async () => {}); // whoever can't have it is told here
    return new Device(db);
  }

  close(): void {
    this.db.close();
  }

  async current(): Promise<Seat | undefined> {
    const person = await this.db.use((db) => db.get("current", "current"));
    return person === undefined ? undefined : this.seat(person);
  }

  seat = (person: string): Promise<Seat | undefined> => this.db.use((db) => db.get("seats", person));
  seats = (): Promise<Seat[]> => this.db.use((db) => db.getAll("seats"));

  /** Keeps a seat, and says that it is taken. */
  async take(seat: Seat): Promise<void> {
    await this.db.use((db) => {
      const tx = db.transaction(["seats", "current"], "readwrite", { durability: "strict" });
      return Promise.all([tx.objectStore("seats").put(seat), tx.objectStore("current").put(seat.person, "current"), tx.done]);
    });
  }

  /** Keeps a seat as it is now. */
  keep = (seat: Seat): Promise<string> => this.db.use((db) => db.put("seats", seat));

  /** Nobody is here any more. */
  standUp = (): Promise<void> => this.db.use((db) => db.delete("current", "current"));

  /** Forgets somebody, and with the key all that they left. */
  forget = (person: string): Promise<void> => this.db.use((db) => db.delete("seats", person));

  begin = (errand: Errand): Promise<string> => this.db.use((db) => db.put("errands", errand));

  /** Takes an errand out: it counts once. */
  async end(state: string): Promise<Errand | undefined> {
    return this.db.use(async (db) => {
      const tx = db.transaction("errands", "readwrite");
      const errand = await tx.store.get(state);
      await tx.store.clear();
      await tx.done;
      return errand;
    });
  }
}
