import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accept, ask } from "./agree";
import { launch, type Language, Phone } from "./phone";

// A whole visit between two phones, with the network cut for the lesson, in each
// of the three languages at once.

interface Words {
  observer: string;
  /** Has never asked anybody through the app: the guide comes before the first questions. */
  newcomer?: boolean;
  observed: string;
  focus: string;
  intention: string;
  notes: [kind: string, text: string][];
  point: string;
  accusing: string;
  question: string;
  own: string;
  answer: string;
}

const visits: Record<Language, Words> = {
  nb: {
    observer: "Oda Kvamme",
    observed: "Per Stordal",
    focus: "Hvem får ordet i klassen min?",
    intention: "Jeg venter lenger enn jeg pleier, så flere våger.",
    notes: [
      ["note.SAW", "Læreren spør og venter i sju sekunder."],
      ["note.SAW", "To elever ved vinduet rekker opp hånda etter ventetiden."],
      ["note.INTERPRETATION", "Jeg tror ventetiden ga dem mot."],
      ["note.WONDERING", "Hva så du etter mens du ventet?"],
      ["note.SAW", "Fire av tjue hadde ordet etter ti minutter."],
    ],
    point: "Da du ventet i sju sekunder, rakk to ved vinduet opp hånda.",
    accusing: "Hvorfor lot du dem bare sitte der?",
    question: "Hva la du merke til i rommet mens du ventet?",
    own: "Det ble stillere enn jeg hadde tenkt.",
    answer: "Jeg så etter dem som pleier å være stille.",
  },
  nn: {
    observer: "Celine Ruud",
    newcomer: true,
    observed: "Daniel Myhre",
    focus: "Kven får ordet i klassen min?",
    intention: "Eg ventar lenger enn eg pleier, så fleire vågar.",
    notes: [
      ["note.SAW", "Læraren spør og ventar i sju sekund."],
      ["note.SAW", "To elevar ved vindauget rekkjer opp handa etter ventetida."],
      ["note.INTERPRETATION", "Eg trur ventetida gav dei mot."],
      ["note.WONDERING", "Kva såg du etter medan du venta?"],
      ["note.SAW", "Fire av tjue hadde ordet etter ti minutt."],
    ],
    point: "Då du venta i sju sekund, rekte to ved vindauget opp handa.",
    accusing: "Kvifor lét du dei berre sitje der?",
    question: "Kva la du merke til i rommet medan du venta?",
    own: "Det vart stillare enn eg hadde tenkt.",
    answer: "Eg såg etter dei som pleier å vere stille.",
  },
  en: {
    observer: "Eli Nordgård",
    observed: "Fredrik Lunde",
    focus: "Who gets to speak in my class?",
    intention: "I wait longer than I usually do, so that more dare to.",
    notes: [
      ["note.SAW", "The teacher asks and waits for seven seconds."],
      ["note.SAW", "Two pupils by the window raise a hand after the wait."],
      ["note.INTERPRETATION", "I think the wait gave them courage."],
      ["note.WONDERING", "What did you look for while you waited?"],
      ["note.SAW", "Four of twenty had spoken after ten minutes."],
    ],
    point: "When you waited for seven seconds, two by the window raised a hand.",
    accusing: "Why did you just let them sit there?",
    question: "What did you notice in the room while you waited?",
    own: "It was quieter than I had thought.",
    answer: "I looked for those who are usually quiet.",
  },
};

/** The note that was written last stands above the bar in which one writes. */
const newestIsSeen = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const [note, bar] = [".notes > li:last-child", ".bar"].map((of) => document.querySelector(of)!.getBoundingClientRect());
    return note!.bottom <= bar!.top;
  });

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

describe.concurrent("a whole visit, with the network cut for the lesson", () => {
  for (const language of ["nb", "nn", "en"] as const) {
    test(language, async () => {
      const w = visits[language];
      const observer = await Phone.open(browser, language);
      const observed = await Phone.open(browser, language);
      await Promise.all([observer.signIn(w.observer), observed.signIn(w.observed)]);

      await ask(observer, w.observed);
      await accept(observed, w.focus, w.intention);

      // In the lesson: two taps from the first screen to the notes, without a network.
      await observer.home();
      await observer.link("home.note_now").waitFor();
      await observer.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      await observer.offline(true);
      await observer.page.reload();
      await observer.touch("home.note_now");
      for (const [kind, text] of w.notes) {
        await observer.choose(kind);
        await observer.write("note", text);
        if (text === w.notes[0]![1]) await observer.touch("note.save");
        else await observer.page.locator("#note").press("Control+Enter");
        await observer.page.getByText(text, { exact: true }).waitFor();
        await expect.poll(() => newestIsSeen(observer.page), { message: `the note "${text}" is behind the bar` }).toBe(true);
      }
      await observer.page.getByText(w.focus).first().waitFor(); // the card stays

      // Saved too early: it stands in the field again, with what was written since.
      await observer.write("note", w.own);
      await observer.touch("note.save");
      await observer.write("note", w.answer);
      await observer.touch("do.undo");
      expect(await observer.page.locator("#note").inputValue()).toBe(`${w.own} ${w.answer}`);
      expect(await observer.page.locator(".notes > li").count()).toBe(w.notes.length);
      await observer.button("do.undo").waitFor({ state: "detached" });
      await observer.write("note", "");

      // Feedback, still offline, with the review beside the question.
      await observer.touch("note.finish");
      await observer.button("fb.make_point").first().tap();
      await observer.page.locator(".made a").tap();
      expect(await observer.page.locator("#point-0").inputValue(), "the note's words come along").not.toBe("");
      await observer.write("point-0", w.point);
      await observer.touch("fb.point.add");
      expect(await observer.focus(), "the new point").toBe("point-1");
      await observer.button("do.remove").last().tap();
      expect(await observer.focus(), "what is left, when a point is taken away").not.toBe("");
      await observer.touch("do.next");
      if (w.newcomer) {
        await observer.page.getByRole("heading", { level: 1, name: observer.say("guide.title") }).waitFor();
        await observer.touch("guide.later");
      }
      await observer.write("question-0", w.accusing);
      await observer.page.locator('.review[data-kind="DEFENCE_PROVOKING"] .better button').first().tap();
      expect(await observer.focus(), "the question that was taken over").toBe("question-0");
      await observer.write("question-0", w.question);
      await observer.page.locator('.review[data-kind="WONDERING"]').waitFor();
      await observer.touch("do.next");
      await observer.touch("fb.give.do", { name: w.observed.split(" ")[0] });
      await observer.page.getByText(observer.say("state.FEEDBACK_GIVEN"), { exact: true }).first().waitFor();
      await observer.page.getByText(observer.say("net.off")).waitFor();

      // The network is back: all of it arrives.
      await observer.offline(false);
      await observer.page.getByText(observer.say("net.off")).waitFor({ state: "detached" });

      // Two lines of one's own, then the feedback, then the answer.
      await observed.home();
      await observed.next("RECORD_OWN_VIEW");
      await observed.write("own", w.own);
      await observed.offline(true);
      await observed.touch("ex.own.open");
      await observed.page.getByText(observed.say("ex.on_its_way")).waitFor();
      await observed.offline(false);
      await observed.page.getByText(w.point).first().waitFor();
      await observed.page.getByText(w.notes[0]![1]).first().waitFor();
      await observed.page.locator("[id^=answer-]").first().fill(w.answer);
      await observed.page.locator(".answering").getByRole("button", { name: observed.say("ex.answer.send"), exact: true }).tap();
      await observed.page.getByText(w.answer).waitFor();

      // What each takes along; the visit closes.
      for (const [phone, text] of [[observed, w.answer], [observer, w.point]] as const) {
        await phone.home();
        await phone.next("RECORD_TAKEAWAY");
        // What the server tells meanwhile does not make the screen anew under the fingers.
        const field = await phone.page.waitForSelector("#take");
        await phone.told();
        await phone.touch("take.send");
        expect(await phone.focused(), "the first thing that is missing").toEqual({ id: "take", says: phone.say("take.missing.text") });
        await phone.write("take", text);
        await phone.touch("take.send");
        expect(await phone.focused(), "the next one").toEqual({ id: "learning", says: phone.say("take.missing.learning") });
        await phone.choose("take.ADJUSTED_PRACTICE");
        expect(await field.evaluate((el) => el.isConnected), "the field in which one writes is another one now").toBe(true);
        await phone.touch("take.send");
      }
      // The one who wrote last sees it closed before the server has heard of it: that phone stays on until the other one has, too.
      const phones = [observer, observed];
      for (const phone of phones) {
        await phone.page.locator("header", { hasText: phone.say("state.CLOSED") }).waitFor();
        await phone.page.getByText(phone.say("visit.return")).first().waitFor();
      }
      for (const phone of phones) {
        expect(phone.faults).toEqual([]);
        await phone.close();
      }
    });
  }
});
