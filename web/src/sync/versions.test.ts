// An app of yesterday and a server of today: what the app can't know of stops
// nothing, and is there when the app has been updated. Nothing unsent is lost over it.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { NoteKind, SaveNoteRequestSchema, type Observation } from "../gen/undring/v1/observation_pb";
import { ChangeSchema, GoneSchema, PullRequestSchema, PullResponseSchema, type Change } from "../gen/undring/v1/sync_pb";
import type { Phone } from "../store/phone";
import { Handset, until } from "../testing/phones";
import { startServer, type Server } from "../testing/server";

// An update of the app: it knows one kind of thing more.
const update = vi.hoisted(() => ({ taken: false }));
vi.mock("../things", async (load) => {
  const real = await load<typeof import("../things")>();
  return {
    ...real,
    get known() {
      return real.known + (update.taken ? " 99" : "");
    },
  };
});

const unheardOf = 99;
const text = (field: number, bytes: Uint8Array) => new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();

/** What the server of today tells: notes have become another kind of thing, and visits have a state, a place to talk and a field that are new. */
function ofToday(answer: Uint8Array): Uint8Array {
  const page = fromBinary(PullResponseSchema, answer);
  const [notes, rest] = [true, false].map((are) => page.changes.filter((c) => (c.what.case === "note") === are)) as [Change[], Change[]];
  for (const { what } of rest) {
    if (what.case !== "observation") continue;
    Object.assign(what.value, { state: unheardOf });
    if (what.value.talk) Object.assign(what.value.talk, { arena: unheardOf });
    what.value.$unknown = [{ no: 500, wireType: WireType.LengthDelimited, data: new BinaryWriter().string("ny").finish() }];
  }
  const gone = create(ChangeSchema, { what: { case: "gone", value: create(GoneSchema, { thing: unheardOf as never, id: "x" }) } });
  // Before what is known, so that none of that goes with it.
  const first = notes.map((c) => text(1, text(unheardOf, toBinary(ChangeSchema, c).subarray(1))));
  return Buffer.concat([...first, toBinary(PullResponseSchema, { ...page, changes: [gone, ...rest] })]);
}

/** A phone whose server can be of today, and which remembers with which cursors it pulled. */
class PhoneOfYesterday extends Handset {
  today = true;
  cursors: string[] = [];

  override around() {
    const around = super.around();
    const go = async (...[input, init]: Parameters<typeof fetch>) => {
      const answer = await around.fetch(input, init);
      if (!String(input).endsWith("/Pull") || !answer.ok) return answer;
      this.cursors.push(fromBinary(PullRequestSchema, init!.body as Uint8Array).cursor);
      if (!this.today) return answer;
      const body = ofToday(new Uint8Array(await answer.arrayBuffer()));
      return new Response(body as BodyInit, { headers: { "content-type": answer.headers.get("content-type")! } });
    };
    return { ...around, fetch: go };
  }
}

let server: Server;
let demoPerson: string;

beforeAll(async () => {
  server = await startServer();
  const phone = await new Handset("first", server.address).start();
  const { demoPeople } = await phone.call.session.getSignInOptions({});
  phone.close();
  demoPerson = demoPeople.find((p) => p.name === "Ulrik Hagen")!.id; // has noted in a lesson
}, 300_000);

afterAll(() => server?.stop());

const notes = (phone: Phone) => phone.visits.value.flatMap((v) => phone.notes(v.id).map((n) => n.text));
const news = (v: Observation) => v.$unknown?.map((f) => f.no);

test("what an app knows nothing of stops nothing, and is fetched when the app has been updated", async () => {
  const handset = new PhoneOfYesterday("yesterday", server.address);
  let phone = await handset.start();
  await phone.signIn({ demoPerson });
  await until("the first pull", () => phone.visits.value.length > 0);
  expect(phone.visits.value.map((v) => v.state)).toContain(unheardOf);
  expect(notes(phone), "notes are a kind of thing that it does not know").toEqual([]);

  // The cursor has gone on: what was left aside is not asked for again and again.
  await phone.sync();
  expect(handset.cursors.at(-1)).not.toBe("");

  // Something is written without a network, and the app is started again, still the old one.
  handset.weather.down = true;
  const observationId = phone.visits.value.find((v) => v.observerId === demoPerson)!.id;
  await phone.do(SaveNoteRequestSchema, { observationId, kind: NoteKind.SAW, text: "Skrevet i gamleappen." }).kept;
  phone.close();
  phone = await handset.start();
  expect(phone.visits.value.map(news), "a field that it does not know is kept for who does").toContainEqual([500]);
  expect(phone.outbox.value).toHaveLength(1);
  phone.close();

  // The app is updated, with a kind more; there is a network again.
  update.taken = true;
  handset.today = handset.weather.down = false;
  handset.cursors = [];
  phone = await handset.start();
  expect(phone.outbox.value, "an update takes nothing from what is not sent").toHaveLength(1);
  await until("what was left aside is there", () => notes(phone).length > 1);
  await until("what was written before the update is sent", () => phone.outbox.value.length === 0);
  expect(notes(phone)).toContain("Skrevet i gamleappen.");
  expect(phone.visits.value.map((v) => v.state)).not.toContain(unheardOf);
  await phone.sync();
  expect(handset.cursors.filter((c) => c === ""), "pulled from the beginning once").toHaveLength(1);
  phone.close();
}, 120_000);

test("the same app does not begin anew", async () => {
  update.taken = false;
  const handset = new PhoneOfYesterday("still yesterday", server.address);
  let phone = await handset.start();
  await phone.signIn({ demoPerson });
  await until("the first pull", () => phone.visits.value.length > 0);
  phone.close();
  handset.cursors = [];
  phone = await handset.start();
  await phone.sync();
  expect(handset.cursors.length).toBeGreaterThan(0);
  expect(handset.cursors).not.toContain("");
  phone.close();
}, 120_000);
