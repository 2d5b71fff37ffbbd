import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { objections } from "./axe";
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

test("a change of the policy is before the representative a week before it holds", async () => {
  const desk = JSON.parse(readFileSync(new URL("../src/words/desk.nb.json", import.meta.url), "utf8")) as Record<string, string>;
  const leader = await Phone.open(browser);
  await leader.signIn("Marit Hovland");
  await leader.go("/desk/policy");
  const months = leader.page.getByLabel(desk["policy.retentionMonths"]!);
  await months.fill("7");
  await leader.write("purpose", "Å lære av hverandre, og ikke vurdere hverandre.");
  await leader.write("reason", "Ordene skal ikke ligge lenger enn de trengs.");
  const from = new Date(Date.now() + 15 * 86_400_000).toISOString().slice(0, 10);
  await leader.page.locator("form input[type=date]").first().fill(from);
  await leader.page.getByRole("button", { name: desk["policy.save"]! }).tap();
  await leader.page.getByText(desk["policy.heard"]!).waitFor();
  await leader.close();

  const phone = await Phone.open(browser);
  const { page } = phone;
  await phone.signIn("Torhild Nes");
  await phone.go("/policy");
  const draft = page.locator(".log li", { hasText: "Ordene skal ikke ligge lenger enn de trengs." });
  await draft.getByText(phone.say("policy.ahead")).waitFor();
  await draft.getByText(phone.say("policy.retention.text", { n: 7 })).waitFor();
  await draft.getByText("Å lære av hverandre, og ikke vurdere hverandre.").waitFor();
  await draft.getByText(/Marit Hovland/).waitFor();
  expect(await objections(page)).toEqual([]);
  expect(phone.faults).toEqual([]);
  await phone.close();
});
