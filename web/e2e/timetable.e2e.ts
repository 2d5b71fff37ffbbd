import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { objections } from "./axe";
import { type Language, launch, Phone } from "./phone";

// One's own timetable: from a file, and from an address that is read again each night, with
// what of it was not understood.

const texts = (l: Language) => JSON.parse(readFileSync(new URL(`../src/words/timetable.${l}.json`, import.meta.url), "utf8")) as Record<string, string>;
const say = (l: Language, key: string, named: Record<string, string | number> = {}): string => texts(l)[key]!.replace(/\{(\w+)\}/g, (_, name: string) => String(named[name]));

const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10).replaceAll("-", "");

/** A calendar of some lessons, and a trip of a whole day, which is none. */
function calendar(lessons: number): string {
  const events = Array.from({ length: lessons }, (_, i) => `BEGIN:VEVENT\r\nUID:${i}\r\nDTSTART:${day(10 + i)}T080000Z\r\nDTEND:${day(10 + i)}T084500Z\r\nSUMMARY:Norsk\r\nEND:VEVENT\r\n`);
  const trip = `BEGIN:VEVENT\r\nUID:tur\r\nDTSTART;VALUE=DATE:${day(12)}\r\nDTEND;VALUE=DATE:${day(13)}\r\nSUMMARY:Skoletur\r\nEND:VEVENT\r\n`;
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//NB\r\n${events.join("")}${trip}END:VCALENDAR\r\n`;
}

let browser: Browser;
let program: Server; // a timetable program's
let address: string;
beforeAll(async () => {
  browser = await launch();
  program = createServer((_, answer) => answer.setHeader("content-type", "text/calendar").end(calendar(3)));
  await new Promise<void>((listens) => program.listen(0, "127.0.0.1", listens));
  address = `http://127.0.0.1:${(program.address() as AddressInfo).port}/timeplan.ics`;
});
afterAll(async () => {
  await browser.close();
  program.close();
});

async function sound(page: Page, where: string): Promise<void> {
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 4000 }); // the menu at the bottom lies over what is under it
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      expect(await objections(page, colorScheme === "light" ? "all" : "colours"), `${where}, ${width} px, ${colorScheme}`).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${where} is wider than ${width} px`).toBeLessThanOrEqual(0);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 740 });
}

const walks: [Language, string][] = [
  ["nb", "Oda Kvamme"],
  ["nn", "Vilde Nygaard"],
  ["en", "Lars Engebretsen"],
];
for (const [language, who] of walks) {
  // At the same time: each waits until the demo reads addresses the next time.
  test.concurrent(`a timetable from a file and from an address, ${language}`, async () => {
    const phone = await Phone.open(browser, language, { worker: false });
    const { page } = phone;
    await phone.signIn(who);
    await phone.go("/hours");
    const mine = page.getByRole("region", { name: say(language, "title") });
    await mine.locator("input[type=file]").setInputFiles({ name: "timeplan.ics", mimeType: "text/calendar", buffer: Buffer.from(calendar(2)) });
    await mine.getByText(say(language, "would", { name: "timeplan.ics", n: 2, replaced: 0 })).waitFor();
    await mine.getByText(say(language, "odd.one", { n: 1 })).waitFor();
    await mine.getByText(/Skoletur/).waitFor();
    await sound(page, "the file");
    await mine.getByRole("button", { name: say(language, "run"), exact: true }).tap();
    await mine.getByText(say(language, "done", { n: 2 })).waitFor();

    // An address inside of a network is refused in words.
    await phone.write("feed-address", "https://10.0.0.1/timeplan.ics");
    await mine.getByRole("button", { name: say(language, "feed.set") }).tap();
    await mine.locator(".refused", { hasText: "https://" }).waitFor();
    // One on the internet is read soon; the demo takes its own machine for that.
    await phone.write("feed-address", address);
    await mine.getByRole("button", { name: say(language, "feed.set") }).tap();
    await mine.getByText("127.0.0.1", { exact: true }).waitFor();
    const read = say(language, "feed.read", { n: 3, when: "…" }).split("…")[0]!;
    await mine.getByText(read).waitFor({ timeout: 120_000 });
    expect(await page.content(), "the page holds the address").not.toContain("timeplan.ics");
    await sound(page, "the address");
    await mine.getByRole("button", { name: say(language, "feed.remove"), exact: true }).tap();
    await mine.locator(".sure").getByRole("button", { name: say(language, "feed.remove"), exact: true }).tap();
    await mine.getByText("127.0.0.1", { exact: true }).waitFor({ state: "detached" });
    expect(phone.faults).toEqual([]);
    await phone.close();
  });
}
