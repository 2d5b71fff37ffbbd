import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { catalogues, launch, Phone } from "./phone";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test("a browser offers to install it, and finds nothing to object to", async () => {
  const phone = await Phone.open(browser);
  await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const devtools = await phone.context.newCDPSession(phone.page);
  const { errors, url } = await devtools.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // A window without a profile of its own can't install anything; that says nothing of the app.
  expect(installabilityErrors.filter((e) => e.errorId !== "in-incognito")).toEqual([]);
  const manifest = (await (await fetch(url)).json()) as { icons: { src: string; sizes: string }[] };
  for (const icon of manifest.icons) {
    const reply = await fetch(new URL(icon.src, inject("address")));
    expect([icon.src, reply.status, (await reply.arrayBuffer()).byteLength > 0]).toEqual([icon.src, 200, true]);
  }
  await phone.close();
});

/** Waits until the server has been told of the language: then another tab, where nobody chose, speaks it. */
async function remembered(phone: Phone): Promise<void> {
  const other = await phone.context.newPage();
  await other.goto(`${phone.at}/`);
  await other.getByRole("navigation", { name: phone.say("nav.label") }).waitFor();
  await other.close();
}

test("opens from a cold start without a network, in the language that was left", async () => {
  const phone = await Phone.open(browser, "nn");
  await phone.signIn("Halvor Brekke");
  await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await remembered(phone);
  await phone.page.close();
  await phone.offline(true);
  const again = await phone.context.newPage();
  await again.goto(`${phone.at}/`);
  await again.getByRole("heading", { level: 1, name: phone.say("home.title") }).waitFor();
  await again.evaluate(() => (location.hash = "/policy")); // a screen that is fetched by itself
  await again.getByRole("heading", { level: 1, name: phone.say("policy.title") }).waitFor();
  await phone.close();
});

test("what comes late to the sign-in moves no choice of a language", async () => {
  for (const wide of [false, true]) {
    const phone = await Phone.open(browser, "nb", { wide });
    let come = () => {};
    const late = new Promise<void>((now) => (come = now));
    await phone.context.route("**/GetSignInOptions", (route) => late.then(() => route.continue()));
    await phone.page.reload();
    const choices = phone.page.locator(".signin fieldset label");
    const places = () => choices.evaluateAll((all) => all.map((one) => JSON.stringify(one.getBoundingClientRect())));
    await choices.first().waitFor();
    const were = await places();
    expect(were).toHaveLength(3);
    for (const l of ["nn", "en", "nb"] as const) {
      await phone.page.locator(`.signin label:has(span[lang=${l}])`).click();
      await phone.page.getByText(catalogues[l]["signin.lead"]!).waitFor();
      expect(await places(), `${l}, before the people`).toEqual(were);
    }
    come();
    await phone.page.getByRole("searchbox").waitFor();
    expect(await places(), "with the people").toEqual(were);
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await phone.close();
  }
});

test("only a language that was chosen changes what is remembered", async () => {
  const chosen = await Phone.open(browser, "nn");
  await chosen.signIn("Mona Sunde");
  await remembered(chosen);
  await chosen.close();
  for (const phone of [await Phone.open(browser, "en"), await Phone.open(browser, "nb")]) {
    await phone.page.getByRole("searchbox").fill("Mona");
    await phone.page.getByRole("button", { name: "Mona Sunde" }).tap();
    await phone.page.getByRole("navigation", { name: chosen.say("nav.label") }).waitFor();
    await phone.page.getByRole("heading", { level: 1, name: chosen.say("home.title") }).waitFor();
    await phone.close();
  }
});

test("a language chosen at sign-in is spoken after the tab was killed before the server heard of it", async () => {
  const phone = await Phone.open(browser, "nn");
  let through = false;
  await phone.context.route("**/UpdateMe", (route) => (through ? route.continue() : route.abort()));
  await phone.signIn("Jonas Rønning");
  const devtools = await phone.context.newCDPSession(phone.page);
  const crashed = phone.page.waitForEvent("crash");
  void devtools.send("Page.crash").catch(() => undefined);
  await crashed;
  const again = await phone.context.newPage();
  const pulled = again.waitForResponse((r) => r.url().endsWith("/Pull"));
  await again.goto(`${phone.at}/`);
  await (await pulled).finished();
  await again.getByRole("navigation", { name: phone.say("nav.label") }).waitFor();
  through = true;
  await again.evaluate(() => dispatchEvent(new Event("online")));
  await remembered(phone);
  await phone.close();
});

test("what is being typed is there when the tab is killed mid-word", async () => {
  const phone = await Phone.open(browser);
  await phone.signIn("Ida Sæther");
  await phone.go("/new?as=observed");
  await phone.page.getByRole("searchbox").fill("Jonas");
  await phone.page.getByRole("button", { name: "Jonas Rønning" }).last().tap();
  const words = "Hvorfor blir det så stille når jeg spø";
  await phone.page.locator("#focus").pressSequentially(words);
  await phone.page.waitForTimeout(400); // a pause of the writer's: words are on disk 300 ms after a key
  const devtools = await phone.context.newCDPSession(phone.page);
  const crashed = phone.page.waitForEvent("crash");
  void devtools.send("Page.crash").catch(() => undefined);
  await crashed;
  const again = await phone.context.newPage();
  await again.goto(`${phone.at}/#/new?as=observed`);
  await again.locator(".chosen", { hasText: "Jonas Rønning" }).waitFor(); // to whom it is written, too
  expect(await again.locator("#focus").inputValue()).toBe(words);
  await phone.close();
});
