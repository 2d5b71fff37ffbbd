import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accept, ask } from "./agree";
import { type Language, launch, Phone } from "./phone";

// What may be the name of a pupil is hinted at in every field that somebody else will
// read, without a network too; a colleague's name is not. A hint stops nothing. What the
// observed wants left out of the notes stays in sight, however many there are.

interface Words {
  observer: string;
  observed: string;
  /** What names a pupil, as it comes in this language: first in a sentence, whose, after a colon, by letters. */
  pupil: [text: string, name: string][];
  /** What names a colleague, an author, a place, a program, or is quoted. */
  nobody: string[];
  notNote: string;
  question: string;
}

const all: Record<Language, Words> = {
  nb: {
    observer: "Lars Engebretsen",
    observed: "Tone Bakke",
    pupil: [["Tiril venter alltid.", "Tiril"], ["Hva gjør Leons gruppe?", "Leons"], ["Til neste gang: Zubair", "Zubair"], ["K. gikk fram.", "K."]],
    nobody: ["Tone venter alltid.", "Ibsen fra Skien, på Kahoot.", "Du sa: «Tiril, kom.»"],
    notNote: "den nye eleven ved vinduet, og det som sies i pausen",
    question: "Hva la du merke til da Tiril spurte?",
  },
  nn: {
    observer: "Bjørn Tveiten",
    observed: "Oda Kvamme",
    pupil: [["Tiril ventar alltid.", "Tiril"], ["Kva gjer gruppa til Leon?", "Leon"], ["Til neste gong: Zubair", "Zubair"], ["K. gjekk fram.", "K."]],
    nobody: ["Oda ventar alltid.", "Vesaas frå Vinje, på Kahoot.", "Du sa: «Tiril, kom.»"],
    notNote: "den nye eleven ved vindauget, og det som blir sagt i pausen",
    question: "Kva la du merke til då Tiril spurde?",
  },
  en: {
    observer: "Birk Dalen",
    observed: "Jonas Rønning",
    pupil: [["Tilly always waits.", "Tilly"], ["What does Leon's group do?", "Leon's"], ["Next time: Zubair", "Zubair"], ["K. came forward.", "K."]],
    nobody: ["Jonas always waits.", "Ibsen from Skien, on Kahoot.", 'You said: "Tilly, come."'],
    notNote: "the new pupil by the window, and what is said at break",
    question: "What did you notice when Tilly asked?",
  },
};

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** The hint on a name stands in the field's own block, and goes with the name. */
async function hinted(phone: Phone, w: Words, id: string, within = ".field"): Promise<void> {
  const block = phone.page.locator(within, { has: phone.page.locator(`#${id}`) });
  const says = { nb: "kan være navnet", nn: "kan vere namnet", en: "may be the name" }[phone.language];
  for (const [text, name] of w.pupil) {
    await phone.write(id, text);
    await block.locator(".hints", { hasText: name }).waitFor();
  }
  for (const text of w.nobody) {
    await phone.write(id, text);
    await block.locator(".hints", { hasText: says }).waitFor({ state: "detached" }); // it names no pupil
  }
}

describe.concurrent("names of pupils", () => {
  for (const language of ["nb", "nn", "en"] as const) {
    test(language, async () => {
      const w = all[language];
      const [name] = w.pupil[0]!.slice(1);
      const [observer, observed] = await Promise.all([Phone.open(browser, language), Phone.open(browser, language)]);
      await Promise.all([observer.signIn(w.observer), observed.signIn(w.observed)]);

      // What is for the school, and the card.
      await observed.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      await observed.offline(true);
      await observed.go("/open");
      await observed.touch("open.offer");
      for (const id of ["title", "wanted"]) await hinted(observed, w, id);
      await observed.go("/needs");
      await hinted(observed, w, "need");
      await observed.offline(false);
      await ask(observer, w.observed, 20);
      await observed.home();
      await observed.next("SET_FOCUS");
      await hinted(observed, w, "focus");
      await hinted(observed, w, "expectation");
      await observed.page.getByText(observed.say("card.more"), { exact: true }).tap();
      await observed.write("not-note", w.notNote);
      await observed.home();
      await accept(observed, "?? ".concat(w.nobody[0]!), w.pupil[0]![0]);

      // Noting: a hint beside what is written and what is saved; what is not to be noted stays in sight.
      await observer.home();
      await observer.touch("home.note_now");
      await hinted(observer, w, "note");
      for (let i = 0; i < 8; i++) {
        await observer.write("note", `${10 + i}: ${w.pupil[0]![0]}`);
        await observer.touch("note.save");
        await observer.page.locator(".notes > li").nth(i).waitFor();
      }
      await observer.page.locator(".notes .hints", { hasText: name }).first().waitFor();
      const seen = await observer.page.locator(".card-line .not").evaluate((el) => {
        const { top, bottom } = el.getBoundingClientRect();
        return { inside: top >= 0 && bottom <= innerHeight, text: el.textContent, whole: el.scrollHeight <= el.clientHeight + 1 };
      });
      expect(seen, "what is not to be noted, beneath eight notes").toEqual({ inside: true, text: observer.say("note.not", { what: w.notNote }), whole: true });

      // Points, questions; all of it once more before it is given. It stops nothing.
      await observer.touch("note.finish");
      await observer.button("fb.make_point").first().tap();
      await observer.page.locator(".made a").tap();
      await hinted(observer, w, "point-0", ".item");
      await hinted(observer, w, "effect-0");
      await observer.write("point-0", "11:02.");
      await observer.write("effect-0", w.pupil[1]![0]);
      await observer.touch("do.next");
      await observer.page.locator("#question-0").or(observer.button("guide.later")).first().waitFor();
      if (await observer.button("guide.later").isVisible()) await observer.button("guide.later").tap();
      await hinted(observer, w, "question-0");
      await observer.write("question-0", w.question);
      await observer.page.locator('.review[data-kind="WONDERING"]').waitFor();
      await observer.touch("do.next");
      await observer.page.getByText(observer.say("fb.pupil")).waitFor();
      await observer.touch("fb.give.do", { name: w.observed.split(" ")[0]! });
      await observer.page.getByText(observer.say("state.FEEDBACK_GIVEN"), { exact: true }).first().waitFor();

      // Own lines, the answer, an action; what one takes along is one's own, and has no hint.
      await observed.home();
      await observed.next("RECORD_OWN_VIEW");
      await hinted(observed, w, "own");
      await observed.touch("ex.own.open");
      const answer = observed.page.locator("[id^=answer-]").first();
      await answer.waitFor();
      await hinted(observed, w, (await answer.getAttribute("id"))!);
      await answer.fill(w.pupil[0]![0]);
      await observed.page.locator(".answering").getByRole("button", { name: observed.say("ex.answer.send"), exact: true }).tap();
      await observed.home();
      await observed.next("RECORD_TAKEAWAY");
      await observed.write("take", w.pupil[0]![0]);
      expect(await observed.page.locator(".hints").count(), "nobody else reads what one takes along").toBe(0);
      for (const phone of [observer, observed]) {
        expect(phone.faults).toEqual([]);
        await phone.close();
      }
    });
  }
});
