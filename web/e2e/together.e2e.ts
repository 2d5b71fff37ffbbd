import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, demoPerson } from "./calls";
import { launch, Phone } from "./phone";

// The collective half on phones: a need, a round that is told of without a network, and a
// whole meeting from agenda to who does what, led from one phone by a teacher. And the way
// from a need to a practice, walked by five people.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const texts = JSON.parse(readFileSync(new URL("../src/words/together.nb.json", import.meta.url), "utf8")) as Record<string, string>;
const told = (key: string, words: Record<string, string | number> = {}) => texts[key]!.replace(/\{(\w+)\}/g, (_, name: string) => String(words[name]));
const tap = (phone: Phone, key: string) => phone.page.getByRole("button", { name: told(key), exact: true }).first().tap();
/** The field that has the focus since something is missing in it. */
async function lacks(phone: Phone): Promise<string> {
  await phone.page.locator(".wrong").waitFor();
  return phone.focus();
}
const mark = `${Date.now()}`; // a demo that runs already has others' words

async function teacher(name: string): Promise<Phone> {
  const phone = await Phone.open(browser);
  await phone.signIn(name);
  return phone;
}

/**
 * A visit on an area from the proposal to both take-aways, by calls: phones walk through one in
 * visit.e2e.ts. It is of yesterday, so that it meets no other test's lesson. Returns its id.
 */
async function visitOn(focusAreaId: string, observer: string, observed: string): Promise<string> {
  const people = await Promise.all([observer, observed].map(async (name) => (await demoPerson(name)).id));
  const [there, host] = await Promise.all(people.map(async (demoPerson) => (await call<{ accessToken: string }>("SessionService/SignIn", { demoPerson })).accessToken));
  const { memberships } = await call<{ memberships: { schoolId: string }[] }>("SessionService/GetMe", {}, there);
  const [observationId, noteId, questionId] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const at = (minutes: number) => new Date(Date.now() - 20 * 3_600_000 + minutes * 60_000).toISOString();
  const of = () => ({ observationId, requestId: crypto.randomUUID() });
  const [schoolId, [observerId, observedId]] = [memberships[0]!.schoolId, people];
  await call("ObservationService/ProposeObservation", { id: observationId, requestId: crypto.randomUUID(), schoolId, observerId, observedId, startTime: at(0), endTime: at(45), focusAreaId }, there);
  await call("ObservationService/SetFocus", { ...of(), focusQuestion: "Hvem venter jeg på?", focusAreaId }, host);
  await call("ObservationService/AcceptObservation", of(), host);
  await call("ObservationService/SaveNote", { ...of(), id: noteId, kind: "NOTE_KIND_SAW", text: "To nye hender etter åtte sekunder." }, there);
  const points = [{ text: "Da du ventet, kom to nye hender.", noteIds: [noteId] }];
  const questions = [{ id: questionId, language: "nb", text: "Hva la du merke til mens det var stille?" }];
  await call("FeedbackService/GiveFeedback", { ...of(), sharedNoteIds: [noteId], points, questions }, there);
  await call("FeedbackService/RecordOwnView", { ...of(), text: "Roligere enn jeg trodde." }, host);
  await call("FeedbackService/AnswerQuestion", { questionId, requestId: crypto.randomUUID(), text: "De ventet på hverandre." }, host);
  for (const who of [there, host]) await call("FeedbackService/RecordTakeaway", { ...of(), text: "Å telle til åtte.", learning: "LEARNING_ADJUSTED_PRACTICE" }, who);
  return observationId;
}

describe("what a school works on together", () => {
  test("a need becomes a round, told of without a network, and a meeting that decides who does what", { timeout: 240_000 }, async () => {
    const [kari, nils] = [await teacher("Gunn Haugland"), await teacher("Nils Aune")];
    const need = `Tid til å høre de stille ${mark}`;
    await nils.go("/needs");
    await nils.write("need", need);
    await tap(nils, "need.send");
    await nils.page.locator("[data-need]", { hasText: need }).waitFor();

    // A round, by a teacher.
    const question = `Hva gjør stillheten? ${mark}`;
    await kari.go("/trying");
    await tap(kari, "try.start");
    await tap(kari, "try.start.send");
    expect(await lacks(kari), "what is missing first").toBe("try-question");
    await kari.write("try-question", question);
    await kari.write("try-action", "Vente tre sekunder før noen svarer.");
    await tap(kari, "try.start.send");
    await kari.page.locator("[data-round]", { hasText: question }).waitFor();

    // Another one tells how it went, in a room without a signal.
    await nils.go("/trying");
    const round = nils.page.locator("[data-round]", { hasText: question });
    await nils.told();
    await round.waitFor();
    await nils.offline(true);
    await round.getByRole("button", { name: told("try.tell"), exact: true }).tap();
    await round.locator("textarea[id^=did-]").fill("Jeg ventet.");
    await round.locator("textarea[id^=happened-]").fill(`Fire nye svarte ${mark}`);
    await round.getByRole("radio", { name: nils.say("take.QUESTIONED_ASSUMPTION") }).first().tap();
    await round.getByRole("button", { name: told("try.tell.send"), exact: true }).tap();
    await round.getByText(`Fire nye svarte ${mark}`).waitFor();
    await nils.offline(false);
    await nils.told();
    await kari.page.locator("[data-round]", { hasText: `Fire nye svarte ${mark}` }).waitFor();

    // A meeting of half an hour: made from what there is, roles in turn.
    await kari.go("/meetings");
    await tap(kari, "meet.plan");
    await kari.told();
    await tap(kari, "meet.plan.send");
    expect(await lacks(kari), "an agenda is needed").toBe("meet-item");
    await kari.page.getByRole("button", { name: question }).tap();
    await kari.write("meet-item", `Hva gjør vi nå? ${mark}`);
    await tap(kari, "meet.add");
    await kari.page.getByText(told("meet.total", { n: 20 })).waitFor();
    expect(await kari.page.locator("#leaderId").inputValue(), "somebody is suggested to lead").not.toBe("");
    await tap(kari, "meet.plan.send");
    await kari.page.getByRole("link", { name: question }).tap();
    await tap(kari, "meet.begin");
    await kari.page.getByRole("heading", { name: question }).waitFor();
    expect(await kari.page.getByRole("timer").textContent(), "its clock").toMatch(/^(10:00|9:5\d)$/);
    await kari.write("park", `Skjermer ${mark}`);
    await tap(kari, "meet.park.send");
    await tap(kari, "meet.next");
    await kari.page.getByRole("heading", { name: `Hva gjør vi nå? ${mark}` }).waitFor();
    await kari.write("decision", `Prøve i to timer til ${mark}`);
    await kari.page.locator("#whose").selectOption({ label: "Nils Aune" });
    await tap(kari, "meet.decide.send");
    await tap(kari, "meet.end");

    // On a wall, and on the phone of whoever is to do it, it says the same.
    await kari.told();
    const where = kari.page.url().split("#")[1]!;
    await nils.go(`${where}&wall=1`);
    await nils.told();
    await nils.page.getByText(`Prøve i to timer til ${mark}`).waitFor();
    await nils.page.getByText(`Skjermer ${mark}`).waitFor();
    expect(await nils.page.getByRole("button", { name: told("meet.next") }).count(), "a wall has nothing to go on with").toBe(0);

    // It ends with what is now done differently, for all to read.
    await kari.go("/trying");
    const mine = kari.page.locator("[data-round]", { hasText: question });
    await mine.getByRole("button", { name: told("try.end"), exact: true }).tap();
    await mine.locator("textarea[id^=end-]").fill(`Vi venter ${mark}`);
    await mine.getByRole("button", { name: told("try.end"), exact: true }).tap();
    await nils.go("/trying");
    await nils.page.getByText(`Vi venter ${mark}`).waitFor();
    expect([kari.faults, nils.faults]).toEqual([[], []]);
  });

  test("five people walk from a need to our practice, partly without a network, and one screen shows the way", { timeout: 300_000 }, async () => {
    const [halvor, gunn, nils, oda] = [await teacher("Halvor Brekke"), await teacher("Gunn Haugland"), await teacher("Nils Aune"), await teacher("Oda Kvamme")];
    const marit = await teacher("Marit Hovland"); // who leads
    const all = [halvor, gunn, nils, oda, marit];
    const [need, title, question, learned] = [`Flere skal våge å svare ${mark}`, `Rom for de stille ${mark}`, `Hvem venter vi på? ${mark}`, `Åtte sekunder gir to nye hender ${mark}`];

    // Halvor needs something, and says so where there is no signal.
    await halvor.go("/needs");
    await halvor.page.locator("#need").waitFor();
    await halvor.offline(true);
    await halvor.write("need", need);
    await tap(halvor, "need.send");
    await halvor.offline(false);
    await halvor.told();

    // Gunn makes an area of it, and all are heard.
    await gunn.told();
    await gunn.go("/plan");
    await tap(gunn, "plan.propose");
    for (const [field, text] of [["title", title], ["background", "Fem svarer, resten venter."], ["goal", "Alle har svart innen jul."]] as const) await gunn.write(`new-${field}`, text);
    await gunn.page.getByText(need).tap();
    await tap(gunn, "plan.propose.send");
    const area = (phone: Phone) => phone.page.locator("[data-area]", { hasText: title });
    await area(gunn).getByRole("button", { name: told("area.do.open") }).tap();
    await area(gunn).getByRole("button", { name: told("area.do.open") }).tap();
    await area(gunn).getByText(told("area.change.HEARING")).waitFor({ state: "attached" });

    // Marit takes it into the plan, once the staff has agreed.
    await marit.told();
    await marit.go("/plan");
    await area(marit).getByRole("button", { name: told("area.do.adopt") }).tap();
    await area(marit).locator("textarea[id^=adopt-]").fill("Alle vil.");
    await area(marit).locator("input[id^=agreed-]").fill("personalmøtet");
    await area(marit).getByRole("button", { name: told("area.do.adopt") }).tap();
    await area(marit).getByText(told("area.change.ADOPTED")).waitFor({ state: "attached" });
    const areaId = (await area(marit).getAttribute("data-area"))!;

    // A round on it, which Nils tells of without a network.
    await gunn.told();
    await gunn.go("/trying");
    await tap(gunn, "try.start");
    await gunn.write("try-question", question);
    await gunn.write("try-action", "Vente åtte sekunder.");
    await gunn.page.getByRole("radio", { name: title }).tap();
    await tap(gunn, "try.start.send");
    const round = (phone: Phone) => phone.page.locator("[data-round]", { hasText: question });
    await round(gunn).waitFor();
    await nils.told();
    await nils.go("/trying");
    await round(nils).waitFor();
    await nils.offline(true);
    await round(nils).getByRole("button", { name: told("try.tell"), exact: true }).tap();
    await round(nils).locator("textarea[id^=did-]").fill("Jeg talte til åtte.");
    await round(nils).locator("textarea[id^=happened-]").fill(`To nye svarte ${mark}`);
    await round(nils).getByRole("radio", { name: nils.say("take.ADJUSTED_PRACTICE") }).first().tap();
    await round(nils).getByRole("button", { name: told("try.tell.send"), exact: true }).tap();
    await round(nils).getByText(`To nye svarte ${mark}`).waitFor();
    await nils.offline(false);
    await nils.told();

    // Oda visits Nils on it; the two share what they learned, once both say yes.
    const visitId = await visitOn(areaId, "Oda Kvamme", "Nils Aune");
    await oda.told();
    await oda.go(`/library?visit=${visitId}`);
    await oda.write("learned", learned);
    await oda.page.getByRole("radio", { name: told("lib.mark.WORKED_HERE") }).tap();
    await tap(oda, "lib.share.send");
    const learning = (phone: Phone) => phone.page.locator("[data-learning]", { hasText: learned });
    await learning(oda).waitFor();
    await nils.told();
    await nils.go("/library");
    await learning(nils).getByRole("button", { name: told("lib.approve") }).tap();

    // A meeting talks of the round, and ends with who does what.
    await gunn.told();
    await gunn.go("/meetings");
    await tap(gunn, "meet.plan");
    await gunn.page.getByRole("button", { name: question }).tap();
    await tap(gunn, "meet.plan.send");
    await gunn.page.getByRole("link", { name: question }).tap();
    await tap(gunn, "meet.begin");
    await gunn.page.getByRole("heading", { name: question }).waitFor();
    await gunn.told();
    await gunn.write("decision", `Alle prøver igjen ${mark}`);
    await gunn.page.locator("#whose").selectOption({ label: "Halvor Brekke" });
    await tap(gunn, "meet.decide.send");
    await tap(gunn, "meet.end");

    // Three others try it, one of them without a network; then the staff decides.
    for (const phone of [halvor, gunn, marit]) {
      await phone.told();
      await phone.go("/library");
      await learning(phone).waitFor();
      await phone.offline(phone === halvor);
      await learning(phone).getByRole("button", { name: told("lib.do.tried") }).tap();
      await learning(phone).locator("textarea").fill(`Hos meg kom det tre ${mark}`);
      await learning(phone).getByRole("button", { name: told("lib.do.tried") }).tap();
      await learning(phone).getByText(`Hos meg kom det tre ${mark}`).first().waitFor();
      await phone.offline(false);
      await phone.told();
    }
    await marit.told();
    await learning(marit).getByRole("button", { name: told("lib.do.practice") }).tap();
    await learning(marit).locator("textarea").fill(`Vi teller til åtte ${mark}`);
    await learning(marit).locator("input").fill("personalmøtet");
    await learning(marit).getByRole("button", { name: told("lib.do.practice") }).tap();
    await learning(marit).getByText(`Vi teller til åtte ${mark}`).waitFor();

    // Halvor, who began it, sees the whole way on one screen, and without a network, too.
    await halvor.told();
    await halvor.go("/needs");
    await halvor.page.locator("[data-need]", { hasText: need }).getByRole("link", { name: told("trace.follow") }).tap();
    const seen: Record<string, string> = {
      ...{ need, area: title, round: question, visit: told("trace.none.visit"), report: `To nye svarte ${mark}`, meeting: `Alle prøver igjen ${mark}` },
      ...{ learning: learned, practice: `Vi teller til åtte ${mark}` },
    };
    const way = async (phone: Phone) => {
      for (const [station, words] of Object.entries(seen)) await phone.page.locator(`[data-station=${station}]`, { hasText: words }).waitFor();
    };
    await way(halvor);
    expect(await halvor.page.locator("[data-station]").count(), "stations").toBe(8);
    await halvor.offline(true);
    await halvor.go("/needs");
    await halvor.page.locator("[data-need]", { hasText: need }).getByRole("link", { name: told("trace.follow") }).tap();
    await way(halvor);
    await halvor.offline(false);

    // Whoever was in the visit finds it there; who leads and does not teach reads no report.
    await oda.told();
    await oda.go(`/trace?of=${areaId}`);
    await oda.page.locator(`[data-station=visit] a[href="#/v/${visitId}"]`).waitFor();
    await marit.go(`/trace?of=${areaId}`);
    await marit.page.locator("[data-station=report]", { hasText: told("trace.hidden") }).waitFor();
    expect(await marit.page.locator("[data-station=report]", { hasText: `To nye svarte ${mark}` }).count()).toBe(0);

    // The plan is full with three: this one makes room again.
    await marit.go("/plan");
    await area(marit).getByRole("button", { name: told("area.do.end") }).tap();
    await area(marit).locator("textarea[id^=end-]").fill("Vi er i mål.");
    await area(marit).getByRole("button", { name: told("area.do.end") }).tap();
    await area(marit).waitFor({ state: "detached" });
    await halvor.told();
    await halvor.go(`/trace?of=${areaId}`);
    await halvor.page.locator("[data-station=area]", { hasText: told("plan.state.ENDED") }).waitFor();
    expect(all.map((p) => p.faults)).toEqual([[], [], [], [], []]);
  });

  test("D50: the plan prints on one page, whatever stands in it", async () => {
    const phone = await teacher("Maja Strand");
    await phone.go("/plan");
    await phone.page.locator("[data-area]").first().waitFor();
    const pages = async () => (await phone.page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b/g)!.length;
    expect(await pages(), "with what the school works on").toBe(1);
    await phone.page.emulateMedia({ media: "print" });
    for (const said of ["h3", "ol", "p"]) expect(await phone.page.locator(`[data-area] ${said}`).first().isVisible(), said).toBe(true);
    expect(await phone.page.getByRole("button").count(), "nothing to press on paper").toBe(0);
    // Three areas, each with ten steps and a goal as long as it can be.
    await phone.page.evaluate(() => {
      const area = document.querySelector("[data-area]:has(ol)")!;
      const steps = area.querySelector("ol")!;
      const long = "Alle team prøver dette i én time, og forteller hva som skjedde. ";
      area.querySelector("p")!.textContent = long.repeat(8).slice(0, 500);
      steps.innerHTML = Array(10).fill(`<li>${long.repeat(2).slice(0, 120)} <small>(før vinterferien)</small></li>`).join("");
      const list = area.parentElement!;
      list.replaceChildren(...[1, 2, 3].map(() => area.cloneNode(true)));
    });
    expect(await pages(), "with three areas that are full").toBe(1);
    expect(phone.faults).toEqual([]);
  });
});
