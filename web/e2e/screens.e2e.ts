import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { objections } from "./axe";
import { widened } from "./fits";
import { type Language, launch, Phone } from "./phone";
import { type Screen, screens } from "./screens";

// Axe looks at every screen, light and dark, and so does a measure of the targets
// that one touches. With SCREENS=1 a picture of each goes to docs/screens.

const folder = new URL("../../docs/screens/", import.meta.url).pathname;
const drawing = process.env["SCREENS"] === "1";
const languages: Language[] = ["nb", "nn", "en"];
const people = [...new Set(screens.map((s) => s.person))];

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
  if (!drawing) return;
  mkdirSync(folder, { recursive: true });
  for (const s of screens) for (const kind of ["light.png", "dark.png", "large.jpg", "across.jpg"]) rmSync(`${folder}${s.name}-${kind}`, { force: true });
});
afterAll(async () => {
  await browser.close();
  if (drawing) writeFileSync(new URL("../../docs/screens.md", import.meta.url), page());
});

describe.concurrent("nothing on a screen shuts anybody out", () => {
  for (const [i, person] of people.entries()) {
    test(person || "nobody", async () => {
      // A phone that is turned zooms; the pictures are drawn without.
      const phone = await Phone.open(browser, drawing ? "nb" : languages[i % languages.length], { mobile: !drawing, worker: false });
      if (person) await phone.signIn(person);
      const found: string[] = [];
      for (const screen of screens.filter((s) => s.person === person)) found.push(...(await look(phone, screen)));
      expect(found).toEqual([]);
      expect(phone.faults).toEqual([]);
      await phone.close();
    });
  }
});

async function look(phone: Phone, screen: Screen): Promise<string[]> {
  const { page } = phone;
  if (screen.path.includes("V")) {
    await phone.home();
    await page.locator("[data-visit]").first().waitFor();
  }
  const visit = await page.evaluate(() => (document.querySelector("[data-visit]") as HTMLElement | null)?.dataset["visit"] ?? "");
  // The guide comes before the first questions; it has been seen here.
  await phone.go(screen.path.replace("V", visit));
  if (screen.name === "feedback-questions") await phone.button("guide.later").tap();
  await page.locator("h1").waitFor();
  await page.waitForFunction(() => !document.querySelector(".progress"));
  const out: string[] = [];
  if (drawing) await otherwise(page, screen.name);
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    if (drawing) {
      await page.screenshot({ path: `${folder}${screen.name}-${scheme}.png` });
      continue; // pictures are drawn by themselves; the check is made without them
    }
    // On a screen so tall that the bar at its bottom covers nothing.
    await page.setViewportSize({ width: 360, height: 6000 });
    const found = await objections(page, scheme === "light" ? "all" : "colours");
    await page.setViewportSize({ width: 360, height: 740 });
    out.push(...found.map((f) => `${screen.name} ${scheme}: ${f}`));
  }
  if (drawing) return out;
  const small = await page.$$eval("main button, main summary, .bar button, .bar a.button, .nav a, main :is(a.button, a.link, a.quiet-link), main label", (all) =>
    all
      .map((e) => ({ e, r: e.getBoundingClientRect() }))
      .filter(({ e, r }) => r.width > 1 && (r.height < 43.5 || r.width < 43.5) && !(e.tagName === "LABEL" && !e.querySelector("input")))
      .map(({ e, r }) => `${e.className || e.tagName} ${e.textContent?.slice(0, 30)} ${Math.round(r.width)}×${Math.round(r.height)}`),
  );
  out.push(...small.map((s) => `${screen.name}: too small to touch: ${s}`));
  // With the line that says what is not sent, which stays at the top.
  if (screen.person) {
    await phone.offline(true);
    await page.locator(".syncline a").waitFor();
  }
  out.push(...(await covered(page)).map((c) => `${screen.name}: ${c}`));
  await phone.offline(false);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) out.push(`${screen.name}: ${wide} px wider than the phone`);
  out.push(...(await widened(page)).map((w) => `${screen.name}: wider than the phone with a long word: ${w}`));
  return out;
}

/** Pictures of a screen with text twice as large, and held across. */
async function otherwise(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  for (const [kind, width, height, text] of [["large", 360, 740, "200%"], ["across", 740, 360, ""]] as const) {
    await page.setViewportSize({ width, height });
    await page.evaluate((size) => (document.documentElement.style.fontSize = size), text);
    await page.screenshot({ path: `${folder}${name}-${kind}.jpg`, type: "jpeg", quality: 60 });
  }
  await page.setViewportSize({ width: 360, height: 740 });
}

/** What is hidden by what stays at the top and at the bottom when it gets the focus, from above and from below; and a line of what is not sent that is not seen from everywhere. */
function covered(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const out = new Set<string>();
    // The page hears a frame later how high its edges have become. From there on nothing waits, so they stay as they are.
    const known = (of: string, height: string) => {
      const edge = document.querySelector<HTMLElement>(of);
      return !edge || document.documentElement.style.getPropertyValue(height) === `${edge.offsetHeight}px`;
    };
    for (let frames = 0; frames < 300 && !(known(".top", "--top") && known(".bar", "--bar")); frames++) await new Promise(requestAnimationFrame);
    const edge = (of: string, side: "top" | "bottom", none: number) => document.querySelector(of)?.getBoundingClientRect()[side] ?? none;
    const stuck = (of: string) => (document.querySelector(of) && getComputedStyle(document.querySelector(of)!).position === "sticky" ? edge(of, "bottom", 0) : 0);
    const all = [...document.querySelectorAll<HTMLElement>("main :is(a, button, input, textarea, summary)")].filter((e) => e.checkVisibility() && !e.matches(":disabled"));
    for (const from of [0, document.documentElement.scrollHeight]) {
      scrollTo(0, from);
      const line = document.querySelector(".syncline a")?.getBoundingClientRect();
      if (line && (line.top < 0 || line.bottom > innerHeight)) out.add(`what is not sent is out of sight from ${scrollY} px`);
      for (const e of all) {
        scrollTo(0, from);
        e.blur();
        e.focus();
        const { top, bottom } = e.getBoundingClientRect();
        const above = Math.max(stuck(".top"), e.closest(".notes") ? stuck(".card-line") : 0);
        const below = edge(".bar, .nav", "top", innerHeight);
        if (bottom - top < below - above && (top < above - 1 || bottom > below + 1)) out.add(`covered when it has the focus: ${e.tagName} ${e.textContent?.slice(0, 30)} ${e.id}`);
      }
    }
    scrollTo(0, 0);
    return [...out];
  });
}

/** docs/screens.md: every picture, light and dark, with large text and held across. */
function page(): string {
  const size = readdirSync(folder).reduce((sum, f) => sum + statSync(folder + f).size, 0);
  // Each clone carries them: four pictures of a screen are 180 kB at most.
  const most = 180_000 * screens.length;
  if (size > most) throw new Error(`docs/screens holds ${size} bytes, more than ${most}`);
  const rows = screens.map(
    (s) =>
      `### ${s.title}\n\n| light | dark | text at 200 % |\n|---|---|---|\n| ![](screens/${s.name}-light.png) | ![](screens/${s.name}-dark.png) | ![](screens/${s.name}-large.jpg) |\n\n![held across](screens/${s.name}-across.jpg)\n`,
  );
  return `# The phone app, screen by screen\n\nAt 360 × 740, with text at 200 % and held across, as the people of the demo see it in bokmål. \`npm run screens\` in \`web/\` draws them anew.\n\n${rows.join("\n")}`;
}
