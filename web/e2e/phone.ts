// A phone in somebody's hand: a browser of phone size, with touch, its own store,
// and the words of its language to find things by.

import { readFileSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { inject } from "vitest";

export type Language = "nb" | "nn" | "en";

// Chromium looks for its maker's hosts at every start; here it talks to the demo alone.
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: quiet });

const catalogue = (l: Language) =>
  JSON.parse(readFileSync(new URL(`../src/words/${l}.json`, import.meta.url), "utf8")) as Record<string, string>;
export const catalogues = { nb: catalogue("nb"), nn: catalogue("nn"), en: catalogue("en") };

export class Phone {
  readonly faults: string[] = [];
  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly language: Language,
    readonly at: string,
  ) {
    page.on("pageerror", (e) => this.faults.push(e.message));
    page.setDefaultTimeout(30_000);
  }

  static async open(browser: Browser, language: Language = "nb", wide = false, at = inject("address")): Promise<Phone> {
    const context = await browser.newContext(
      wide
        ? { viewport: { width: 1280, height: 800 }, locale: `${language}-NO` }
        : { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, locale: `${language}-NO` },
    );
    const page = await context.newPage();
    await page.goto(`${at}/`);
    return new Phone(context, page, language, at);
  }

  /** A text of the app in this phone's language. */
  say(key: string, words: Record<string, string | number> = {}): string {
    const text = catalogues[this.language][key];
    if (text === undefined) throw new Error(`no text ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(words[name]));
  }

  /** Signs in as one of the demo's people, in the phone's language. */
  async signIn(name: string): Promise<void> {
    // Chosen by hand, from another one: else the server's memory of the person counts.
    for (const l of [this.language === "nb" ? "en" : "nb", this.language] as const) {
      await this.page.locator(`.signin label:has(span[lang=${l}])`).tap();
      await this.page.getByText(catalogues[l]["signin.lead"]!).waitFor();
    }
    await this.page.getByRole("searchbox").fill(name);
    await this.page.getByRole("button", { name }).tap();
    await this.page.getByRole("navigation", { name: this.say("nav.label") }).waitFor();
  }

  async go(path: string): Promise<void> {
    await this.page.evaluate((to) => (location.hash = to), path);
  }

  button = (key: string, words = {}): Locator => this.page.getByRole("button", { name: this.say(key, words), exact: true });
  link = (key: string, words = {}): Locator => this.page.getByRole("link", { name: this.say(key, words) });

  /** What one does: touches a button or a link. */
  async touch(key: string, words = {}): Promise<void> {
    await this.button(key, words).or(this.link(key, words)).first().tap();
  }

  /** Chooses one of several. */
  async choose(key: string): Promise<void> {
    await this.page.getByRole("radio", { name: this.say(key) }).tap();
  }

  async write(id: string, text: string): Promise<void> {
    await this.page.locator(`#${id}`).fill(text);
  }

  /** On the first screen, once it is this phone's move: straight to what is to be done. */
  async next(todo: string): Promise<void> {
    await this.page.locator(".card", { hasText: this.say(`todo.mine.${todo}`) }).locator("a.button").tap();
  }

  /** The id of what has the focus; empty: nothing has that has one. */
  focus = (): Promise<string> => this.page.evaluate(() => document.activeElement?.id ?? "");

  /** Asks for what the server tells, now and not at the next hint. */
  async told(): Promise<void> {
    const pulled = this.page.waitForResponse((r) => r.url().endsWith("/Pull"));
    await this.page.evaluate(() => dispatchEvent(new Event("online")));
    await (await pulled).finished();
  }

  /** What has the focus, and what is said to be wrong with it, in sight. */
  async focused(): Promise<{ id: string; says: string }> {
    await this.page.locator(".wrong").waitFor();
    return this.page.evaluate(() => {
      const field = document.activeElement!;
      const of = field.closest("[aria-invalid=true]");
      const told = (of?.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id));
      const wrong = told.find((e) => e?.matches(".wrong"));
      const { top, bottom } = wrong?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
      const bar = document.querySelector(".bar")!.getBoundingClientRect().top;
      return { id: field.id, says: top >= 0 && bottom <= bar ? (wrong?.textContent ?? "") : "out of sight" };
    });
  }

  async home(): Promise<void> {
    await this.go("/");
    await this.page.getByRole("heading", { level: 1, name: this.say("home.title") }).waitFor();
  }

  offline = (off: boolean): Promise<void> => this.context.setOffline(off);
  close = (): Promise<void> => this.context.close();
}
