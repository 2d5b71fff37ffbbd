import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { objections } from "./axe";
import { administrator, call, demoPerson } from "./calls";
import { type Language, launch, Phone } from "./phone";

// The desk of those who run a school, as a secretary and a leader go through it.

const leader = "Geir Ulvestad";
const keeper = "Silje Kirkeby";
const words = (l: Language) => JSON.parse(readFileSync(new URL(`../src/words/desk.${l}.json`, import.meta.url), "utf8")) as Record<string, string>;
const texts = { nb: words("nb"), nn: words("nn"), en: words("en") };

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** A text of the desk in a phone's language. */
const of = (phone: Phone, key: string, named: Record<string, string | number> = {}): string => {
  const text = texts[phone.language][key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(named[name]));
};

/** Opens the desk as somebody; wide: on a large screen, where one clicks. */
async function sit(name: string, language: Language, wide: boolean): Promise<Phone> {
  const phone = await Phone.open(browser, language, { wide, worker: false });
  if (wide) {
    await phone.page.locator(`.signin label:has(span[lang=${language === "nb" ? "en" : "nb"}])`).click();
    await phone.page.locator(`.signin label:has(span[lang=${language}])`).click();
    await phone.page.getByRole("searchbox").fill(name);
    await phone.page.getByRole("button", { name }).click();
    await phone.page.getByRole("navigation", { name: phone.say("nav.label") }).waitFor();
  } else await phone.signIn(name);
  return phone;
}

const head = (phone: Phone, key: string) => phone.page.getByRole("heading", { name: of(phone, key), exact: true }).waitFor();

/** Nothing is wider than the screen. */
const overflow = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env["DESK_SHOTS"];
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

const pages: Record<string, [string, string][]> = {
  [leader]: [
    ["/desk/week", "week.title"],
    ["/desk/calendar", "cover.title"],
    ["/desk/policy", "policy.edit"],
  ],
  [keeper]: [
    ["/desk/start", "try.title"],
    ["/desk/health", "health.storage"],
    ["/desk/acts", "acts.lead"],
    ["/desk/people", "people.here"],
    ["/desk/calendar", "year.busy"],
  ],
};

for (const [language, wide] of [
  ["nb", true],
  ["nn", false],
  ["en", true],
] as [Language, boolean][]) {
  test(`every page of the desk, ${language}, ${wide ? 1280 : 360} px, light and dark`, async () => {
    for (const [name, list] of Object.entries(pages)) {
      const phone = await sit(name, language, wide);
      for (const [path, key] of list) {
        await phone.go(path);
        await phone.page.getByText(of(phone, key)).first().waitFor();
        await phone.page.waitForFunction(() => !document.querySelector(".spin"));
        // High enough for all of it: the menu at the bottom of a phone lies over what is under it.
        await phone.page.setViewportSize({ width: wide ? 1280 : 360, height: 6000 });
        for (const colorScheme of ["light", "dark"] as const) {
          await phone.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          expect(await objections(phone.page, colorScheme === "light" ? "all" : "colours"), `${path}, ${colorScheme}`).toEqual([]);
          await shot(phone.page, `${path.replaceAll("/", "")}-${language}-${wide ? 1280 : 360}-${colorScheme}`);
        }
        await phone.page.emulateMedia({ colorScheme: "light" });
        await phone.page.setViewportSize({ width: wide ? 1280 : 360, height: 740 });
        expect(await overflow(phone.page), `${path} is wider than the screen`).toBeLessThanOrEqual(0);
        expect(await phone.page.locator(".refused, .wrong").count(), `${path} refuses something`).toBe(0);
      }
      expect(phone.faults).toEqual([]);
      await phone.close();
    }
  });
}

test("a teacher's phone loads nothing of the desk, and is not let in", async () => {
  const phone = await Phone.open(browser);
  const asked: string[] = [];
  phone.context.on("request", (r) => asked.push(new URL(r.url()).pathname));
  await phone.signIn("Gunn Haugland");
  await phone.go("/more");
  await phone.page.getByRole("link", { name: phone.say("policy.title") }).waitFor();
  expect(await phone.page.locator('a[href="#/desk"]').count(), "a way to the desk").toBe(0);
  await phone.go("/desk/people");
  await phone.page.getByText(phone.say("app.not_found")).waitFor();
  await phone.told(); // all that it fetches by itself is under way by then
  expect(asked.filter((p) => p.startsWith("/assets/")).length, "the app's own files").toBeGreaterThan(0);
  expect(asked.filter((p) => p.startsWith("/assets/desk")), "files of the desk").toEqual([]);
  await phone.close();
});

test("a leader sets a busy period and hours, and a teacher finds them", async () => {
  const phone = await sit(leader, "nb", true);
  const { page } = phone;
  await phone.go("/desk/calendar");
  await head(phone, "busy.title");
  const start = await page.evaluate(() => new Date(Date.now() + 21 * 86_400_000).toISOString().slice(0, 10));
  await page.getByLabel(of(phone, "busy.name")).fill("Heldagsprøver");
  await page.locator("form").getByLabel(of(phone, "first")).fill(start);
  await page.getByRole("button", { name: of(phone, "busy.add"), exact: true }).click();
  await page.getByRole("rowheader", { name: "Heldagsprøver" }).waitFor();
  // Taken away, and back again by what is offered.
  await page.getByRole("button", { name: of(phone, "busy.remove", { name: "Heldagsprøver" }) }).click();
  await page.getByText(of(phone, "busy.removed", { name: "Heldagsprøver" })).waitFor();
  await page.getByRole("button", { name: of(phone, "undo") }).click();
  await page.getByRole("rowheader", { name: "Heldagsprøver" }).waitFor();

  await page.getByLabel(of(phone, "hours.total")).fill("40");
  await page.locator("fieldset").getByRole("button").last().click();
  const saved = page.waitForResponse((r) => r.url().endsWith("/SetTimeBudget"));
  await page.getByRole("button", { name: of(phone, "hours.save") }).click();
  expect((await saved).ok(), "the time is set aside").toBe(true);
  expect(await page.locator(".refused").count()).toBe(0);
  await phone.close();

  const teacher = await Phone.open(browser, "nb", { worker: false });
  await teacher.signIn("Gunn Haugland");
  await teacher.go("/hours");
  await teacher.page.getByText(teacher.say("hours.total", { n: 40 })).waitFor();
  await teacher.page.locator(".cards .card").first().waitFor();
  // And takes a place from where a visit is proposed.
  await teacher.go("/new");
  await teacher.page.getByRole("searchbox").fill("Tone Bakke");
  await teacher.page.getByRole("list", { name: teacher.say("new.who.observer") }).getByRole("button", { name: "Tone Bakke" }).tap();
  const hours = teacher.page.getByRole("list", { name: teacher.say("new.covered") }).getByRole("button").first();
  await hours.tap();
  await hours.getByText(teacher.say("hours.yours")).waitFor();
  expect(await objections(teacher.page)).toEqual([]);
  await shot(teacher.page, "propose");
  await teacher.close();
});

test("a leader announces a change of the policy, with what everybody will read", async () => {
  const phone = await sit(leader, "nb", true);
  const { page } = phone;
  await phone.go("/desk/policy");
  const days = page.getByLabel(of(phone, "policy.answerDue"));
  await days.fill("4");
  await page.locator("ins", { hasText: phone.say("policy.answer", { n: 4 }) }).waitFor();
  await page.getByLabel(of(phone, "policy.reason")).fill("Vi trenger en dag til.");
  await page.getByRole("button", { name: of(phone, "policy.save") }).click();
  await page.getByRole("row", { name: /Vi trenger en dag til/ }).waitFor();
  await phone.close();
});

test("a secretary takes in a list: the difference of 40 first, the odd row, the brake, and it is undone", async () => {
  const phone = await sit(keeper, "nb", true);
  const { page } = phone;
  await phone.go("/desk/people");
  await head(phone, "people.here");
  await page.getByRole("rowheader", { name: "Gunn Haugland" }).waitFor();
  // Those who are there, as the school would send them, so that nobody else's test loses anybody.
  const there = await page.evaluate(() =>
    [...document.querySelectorAll("[aria-labelledby=people] tbody tr")].map((tr) => {
      const [name, roles, teams, email] = [...tr.children].map((c) => c.textContent ?? "");
      return `${name};${email};${roles!.split(",")[0]};${teams!.split(",")[0]}`;
    }),
  );
  const newcomers = Array.from({ length: 40 }, (_, i) => `Lærer${i} Vik;laerer${i}@vik.example;lærer;`);
  const offer = async (name: string, rows: string[]) => {
    const content = ["navn;e-post;rolle;team", ...rows].join("\n");
    await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(content) });
    await page.getByRole("heading", { name: of(phone, "roster.preview", { name }) }).waitFor();
  };
  await offer("folk.csv", [...there, ...newcomers, "Ingen Rolle;ingen@vik.example;trollmann;"]);
  await page.locator(".sums li", { hasText: of(phone, "roster.created") }).getByText("40").waitFor();
  await page.getByText(of(phone, "roster.title_is", { title: "trollmann", n: 1 })).waitFor();
  await shot(page, "preview");
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await objections(page)).toEqual([]);
  await page.getByRole("button", { name: of(phone, "roster.run"), exact: true }).click();
  await page.getByText(/Gjort: 40 kom til/).waitFor();
  // The list without most of them: the brake.
  await offer("mindre.csv", [...there, ...newcomers.slice(0, 15)]);
  await page.getByText(of(phone, "roster.brake")).waitFor();
  await shot(page, "brake");
  await page.getByRole("button", { name: of(phone, "roster.approve") }).click();
  await page.getByText(/25 mistet tilgangen/).waitFor();
  // And back.
  await page.getByRole("button", { name: of(phone, "imports.undo"), exact: true }).first().click();
  await page.locator(".sure .grave").click();
  await page.getByText(of(phone, "imports.undone")).first().waitFor();
  // The school is as it was before.
  await offer("igjen.csv", there);
  await page.getByRole("button", { name: of(phone, "roster.approve") }).click();
  await page.getByText(/40 mistet tilgangen/).waitFor();
  await phone.close();
});

test("somebody is invited, given a role and asked whether it is they", async () => {
  const phone = await sit(keeper, "nb", true);
  const { page } = phone;
  await phone.go("/desk/people");
  await head(phone, "people.here");
  await page.getByRole("searchbox").fill("Gunn Haugland");
  await page.getByRole("button", { name: of(phone, "person.change", { name: "Gunn Haugland" }) }).click();
  const box = page.getByRole("checkbox", { name: of(phone, "role.REPRESENTATIVE") });
  await box.click();
  await page.getByText(of(phone, "person.role.given", { name: "Gunn Haugland", role: of(phone, "role.REPRESENTATIVE") })).waitFor();
  await page.getByRole("button", { name: of(phone, "undo"), exact: true }).click();
  await page.getByText(of(phone, "undone")).waitFor();
  await page.getByRole("button", { name: of(phone, "person.invite") }).click();
  await page.locator(".slip .code").waitFor();
  await page.getByRole("button", { name: of(phone, "person.relink"), exact: true }).click();
  await page.getByRole("button", { name: of(phone, "person.relink.do") }).click();
  await page.getByText(/Uten svar gjelder det fra/).waitFor();
  await phone.close();

  const identity = JSON.parse(readFileSync(new URL("../src/words/identity.nb.json", import.meta.url), "utf8")) as Record<string, string>;
  const teacher = await Phone.open(browser, "nb", { worker: false });
  await teacher.signIn("Gunn Haugland");
  await teacher.home();
  await teacher.page.getByRole("heading", { name: identity["title"]! }).waitFor();
  expect(await objections(teacher.page)).toEqual([]);
  await shot(teacher.page, "identity");
  await teacher.page.getByRole("button", { name: identity["no"]! }).tap();
  await teacher.page.getByText(identity["said_no"]!).waitFor();
  await teacher.page.getByRole("heading", { name: identity["title"]! }).waitFor({ state: "detached" });
  await teacher.close();
});

test("a table sorts, filters, and is taken along as a sheet", async () => {
  const phone = await sit(keeper, "nb", true);
  const { page } = phone;
  await phone.go("/desk/people");
  const table = page.getByRole("table", { name: of(phone, "people.here") });
  await table.getByRole("rowheader", { name: "Gunn Haugland" }).waitFor();
  const names = () => table.getByRole("rowheader").allTextContents();
  const sorted = (await names()).toSorted((a, b) => a.localeCompare(b, "nb", { numeric: true }));
  expect(sorted.length, "people").toBeGreaterThan(20);
  // By the keyboard: what sorts is a button.
  await table.getByRole("button", { name: of(phone, "col.name") }).focus();
  await page.keyboard.press("Enter");
  expect(await names()).toEqual(sorted);
  expect(await table.getByRole("columnheader", { name: of(phone, "col.name") }).getAttribute("aria-sort")).toBe("ascending");
  await page.keyboard.press("Enter");
  expect(await names()).toEqual(sorted.toReversed());
  expect(await table.getByRole("columnheader", { name: of(phone, "col.name") }).getAttribute("aria-sort")).toBe("descending");
  await page.getByRole("region", { name: of(phone, "people.here") }).getByRole("searchbox").fill("haug gunn");
  expect(await names()).toEqual(["Gunn Haugland"]);
  await page.getByText(of(phone, "table.rows.one", { n: 1 }), { exact: true }).waitFor();
  await page.getByRole("region", { name: of(phone, "people.here") }).getByRole("searchbox").fill("haug");
  const shown = await names();
  const [sheet] = await Promise.all([page.waitForEvent("download"), page.getByRole("region", { name: of(phone, "people.here") }).getByRole("button", { name: of(phone, "table.csv") }).first().click()]);
  const text = readFileSync(await sheet.path(), "utf8");
  expect(text.startsWith("\uFEFF"), "the mark of the encoding").toBe(true);
  const lines = text.slice(1).trimEnd().split("\r\n");
  expect(lines[0]).toBe(["name", "roles", "teams", "email", "access"].map((c) => of(phone, `col.${c}`)).join(";"));
  expect(lines.slice(1).map((l) => l.split(";")[0])).toEqual(shown);
  await page.getByRole("region", { name: of(phone, "people.here") }).getByRole("searchbox").fill("finnes ikke");
  await page.getByText(of(phone, "table.none")).waitFor();
  await phone.close();
});

test("somebody whose phone is lost is signed out of it", async () => {
  const lost = await Phone.open(browser);
  await lost.signIn("Marit Hovland"); // whom no other test signs in
  const phone = await sit(keeper, "nb", true);
  const { page } = phone;
  await phone.go("/desk/people");
  await page.getByRole("region", { name: of(phone, "people.here") }).getByRole("searchbox").fill("Marit Hovland");
  await page.getByRole("button", { name: of(phone, "person.change", { name: "Marit Hovland" }) }).click();
  await page.getByRole("button", { name: of(phone, "person.out"), exact: true }).click();
  await page.getByText(of(phone, "person.out.what", { name: "Marit Hovland" })).waitFor();
  await page.getByRole("button", { name: of(phone, "person.out.do"), exact: true }).click();
  await page.getByText(of(phone, "person.out.done.one", { n: 1 })).waitFor();
  await phone.go("/desk/acts");
  await page.getByRole("row", { name: /Marit Hovland/ }).first().waitFor();
  await lost.page.evaluate(() => dispatchEvent(new Event("online")));
  await lost.page.getByText(lost.say("signin.ended")).waitFor();
  await lost.close();
  await phone.close();
});

test("a leader reads from the timetables who could stand in for whom", async () => {
  const ahead = new Date(Date.now() + 23 * 86_400_000);
  ahead.setUTCDate(ahead.getUTCDate() + ((4 - ahead.getUTCDay() + 7) % 7)); // a Thursday
  const day = ahead.toISOString().slice(0, 10);
  const { accessToken, schoolId } = await administrator();
  const { people } = await call<{ people: { id: string; email: string }[] }>("SchoolService/ListPeople", { schoolId, pageSize: 200 }, accessToken);
  const email = async (name: string) => {
    const { id } = await demoPerson(name);
    return people.find((p) => p.id === id)!.email;
  };
  const content = Buffer.from(["email,date,start,end", `${await email("Sander Moen")},${day},08:30,09:15`, `${await email("Yngve Sand")},${day},10:15,11:00`, ""].join("\n")).toString("base64");
  await call("SchoolService/ImportLessons", { requestId: crypto.randomUUID(), schoolId, content, format: "CALENDAR_FORMAT_CSV" }, accessToken);
  const phone = await sit(leader, "nb", true);
  const { page } = phone;
  await phone.go("/desk/calendar");
  const cover = page.getByRole("region", { name: of(phone, "cover.title") });
  await cover.getByLabel(of(phone, "cover.day")).fill(day);
  await cover.getByRole("row", { name: /Sander Moen.*Yngve Sand/ }).waitFor();
  await cover.getByRole("row", { name: /Yngve Sand.*Sander Moen/ }).waitFor();
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await objections(page)).toEqual([]);
  await phone.close();
});
