// G5, R12, R38: what was typed is there on return, whatever becomes of the phone;
// and nobody else can read it there.

import { toBinary, create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { NoteKind, ProposeObservationRequestSchema, SaveNoteRequestSchema } from "../gen/undring/v1/observation_pb";
import { Handset, until } from "../testing/phones";
import { startServer, type Server } from "../testing/server";
import { Disk } from "./disk";
import { newId } from "./id";
import type { Phone } from "./phone";
import { StoreFull } from "./store";

let server: Server;
let people: { me: string; colleague: string; chooser: string };
let count = 0;

beforeAll(async () => {
  server = await startServer();
  const phone = await new Handset("first", server.address).start();
  const { demoPeople } = await phone.call.session.getSignInOptions({});
  phone.close();
  const id = (name: string) => demoPeople.find((p) => p.name === name)!.id;
  people = { me: id("Anne Solbakken"), colleague: id("Ida Sæther"), chooser: id("Nils Aune") };
}, 300_000);

afterAll(() => server?.stop());
afterEach(() => vi.restoreAllMocks());

const handset = () => new Handset(`phone ${++count}`, server.address);

async function signedIn(h: Handset, demoPerson = people.me): Promise<Phone> {
  const phone = await h.start();
  await phone.signIn({ demoPerson });
  await until("the first pull", () => phone.schools.value.length > 0);
  return phone;
}

/** Proposes a lesson; its place is the text to look for. */
function propose(phone: Phone, place: string, words: string[] = []) {
  const schoolId = phone.schools.value[0]!.school!.id;
  const start = Date.now() + 30 * 24 * 3600_000 + ++count * 3600_000;
  const [startTime, endTime] = [start, start + 2700_000].map((t) => timestampFromDate(new Date(t)));
  const pair = { schoolId, observerId: people.me, observedId: people.colleague };
  return phone.do(ProposeObservationRequestSchema, { ...pair, startTime: startTime!, endTime: endTime!, place }, { words });
}

const places = (phone: Phone) => phone.visits.value.map((v) => v.place);
const allSent = (phone: Phone) => until("all is sent", () => (void phone.sync(), phone.outbox.value.length === 0));

test("G5: killed in the middle of a word", async () => {
  const h = handset();
  const phone = await signedIn(h);
  const other = await h.start(); // reads the disk, not the memory of the first
  phone.typed("note/1", "Det ble sti");
  await until("the words are on disk", () => other.words("note/1") === "Det ble sti", 2_000);
  phone.close();
  other.close();
  const again = await h.start();
  expect(again.words("note/1")).toBe("Det ble sti");
  again.close();
});

test("G5: out of sight in the middle of a word", async () => {
  const h = handset();
  const phone = await signedIn(h);
  phone.typed("note/1", "Det ble sti");
  h.event("hidden");
  await phone.flush();
  phone.close();
  const again = await h.start();
  expect(again.words("note/1")).toBe("Det ble sti");
  again.close();
});

test("G5: written again in the moment in which it leaves", async () => {
  const h = handset();
  const phone = await signedIn(h);
  h.weather.down = true;
  const id = newId();
  const { thingId: observationId, kept } = propose(phone, "Rom 1");
  await kept;
  const write = (text: string) => phone.do(SaveNoteRequestSchema, { id, observationId, kind: NoteKind.SAW, text }).kept;
  const wrote = (p: Phone) => p.queued.flatMap((op) => (op.request.$typeName === "undring.v1.SaveNoteRequest" ? [op.request.text] : []));
  let second: Promise<void> | undefined;
  const holds = Disk.prototype.holds;
  vi.spyOn(Disk.prototype, "holds").mockImplementation(async function (this: Disk, ops) {
    if (ops.some((op) => op.request.$typeName === "undring.v1.SaveNoteRequest")) await (second ??= write("to"));
    return holds.call(this, ops);
  });
  await write("en");
  await until("it was about to leave", () => second !== undefined);
  await second;
  await until("it has left", () => !phone.syncing.value);
  expect(wrote(phone)).toEqual(["en", "to"]); // the first may have arrived: the second does not take its place
  phone.close();
  const again = await h.start();
  expect(wrote(again)).toEqual(["en", "to"]);
  again.close();
});

describe("G5: a phone without room", () => {
  const fill = () =>
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("no room", "QuotaExceededError");
    });

  test("keeps what is typed in sight, says so, and writes it when there is room", async () => {
    const h = handset();
    const phone = await signedIn(h);
    const full = fill();
    phone.typed("note/1", "Det ble stille");
    await expect(phone.flush()).rejects.toBeInstanceOf(StoreFull);
    expect(phone.room.value.full).toBe(true);
    expect(phone.words("note/1")).toBe("Det ble stille");
    full.mockRestore();
    await phone.flush();
    expect(phone.room.value.full).toBe(false);
    phone.close();
    const again = await h.start();
    expect(again.words("note/1")).toBe("Det ble stille");
    again.close();
  });

  test("refuses what is done, and the words are still in their field", async () => {
    const h = handset();
    const phone = await signedIn(h);
    phone.typed("place", "Rom uten plass");
    const full = fill();
    await expect(propose(phone, "Rom uten plass", ["place"]).kept).rejects.toBeInstanceOf(StoreFull);
    expect(phone.room.value.full).toBe(true);
    expect(places(phone)).not.toContain("Rom uten plass");
    expect(phone.outbox.value).toHaveLength(0);
    expect(phone.words("place")).toBe("Rom uten plass");
    full.mockRestore();
    await phone.flush();
    phone.close();
    const again = await h.start();
    expect(again.words("place")).toBe("Rom uten plass");
    again.close();
  });
});

describe("G5: a phone that loses its database", () => {
  const lost = () => new DOMException("the connection was lost", "InvalidStateError");

  test("opens it anew, and keeps what is written", async () => {
    const h = handset();
    const phone = await signedIn(h);
    const real = IDBDatabase.prototype.transaction;
    const dead = new WeakSet<IDBDatabase>();
    let first = true;
    const spy = vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (this: IDBDatabase, ...a) {
      if (first) dead.add(this);
      first = false;
      if (dead.has(this)) throw lost();
      return real.apply(this, a);
    });
    phone.typed("note/1", "Det ble stille");
    await phone.flush();
    expect(spy).toHaveBeenCalledTimes(2); // on the connection that was lost, and on a new one
    expect(phone.room.value.lost).toBe(false);
    await propose(phone, "Rom etterpå").kept;
    spy.mockRestore();
    phone.close();
    const again = await h.start();
    expect(again.words("note/1")).toBe("Det ble stille");
    expect(places(again)).toContain("Rom etterpå");
    again.close();
  });

  test("says that nothing is kept where it can't be had, and writes the words once it can", async () => {
    const h = handset();
    const phone = await signedIn(h);
    const broken = [
      vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(() => {
        throw lost();
      }),
      vi.spyOn(indexedDB, "open").mockImplementation(() => {
        throw lost();
      }),
    ];
    phone.typed("place", "Rom uten disk");
    await expect(phone.flush()).rejects.toThrow();
    expect(phone.room.value.lost).toBe(true);
    await expect(propose(phone, "Rom uten disk", ["place"]).kept).rejects.toThrow();
    expect(places(phone)).not.toContain("Rom uten disk");
    expect(phone.outbox.value).toHaveLength(0);
    expect(phone.words("place")).toBe("Rom uten disk");
    for (const spy of broken) spy.mockRestore();
    await until("the words are tried again by themselves", () => !phone.room.value.lost, 10_000);
    phone.close();
    const again = await h.start();
    expect(again.words("place")).toBe("Rom uten disk");
    again.close();
  }, 30_000);

  test("says so where the database does not answer at all", async () => {
    const h = handset();
    const phone = await signedIn(h);
    const silent = vi.spyOn(Disk.prototype, "write").mockImplementation(() => new Promise<never>(() => {}));
    phone.typed("note/1", "Det ble stille");
    void phone.flush();
    expect(phone.room.value.lost).toBe(false);
    await until("it is said", () => phone.room.value.lost, 10_000);
    silent.mockRestore();
    phone.close();
  }, 30_000);

  test("a browser that keeps nothing is told of, and asked for no words", async () => {
    const blocked = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("site data is blocked", "SecurityError");
    });
    vi.spyOn(console, "error").mockImplementation(() => {});
    const phone = await handset().start();
    expect([phone.blocked.value, phone.ready.value]).toEqual([true, false]);
    blocked.mockRestore();
    phone.close();
  });
});

test("G5: of two tabs one sends, and both see", async () => {
  const h = handset();
  const [one, two] = [await signedIn(h), await h.start()];
  const sent = vi.spyOn(globalThis, "fetch");
  h.weather.down = true;
  await propose(one, "Rom for to").kept;
  await until("the other tab sees it", () => places(two).includes("Rom for to") && two.unsent.value === 1);
  h.weather.down = false;
  await Promise.all([one.sync(), two.sync(), one.sync(), two.sync()]);
  await until("both know that it is sent", () => one.unsent.value === 0 && two.unsent.value === 0);
  expect(sent.mock.calls.filter(([to]) => String(to).endsWith("/Push"))).toHaveLength(1);
  for (const tab of [one, two]) {
    expect(places(tab).filter((p) => p === "Rom for to")).toHaveLength(1);
    tab.close();
  }
});

test("G5: the token expires in the middle of a push", async () => {
  const h = handset();
  const phone = await signedIn(h);
  const real = globalThis.fetch;
  const asked: string[] = [];
  const info = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "TOKEN_EXPIRED", domain: "undring" }));
  const detail = { type: "google.rpc.ErrorInfo", value: Buffer.from(info).toString("base64") };
  const expired = () => Response.json({ code: "unauthenticated", details: [detail] }, { status: 401 });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (to, init) => {
    asked.push(String(to).split("/").pop()!);
    const answer = await real(to, init);
    return asked.filter((a) => a === "Push").length === 1 && asked.at(-1) === "Push" ? expired() : answer;
  });
  await propose(phone, "Rom i tide").kept;
  await allSent(phone);
  expect(asked.slice(0, 3)).toEqual(["Push", "RefreshSession", "Push"]);
  vi.restoreAllMocks();
  await phone.sync();
  expect(places(phone).filter((p) => p === "Rom i tide")).toHaveLength(1);
  phone.close();
});

test("a language that was chosen stays chosen when the app is killed without a network, and the server hears of it", async () => {
  const h = handset();
  const phone = await signedIn(h, people.chooser);
  const before = phone.me.value?.locale;
  const chosen = before === "nn" ? "nb" : "nn";
  h.weather.down = true;
  phone.setLanguage(chosen);
  expect(phone.me.value?.locale).toBe(chosen);
  const other = await h.start(); // reads the disk, not the memory of the first
  await until("the choice is on disk", () => other.me.value?.locale === chosen, 2_000);
  phone.close();
  other.close();
  const again = await h.start();
  expect(again.me.value?.locale, "before anything was fetched").toBe(chosen);
  const elsewhere = await signedIn(handset(), people.chooser);
  expect(elsewhere.me.value?.locale, "what the server knows").toBe(before);
  h.weather.down = false;
  await again.sync();
  await until("the server has heard", () => (void elsewhere.sync(), elsewhere.me.value?.locale === chosen), 10_000);
  await again.sync();
  expect(again.me.value?.locale).toBe(chosen);
  elsewhere.setLanguage(before!);
  await until("what is chosen elsewhere counts then", () => (void again.sync(), again.me.value?.locale === before), 10_000);
  for (const p of [again, elsewhere]) p.close();
});

/** Everything in every database of a phone, as bytes and as what lies open. */
async function dump(prefix: string): Promise<{ bytes: Buffer; rows: number; keys: CryptoKey[] }> {
  const parts: Buffer[] = [];
  const keys: CryptoKey[] = [];
  let rows = 0;
  const put = (value: unknown): void => {
    if (value instanceof CryptoKey) keys.push(value);
    else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) parts.push(Buffer.from(value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value.buffer)));
    else if (typeof value === "object" && value !== null) Object.entries(value).forEach(([key, v]) => (put(key), put(v)));
    else parts.push(Buffer.from(String(value)), Buffer.from(String(value), "utf16le"));
  };
  for (const { name } of await indexedDB.databases()) {
    if (!name!.startsWith(prefix)) continue;
    const db = await new Promise<IDBDatabase>((done) => (indexedDB.open(name!).onsuccess = (e) => done((e.target as IDBOpenDBRequest).result)));
    for (const table of db.objectStoreNames) {
      const store = db.transaction(table).objectStore(table);
      for (const r of [store.getAll(), store.getAllKeys()])
        put(await new Promise<unknown[]>((done) => (r.onsuccess = () => ((rows += r.result.length), done(r.result)))));
    }
    db.close();
  }
  return { bytes: Buffer.concat(parts), rows, keys };
}

test("R38: a copy of the disk holds no word, no name and no key", async () => {
  const h = handset();
  const phone = await signedIn(h);
  phone.typed("note/1", "MERKET under tasting");
  await phone.flush();
  h.weather.down = true;
  await propose(phone, "MERKET på vent").kept;
  h.weather.down = false;
  await allSent(phone);
  phone.keep("sheet", "MERKET ark");
  h.weather.down = true;
  await propose(phone, "MERKET på vent igjen").kept;
  const { bytes, rows, keys } = await dump(h.name);
  expect(rows).toBeGreaterThan(10);
  for (const marker of ["MERKET", "Solbakken", "Anne", "eyJ"])
    for (const coding of ["utf8", "utf16le"] as const) expect(bytes.includes(Buffer.from(marker, coding)), `${marker} lies open on the disk`).toBe(false);
  const secret = keys.filter((k) => k.type !== "public");
  expect(secret.map((k) => k.type).sort()).toEqual(["private", "secret"]);
  for (const key of secret) await expect(crypto.subtle.exportKey(key.type === "secret" ? "raw" : "pkcs8", key)).rejects.toThrow();
  phone.close();
});

test("G21, R38: a phone that was shut out holds only what was never sent, sealed", async () => {
  const h = handset();
  const lost = await signedIn(h);
  await propose(lost, "Rom som er sendt").kept;
  await allSent(lost);
  h.weather.down = true;
  await propose(lost, "Rom som ikke er sendt").kept;
  lost.close();
  const mine = await signedIn(handset());
  const { sessions } = await mine.call.session.listSessions({});
  const session = sessions.find((s) => s.deviceName === h.name)!;
  await mine.call.session.revokeSession({ requestId: newId(), sessionId: session.id });

  h.weather.down = false;
  const found = await h.start();
  await until("it is shut out", () => found.standing.value === "revoked" && found.unsent.value === 1);
  expect([places(found), found.me.value, found.outbox.value]).toEqual([[], undefined, []]);
  found.close();
  const next = await h.start(); // and at each start from now on
  expect([next.standing.value, next.visits.value, next.me.value, next.unsent.value]).toEqual(["revoked", [], undefined, 1]);

  await next.signIn({ demoPerson: people.colleague }); // somebody else
  await until("the colleague's first pull", () => next.schools.value.length > 0);
  expect(next.outbox.value).toHaveLength(0);
  await next.signOut();
  await next.signIn({ demoPerson: people.me }); // its owner
  await until("the first pull", () => next.schools.value.length > 0);
  await allSent(next);
  await next.sync();
  expect(places(next)).toEqual(expect.arrayContaining(["Rom som er sendt", "Rom som ikke er sendt"]));
  next.close();
  mine.close();
}, 30_000);
