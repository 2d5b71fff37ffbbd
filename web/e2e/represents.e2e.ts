import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Language, launch, Phone } from "./phone";

// Whoever speaks for the teachers, or for their safety, has no visits. They read the
// rules, what is to come, every change and the figures, as everybody does.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

for (const language of ["nb", "nn", "en"] as Language[]) {
  test(`a representative reads what they are here for, ${language}`, async () => {
    const phone = await Phone.open(browser, language);
    const { page } = phone;
    const asked: string[] = [];
    page.on("request", (r) => asked.push(r.url()));
    await phone.signIn("Torhild Nes");
    await page.getByText(phone.say("home.represents")).waitFor();
    // No way to a visit, nor to what waits to be sent: there is neither.
    expect(await page.locator('a[href="#/new"], a[href="#/actions"], a[href="#/rounds"], a[href="#/hours"], a[href="#/sync"]').count()).toBe(0);

    await page.locator("main").getByRole("link", { name: phone.say("policy.title") }).tap();
    await page.getByText(phone.say("policy.gate.on")).first().waitFor();
    await page.getByText(phone.say("policy.began")).waitFor(); // the log, from the server
    expect(await page.locator(".refused, .wrong").count()).toBe(0);

    await phone.go("/culture");
    await page.locator(".sheet .summary p").first().waitFor();
    expect(await page.locator(".refused").count()).toBe(0);

    // After a reload it is there as before.
    await phone.go("/policy");
    // It does not ask again and again for what it may not have.
    const heard = Promise.all(["Pull", "Watch"].map((call) => page.waitForResponse((r) => r.url().endsWith(`/${call}`))));
    await page.reload();
    await heard;
    await page.getByText(phone.say("policy.gate.on")).first().waitFor();
    // It does not ask again and again for what it may not have.
    const before = asked.filter((u) => /\/(Pull|Watch)$/.test(u)).length;
    await page.waitForTimeout(6_000);
    expect(asked.filter((u) => /\/(Pull|Watch)$/.test(u)).length).toBe(before);
    expect(phone.faults).toEqual([]);
    await phone.close();
  });
}
