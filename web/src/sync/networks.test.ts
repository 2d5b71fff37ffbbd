// Networks as they are: what answers in the server's stead is no network, a server
// in trouble is one, and a proxy that keeps the hints to itself delays nothing.

import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ProposeObservationRequestSchema } from "../gen/undring/v1/observation_pb";
import type { Phone } from "../store/phone";
import { Handset, until } from "../testing/phones";
import { startServer, type Server } from "../testing/server";

let server: Server;
let people: string[];
let count = 0;

beforeAll(async () => {
  server = await startServer();
  const phone = await new Handset("first", server.address).start();
  const { demoPeople } = await phone.call.session.getSignInOptions({});
  phone.close();
  people = ["Anne Solbakken", "Ida Sæther"].map((name) => demoPeople.find((p) => p.name === name)!.id);
}, 300_000);

afterAll(() => server?.stop());

async function signedIn(h: Handset, who = 0): Promise<Phone> {
  const phone = await h.start();
  await phone.signIn({ demoPerson: people[who]! });
  await until("the first pull", () => phone.schools.value.length > 0);
  return phone;
}

function propose(phone: Phone, place: string) {
  const schoolId = phone.schools.value[0]!.school!.id;
  const start = Date.now() + 60 * 24 * 3600_000 + ++count * 3600_000;
  const [startTime, endTime] = [start, start + 2700_000].map((t) => timestampFromDate(new Date(t)));
  return phone.do(ProposeObservationRequestSchema, { schoolId, observerId: people[0]!, observedId: people[1]!, startTime: startTime!, endTime: endTime!, place });
}

const page = "<!doctype html><title>Velkommen til gjestenettet</title>";
const html = (status: number) => () => new Response(page, { status, headers: { "content-type": "text/html; charset=utf-8" } });
const json = (status: number, body: unknown, headers = {}) => () =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

describe("what is not our server's answer is no network", () => {
  const inItsStead: Record<string, () => Response> = {
    "a portal's page for signing in": html(200),
    "a portal that says so": html(511),
    "a filter": html(403),
    "a filter that asks who one is": html(401),
    "a proxy that wants to know who one is": html(407),
    "a page that is not there": html(404),
    "a request that a filter finds odd": html(400),
    "a request that a filter finds too large": html(413),
    "a gateway without a server behind it": html(502),
    "a gateway that waits in vain": html(504),
    "a fault of somebody else's": html(500),
    "a filter that speaks JSON": json(403, { error: "blocked", code: "permission_denied", message: "policy" }),
    "a filter that says nothing": () => new Response(null, { status: 403 }),
    "nothing at all, and well": () => new Response("", { status: 200, headers: { "content-type": "text/plain" } }),
  };
  for (const [what, answer] of Object.entries(inItsStead)) {
    test(what, async () => {
      const h = new Handset(`network ${++count}`, server.address);
      const phone = await signedIn(h);
      h.answers = answer;
      const done = propose(phone, `Rom ${count}`);
      await done.kept;
      await until("it is noticed", () => !phone.online.value, 40_000);
      expect(phone.outbox.value.map((p) => [p.outcome, p.refusal])).toEqual([["waiting", undefined]]);
      expect(phone.standing.value).toBe("signed-in");
      h.answers = undefined;
      await until("it is sent", () => (void phone.sync(), phone.outbox.value.length === 0));
      await until("the network is there again", () => phone.online.value);
      expect(phone.fate(done.id)).toBe("done");
      phone.close();
    }, 90_000);
  }
});

test("a server in trouble is not told as no network, and nothing is set aside for it", async () => {
  const h = new Handset(`network ${++count}`, server.address);
  const phone = await signedIn(h);
  let asked = 0;
  h.answers = (url) => (asked += Number(url.endsWith("/Push"))) > 0 && url.endsWith("/Push") && asked < 4
    ? json(503, { code: "unavailable", message: "in trouble" }, { "request-id": "01a22d5f-9be9-7be8-8715-5ae5d8e1daae" })()
    : undefined;
  await propose(phone, "Rom i trøbbel").kept;
  await until("it has failed a few times, and is sent", () => phone.outbox.value.length === 0, 60_000);
  expect([asked >= 4, phone.online.value]).toEqual([true, true]);
  phone.close();
}, 90_000);

test("a proxy that keeps the hints to itself: the phone pulls while it is seen, and when it comes to the front", async () => {
  const h = new Handset(`network ${++count}`, server.address, Math.random, true);
  // The stream never says anything: it waits for a buffer to be full.
  h.answers = (url) => (url.endsWith("/Watch") ? new Response(new ReadableStream(), { headers: { "content-type": "application/connect+proto" } }) : undefined);
  h.pullTime = 1_000; // in the place of a minute
  const [one, other] = [await signedIn(h), await signedIn(new Handset(`network ${++count}`, server.address), 1)];
  await propose(one, "Rom bak en mellomtjener").kept;
  await until("the other one hears of it", () => (void other.sync(), other.visits.value.some((v) => v.place === "Rom bak en mellomtjener")));
  const visit = () => one.visits.value.find((v) => v.place === "Rom bak en mellomtjener");
  const { id } = other.visits.value.find((v) => v.place === "Rom bak en mellomtjener")!;
  await other.call.observation.declineObservation({ requestId: crypto.randomUUID(), observationId: id });
  await until("it is pulled without a hint", () => visit()?.state !== undefined && visit()!.state !== 1, 5_000);

  h.visible = false;
  h.event("hidden");
  await propose(other, "Rom nummer to").kept.catch(() => {});
  await until("it is sent", () => (void other.sync(), other.outbox.value.length === 0));
  await new Promise((go) => setTimeout(go, 2_000));
  const seen = () => one.visits.value.some((v) => v.place === "Rom nummer to");
  expect(seen(), "out of sight it does not pull").toBe(false);
  h.visible = true;
  h.event("visible");
  await until("it is pulled in front", seen, 5_000);
  one.close();
  other.close();
}, 120_000);
