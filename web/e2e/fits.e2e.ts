import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cut, unsaid, widened } from "./fits";
import { launch, type Language, Phone } from "./phone";
import { screens } from "./screens";

// Every screen on every phone: the narrowest, with text twice as large, held across; in
// three languages, with words that have no blank. With FITS a picture of each goes there.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const sizes = [
  { name: "320", width: 320, height: 640, text: "100%" },
  { name: "200 %", width: 360, height: 740, text: "200%" },
  { name: "landscape", width: 640, height: 360, text: "100%" },
];
const languages: Language[] = ["nb", "nn", "en"];
const people = [...new Set(screens.map((s) => s.person))];
const pictures = process.env["FITS"];

test("every address of the app is among the screens that are looked at", () => {
  const app = readFileSync(new URL("../src/app.tsx", import.meta.url), "utf8");
  const all = [...app.matchAll(/^ {2}"(\/[^"]*)": \(/gm)].map((m) => m[1]!.replace(":id", "V"));
  const seen = new Set(screens.map((s) => s.path));
  const left = all.filter((a) => !seen.has(a) && !["/sign-in", "/culture", "/v/V/guide"].includes(a)); // the same as others, and culture.e2e.ts
  expect(left, "add it to e2e/screens.ts").toEqual([]);
});

describe.concurrent("every screen fits every phone", () => {
  for (const person of people) {
    test(person || "nobody", async () => {
      const found: string[] = [];
      const phone = await Phone.open(browser, "nb", { mobile: false, worker: false }); // a phone would zoom, and hide what is too wide
      if (person) await phone.signIn(person);
      const { page } = phone;
      for (const language of languages) {
        await page.evaluate((l) => localStorage.setItem("undring.language", l), language);
        if (person) {
          await phone.go("/settings");
        }
        // By hand and not by a tap, whose place a browser mistakes after the screen has been turned.
        await page.locator(`label:has(span[lang=${language}]) input`).evaluate((e) => (e as HTMLInputElement).click());
        await page.waitForFunction((l) => document.documentElement.lang === l, language);
        for (const screen of screens.filter((s) => s.person === person)) {
          if (screen.path.includes("V")) {
            await phone.go("/");
            await page.locator("[data-visit]").first().waitFor();
          }
          const visit = await page.evaluate(() => (document.querySelector("[data-visit]") as HTMLElement | null)?.dataset["visit"] ?? "");
          await phone.go(screen.path.replace("V", visit));
          await page.locator("h1").waitFor();
          await page.waitForFunction(() => !document.querySelector(".progress"));
          if (screen.name === "feedback-questions") await page.locator("#question-0").or(page.locator(".bar button")).first().waitFor();
          await page.evaluate(() => {
            for (const d of document.querySelectorAll("details")) d.open = true;
          });
          for (const size of sizes) {
            await page.setViewportSize({ width: size.width, height: size.height });
            await page.evaluate((text) => (document.documentElement.style.fontSize = text), size.text);
            const at = `${screen.name}, ${size.name}, ${language}: `;
            found.push(...(await cut(page)).map((f) => at + f));
            if (language === "nb") found.push(...(await widened(page)).map((f) => `${at}wider with a long word: ${f}`));
            if (pictures && language === "nb") await page.screenshot({ path: `${pictures}/${screen.name}-${size.name.replace(" %", "")}.png` });
          }
          found.push(...(await unsaid(page)).map((f) => `${screen.name}: says not who reads it: ${f}`));
          await page.evaluate(() => (document.documentElement.style.fontSize = ""));
          await page.setViewportSize({ width: 360, height: 740 });
        }
      }
      expect(found).toEqual([]);
      expect(phone.faults).toEqual([]);
      await phone.close();
    });
  }
});
