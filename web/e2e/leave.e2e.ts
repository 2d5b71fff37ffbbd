import type { Browser, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accept, ask, withdraw } from "./agree";
import { type Language, launch, Phone } from "./phone";

// Visits that end otherwise than they were meant to, and a network that only seems
// to be there.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

async function pair(language: Language, observer: string, observed: string): Promise<[Phone, Phone]> {
  const phones: [Phone, Phone] = [await Phone.open(browser, language), await Phone.open(browser, language)];
  await Promise.all([phones[0].signIn(observer), phones[1].signIn(observed)]);
  await ask(phones[0], observed);
  await accept(phones[1], "Hvem får ordet i klassen min?", "Jeg venter lenger enn jeg pleier.");
  await phones[0].home();
  await phones[0].touch("home.note_now");
  return phones;
}

async function note(phone: Phone, text: string): Promise<void> {
  await phone.write("note", text);
  await phone.touch("note.save");
  await phone.page.getByText(text, { exact: true }).waitFor();
}

describe.concurrent("a visit that ends otherwise", () => {
  test("by an honest exit that both wish for", async () => {
    const [observer, observed] = await pair("nb", "Anne Solbakken", "Kari Fossheim");
    await note(observer, "Fem rekker opp hånda.");

    // Of a note all can be changed but its time.
    await observer.page.locator(".note-edit").tap();
    const edit = observer.page.locator(".note-editing");
    await edit.getByRole("radio", { name: observer.say("note.WONDERING") }).tap();
    const tag = edit.locator(".mark").nth(1);
    const chosen = (await tag.textContent())!;
    await tag.tap();
    await edit.getByRole("button", { name: observer.say("do.save") }).tap();
    await observer.page.locator(".wonders .note-mark", { hasText: chosen }).waitFor();

    const visit = observer.page.url().split("#/v/")[1]!.split("/")[0]!;
    await observer.go(`/v/${visit}`);
    await observer.touch("visit.leave");
    await observer.touch("leave.exit.do");
    await observer.page.getByText(observer.say("visit.exit_wished.mine", { name: "Kari" })).waitFor();

    // Thought better of it, and wished for it again.
    await observer.touch("visit.exit_take_back");
    await observer.page.getByText(observer.say("visit.exit_wished.mine", { name: "Kari" })).waitFor({ state: "detached" });
    await observer.touch("visit.leave");
    await observer.touch("leave.exit.do");

    // The wish is on the other's home, with no as an answer; the one who wished sees that it was one.
    await observed.home();
    const asked = observed.page.locator(".card", { hasText: observed.say("visit.exit_wished.theirs", { name: "Anne" }) });
    await asked.getByRole("button", { name: observed.say("visit.exit_refuse") }).tap();
    await asked.waitFor({ state: "detached" });
    await observer.home();
    const refused = observer.page.locator(".card", { hasText: observer.say("change.EXIT_REFUSED", { name: "Kari" }) });
    await refused.getByRole("button", { name: observer.say("change.seen") }).tap();
    await refused.waitFor({ state: "detached" });
    await observer.go(`/v/${visit}`);
    await observer.touch("visit.leave");
    await observer.touch("leave.exit.do");

    await asked.getByRole("button", { name: observed.say("visit.exit_agree") }).tap();
    await observed.go(`/v/${visit}`);
    for (const [phone, title] of [
      [observer, observer.say("you.visited", { name: "Kari Fossheim" })],
      [observed, observed.say("you.were_visited", { name: "Anne Solbakken" })],
    ] as const) {
      await phone.page.locator("header", { hasText: phone.say("state.CLOSED_WITHOUT_EXCHANGE") }).waitFor();
      await phone.page.getByRole("heading", { level: 1, name: title }).waitFor();
      expect(await phone.page.locator("[data-turn]").count(), "nobody's turn").toBe(0);
      await phone.home();
      await phone.page.locator(".row", { hasText: title }).getByText(phone.say("state.CLOSED_WITHOUT_EXCHANGE")).waitFor();
      expect(phone.faults).toEqual([]);
      await phone.close();
    }
  });

  test("called off: the other one is told until they have seen it", async () => {
    const [asking, asked] = [await Phone.open(browser, "en"), await Phone.open(browser, "en")];
    await Promise.all([asking.signIn("Birk Dalen"), asked.signIn("Dag Eriksen")]);
    await ask(asking, "Dag Eriksen");
    const visit = asking.page.url().split("#/v/")[1]!.split("/")[0]!;
    await asked.home();
    await asked.page.locator(`.card[data-visit="${visit}"]`).waitFor();
    await asking.go(`/v/${visit}/leave`);
    await asking.touch("leave.cancel");
    await asking.touch("leave.cancel.do");
    const told = asked.page.locator(`.card[data-change="${visit}"]`, { hasText: asked.say("change.CALLED_OFF", { name: "Birk" }) });
    await told.waitFor();
    expect(await asked.page.locator(`#done ~ ul [data-visit="${visit}"]`).count(), "and it is not found under done alone").toBe(0);
    await asking.home();
    await asking.page.locator(`[data-visit="${visit}"]`, { hasText: asking.say("todo.theirs.SEE_CHANGE", { name: "Dag" }) }).waitFor();
    await asked.touch("change.seen");
    await told.waitFor({ state: "detached" });
    await asked.page.locator(`[data-visit="${visit}"]`, { hasText: asked.say("state.CANCELLED") }).waitFor();
    for (const phone of [asking, asked]) {
      expect(phone.faults).toEqual([]);
      await phone.close();
    }
  });

  test("withdrawn by the one while the other notes without a network", async () => {
    const [observer, observed] = await pair("nn", "Bjørn Tveiten", "Lars Engebretsen");
    await note(observer, "Det første notatet.");
    await observer.page.locator(".waits").waitFor({ state: "detached" });
    await observer.offline(true);
    await note(observer, "Det som kom for seint.");

    const visit = observer.page.url().split("#/v/")[1]!.split("/")[0]!;
    await withdraw(observed, visit);
    await observed.page.getByText(observed.say("visit.gone")).waitFor();
    await observed.page.locator(".syncline a").waitFor({ state: "detached" });

    await observer.offline(false);
    const { page } = observer;
    for (const key of ["visit.gone", "visit.gone.notes", "visit.gone.kept", "sync.no_use"]) await page.getByText(observer.say(key)).waitFor();
    expect(await page.getByText("Det første notatet.").count(), "erased with the visit").toBe(0);
    await page.getByText("Det som kom for seint.").waitFor();
    await observer.button("sync.copy").waitFor();
    expect(await observer.button("sync.again").count(), "what can't succeed is not offered").toBe(0);
    await observer.touch("sync.give_up");
    await observer.touch("sync.give_up.do");
    await page.getByText("Det som kom for seint.").waitFor({ state: "detached" });
    await page.locator(".syncline a").waitFor({ state: "detached" });
    for (const phone of [observer, observed]) {
      expect(phone.faults).toEqual([]);
      await phone.close();
    }
  });
});

test("a network that answers nothing is told of before long, and the call goes on", async () => {
  const phone = await Phone.open(browser, "en");
  await phone.signIn("Camilla Ødegård");
  const held: Route[] = [];
  await phone.page.route("**/Push", (route) => void held.push(route));
  const asked = ask(phone, "Maja Strand", 90);
  await phone.page.locator(".syncline", { hasText: phone.say("net.sending") }).waitFor();
  const line = phone.page.locator(".syncline", { hasText: phone.say("net.waits") });
  await line.waitFor({ timeout: 8_000 });
  expect(await line.textContent()).toContain(phone.say("net.unsent.one", { n: 1 }));
  await asked;
  expect(held, "one call, and it was not cut short").toHaveLength(1);
  await held[0]!.continue();
  await phone.page.locator(".syncline a").waitFor({ state: "detached" });
  expect(phone.faults).toEqual([]);
  await phone.close();
});
