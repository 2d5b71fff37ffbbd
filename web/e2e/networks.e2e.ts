import { createServer, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { launch, Phone } from "./phone";

// A phone on the networks and with the browsers that there are: the database goes
// while one writes, a proxy keeps the stream to itself, a portal stands before the
// server, site data is blocked. No word is lost, and none is called saved that isn't.

let browser: Browser;
let proxy: Proxy;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(() => proxy?.stop());

/** A small proxy before the demo, which can do what proxies do. */
class Proxy {
  buffers = false;
  portal = false;
  pulls = 0;
  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async start(): Promise<Proxy> {
    const target = new URL(inject("address"));
    const server = createServer((asked, answer) => {
      if (asked.url?.endsWith("/Pull")) made.pulls++;
      if (made.portal) return login(answer);
      const { method, headers, url } = asked;
      const on = request({ host: target.hostname, port: target.port, method, headers, path: url }, (came) => {
        answer.writeHead(came.statusCode ?? 502, came.headers);
        // As nginx does as it comes: it keeps the stream until a buffer is full, which hints never fill.
        if (made.buffers && url?.endsWith("/Watch")) return void came.resume();
        came.pipe(answer);
      });
      on.on("error", () => answer.destroy());
      answer.on("close", () => on.destroy());
      asked.pipe(on);
    });
    await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
    const made = new Proxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return made;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((go) => this.server.close(go));
  }
}

const login = (answer: ServerResponse) => {
  answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  answer.end("<!doctype html><title>Gjestenett</title><h1>Logg inn på gjestenettet</h1>");
};

/** Somebody on the screen on which one notes. */
async function noting(at: string, name: string): Promise<Phone> {
  const phone = await Phone.open(browser, "nb", { at });
  await phone.signIn(name);
  await phone.page.locator("[data-visit]").first().waitFor();
  const visit = await phone.page.evaluate(() => (document.querySelector("[data-visit]") as HTMLElement).dataset["visit"]);
  await phone.go(`/v/${visit}/note`);
  await phone.choose("note.WONDERING");
  return phone;
}

test("the database goes while one writes: nothing is called saved that is not, and no word is lost", async () => {
  proxy = await Proxy.start();
  const phone = await noting(proxy.address, "Ulrik Hagen");
  const { page } = phone;
  // As when the phone was locked: each connection is dead, and for a while there is no other.
  await page.evaluate(() => {
    const real = { transaction: IDBDatabase.prototype.transaction, open: IDBFactory.prototype.open };
    const lost = () => {
      throw new DOMException("Connection to Indexed Database server lost.", "InvalidStateError");
    };
    Object.assign(IDBDatabase.prototype, { transaction: lost });
    Object.assign(IDBFactory.prototype, { open: lost });
    Object.assign(window, { heal: () => (Object.assign(IDBDatabase.prototype, { transaction: real.transaction }), Object.assign(IDBFactory.prototype, { open: real.open })) });
  });
  const words = "Tre hender ble ikke sett, ved vinduet.";
  await phone.write("note", words);
  await page.getByText(phone.say("sync.lost")).waitFor();
  await phone.touch("note.save");
  await page.waitForTimeout(1_000);
  expect(await page.locator(".saved").count(), "nothing is called saved").toBe(0);
  expect(await page.locator("#note").inputValue(), "the words stand in their field").toBe(words);
  expect(await page.getByText("Alt er lagret her").count()).toBe(0);

  await page.evaluate(() => (window as unknown as { heal: () => void }).heal());
  await page.getByText(phone.say("sync.lost")).waitFor({ state: "detached" });
  await phone.touch("note.save");
  await page.locator(".saved").waitFor();
  await page.reload();
  await page.getByText(words).first().waitFor();
  expect(phone.faults).toEqual([]);
});

test("a portal stands before the server: it is no network, nothing is refused, and all is sent when it is gone", async () => {
  proxy = await Proxy.start();
  const phone = await noting(proxy.address, "Ulrik Hagen");
  const { page } = phone;
  proxy.portal = true;
  const words = `Det ble stille da hun ventet, ${Date.now()}.`;
  await phone.write("note", words);
  await phone.touch("note.save");
  await page.locator(".saved").waitFor();
  await page.getByText(phone.say("net.off")).waitFor();
  expect(await page.locator(".refused").count(), "nothing is set aside for it").toBe(0);
  await phone.go("/sync");
  await page.getByText(phone.say("sync.waiting")).first().waitFor();
  expect(await page.getByText(phone.say("sync.refused")).count()).toBe(0);

  proxy.portal = false;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.getByText(phone.say("sync.waiting")).first().waitFor({ state: "detached" });
  const other = await Phone.open(browser, "nb"); // the server has it
  await other.signIn("Ulrik Hagen");
  await other.page.locator("[data-visit]").first().waitFor();
  const visit = await other.page.evaluate(() => (document.querySelector("[data-visit]") as HTMLElement).dataset["visit"]);
  await other.go(`/v/${visit}/note`);
  await other.page.getByText(words).first().waitFor();
});

test("a proxy keeps the stream to itself: the phone pulls each minute, and when it comes to the front", async () => {
  proxy = await Proxy.start();
  proxy.buffers = true;
  const phone = await Phone.open(browser, "nb", { at: proxy.address });
  await phone.signIn("Ulrik Hagen");
  await phone.page.locator("[data-visit]").first().waitFor();
  await phone.page.waitForTimeout(3_000);
  const before = proxy.pulls;
  await phone.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect.poll(() => proxy.pulls, { timeout: 10_000 }).toBeGreaterThan(before);
  const then = proxy.pulls;
  await expect.poll(() => proxy.pulls, { timeout: 75_000, interval: 1_000 }).toBeGreaterThan(then);
});

test("a browser that keeps nothing: the page says so, and asks for no words", async () => {
  proxy = await Proxy.start();
  const phone = await Phone.open(browser, "nb", { at: proxy.address });
  await phone.page.addInitScript(() => {
    const blocked = () => {
      throw new DOMException("site data is blocked", "SecurityError");
    };
    Object.assign(IDBFactory.prototype, { open: blocked });
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get: blocked });
  });
  await phone.page.reload();
  await phone.page.getByText(phone.say("app.blocked"), { exact: true }).waitFor();
  expect(await phone.page.locator("input, textarea").count()).toBe(0);
});
