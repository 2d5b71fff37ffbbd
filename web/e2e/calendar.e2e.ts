import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Language, launch, Phone } from "./phone";

// What a teacher does to have visits in a calendar of their own: copies the secret address,
// makes another one, and takes one visit along as a file, where there is no network, too.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** What a calendar program gets at an address. */
const asked = async (address: string) => {
  const answer = await fetch(address);
  return { status: answer.status, text: await answer.text() };
};

describe.each(["nb", "nn", "en"] as Language[])("a calendar, in %s", (language) => {
  test("the address is shown, copied, and made anew; a program finds the visits there", async () => {
    const phone = await Phone.open(browser, language);
    await phone.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await phone.signIn("Tone Bakke");
    await phone.go("/more");
    await phone.touch("cal.title");
    const address = await phone.page.locator("#feed").inputValue();
    await phone.touch("cal.copy");
    await phone.page.getByText(phone.say("cal.copied")).waitFor();
    expect(await phone.page.evaluate(() => navigator.clipboard.readText())).toBe(address);
    const feed = await asked(address);
    expect(feed.status).toBe(200);
    expect(feed.text).toContain("BEGIN:VEVENT");
    for (const k of ["cal.outlook", "cal.google", "cal.apple"]) await phone.page.getByText(phone.say(k)).waitFor();

    // The worker that keeps the app for a time without a network neither answers for a calendar nor keeps one.
    await phone.page.evaluate(() => navigator.serviceWorker.ready);
    const inTab = await phone.page.evaluate(async (at) => (await fetch(at)).text(), address);
    expect(inTab.startsWith("BEGIN:VCALENDAR")).toBe(true);
    const kept = await phone.page.evaluate(async () => {
      const all = await Promise.all((await caches.keys()).map(async (n) => (await (await caches.open(n)).keys()).map((r) => r.url)));
      return all.flat();
    });
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((u) => u.includes("/calendar/"))).toEqual([]);

    await phone.touch("cal.renew");
    await phone.touch("cal.renew.do");
    await phone.page.getByText(phone.say("cal.renewed")).waitFor();
    const fresh = await phone.page.locator("#feed").inputValue();
    expect(fresh).not.toBe(address);
    expect((await asked(address)).status).toBe(404);
    expect((await asked(fresh)).status).toBe(200);
    expect(phone.faults).toEqual([]);
    if (process.env["PICTURES"]) await phone.page.screenshot({ path: `/tmp/calendar-${language}.png`, fullPage: true });
    await phone.close();
  });

  test("without a network, one visit becomes a file that has the same entry as the feed", async () => {
    const phone = await Phone.open(browser, language);
    await phone.signIn("Tone Bakke");
    await phone.go("/calendar");
    const feed = (await asked(await phone.page.locator("#feed").inputValue())).text.replaceAll("\r\n ", "");
    await phone.home();
    await phone.page.evaluate(() => navigator.serviceWorker.ready);
    const place = await phone.page.locator(".card[data-visit]").first().getAttribute("data-visit");
    await phone.go(`/v/${place}`);
    await phone.button("visit.to_calendar").waitFor();
    await phone.offline(true);
    const coming = phone.page.waitForEvent("download");
    await phone.touch("visit.to_calendar");
    const file = await coming;
    expect(file.suggestedFilename()).toBe("undring.ics");
    const text = readFileSync((await file.path())!, "utf8").replaceAll("\r\n ", "");
    const of = (lines: string, name: string) => lines.split("\r\n").filter((l) => l.startsWith(`${name}:`));
    expect(of(text, "UID")).toHaveLength(2);
    for (const name of ["UID", "DTSTART", "DTEND", "SUMMARY"]) for (const line of of(text, name)) expect(of(feed, name)).toContain(line);
    expect(text).not.toContain(place!);
    expect(phone.faults).toEqual([]);
    if (process.env["PICTURES"]) await phone.page.screenshot({ path: `/tmp/agreed-${language}.png`, fullPage: true });
    await phone.close();
  });
});
