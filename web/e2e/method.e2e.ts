import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accept, ask } from "./agree";
import { launch, Phone } from "./phone";

// The method from end to end, as two people meet it: what was meant is frozen, moments
// of the lesson wait for words, a point tells what followed, and a question may have
// opened something.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const text = (phone: Phone, words: string) => phone.page.getByText(words, { exact: true }).first().waitFor();
const gone = (phone: Phone, words: string) => phone.page.getByText(words, { exact: true }).first().waitFor({ state: "detached" });

async function signedIn(name: string): Promise<Phone> {
  const phone = await Phone.open(browser, "nb");
  await phone.signIn(name);
  return phone;
}

test("what was meant is frozen, moments wait for words, a point tells what followed, a question may open something", async () => {
  const [observer, observed] = await Promise.all([signedIn("Camilla Ødegård"), signedIn("Åse Lien")]);
  await ask(observer, "Åse Lien", 10);
  const visit = /#(\/v\/[^/]+)/.exec(observer.page.url())![1]!;
  await accept(observed, "Hvem får ordet?", "Jeg venter i åtte sekunder.");

  // The lesson is on: the first words stand, and what is put otherwise stands beside them.
  await observed.go(`${visit}/card`);
  await text(observed, observed.say("card.is_frozen"));
  await observed.write("expectation", "Flere rekker opp hånda.");
  await observed.write("intention", "Jeg venter lenger enn jeg pleier.");
  await observed.touch("do.save");
  for (const words of ["Jeg venter i åtte sekunder.", "Jeg venter lenger enn jeg pleier.", "Flere rekker opp hånda."]) await text(observed, words);

  // "Here!" in one's own lesson, without a network.
  await observed.offline(true);
  await observed.button("moment.here").tap();
  await observed.page.locator(".moments li").waitFor();
  await observed.offline(false);

  // "Here!" for the observer: the moment gets words, and is a note then.
  await observer.go(`${visit}/note`);
  await observer.button("moment.here").tap();
  const marked = await observer.page.locator(".moments li").innerText();
  expect(await observer.page.locator(".moments li").count(), "one's own moments alone").toBe(1);
  await observer.page.locator(".moments button.small").tap();
  await observer.write("note", "To ved vinduet rakk opp hånda.");
  await observer.touch("note.save");
  await observer.page.locator(".notes > li", { hasText: "To ved vinduet" }).waitFor();
  await observer.page.locator(".moments").waitFor({ state: "detached" });
  const time = await observer.page.locator(".notes > li time").first().innerText();
  expect(marked, "the note has the moment's time").toContain(time);
  await observer.page.getByRole("img", { name: /1 notat/ }).waitFor();

  // What was deleted can be had back until the next thing is done, wherever one has been meanwhile.
  await observer.page.locator(".note-edit").first().tap();
  await observer.touch("do.delete");
  await observer.page.locator(".notes > li").waitFor({ state: "detached" });
  await observer.go(visit);
  await observer.go(`${visit}/note`);
  await observer.touch("do.undo");
  await observer.page.locator(".notes > li", { hasText: "To ved vinduet" }).waitFor();

  // A point is made where the note stands, and tells what followed apart.
  await observer.go(`${visit}/feedback/notes`);
  await observer.button("fb.make_point").tap();
  await observer.page.locator(".made a").waitFor();
  expect(observer.page.url(), "one stays in the list").toContain("/feedback/notes");
  await observer.page.locator(".made a").tap();
  expect(await observer.page.locator("#point-0").inputValue()).toBe("To ved vinduet rakk opp hånda.");
  await observer.write("effect-0", "De svarte begge to.");
  await observer.touch("do.next");
  await observer.page.locator("#question-0").or(observer.button("guide.later")).first().waitFor();
  if (await observer.button("guide.later").isVisible()) await observer.touch("guide.later");
  await observer.write("question-0", "Hva la du merke til i rommet mens du ventet?");
  await observer.page.locator('.review[data-kind="WONDERING"]').waitFor();
  await observer.touch("do.next");
  await text(observer, observer.say("fb.effect.told"));
  await observer.touch("fb.give.do", { name: "Åse" });
  await text(observer, observer.say("state.FEEDBACK_GIVEN"));

  // The observed holds what was meant against what was seen; the moment comes back.
  await observed.home();
  await observed.next("RECORD_OWN_VIEW");
  await text(observed, "Jeg venter i åtte sekunder.");
  await observed.page.locator(".moments button.small").tap();
  expect(await observed.page.locator("#own").inputValue(), "the moment's time").toMatch(/\d/);
  await observed.write("own", "Det var roligere enn jeg trodde.");
  await observed.touch("ex.own.open");
  await text(observed, "De svarte begge to.");
  await observed.page.locator("[id^=answer-]").first().fill("At de ventet på hverandre.");
  await observed.page.locator(".answering").getByRole("button", { name: observed.say("ex.answer.send"), exact: true }).tap();

  // Did it open something? Said to the one who asked; changed, and taken back, by the one who said it.
  await observed.page.locator(".opening summary").tap();
  await observed.page.locator("[id^=opening-][id$=-text]").fill("Jeg venter på dem, de på meg.");
  await observed.touch("opening.yes");
  await observed.page.getByText(observed.say("opening.said.yes", { name: "Camilla" })).waitFor();
  await observer.go(`${visit}/exchange`);
  await observer.page.getByText(observer.say("opening.told.yes", { name: "Åse" })).waitFor();
  await observer.page.getByText("Jeg venter på dem, de på meg.").waitFor();
  await observed.touch("opening.back");
  await observed.page.locator(".opening summary").waitFor();
  await observer.page.locator(".opening").waitFor({ state: "detached" });

  // And in what one takes along, what was meant stands beside it.
  await observed.go(`${visit}/take`);
  await text(observed, "Jeg venter i åtte sekunder.");
  await gone(observed, observed.say("moment.take"));
  for (const phone of [observer, observed]) {
    expect(phone.faults).toEqual([]);
    await phone.close();
  }
});
