// A real browser: it is asked when there is use for it, shows what comes, and opens the right screen,
// signed in or not. Its maker's push service can't be had here, so the message is handed to the worker
// by the browser's own tools; that a browser can read what the server sends is shown by package notify.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GetDeliveryHealthResponseSchema } from "../src/gen/undring/v1/admin_pb";
import { objections } from "./axe";
import { Desktop } from "./desktop";
import { type Language, launch, Phone } from "./phone";

let browser: Browser;
let plain: Browser; // where nothing comes by push
beforeAll(async () => {
  [browser, plain] = await Promise.all([launch("whole"), launch()]);
});
afterAll(async () => void (await Promise.all([browser.close(), plain.close()])));

/** A push service that gives out an address; the keys are real ones. */
const addresses = async () => {
  const key = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const raw = await crypto.subtle.exportKey("raw", key.publicKey);
  const auth = crypto.getRandomValues(new Uint8Array(16)).buffer;
  let there: unknown = null;
  Object.defineProperty(PushManager.prototype, "getSubscription", { value: async () => there });
  Object.defineProperty(PushManager.prototype, "subscribe", {
    value: async (options: PushSubscriptionOptionsInit) =>
      (there = {
        endpoint: "http://127.0.0.1:9/push",
        options,
        getKey: (name: string) => (name === "auth" ? auth : raw),
        unsubscribe: async () => ((there = null), true),
      }),
  });
};

/** Hands a message to the worker, as the browser's push service would. */
async function deliver(phone: Phone, shown: object): Promise<void> {
  const devtools = await phone.context.newCDPSession(phone.page);
  const registered = new Promise<string>((found) =>
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => registrations[0] && found(registrations[0].registrationId)),
  );
  await devtools.send("ServiceWorker.enable");
  await devtools.send("ServiceWorker.deliverPushMessage", { origin: phone.at, registrationId: await registered, data: JSON.stringify(shown) });
}

/** What is shown by now, read from the worker. */
const shownBy = (phone: Phone) =>
  phone.page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => ({ title: n.title, body: n.body, tag: n.tag, lang: n.lang })));

/** Touches what is shown. */
async function touch(phone: Phone): Promise<void> {
  const worker = phone.context.serviceWorkers()[0] ?? (await phone.context.waitForEvent("serviceworker"));
  await worker.evaluate(async () => {
    const self = globalThis as unknown as { registration: ServiceWorkerRegistration; dispatchEvent: (e: Event) => void };
    const [notification] = await self.registration.getNotifications();
    self.dispatchEvent(new (globalThis as unknown as { NotificationEvent: new (t: string, o: object) => Event }).NotificationEvent("notificationclick", { notification }));
  });
}

test("asks once there is somebody to wait for, shows what comes, and leads to its screen", async () => {
  const phone = await Phone.open(browser);
  await phone.context.grantPermissions(["notifications"], { origin: phone.at });
  await phone.context.addInitScript(addresses);
  await phone.page.reload();
  await phone.signIn("Halvor Brekke");
  await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await phone.go("/told");
  const here = phone.page.getByRole("button", { name: "Si fra på denne enheten" });
  await here.tap();
  await phone.page.getByText("Denne enheten sier fra når noe venter på deg.").waitFor();
  await phone.go("/");
  await deliver(phone, { title: "Undring", text: "Et spørsmål venter på svaret ditt.", to: "/told", tag: "a", language: "nb", unread: 2 });
  await expect.poll(() => shownBy(phone)).toEqual([{ title: "Undring", body: "Et spørsmål venter på svaret ditt.", tag: "a", lang: "nb" }]);
  await deliver(phone, { title: "Undring", text: "2 ting venter på deg.", to: "/told", tag: "a", language: "nb", unread: 2 });
  await expect.poll(() => shownBy(phone)).toEqual([{ title: "Undring", body: "2 ting venter på deg.", tag: "a", lang: "nb" }]);
  await touch(phone);
  await phone.page.getByRole("heading", { level: 1, name: phone.say("told.title") }).waitFor();
  await phone.page.getByText("Velg hva du vil ha varsel om").tap();
  await phone.page.screenshot({ path: process.env["PICTURES"] ? `${process.env["PICTURES"]}/told.png` : undefined, fullPage: true });
  expect(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await phone.close();
});

test("leads who is not signed in there after the sign-in", async () => {
  const phone = await Phone.open(browser);
  await phone.context.grantPermissions(["notifications"], { origin: phone.at });
  await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await deliver(phone, { title: "Undring", text: "Et besøk er avtalt.", to: "/told", tag: "b", language: "nb", unread: 1 });
  await expect.poll(() => shownBy(phone)).toHaveLength(1);
  await touch(phone);
  await phone.page.waitForFunction(() => location.hash === "#/told");
  await phone.signIn("Mona Sunde");
  await phone.page.getByRole("heading", { level: 1, name: phone.say("told.title") }).waitFor();
  await phone.close();
});

test.each(["Halvor Brekke", ""])("opens the closed app at its screen when it is touched on the desktop, as %s", async (name) => {
  const desktop = await Desktop.open();
  const folder = mkdtempSync(join(tmpdir(), "browser-"));
  const phone = await Phone.alone(folder, desktop.environment);
  await phone.context.grantPermissions(["notifications"], { origin: phone.at });
  if (name) await phone.signIn(name);
  await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await deliver(phone, { title: "Undring", text: "Et besøk har fått en ny tid.", to: "/told", tag: "c", language: "nb", unread: 1 });
  await expect.poll(() => desktop.shown.map((s) => `${s.title}: ${s.body.split("\n").at(-1)}`)).toEqual(["Undring: Et besøk har fått en ny tid."]);
  await phone.page.close();
  const opens = phone.context.waitForEvent("page");
  desktop.touch(desktop.shown[0]!);
  const opened = await Phone.of(await opens, "nb");
  expect(opened.at).toBe(phone.at);
  if (!name) await opened.signIn("Mona Sunde");
  await opened.page.getByRole("heading", { level: 1, name: opened.say("told.title") }).waitFor();
  expect(new URL(opened.page.url()).hash).toBe("#/told");
  await phone.close();
  desktop.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What an administrator is told where much has not gone out. */
const undelivered = create(GetDeliveryHealthResponseSchema, {
  databaseBytes: 512n << 20n,
  deliveryFailures: ["UNREACHABLE", "REFUSED", "REFUSED_EVER", "ADDRESS_GONE", "ADDRESS"].map((reason, i) => ({ date: `2026-11-${20 + i}`, channel: i % 2 ? "EMAIL" : "PUSH", reason, retried: 37 * i, givenUp: i })),
});

for (const language of ["nb", "nn", "en"] as Language[]) {
  test(`choices and what was not delivered shut nobody out, ${language}`, async () => {
    for (const [person, path] of [["Halvor Brekke", "/told"], ["Silje Kirkeby", "/desk/health"]] as const) {
      const phone = await Phone.open(plain, language, { mobile: false, worker: false });
      await phone.page.route("**/GetDeliveryHealth", (route) =>
        route.fulfill({ contentType: "application/proto", body: Buffer.from(toBinary(GetDeliveryHealthResponseSchema, undelivered)) }),
      );
      await phone.signIn(person);
      await phone.go(path);
      await phone.page.locator("h1").waitFor();
      await phone.page.waitForFunction(() => !document.querySelector(".spin, .progress"));
      if (path === "/told") await phone.page.locator("details.more summary").last().tap();
      for (const width of [360, 1280])
        for (const colorScheme of ["light", "dark"] as const) {
          await phone.page.setViewportSize({ width, height: 9000 });
          await phone.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          expect(await objections(phone.page, colorScheme === "light" ? "all" : "colours"), `${path}, ${width} px, ${colorScheme}`).toEqual([]);
          expect(await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${path} is wider than ${width} px`).toBeLessThanOrEqual(0);
          await phone.page.setViewportSize({ width, height: 740 });
          if (process.env["PICTURES"]) await phone.page.screenshot({ path: `${process.env["PICTURES"]}/${path.split("/").pop()}-${language}-${width}-${colorScheme}.png`, fullPage: true });
        }
      expect(phone.faults).toEqual([]);
      await phone.close();
    }
  });
}

test("on an iPhone says how the app is put on the home screen first", async () => {
  const phone = await Phone.open(browser);
  await phone.context.addInitScript(() => {
    Object.defineProperty(navigator, "userAgent", { value: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1" });
    delete (window as { PushManager?: unknown }).PushManager;
  });
  await phone.page.reload();
  await phone.signIn("Halvor Brekke");
  await phone.go("/told");
  await phone.page.getByText("velg «Legg til på Hjem-skjerm»").waitFor();
  expect(await phone.page.getByRole("button", { name: "Si fra på denne enheten" }).count()).toBe(0);
  await phone.close();
});
