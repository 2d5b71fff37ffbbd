import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { administrator, call, demoPerson } from "./calls";
import { type Language, launch, Phone } from "./phone";

// What one may want to know of a time is told while it is chosen, before anything is
// sent: a day without school, a lesson of one's own; what is late elsewhere is told
// before anything is filled in, with a way there.

const people: Record<Language, [who: string, whom: string]> = {
  nb: ["Jonas Rønning", "Kari Fossheim"],
  nn: ["Per Stordal", "Anne Solbakken"],
  en: ["Nils Aune", "Halvor Brekke"],
};

let browser: Browser;
let day: string; // of the own lessons: a weekday
let saturday: string;
beforeAll(async () => {
  browser = await launch();
  const ahead = (weekday: number, weeks: number) => {
    const at = new Date(Date.now() + weeks * 7 * 86_400_000);
    at.setUTCDate(at.getUTCDate() + ((weekday - at.getUTCDay() + 7) % 7));
    return at.toISOString().slice(0, 10);
  };
  [day, saturday] = [ahead(3, 1), ahead(6, 1)];
  const { accessToken, schoolId } = await administrator();
  const { people: all } = await call<{ people: { id: string; email: string }[] }>("SchoolService/ListPeople", { schoolId, pageSize: 200 }, accessToken);
  const rows = await Promise.all(
    Object.values(people).map(async ([who]) => {
      const { id } = await demoPerson(who);
      return `${all.find((p) => p.id === id)!.email},${day},09:00,09:45`;
    }),
  );
  const content = Buffer.from(["email,date,start,end", ...rows, ""].join("\n")).toString("base64");
  await call("SchoolService/ImportLessons", { requestId: crypto.randomUUID(), schoolId, content, format: "CALENDAR_FORMAT_CSV" }, accessToken);
});
afterAll(() => browser.close());

const told = (language: Language, key: string) =>
  (JSON.parse(readFileSync(new URL(`../../words/${language}.json`, import.meta.url), "utf8")) as Record<string, string>)[key]!;

describe.concurrent("before a proposal is sent", () => {
  for (const language of ["nb", "nn", "en"] as const) {
    test(`a day without school and an own lesson are told: ${language}`, async () => {
      const [who, whom] = people[language];
      const phone = await Phone.open(browser, language, { worker: false });
      const { page } = phone;
      await phone.signIn(who);
      await phone.go("/new");
      await page.getByRole("searchbox").fill(whom);
      await page.getByRole("button", { name: whom }).last().tap();
      await phone.choose("new.other_day");
      const [free, lesson] = ["check.FREE_DAY", "check.OWN_LESSON"].map((key) => page.locator("[data-warnings]", { hasText: told(language, key) }));
      const choose = async (on: string, at: string) => {
        await page.locator("input[type=date]").fill(on);
        await page.locator("input[type=time]").fill(at);
      };
      await choose(saturday, "10:00");
      await free!.waitFor();
      await choose(day, "09:10");
      await lesson!.waitFor();
      await page.getByText(told(language, "check.FREE_DAY")).waitFor({ state: "detached" });
      await choose(day, "07:00");
      await lesson!.waitFor({ state: "detached" });
      // One's own lesson is no hindrance to being visited in it.
      await choose(day, "09:00");
      await lesson!.waitFor();
      await phone.choose("new.as.observed");
      await lesson!.waitFor({ state: "detached" });
      expect(phone.faults).toEqual([]);
      await phone.close();
    });

    test(`what is late elsewhere is told first, with a way there: ${language}`, async () => {
      const phone = await Phone.open(browser, language, { worker: false });
      const { page } = phone;
      await phone.signIn("Ulrik Hagen");
      await phone.go("/new");
      const late = page.locator("[data-late]");
      await late.waitFor();
      expect(await page.locator(".chosen").count(), "before anything is filled in").toBe(0);
      await phone.choose("new.as.observed");
      await late.waitFor({ state: "detached" }); // nothing is late in that seat
      await phone.choose("new.as.observer");
      const visit = await late.getAttribute("data-late");
      await late.locator("a.button").tap();
      await page.waitForFunction((to) => location.hash.startsWith(to), `#/v/${visit}`); // the way leads to what is late
      expect(phone.faults).toEqual([]);
      await phone.close();
    });
  }
});
