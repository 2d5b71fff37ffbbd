import { readFileSync } from "node:fs";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { objections } from "./axe";
import { Hand, type How } from "./hand";
import { begin, type Owner, type Service } from "./owner";
import { catalogues, type Language, launch, Phone } from "./phone";

// A new owner, from the one-time link to an agreed visit of two teachers, with no shell after
// `undring serve`: once by mouse, once by finger, once by the keyboard alone.

const walks: { language: Language; how: How; place: string }[] = [
  { language: "nb", how: "mouse", place: "bergsli" },
  { language: "nn", how: "touch", place: "nesset" },
  { language: "en", how: "keys", place: "fossum" },
];

const desk = (l: Language) => JSON.parse(readFileSync(new URL(`../src/words/desk.${l}.json`, import.meta.url), "utf8")) as Record<string, string>;
const desks = { nb: desk("nb"), nn: desk("nn"), en: desk("en") };

const teachers = ["Kari Lie", "Ola Moen"] as const;
const leader = "Liv Eide";
const keeper = "Siv Lund";
const address = (name: string, place: string) => `${name.toLowerCase().replaceAll(" ", ".")}@${place}.example`;

let browser: Browser;
let service: Service;
beforeAll(async () => {
  const program = inject("program");
  if (!program) throw new Error("UNDRING_BIN has to name the program where UNDRING_AT does a demo");
  const known: Record<string, string> = {};
  // At the provider each is known by name and place.
  for (const { place } of walks) for (const name of [keeper, leader, ...teachers]) known[`${name}, ${place}`] = address(name, place);
  const schools = walks.map(({ place }) => ({ owner: `${place} kommune`, school: `${place} skole`, name: keeper, email: address(keeper, place) }));
  [browser, service] = await Promise.all([launch(), begin(program, schools, known)]);
});
afterAll(async () => {
  await browser.close();
  await service.end();
});

/** Somebody at a screen, with what they read and do. */
class Seat {
  private constructor(
    readonly phone: Phone,
    readonly hand: Hand,
  ) {}

  static async open(language: Language, how: How): Promise<Seat> {
    const phone = await Phone.open(browser, language, { wide: how !== "touch", at: service.at });
    const seat = new Seat(phone, new Hand(phone.page, how));
    for (const l of [language === "nb" ? "en" : "nb", language] as const) {
      const choice = phone.page.locator(`.signin label:has(span[lang=${l}])`);
      await (how === "touch" ? choice.tap() : choice.click()); // the language is not what the keyboard is tried at
      await phone.page.getByText(catalogues[l]["signin.lead"]!).waitFor();
    }
    return seat;
  }

  /** A text of the desk. */
  of = (key: string, named: Record<string, string | number> = {}): string => {
    const text = desks[this.phone.language][key];
    if (text === undefined) throw new Error(`no text ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(named[name]));
  };

  get page() {
    return this.phone.page;
  }
  button = (key: string, named = {}): Locator => this.page.getByRole("button", { name: this.of(key, named), exact: true });
  field = (key: string): Locator => this.page.getByLabel(this.of(key), { exact: true });
  region = (key: string): Locator => this.page.getByRole("region", { name: this.of(key), exact: true });

  /** Goes to another page of the desk by its menu. */
  async turn(key: string): Promise<void> {
    await this.hand.press(this.page.getByRole("navigation", { name: this.of("title") }).getByRole("link", { name: this.of(key), exact: true }));
    await this.page.getByRole("heading", { level: 1, name: this.of(key) }).waitFor();
  }

  /** Nothing is wider than the screen at 360 and at 1280 px. Axe finds nothing on the screen that one has: the walk by finger is on a phone, the others are not. */
  async sound(where: string): Promise<void> {
    await this.page.waitForFunction(() => !document.querySelector(".spin"));
    const before = this.page.viewportSize()!;
    for (const width of [360, 1280]) {
      await this.page.setViewportSize({ width, height: 740 });
      const over = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(over, `${where} is wider than ${width} px`).toBeLessThanOrEqual(0);
      if (width !== (this.hand.how === "touch" ? 360 : 1280)) continue;
      // High enough for all of it: the menu at the bottom of a phone lies over what is under it.
      const high = await this.page.evaluate(() => document.documentElement.scrollHeight);
      await this.page.setViewportSize({ width, height: Math.max(740, high + 120) });
      for (const colorScheme of ["light", "dark"] as const) {
        await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        expect(await objections(this.page, colorScheme === "light" ? "all" : "colours"), `${where}, ${width} px, ${colorScheme}`).toEqual([]);
        const folder = process.env["DESK_SHOTS"];
        if (folder) await this.page.screenshot({ path: `${folder}/walk-${where}-${this.phone.language}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
    await this.page.emulateMedia({ colorScheme: "light" });
    await this.page.setViewportSize(before);
  }

  async end(): Promise<void> {
    expect(this.phone.faults, "the page broke").toEqual([]);
    await this.phone.close();
  }
}

/** Signs in by a link with a code, as a mail or a sheet gives it. */
async function byCode(seat: Seat, code: string): Promise<void> {
  await seat.hand.write(seat.page.locator("#code"), code);
  await seat.hand.press(seat.phone.button("signin.go"));
  await seat.page.getByRole("navigation", { name: seat.phone.say("nav.label") }).waitFor();
}

/** Signs in at the provider's own page. */
async function atProvider(seat: Seat, who: string): Promise<void> {
  await seat.hand.write(seat.page.getByLabel("Name"), who);
  await seat.hand.press(seat.page.getByRole("button", { name: "Sign in" }));
}

/** A year of a municipality: the days without school of the one that is on. */
function year(): string {
  const now = new Date();
  const spring = now.getMonth() >= 6 ? now.getFullYear() + 1 : now.getFullYear();
  return ["fra;til;navn", `${spring}-02-22;${spring}-02-26;Vinterferie`, `${spring}-05-17;${spring}-05-17;Grunnlovsdag`, `${spring}-06-21;${spring}-06-30;Sommer`, "i fjor en gang;;Rart"].join("\n");
}

/** A timetable of a week for the two: one teaches while the other does not. */
function timetable(place: string): string {
  const rows = ["email;weekday;start;end;from;until"];
  const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
  for (const weekday of ["mandag", "tirsdag", "onsdag", "torsdag", "fredag"]) {
    rows.push(`${address(teachers[0], place)};${weekday};08:30;09:15;${day(0)};${day(90)}`);
    rows.push(`${address(teachers[1], place)};${weekday};12:00;12:45;${day(0)};${day(90)}`);
  }
  rows.push(`hvem@${place}.example;mandag;10:00;10:45;${day(0)};${day(90)}`);
  return rows.join("\n");
}

for (const [n, { language, how, place }] of walks.entries()) {
  test(`from the one-time link to an agreed visit, ${language}, by ${how}`, { timeout: 900_000 }, async () => {
    const owner = service.owners[n]!;
    const seat = await Seat.open(language, how);
    await enter(seat, owner);
    const codes = await people(seat, place);
    await calendar(seat, place);
    await tried(seat, owner, place);
    await seat.end();

    await led(codes.get(leader)!, language, how);

    const [kari, ola] = [await Seat.open(language, how), await Seat.open(language, how)];
    await kari.hand.press(kari.page.getByRole("button", { name: kari.phone.say("signin.with", { name: owner.provider }) }));
    await atProvider(kari, `${teachers[0]}, ${place}`);
    await kari.page.getByRole("navigation", { name: kari.phone.say("nav.label") }).waitFor();
    await byCode(ola, codes.get(teachers[1])!);
    await agreed(kari, ola);
    await kari.end();
    await ola.end();
  });
}

/** The link signs in; the check list says what is missing. */
async function enter(seat: Seat, owner: Owner): Promise<void> {
  const code = new URLSearchParams(new URL(owner.link).hash.split("?")[1]).get("code")!;
  await seat.page.goto(owner.link);
  await seat.page.reload(); // the address behind # alone opens nothing anew
  expect(await seat.page.locator("#code").inputValue(), "the link does not bring its code along").toBe(code);
  await seat.hand.press(seat.phone.button("signin.go"));
  await seat.page.getByRole("navigation", { name: seat.phone.say("nav.label") }).waitFor();
  await seat.hand.press(seat.page.getByRole("link", { name: seat.phone.say("desk.title") }));
  await seat.page.getByText(seat.of("start.lead")).waitFor();
  const people = seat.page.getByRole("listitem").filter({ hasText: seat.of("step.PEOPLE") });
  await people.getByText(seat.of("start.needed")).waitFor();
  await seat.sound("start");
  await seat.hand.press(people.getByRole("link"));
}

/** A difference of 40, the brake, an undo, two merges, and codes for three. */
async function people(seat: Seat, place: string): Promise<Map<string, string>> {
  const { hand, page } = seat;
  const row = (name: string, role: string, team = "") => `${name};${address(name, place)};${role};${team}`;
  const vik = (i: number) => `Lærer${i} Vik`;
  const first = [row(keeper, "administrator"), row(leader, "rektor"), row(teachers[0], "lærer", "5. trinn"), row(teachers[1], "lærer", "6. trinn")];
  const rest = Array.from({ length: 37 }, (_, i) => row(vik(i), "lærer", "7. trinn"));
  const offer = async (name: string, rows: string[]) => {
    await hand.give(page.locator("input[type=file]").first(), { name, content: ["navn;e-post;rolle;team", ...rows].join("\n") });
    await page.getByRole("heading", { name: seat.of("roster.preview", { name }) }).waitFor();
  };
  const sum = (key: string) => page.locator(".sums li", { hasText: seat.of(key) }).locator("b");

  await page.getByText(seat.of("roster.hint")).waitFor();
  await offer("folk.csv", [...first, ...rest, `Ingen Rolle;ingen@${place}.example;trollmann;`]);
  await expect.poll(() => sum("roster.created").textContent(), { message: "who comes" }).toBe("40");
  await page.getByText(seat.of("roster.title_is", { title: "trollmann", n: 1 })).waitFor();
  await seat.sound("preview");
  await hand.press(seat.button("roster.run"));
  await page.getByText(seat.of("roster.done", { created: 40, updated: 0, deactivated: 0 })).waitFor();

  // Most of them are missing: the brake, and back.
  await offer("halv.csv", [...first, ...rest.slice(0, 10)]);
  await page.getByText(seat.of("roster.brake")).waitFor();
  await seat.sound("brake");
  await hand.press(seat.button("roster.approve"));
  await page.getByText(seat.of("roster.done", { created: 0, updated: 0, deactivated: 27 })).waitFor();
  const imports = seat.region("imports.title");
  await hand.press(imports.getByRole("button", { name: seat.of("imports.undo"), exact: true }).first());
  await hand.press(imports.locator(".sure .grave"));
  await imports.getByText(seat.of("imports.undone")).waitFor();

  // Two who are one, twice: the newer name and address stay.
  for (const [stays, goes] of [
    [vik(1), vik(2)],
    [vik(3), vik(4)],
  ] as const) {
    await find(seat, stays);
    await hand.press(seat.button("person.change", { name: stays }));
    await hand.pick(page.locator("label", { hasText: seat.of("person.merge") }).locator("select"), `${goes} (`);
    await page.getByText(seat.of("person.merge.what", { name: stays, other: goes })).waitFor();
    await hand.press(seat.button("person.merge.do"));
    await page.getByText(seat.of("person.merged", { name: goes })).waitFor();
  }

  // Codes on a sheet.
  await hand.press(seat.button("invite.title"));
  for (const name of [leader, teachers[0], teachers[1]]) await hand.press(page.getByRole("checkbox", { name, exact: true }));
  await hand.press(seat.button("invite.make.many", { n: 3 }));
  const codes = new Map<string, string>();
  for (const name of [leader, teachers[0], teachers[1]]) codes.set(name, (await page.locator(".slip", { hasText: name }).locator(".code").textContent())!);
  await seat.sound("people");
  return codes;
}

/** Looks for somebody in the table of people. */
const find = (seat: Seat, name: string) => seat.hand.write(seat.region("people.here").getByRole("searchbox"), name);

/** A year's calendar, with what was not understood, and a timetable. */
async function calendar(seat: Seat, place: string): Promise<void> {
  const { hand, page } = seat;
  await seat.turn("calendar.title");
  const off = seat.region("off.title");
  await hand.write(off.locator("#off-source"), `${place} kommune`);
  await hand.give(off.locator("input[type=file]"), { name: "skolerute.csv", content: year() });
  await off.getByRole("heading", { name: seat.of("roster.preview", { name: "skolerute.csv" }) }).waitFor();
  await off.getByText(seat.of("cal.odd.one", { n: 1 })).waitFor();
  await hand.press(seat.button("off.run"));
  await off.getByRole("rowheader").first().waitFor();
  await off.getByText("Vinterferie").waitFor();
  const plans = seat.region("tt.title");
  await hand.give(plans.locator("input[type=file]"), { name: "timeplan.csv", content: timetable(place) });
  await plans.getByText(seat.of("cal.odd.one", { n: 1 })).waitFor();
  await hand.press(seat.button("tt.run"));
  await plans.getByText(seat.of("tt.done", { n: "" }).replace(/^\s*|[.]$/g, "").trim().slice(-12)).waitFor();
  await seat.sound("calendar");
}

/** The sign-in is tried as oneself; the check list has more ticks than before. */
async function tried(seat: Seat, owner: Owner, place: string): Promise<void> {
  await seat.turn("start.title");
  await seat.hand.press(seat.page.getByRole("button", { name: seat.of("try.at", { name: owner.provider }), exact: true }));
  await atProvider(seat, `${keeper}, ${place}`);
  // She has come by a code before: by the provider she would be asked first, and reads it here.
  const outcome = seat.page.getByText(seat.of("tried.WAITS"));
  await outcome.waitFor();
  await seat.page.getByText(keeper, { exact: false }).first().waitFor();
  await seat.page.getByText(seat.of("try.address", { address: address(keeper, place) })).waitFor();
  const calendar = seat.page.getByRole("listitem").filter({ hasText: seat.of("step.CALENDAR") });
  await calendar.getByText(seat.of("start.done"), { exact: true }).waitFor();
  await seat.sound("tried");
}

/** The leader signs in by a code, sets hours aside, and announces a change of the policy. */
async function led(code: string, language: Language, how: How): Promise<void> {
  const seat = await Seat.open(language, how);
  const { hand, page } = seat;
  await byCode(seat, code);
  await hand.press(page.getByRole("navigation", { name: seat.phone.say("nav.label") }).getByRole("link", { name: seat.phone.say("nav.more") }));
  await hand.press(page.getByRole("link", { name: seat.phone.say("desk.title") }));
  await page.getByText(seat.of("week.lead")).waitFor();
  await seat.sound("week");
  await hand.press(page.getByRole("link", { name: seat.of("week.free.do") }));
  const hours = seat.region("hours.title");
  await hand.write(hours.getByLabel(seat.of("hours.total")), "40");
  await hand.press(hours.locator("fieldset").getByRole("button").last());
  await hand.press(seat.button("hours.save"));
  await hours.getByText(seat.of("hours.unsaved")).waitFor({ state: "detached" });
  await hours.getByText(seat.of("hours.free"), { exact: true }).first().waitFor();
  await seat.sound("hours");
  await seat.turn("policy.title");
  await hand.write(seat.field("policy.answerDue"), "4");
  await page.locator("ins", { hasText: seat.phone.say("policy.answer", { n: 4 }) }).waitFor();
  await hand.write(page.locator("#reason"), "Vi trenger en dag til.");
  await hand.press(seat.button("policy.save"));
  await page.getByRole("row", { name: /Vi trenger en dag til/ }).waitFor();
  // A sentence of the staff's own, taken away and back again.
  const sentence = "Hva skjedde rett før det?";
  await hand.write(page.locator("#prompt-text"), sentence);
  await hand.press(seat.button("prompts.add"));
  await page.getByRole("rowheader", { name: sentence }).waitFor();
  await hand.press(seat.button("prompts.remove", { text: sentence }));
  await page.getByText(seat.of("prompts.removed", { text: sentence })).waitFor();
  await hand.press(seat.region("prompts.title").getByRole("button", { name: seat.of("undo"), exact: true }));
  await page.getByRole("rowheader", { name: sentence }).waitFor();
  await seat.sound("policy");
  await seat.end();
}

/** One asks from an hour that the school covers; the other writes the card and says yes. */
async function agreed(kari: Seat, ola: Seat): Promise<void> {
  const { hand, page, phone } = kari;
  const say = phone.say.bind(phone);
  await hand.press(page.getByRole("navigation", { name: say("nav.label") }).getByRole("link", { name: say("nav.new") }));
  await hand.write(page.getByRole("searchbox"), teachers[1]);
  await hand.press(page.getByRole("button", { name: teachers[1] }).last());
  const covered = page.getByRole("list", { name: say("new.covered") }).getByRole("button").first();
  await hand.press(covered);
  await covered.getByText(say("hours.yours")).waitFor();
  await kari.sound("propose");
  await hand.press(page.getByRole("button", { name: say("new.send.observer", { name: "Ola" }) }));
  await page.getByText(say("proposal.waits", { name: "Ola" })).waitFor();

  await ola.phone.told();
  const card = ola.page.locator(".card", { hasText: ola.phone.say("todo.mine.SET_FOCUS") }).locator("a.button");
  await ola.hand.press(card);
  await ola.hand.write(ola.page.locator("#focus"), "Hvem svarer når jeg spør?");
  await ola.hand.write(ola.page.locator("#intention"), "Flere tør å svare.");
  await ola.hand.press(ola.phone.button("card.accept"));
  await ola.page.getByText(ola.phone.say("state.AGREED"), { exact: true }).first().waitFor();
  await kari.phone.told();
  await page.getByText(say("state.AGREED"), { exact: true }).first().waitFor();
}
