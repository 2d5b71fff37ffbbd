import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "./agree";
import { administrator, call, demoPerson } from "./calls";
import agreement from "../src/words/agreement.json";
import { type Language, launch, Phone } from "./phone";

// A whole visit by the first screen's next steps alone, and a second one that is moved,
// called off, left and reopened: whatever one of the two asks or does stands on the
// other's first screen until it is answered or seen. In each of the three languages, and
// by touches alone: nobody types an address.

// Those who are observed leave the school: no other test signs in as one of them.
const pairs: Record<Language, [observer: string, observed: string]> = {
  nb: ["Åse Lien", "Ragnhild Vik"],
  nn: ["Tone Bakke", "Sander Moen"],
  en: ["Vilde Nygaard", "Yngve Sand"],
};

const questions: Record<Language, string> = {
  nb: "Hva la du merke til i rommet mens du ventet?",
  nn: "Kva la du merke til i rommet medan du venta?",
  en: "What did you notice in the room while you waited?",
};

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const firstOf = (name: string) => name.split(" ")[0]!;
const idOf = (phone: Phone) => phone.page.url().split("#/v/")[1]!.split("/")[0]!;

/** The card of a visit on the first screen. */
async function card(phone: Phone, visit: string, says: string, kind: "visit" | "change" = "visit") {
  await phone.walkHome();
  const found = phone.page.locator(`.card[data-${kind}="${visit}"]`, { hasText: says });
  await found.waitFor();
  return found;
}

/** Goes on from the first screen, where it says that this is next. */
async function next(phone: Phone, visit: string, todo: string): Promise<void> {
  await (await card(phone, visit, phone.say(`todo.mine.${todo}`))).locator("a.button").tap();
}

/** The other one's first screen says what happened, until they have said that they saw it. */
async function sees(phone: Phone, visit: string, change: string, name: string): Promise<void> {
  const told = await card(phone, visit, phone.say(`change.${change}`, { name }), "change");
  await told.getByRole("button", { name: phone.say("change.seen") }).tap();
  await told.waitFor({ state: "detached" });
}

/** An administrator takes somebody's place at the school away. */
async function leaves(name: string): Promise<void> {
  const { id: personId } = await demoPerson(name);
  const { accessToken, schoolId } = await administrator();
  await call("SchoolService/SetRole", { requestId: crypto.randomUUID(), personId, schoolId, role: "ROLE_TEACHER", takeAway: true }, accessToken);
}

/** The observed writes the card and says yes, from the first screen, with what is promised in sight. */
async function agree(phone: Phone, visit: string, focus: string): Promise<void> {
  await next(phone, visit, "SET_FOCUS");
  await phone.write("focus", focus);
  await phone.page.getByText(agreement[phone.language][4]!).waitFor();
  await phone.touch("card.accept");
  await phone.page.getByText(phone.say("state.AGREED"), { exact: true }).first().waitFor();
}

describe.concurrent("nothing is asked unheard", () => {
  for (const language of ["nb", "nn", "en"] as const) {
    test(language, async () => {
      const [watcher, teacher] = pairs[language];
      const observer = await Phone.open(browser, language);
      const observed = await Phone.open(browser, language);
      await Promise.all([observer.signIn(watcher), observed.signIn(teacher)]);
      const [w, t] = [firstOf(watcher), firstOf(teacher)];

      // A whole visit. Both see what they promise, in ask and accept.
      await ask(observer, teacher, 12);
      const visit = idOf(observer);
      await agree(observed, visit, questions[language]);
      await observer.walkHome();
      await observer.touch("home.note_now");
      await observer.write("note", "11:02");
      await observer.touch("note.save");
      await observer.page.locator(".notes > li").waitFor();
      await observer.touch("note.finish");
      await observer.button("fb.make_point").first().tap();
      await observer.page.locator(".made a").tap(); // one stays with the notes, and goes on by the link to what was made
      await observer.touch("do.next");
      await observer.page.locator("#question-0").or(observer.button("guide.later")).first().waitFor();
      if (await observer.button("guide.later").isVisible()) await observer.button("guide.later").tap();
      await observer.write("question-0", questions[language]);
      await observer.page.locator('.review[data-kind="WONDERING"]').waitFor();
      await observer.touch("do.next");
      await observer.touch("fb.give.do", { name: t });
      await observer.page.getByText(observer.say("state.FEEDBACK_GIVEN"), { exact: true }).first().waitFor();

      // Skipped and parked: home, the visit and the exchange ask for the same.
      await next(observed, visit, "RECORD_OWN_VIEW");
      await observed.touch("ex.own.skip");
      await observed.touch("ex.park");
      await card(observed, visit, observed.say("todo.mine.ANSWER_QUESTIONS"));
      await observed.walkTo(visit);
      const asks = observed.page.locator(".bar").getByText(observed.say("todo.mine.ANSWER_QUESTIONS"));
      await asks.and(observed.page.locator("a")).tap(); // the visit leads to the exchange, where it is a button
      await asks.and(observed.page.locator("button")).waitFor();
      await next(observed, visit, "ANSWER_QUESTIONS");
      await observed.page.locator(".bar button").tap();
      await observed.touch("ex.parked.again");
      await observed.page.locator("[id^=answer-]").first().fill("Ja: 11:02.");
      await observed.page.locator(".answering").getByRole("button", { name: observed.say("ex.answer.send"), exact: true }).tap();
      for (const phone of [observed, observer]) {
        await next(phone, visit, "RECORD_TAKEAWAY");
        await phone.write("take", "8 s.");
        await phone.choose("take.NOTHING_NEW");
        await phone.touch("take.send");
      }
      await observed.walkHome();
      await observed.page.locator(`[data-visit="${visit}"]`, { hasText: observed.say("state.CLOSED") }).waitFor();

      // Reopened: no is an answer, and yes is another.
      const wish = async (phone: Phone) => {
        await phone.walkTo(visit);
        await phone.touch("visit.leave");
        await phone.touch("leave.reopen.do");
      };
      await wish(observed);
      const asked = await card(observer, visit, observer.say("visit.reopen_wished.theirs", { name: t }));
      await asked.getByRole("button", { name: observer.say("visit.reopen_refuse") }).tap();
      await sees(observed, visit, "REOPEN_REFUSED", w);
      await wish(observed);
      await (await card(observer, visit, observer.say("visit.reopen_wished.theirs", { name: t }))).getByRole("button", { name: observer.say("visit.reopen_agree") }).tap();
      for (const phone of [observer, observed]) await card(phone, visit, phone.say("todo.mine.RECORD_TAKEAWAY"));

      // A second one, agreed for another day: moved with a no and a yes, then called off.
      await observer.walkHome();
      await observer.page.locator('.nav a[href="#/new"]').tap();
      await observer.page.getByRole("searchbox").fill(teacher);
      await observer.page.getByRole("button", { name: teacher }).last().tap();
      await observer.page.getByText(agreement[language][4]!).waitFor();
      await observer.touch("new.send.observer", { name: t });
      await observer.page.getByText(observer.say("proposal.waits", { name: t })).waitFor();
      const second = idOf(observer);
      await agree(observed, second, questions[language]);
      const move = async () => {
        await observer.walkTo(second);
        await observer.touch("move.start");
        await observer.page.getByText(observer.say("move.lead", { name: t })).waitFor();
        await observer.page.locator("input[type=time]").fill("13:05");
        await observer.touch("counter.send");
        await observer.page.getByText(observer.say("move.mine", { name: t })).waitFor();
        return card(observed, second, observed.say("move.theirs", { name: w }));
      };
      const moved = await move();
      for (const time of ["10", "13"]) expect(await moved.textContent(), "both the old and the new time").toContain(time);
      await moved.getByRole("button", { name: observed.say("move.no") }).tap();
      await sees(observer, second, "MOVE_REFUSED", t);
      await (await move()).getByRole("button", { name: observed.say("move.yes") }).tap();
      await sees(observer, second, "MOVED", t);
      await observed.walkTo(second);
      await observed.touch("visit.leave");
      await observed.touch("leave.cancel");
      await observed.touch("leave.cancel.do");
      await sees(observer, second, "CALLED_OFF", t);

      // The one who was visited leaves the school: the one who stays is asked for nothing that can't come.
      await leaves(teacher);
      const left = await card(observer, visit, observer.say("left.told", { name: t }));
      await left.getByRole("button", { name: observer.say("left.end") }).tap();
      await left.getByRole("button", { name: observer.say("left.end.do") }).tap();
      await left.waitFor({ state: "detached" });
      await observer.walkTo(visit);
      await observer.touch("visit.read");
      await observer.page.getByText("Ja: 11:02.").waitFor(); // and what was written to them stays
      for (const phone of [observer, observed]) {
        expect(phone.faults).toEqual([]);
        await phone.close();
      }
    });
  }
});
