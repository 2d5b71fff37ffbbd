import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accept, ask, withdraw } from "./agree";
import { launch, Phone } from "./phone";

// One person with two phones, or two tabs, who writes the same thing in both: what
// was begun before the other's words were there does not take their place. And a
// phone that is full.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

async function signedIn(name: string): Promise<Phone> {
  const phone = await Phone.open(browser, "nb");
  await phone.signIn(name);
  return phone;
}

const text = (phone: Phone, words: string) => phone.page.getByText(words, { exact: true }).first().waitFor();
const sent = (phone: Phone) => phone.page.locator(".syncline", { hasText: phone.say("net.sending") }).waitFor({ state: "detached" });
/** Goes on to the next step, once what was written at this one is at the server. */
async function saved(phone: Phone): Promise<void> {
  const pushed = phone.page.waitForResponse((r) => r.url().endsWith("/Push")); // that it is being sent is shown a moment later
  await phone.touch("do.next");
  await (await pushed).finished();
  await sent(phone);
}

test("nothing that one wrote on the one takes the place of what one wrote on the other", async () => {
  const [observer, second, observed, tablet] = await Promise.all([signedIn("Gunn Haugland"), signedIn("Gunn Haugland"), signedIn("Maja Strand"), signedIn("Maja Strand")]);
  await ask(observer, "Maja Strand", 180);
  const visit = /#(\/v\/[^/]+)/.exec(observer.page.url())![1]!;

  // The card: what one did not touch is left as the other has it.
  await observed.go(`${visit}/card`);
  await observed.write("focus", "Hvem får ordet?");
  await observed.write("intention", "Jeg venter.");
  await observed.touch("do.save");
  await tablet.go(visit);
  await text(tablet, "Jeg venter.");
  for (const phone of [observed, tablet]) {
    await phone.go(`${visit}/card`);
    await phone.page.locator("#intention").waitFor();
  }
  await tablet.write("intention", "Jeg venter i sju sekunder.");
  await tablet.touch("do.save");
  await sent(tablet);
  await observed.told();
  await observed.write("focus", "Hvem får ordet i klassen min?");
  await observed.touch("do.save");
  for (const phone of [observed, tablet]) {
    await text(phone, "Hvem får ordet i klassen min?");
    await text(phone, "Jeg venter i sju sekunder.");
  }
  await observed.touch("proposal.yes");
  await observer.page.getByText(observer.say("state.AGREED"), { exact: true }).first().waitFor();

  // A note that stands open on both.
  await observer.go(`${visit}/note`);
  await observer.write("note", "Fire rekker opp hånda.");
  await observer.touch("note.save");
  await second.go(`${visit}/note`);
  for (const phone of [observer, second]) {
    await phone.page.locator(".note-edit").tap();
    await phone.page.locator("#edit").waitFor();
  }
  await second.write("edit", "Fem rekker opp hånda.");
  await second.page.locator(".note-editing").getByRole("button", { name: second.say("do.save") }).tap();
  await sent(second);
  await observer.told();
  await observer.write("edit", "Seks rekker opp hånda.");
  await observer.page.waitForTimeout(500); // a pause of the keys: the words are on disk
  await observer.page.reload();
  await observer.page.locator("#edit").waitFor(); // what was being rewritten stands open
  expect(await observer.page.locator("#edit").inputValue()).toBe("Seks rekker opp hånda.");
  await observer.page.locator(".note-editing").getByRole("button", { name: observer.say("do.save") }).tap();
  for (const phone of [observer, second]) for (const words of ["Fem rekker opp hånda.", "Seks rekker opp hånda."]) await text(phone, words);

  // Feedback that was begun on both.
  for (const phone of [observer, second]) await phone.go(`${visit}/feedback/points`);
  for (const [phone, words] of [[second, "Da du ventet."], [observer, "Da de svarte."]] as const) {
    await phone.write("point-0", words);
    await phone.touch("do.next");
    await phone.page.waitForURL(/questions|guide/);
    await sent(phone);
  }
  await second.told();
  for (const phone of [observer, second]) {
    await phone.go(`${visit}/feedback/points`);
    await expect.poll(() => phone.page.locator("textarea[id^=point-]").evaluateAll((all) => all.map((e) => (e as HTMLTextAreaElement).value).sort())).toEqual(["Da de svarte.", "Da du ventet."]);
  }

  // Two tabs: what is sent from the one is not what is begun in the other.
  await observer.go(`${visit}/note`);
  const tab = await observer.context.newPage();
  await tab.goto(observer.page.url());
  await tab.locator("#note").waitFor();
  await observer.write("note", "Begynt her.");
  await tab.locator("#note").fill("Sendt herfra.");
  await tab.getByRole("button", { name: observer.say("note.save"), exact: true }).tap();
  await text(observer, "Sendt herfra.");
  await observer.page.waitForTimeout(1_000); // a pause of the keys, and the disk's
  await observer.page.reload();
  await observer.page.locator("#note").waitFor();
  expect(await observer.page.locator("#note").inputValue(), "begun in this tab").toBe("Begynt her.");
  await tab.close();

  // No room: it is not saved, is not said to be, and stands in the field.
  const { page } = observer;
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
    Object.assign(globalThis, { makeRoom: () => (IDBObjectStore.prototype.put = put) });
  });
  await observer.write("note", "Uten plass.");
  await observer.touch("note.save");
  await page.locator(".syncline", { hasText: observer.say("sync.no_room") }).waitFor();
  await expect.poll(() => page.locator("#note").inputValue()).toBe("Uten plass.");
  expect(await page.locator(".saved").count(), "said to be saved").toBe(0);
  await page.evaluate(() => (globalThis as unknown as { makeRoom(): void }).makeRoom());
  await observer.touch("note.save");
  await text(observer, "Uten plass.");
  await sent(observer);
  await second.go(`${visit}/note`);
  await text(second, "Uten plass.");
  // It ends here: from four in the afternoon on, who owes feedback asks for no other visit.
  await withdraw(observed, visit.slice("/v/".length));
  await sent(observed);
  await second.page.getByText(second.say("visit.gone")).waitFor();
  for (const phone of [observer, second, observed, tablet]) {
    expect(phone.faults).toEqual([]);
    await phone.close();
  }
});

test("what is done on the one is done on the other", async () => {
  const [observer, second, observed, tablet] = await Promise.all([signedIn("Gunn Haugland"), signedIn("Gunn Haugland"), signedIn("Maja Strand"), signedIn("Maja Strand")]);
  await ask(observer, "Maja Strand", 12);
  const visit = /#\/v\/([^/]+)/.exec(observer.page.url())![1]!;
  const card = (phone: Phone, words: string) => phone.page.locator(`.card:is([data-visit="${visit}"], [data-change="${visit}"])`, { hasText: words });
  /** Stands on the first screens of both of somebody's phones; done on the one, it is gone from the other. */
  async function once(here: Phone, there: Phone, words: string, act: () => Promise<void>): Promise<void> {
    for (const phone of [here, there]) {
      await phone.walkHome();
      await card(phone, words).waitFor();
    }
    await act();
    await card(there, words).waitFor({ state: "detached" });
  }

  // A proposal.
  await once(observed, tablet, observed.say("todo.mine.SET_FOCUS"), () => accept(observed, "Hvem får ordet?", "Jeg venter.", visit));

  // "Here!" on the one gets its words on the other.
  for (const phone of [observer, second]) {
    await phone.walkHome();
    await phone.touch("home.note_now");
  }
  await observer.button("moment.here").tap();
  await second.page.locator(".moments button.small").tap();
  await second.write("note", "To rakk opp hånda.");
  await second.touch("note.save");
  await observer.page.locator(".notes > li", { hasText: "To rakk opp" }).waitFor();
  await observer.page.locator(".moments").waitFor({ state: "detached" });

  async function questions(phone: Phone): Promise<void> {
    await phone.page.locator("#question-0").or(phone.button("guide.later")).first().waitFor();
    if (await phone.button("guide.later").isVisible()) await phone.touch("guide.later"); // the guide comes before the first ones
  }
  // Stood by on the one, it is stood by on the other; put otherwise there, it is on neither.
  const stands = (phone: Phone) => phone.page.locator(".review", { hasText: phone.say("fb.standing") });
  await observer.touch("note.finish");
  await observer.button("fb.make_point").tap();
  await observer.page.locator(".made a").tap();
  await observer.touch("do.next");
  await questions(observer);
  await observer.write("question-0", "Var det første gang de fikk velge selv?");
  await observer.page.locator(".review .switch").tap();
  await stands(observer).waitFor();
  await saved(observer);
  await second.told();
  await second.go(`/v/${visit}/feedback/questions`);
  await questions(second);
  await stands(second).waitFor();
  await second.write("question-0", "Var det første gang de fikk velge?");
  await stands(second).waitFor({ state: "detached" });
  await saved(second);
  await observer.told();
  await observer.page.locator(".tabs a").nth(2).tap();
  await expect.poll(() => observer.page.locator("#question-0").inputValue()).toBe("Var det første gang de fikk velge?");
  expect(await stands(observer).count(), "it stood by other words").toBe(0);
  await observer.write("question-0", "Hva la du merke til i rommet mens du ventet?");
  await observer.touch("do.next");
  await observer.touch("fb.give.do", { name: "Maja" });
  await second.page.getByText(second.say("fb.given", { name: "Maja Strand" })).waitFor(); // nothing is asked for a second time

  // The feedback, opened here and answered there; and what each takes along.
  await once(tablet, observed, observed.say("todo.mine.RECORD_OWN_VIEW"), async () => {
    await tablet.next("RECORD_OWN_VIEW", visit);
    await tablet.touch("ex.own.skip");
  });
  await once(observed, tablet, observed.say("todo.mine.ANSWER_QUESTIONS"), async () => {
    await observed.next("ANSWER_QUESTIONS", visit);
    await observed.page.locator("[id^=answer-]").first().fill("At de ventet på hverandre.");
    await observed.page.locator(".answering").getByRole("button", { name: observed.say("ex.answer.send"), exact: true }).tap();
  });
  for (const [here, there] of [[tablet, observed], [second, observer]] as const) {
    await once(here, there, here.say("todo.mine.RECORD_TAKEAWAY"), async () => {
      await here.next("RECORD_TAKEAWAY", visit);
      await here.write("take", "8 s.");
      await here.choose("take.NOTHING_NEW");
      await here.touch("take.send");
    });
  }

  // A wish that is answered, and an answer that is seen.
  await observed.walkTo(visit);
  await observed.touch("visit.leave");
  await observed.touch("leave.reopen.do");
  await once(observer, second, observer.say("visit.reopen_wished.theirs", { name: "Maja" }), () => observer.touch("visit.reopen_refuse"));
  await once(tablet, observed, observed.say("change.REOPEN_REFUSED", { name: "Gunn" }), () => tablet.touch("change.seen"));
  for (const phone of [observer, second, observed, tablet]) {
    expect(phone.faults).toEqual([]);
    await phone.close();
  }
});
