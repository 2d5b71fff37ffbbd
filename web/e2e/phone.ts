// A phone in somebody's hand: a browser of phone size, with touch, its own store,
// and the words of its language to find things by.

import { existsSync, readFileSync } from "node:fs";
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

const desktop = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const program = { executablePath: desktop, args: quiet };

// The same engine without the window, menus and extensions of a desktop: half the processor time.
const shell = "/usr/bin/chromium-headless-shell";

/** A browser. whole: with what only the desktop's has, such as notifications. */
export const launch = (whole: "whole" | "" = ""): Promise<Browser> =>
  chromium.launch({ ...program, executablePath: !whole && !process.env["CHROMIUM"] && existsSync(shell) ? shell : desktop });

/** How a phone is opened. */
interface Opened {
  /** A large screen, with a mouse. */
  wide?: boolean;
  /** The server's address, when it is not the demo's. */
  at?: string;
  /** Not mobile: a window of a phone's size, which does not zoom. */
  mobile?: boolean;
  /** Without the worker, which fetches and keeps the whole app anew for each phone: where neither a start without network nor a lost network is tried. */
  worker?: boolean;
}

const wordsIn = (file: string) => JSON.parse(readFileSync(new URL(`../src/words/${file}.json`, import.meta.url), "utf8")) as Record<string, string>;
const catalogue = (l: Language) => ({ ...wordsIn(l), ...wordsIn(`later.${l}`) });
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

  static async open(browser: Browser, language: Language = "nb", { wide = false, at = inject("address"), mobile = true, worker = true }: Opened = {}): Promise<Phone> {
    const screen = wide ? { viewport: { width: 1280, height: 800 } } : { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: mobile };
    const context = await browser.newContext({ ...screen, locale: `${language}-NO`, serviceWorkers: worker ? "allow" : "block" });
    const page = await context.newPage();
    await page.goto(`${at}/`);
    return new Phone(context, page, language, at);
  }

  /**
   * A phone with a browser of its own, in a folder, which stays when the app is closed.
   * environment is what it finds on the machine besides.
   */
  static async alone(folder: string, environment: Record<string, string>, language: Language = "nb", at = inject("address")): Promise<Phone> {
    const context = await chromium.launchPersistentContext(folder, {
      ...program, env: { ...(process.env as Record<string, string>), ...environment },
      viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, locale: `${language}-NO`,
    });
    const page = await context.newPage();
    await page.goto(`${at}/`);
    return new Phone(context, page, language, at);
  }

  /** A window that the app has opened by itself. */
  static async of(page: Page, language: Language): Promise<Phone> {
    await page.waitForURL(/^http/);
    return new Phone(page.context(), page, language, new URL(page.url()).origin);
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

  /** On the first screen, once it is this phone's move: straight to what is to be done, at a visit where several may wait. */
  async next(todo: string, visit = ""): Promise<void> {
    const { page } = this;
    const before = page.url();
    const moved = () => page.waitForURL((url) => url.href !== before, { timeout: 5_000 }).then(() => true, () => false);
    const button = page.locator(visit ? `.card[data-visit="${visit}"]` : ".card", { hasText: this.say(`todo.mine.${todo}`) }).locator("a.button");
    await button.tap();
    if (await moved()) return;
    await button.tap(); // what comes meanwhile may move it from under the finger
    await page.waitForURL((url) => url.href !== before);
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

  /** Goes to the first screen as one does by hand: by the main menu, or back until it is there. */
  async walkHome(): Promise<void> {
    const { page } = this;
    const home = page.getByRole("heading", { level: 1, name: this.say("home.title"), exact: true });
    const menu = page.locator('.nav a[href="#/"]');
    for (let steps = 0; steps < 6; steps++) {
      const title = await page.locator("h1").textContent();
      if (title === this.say("home.title")) return;
      await menu.or(page.locator("a.back")).first().tap();
      await page.waitForFunction((before) => document.querySelector("h1")?.textContent !== before, title);
    }
    await home.waitFor();
  }

  /** Opens a visit as one does by hand: on the first screen, wherever it stands there. */
  async walkTo(visit: string): Promise<void> {
    await this.walkHome();
    const { page } = this;
    const there = page.locator(`[data-visit="${visit}"] :is(a.row, a.card-main)`);
    await there.or(this.button("home.more_done")).first().waitFor();
    if ((await there.count()) === 0) await this.touch("home.more_done");
    await there.tap();
    await page.waitForFunction((id) => location.hash === `#/v/${id}`, visit);
  }

  offline = (off: boolean): Promise<void> => this.context.setOffline(off);
  close = (): Promise<void> => this.context.close();
}
