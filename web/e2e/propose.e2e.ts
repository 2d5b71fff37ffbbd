import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, Phone } from "./phone";

// A proposal that is being written: it is there after a reload, its words stay
// with the person whom they are for, and the keyboard is led through it.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const link = `https://moete.example.no/${"x".repeat(60)}`;

async function find(phone: Phone, name: string): Promise<void> {
  await phone.page.getByRole("searchbox").fill(name);
  await phone.page.getByRole("button", { name }).last().tap();
  await phone.page.locator(".chosen", { hasText: name }).waitFor();
}

describe.concurrent("a proposal that is being written", () => {
  test("is there after a reload, and its words are for one person", async () => {
    const phone = await Phone.open(browser, "en");
    const { page } = phone;
    await phone.signIn("Nils Aune");
    await phone.go("/new");
    await phone.choose("new.as.observed");
    await find(phone, "Kari Fossheim");
    expect(await phone.focus(), "the one who was chosen").toBe("chosen");
    await phone.choose("new.other_day");
    const date = page.locator("input[type=date]");
    const year = new Date().getFullYear() + 1;
    await date.fill(`${year}-03-04`);
    await page.locator("input[type=time]").fill("12:35");
    await phone.choose("arena.WALK");
    expect(await page.getByRole("radio", { name: phone.say("arena.WALK") }).isChecked()).toBe(true);
    await phone.write("focus", "Kari, would you look at who speaks?");
    await phone.write("place", link);

    await page.waitForTimeout(500); // a pause of the keys: it is on disk
    await page.reload();
    await page.locator(".chosen", { hasText: "Kari Fossheim" }).waitFor();
    expect(await page.getByRole("radio", { name: phone.say("new.as.observed") }).isChecked(), "the seat").toBe(true);
    expect(await date.inputValue(), "the day").toBe(`${year}-03-04`);
    expect(await page.locator("input[type=time]").inputValue(), "the hour").toBe("12:35");
    expect(await page.getByRole("radio", { name: phone.say("arena.WALK") }).isChecked(), "where to talk").toBe(true);
    expect(await page.locator("#focus").inputValue()).toBe("Kari, would you look at who speaks?");

    // Another person: the words stay behind, the hour does not.
    await phone.touch("new.change_person");
    expect(await phone.focus(), "whom to choose").toBe("who");
    await find(phone, "Lars Engebretsen");
    const apart = await page.$$eval(".chosen .row-text b, .chosen .link", ([name, button]) => {
      const text = document.createRange();
      text.selectNodeContents(name!);
      const [a, b] = [text.getBoundingClientRect(), button!.getBoundingClientRect()];
      return a.right <= b.left || a.bottom <= b.top;
    });
    expect(apart, "the name and the button beside it").toBe(true);
    expect(await page.locator("#focus").inputValue(), "words meant for another").toBe("");
    expect(await page.locator("#place").inputValue()).toBe("");
    expect(await date.inputValue()).toBe(`${year}-03-04`);
    await phone.touch("new.change_person");
    await find(phone, "Kari Fossheim");
    expect(await page.locator("#focus").inputValue(), "they are where they were").toBe("Kari, would you look at who speaks?");
    expect(phone.faults).toEqual([]);
    await phone.close();
  });

  test("as is the hour of a talk", async () => {
    const phone = await Phone.open(browser, "nn");
    const { page } = phone;
    await phone.signIn("Finn Skogen");
    await page.locator("[data-visit]").first().waitFor();
    const visit = await page.evaluate(() => (document.querySelector("[data-visit]") as HTMLElement).dataset["visit"]);
    await phone.go(`/v/${visit}/talk`);
    await page.locator("input[type=date]").fill("2026-01-12");
    await page.locator("input[type=time]").fill("14:20");
    await page.getByRole("radio", { name: phone.say("new.minutes", { n: 45 }) }).tap();
    await phone.write("summary", "Vi snakka om ventetida.");
    await page.waitForTimeout(500); // a pause of the keys: it is on disk
    await page.reload();
    await page.locator("#summary").waitFor();
    expect(await page.locator("input[type=date]").inputValue(), "the day").toBe("2026-01-12");
    expect(await page.locator("input[type=time]").inputValue(), "the hour").toBe("14:20");
    expect(await page.getByRole("radio", { name: phone.say("new.minutes", { n: 45 }) }).isChecked(), "how long").toBe(true);
    expect(phone.faults).toEqual([]);
    await phone.close();
  });

  test("is forgotten once it is sent, and a link to somebody begins anew", async () => {
    const phone = await Phone.open(browser, "nb");
    const { page } = phone;
    await phone.signIn("Nils Aune");
    await phone.go("/new");
    await find(phone, "Maja Strand");
    await phone.write("place", link);
    await phone.touch("new.send.observer", { name: "Maja" });
    await page.getByText(phone.say("proposal.waits", { name: "Maja" })).waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, "px wider than the phone, for a place without a blank").toBe(0);

    await phone.go("/new");
    await page.getByRole("searchbox").waitFor();
    await find(phone, "Maja Strand");
    expect(await page.locator("#place").inputValue(), "words that were sent").toBe("");
    await phone.go("/new?as=observed&at=2031-03-04T11:35:00.000Z");
    await page.getByRole("searchbox").waitFor();
    await find(phone, "Maja Strand");
    expect(await page.locator("input[type=date]").inputValue()).toBe("2031-03-04");
    expect(phone.faults).toEqual([]);
    await phone.close();
  });
});
