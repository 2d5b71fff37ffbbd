import { mkdirSync, readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { administrator, call, demoPerson } from "./calls";
import { type Language, launch, Phone } from "./phone";

// What is mine: a copy, with a sign-in made for it; who read it; and its end.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const words = (l: Language) => JSON.parse(readFileSync(new URL(`../src/words/mine.${l}.json`, import.meta.url), "utf8")) as Record<string, string>;

test("a copy wants a sign-in made for it, stands in the list, and is told on the first screen", async () => {
  const say = words("nb");
  const phone = await Phone.open(browser, "nb");
  await phone.signIn("Ida Sæther");
  await phone.go("/mine");
  await phone.page.getByRole("heading", { name: say["read.title"]! }).waitFor();

  // However fresh the demo's sign-in is, it was made for something else.
  await phone.page.getByRole("button", { name: say["copy.do"]! }).tap();
  await phone.page.getByRole("heading", { name: say["again.title"]! }).waitFor();
  const download = phone.page.waitForEvent("download");
  await phone.page.getByRole("button", { name: say["again.do"]! }).tap();
  const file = await (await download).path();
  const zip = readFileSync(file);
  expect(zip.subarray(0, 2).toString(), "a zip").toBe("PK");
  for (const name of ["undring.html", "data/note.json", "data/about.json"]) expect(zip.includes(name), name).toBe(true);
  if (process.env["SHOTS"]) {
    mkdirSync(process.env["SHOTS"], { recursive: true });
    await phone.page.screenshot({ path: `${process.env["SHOTS"]}/mine.png`, fullPage: true });
  }

  await phone.page.reload();
  await phone.page.getByText(say["read.export"]!).waitFor();
  await phone.home();
  await phone.page.getByRole("heading", { name: say["told.title"]! }).waitFor();
  await phone.page.getByRole("button", { name: say["told.me"]! }).tap();
  await phone.page.getByRole("heading", { name: say["told.title"]! }).waitFor({ state: "detached" });
  expect(phone.faults).toEqual([]);
  await phone.close();
});

test("that words go soon is told on the first screen, with the copy beside it, until it was seen", async () => {
  const say = words("nb");
  const phone = await Phone.open(browser, "nb");
  await phone.signIn("Ida Sæther");
  await phone.home();
  await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await phone.told();
  expect(await phone.page.getByRole("heading", { name: say["going.title"]! }).count(), "a year ahead nothing is told").toBe(0);

  // Eleven and a half months later, by the phone's clock; the server's stands.
  await phone.offline(true);
  await phone.page.clock.setFixedTime(new Date(Date.now() + 350 * 24 * 3600_000));
  await phone.page.reload();
  const card = phone.page.locator("section.card", { has: phone.page.getByRole("heading", { name: say["going.title"]! }) });
  await card.getByText(say["going.text"]!).waitFor();
  expect(await card.getByRole("listitem").count(), "which visits").toBeGreaterThan(0);
  if (process.env["SHOTS"]) await phone.page.screenshot({ path: `${process.env["SHOTS"]}/going.png`, fullPage: true });
  await card.getByRole("link", { name: say["copy.title"]! }).tap();
  await phone.page.getByRole("button", { name: say["copy.do"]! }).waitFor();
  await phone.home();
  await card.getByRole("button", { name: say["going.seen"]! }).tap();
  await card.waitFor({ state: "detached" });
  await phone.page.waitForTimeout(500); // it is on disk
  await phone.page.reload();
  await phone.page.getByRole("heading", { level: 1, name: phone.say("home.title") }).waitFor();
  expect(await card.count(), "seen once is seen").toBe(0);
  expect(phone.faults).toEqual([]);
  await phone.close();
});

test("the list of who read what comes in pages, by day, with what administrators did in it", async () => {
  const say = words("en");
  const { accessToken } = await administrator();
  const { id } = await demoPerson("Torhild Nes");
  for (let i = 0; i < 45; i++) await call("SchoolService/CreateInvitation", { requestId: crypto.randomUUID(), personId: id }, accessToken);
  const phone = await Phone.open(browser, "en");
  await phone.signIn("Torhild Nes");
  await phone.go("/mine");
  const list = phone.page.locator("section[aria-labelledby=accesses]");
  const rows = list.getByRole("listitem");
  await list.getByRole("heading", { level: 3 }).first().waitFor();
  expect(await rows.count(), "the first page").toBe(20);
  const more = list.getByRole("button", { name: say["read.more"]! });
  for (let page = 2; await more.isVisible(); page++) {
    const before = await rows.count();
    await more.tap();
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBeGreaterThan(before);
    expect(page, "the pages end").toBeLessThan(100);
  }
  const invited = say["act.invited"]!.replace("{who}", "Silje Kirkeby");
  expect(await rows.filter({ hasText: invited }).count(), "each act once").toBe(45);
  expect(await phone.page.evaluate(() => document.documentElement.scrollWidth), "nothing to the side").toBeLessThanOrEqual(360);
  if (process.env["SHOTS"]) await phone.page.screenshot({ path: `${process.env["SHOTS"]}/accesses.png`, fullPage: true });
  expect(phone.faults).toEqual([]);
  await phone.close();
});

test("whoever is erased is nobody any more", async () => {
  const say = words("en");
  const phone = await Phone.open(browser, "en");
  await phone.signIn("Jostein Vågen");
  await phone.go("/mine");
  await phone.page.getByRole("button", { name: say["info.do"]! }).tap();
  await phone.page.getByText(say["info.said"]!.split("(")[0]!).waitFor();
  await phone.page.getByRole("button", { name: say["erase.begin"]! }).tap();
  await phone.page.getByText(say["erase.sure"]!).waitFor();
  await phone.page.getByRole("button", { name: say["erase.do"]! }).tap();
  await phone.page.getByRole("button", { name: say["again.do"]! }).tap();
  await phone.page.getByText(phone.say("signin.lead")).waitFor();
  await phone.page.getByRole("searchbox").fill("Jostein Vågen");
  expect(await phone.page.getByRole("button", { name: "Jostein Vågen" }).count(), "nobody of that name").toBe(0);
  expect(phone.faults).toEqual([]);
  await phone.close();
});
