import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accept, ask } from "./agree";
import { launch, Phone } from "./phone";

// What was written in an exchange and not sent: no tap takes it away unasked, and
// whoever has no finger on the screen is never left at the top of the page.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const begun = "Det var stille, men";

/** Waits until the focus is on what a selector finds. */
const focusOn = (phone: Phone, selector: string) =>
  phone.page.waitForFunction((s) => document.activeElement?.matches(s), selector).catch(async () => {
    const has = await phone.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 80));
    throw new Error(`the focus is not on ${selector}, but on ${has}`);
  });

/** Takes the first prompt of those below a field. */
async function takePrompt(phone: Phone, within: string): Promise<void> {
  await phone.page.locator(`${within} .prompts summary`).tap();
  await phone.page.locator(`${within} .prompts .prompt`).first().tap();
}

test.concurrent("words that were begun stay, and so does one's place", async () => {
  const [observer, observed] = [await Phone.open(browser), await Phone.open(browser)];
  await Promise.all([observer.signIn("Halvor Brekke"), observed.signIn("Nils Aune")]);
  await ask(observer, "Nils Aune");
  await accept(observed, "Hvem får ordet i klassen min?", "Jeg venter lenger enn jeg pleier.");
  await observer.home();
  await observer.touch("home.note_now");
  await observer.choose("note.SAW");
  await observer.write("note", "Læreren venter i sju sekunder.");
  await observer.touch("note.save");
  await observer.touch("note.finish");
  await observer.button("fb.make_point").first().tap();
  await observer.page.locator(".made a").tap();
  await observer.write("point-0", "Da du ventet i sju sekunder, rakk to opp hånda.");
  await observer.touch("do.next");
  await observer.page.locator("#question-0").or(observer.button("guide.later")).first().waitFor();
  if (await observer.button("guide.later").isVisible()) await observer.touch("guide.later");
  await observer.write("question-0", "Hva la du merke til i rommet mens du ventet?");
  await observer.page.locator('.review[data-kind="WONDERING"]').waitFor();
  await observer.touch("do.next");
  await observer.touch("fb.give.do", { name: "Nils" });
  await observer.page.getByText(observer.say("state.FEEDBACK_GIVEN"), { exact: true }).first().waitFor();

  // Two lines of one's own, skipped: they wait where they can be added later.
  const { page } = observed;
  await observed.home();
  await observed.next("RECORD_OWN_VIEW");
  await observed.write("own", begun);
  await observed.touch("ex.own.skip");
  await page.locator(".question").waitFor();
  expect(await page.locator("#own").inputValue(), "written before it was skipped").toBe(begun);
  await page.getByRole("button", { name: observed.say("do.save"), exact: true }).click();
  await focusOn(observed, "#own-view");

  await page.getByRole("button", { name: observed.say("ex.ack"), exact: true }).press("Enter");
  await focusOn(observed, "#read");

  // A reply, to the point.
  const reply = page.locator("article", { hasText: "rakk to opp hånda" }).locator("form, .quiet-button").first();
  await reply.press("Enter");
  await focusOn(observed, "textarea[id^=reply-]");
  await page.getByRole("button", { name: observed.say("do.cancel"), exact: true }).press("Enter");
  await focusOn(observed, ".quiet-button");
  await page.keyboard.press("Enter");
  await focusOn(observed, "textarea[id^=reply-]");
  await page.keyboard.type(begun);
  await page.locator(".inline-form .mark").first().tap();
  const more = await page.locator(".inline-form .mark").first().textContent();
  expect(await page.locator("textarea[id^=reply-]").inputValue(), "a prompt goes on after what is there").toBe(`${begun} ${more}`);
  await page.getByRole("button", { name: observed.say("ex.reply.send"), exact: true }).press("Enter");
  await focusOn(observed, ".quiet-button");

  // A question back.
  await page.getByRole("button", { name: observed.say("ex.ask_back"), exact: true }).press("Enter");
  await focusOn(observed, "#ask-back");
  await page.keyboard.type(begun);
  await takePrompt(observed, ".inline-form");
  expect(await page.locator("#ask-back").inputValue(), "a prompt goes on after what is there").toMatch(new RegExp(`^${begun} .+`));
  await page.getByRole("button", { name: observed.say("do.cancel"), exact: true }).press("Enter");
  await focusOn(observed, "#ask-back-open");

  // An answer that was begun: parked it stays in sight, and a talk takes its place only when told to.
  const answer = page.locator("textarea[id^=answer-]");
  await answer.fill(begun);
  await page.getByRole("button", { name: observed.say("ex.park"), exact: true }).press("Enter");
  await page.locator('.question[data-state="PARKED"]').waitFor();
  await focusOn(observed, ".question");
  expect(await answer.inputValue(), "a parked question can be answered yet").toBe(begun);
  await observed.touch("ex.talked");
  await page.getByText(observed.say("ex.talked.sure")).waitFor();
  await observed.touch("do.no");
  expect(await page.locator('.question[data-state="PARKED"]').count(), "it is asked first").toBe(1);
  expect(await answer.inputValue()).toBe(begun);
  await observed.touch("ex.talked");
  await observed.touch("ex.talked.do");
  await page.locator('.question[data-state="TALKED_UNCONFIRMED"]').waitFor();
  await focusOn(observed, ".question");

  // After all, in writing.
  await page.getByRole("button", { name: observed.say("ex.parked.again"), exact: true }).press("Enter");
  await focusOn(observed, "textarea[id^=answer-]");
  expect(await answer.inputValue(), "taken away, as was said").toBe("");
  await page.keyboard.type(begun);
  await page.getByRole("button", { name: observed.say("ex.answer.send"), exact: true }).press("Enter");
  await page.locator('.question[data-state="ANSWERED"]').waitFor();
  await focusOn(observed, ".question");
  for (const phone of [observer, observed]) {
    expect(phone.faults).toEqual([]);
    await phone.close();
  }
});

test.concurrent("a phone that was signed out from elsewhere tells what waits on it", async () => {
  const [lost, other] = [await Phone.open(browser, "en"), await Phone.open(browser)];
  await lost.signIn("Gunn Haugland");
  await lost.offline(true);
  await ask(lost, "Ida Sæther");
  await other.signIn("Gunn Haugland");
  await other.go("/devices");
  await other.touch("dev.end");
  await other.touch("dev.end.do");
  await other.page.getByText(other.say("dev.ended")).first().waitFor();
  await lost.offline(false);
  const told = lost.page.locator(".signin .told", { hasText: lost.say("signin.ended") });
  await told.getByText(lost.say("signin.waits.one", { n: 1 })).waitFor();
  for (const phone of [lost, other]) {
    expect(phone.faults).toEqual([]);
    await phone.close();
  }
});
