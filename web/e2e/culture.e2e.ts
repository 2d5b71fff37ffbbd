import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ErrorInfoSchema, LocalizedMessageSchema } from "../src/gen/google/rpc/error_details_pb";
import { GetCultureReportRequestSchema, SubmitPulseRequestSchema } from "../src/gen/undring/v1/culture_pb";
import { type CultureKey, saying } from "../src/culture/words";
import { objections, type Rules } from "./axe";
import { halves } from "./culture/example";
import { type Case, file, serve, type Server } from "./culture/served";
import { catalogues, type Language, launch } from "./phone";

// The page of figures, for somebody who is signed in at the demo. At first what the
// demo's own server says; then what is made up here, so that each kind of school
// can be shown.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** Each speaks a language of their own, which the server remembers. */
const readers: Record<Language, string> = { nb: "Kari Fossheim", nn: "Maja Strand", en: "Nils Aune" };

/** The demo's own server, instead of one that the test plays. */
const own = "its own";

/** Somebody reading, with a server that the test plays. */
class Reader {
  readonly faults: string[] = [];
  readonly calls: { call: string; request: Buffer }[] = [];
  /** What the server says; undefined: there is no network; a text: it refuses, with that text; "its own": what the demo's says. */
  server: Server | string | undefined = own;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly language: Language,
  ) {}

  static async signIn(language: Language): Promise<Reader> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: "nb-NO", // the language is picked by hand, as somebody would who reads another one than the phone
      serviceWorkers: "block", // calls that a worker sees can't be answered here
      reducedMotion: "reduce",
      acceptDownloads: true,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const reader = new Reader(context, page, language);
    page.on("pageerror", (e) => reader.faults.push(e.message));
    page.on("console", (m) => m.text().includes("Content Security Policy") && reader.faults.push(m.text()));
    await page.route("**/undring.v1.CultureService/*", async (route) => {
      const call = route.request().url().split("/").pop()!;
      const request = route.request().postDataBuffer() ?? Buffer.alloc(0);
      reader.calls.push({ call, request });
      if (reader.server === own) return route.continue();
      if (reader.server === undefined) return route.abort("internetdisconnected");
      if (typeof reader.server === "string") return route.fulfill(refusal(reader.server));
      const { schema, message } = reader.server(call, request);
      return route.fulfill({ contentType: "application/proto", body: Buffer.from(toBinary(schema, message)) });
    });
    await page.goto(inject("address"));
    for (const l of [language === "nb" ? "en" : "nb", language] as const) {
      await page.locator(`.signin label:has(span[lang=${l}])`).click();
      await page.getByText(catalogues[l]["signin.lead"]!).waitFor();
    }
    await page.getByRole("searchbox").fill(readers[language]);
    await page.getByRole("button", { name: readers[language] }).click();
    await page.getByRole("navigation", { name: catalogues[language]["nav.label"]! }).waitFor();
    return reader;
  }

  say = (key: CultureKey, words = {}): string => saying(this.language)(key, words);

  /** Opens the page anew, from another one. */
  async open(server: Server | string | undefined, at = "/culture"): Promise<void> {
    await this.page.evaluate(() => (location.hash = "/more"));
    await this.page.locator(".page:not(.culture) h1").waitFor();
    this.server = server;
    await this.page.evaluate((to) => (location.hash = to), at);
    await this.page.locator(".page.culture .who-sees").waitFor();
  }

  /** Waits until everything is there that comes by itself. */
  async settled(): Promise<void> {
    await this.page.locator(".sheet .rule").waitFor({ state: "attached" });
    const rest = this.page.locator(".rest > summary");
    if (await rest.count()) {
      expect(await this.page.locator(".sheet .rule").isVisible(), "the rest is folded").toBe(false);
      expect(await this.page.locator(".summary p").count(), "sentences at the top").toBeGreaterThan(1);
      await rest.click();
    }
    await this.page.locator(".sheet .rule").waitFor();
    await this.page.locator(".pulse h2").waitFor();
    await this.page.locator(".live dl").waitFor();
  }

  async look(look: Look): Promise<void> {
    const [scheme, width] = look.split(" ");
    await this.page.emulateMedia({ colorScheme: scheme as "light" | "dark" });
    await this.page.setViewportSize({ width: Number(width), height: width === "360" ? 740 : 800 });
  }

  /** What axe finds wrong, on a screen so tall that the menu at its bottom covers nothing. */
  async axe(rules: Rules = "all"): Promise<string[]> {
    const { width } = this.page.viewportSize()!;
    await this.page.setViewportSize({ width, height: await this.page.evaluate(() => document.documentElement.scrollHeight) });
    return objections(this.page, rules);
  }

  button = (key: CultureKey) => this.page.getByRole("button", { name: this.say(key), exact: true });
}

/** A refusal, as the server sends it. */
function refusal(words: string) {
  const value = Buffer.from(toBinary(LocalizedMessageSchema, create(LocalizedMessageSchema, { locale: "nb", message: words }))).toString("base64");
  const reason = Buffer.from(toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { domain: "undring", reason: "NOT_FOUND" }))).toString("base64");
  const details = [{ type: "google.rpc.ErrorInfo", value: reason }, { type: "google.rpc.LocalizedMessage", value }];
  return { status: 404, contentType: "application/json", body: JSON.stringify({ code: "not_found", message: words, details }) };
}

/** Writes a picture for the docs, where those are asked for: SCREENS=1. */
async function picture(r: Reader, name: string, height: number): Promise<void> {
  if (!process.env["SCREENS"]) return;
  const width = r.page.viewportSize()!.width;
  await r.page.setViewportSize({ width, height });
  await r.page.screenshot({ path: new URL(`../../docs/screens/culture-${name}.png`, import.meta.url).pathname });
}

type Look = `${"light" | "dark"} ${360 | 1280}`;
const looks: Look[] = ["light 1280", "dark 360", "dark 1280", "light 360"];
/** What axe looks at, in the first language: the others differ by their words, which are looked at for their width. */
const read: Partial<Record<Look, Rules>> = { "light 1280": "all", "light 360": "all", "dark 360": "colours" };
const pictures: Record<string, number> = {
  "large-nb-light-1280": 1560, "large-nn-dark-360": 1600, "large-en-light-360": 1600,
  "small-nb-light-360": 1500, "small-nn-light-1280": 800, "fresh-en-light-1280": 900, "fresh-nb-dark-360": 1500, "words-nb-light-1280": 1300,
};

describe("the page of figures", () => {
  for (const language of ["nb", "nn", "en"] as const) {
    test(`in ${language}: a large school, one of 6, a first half-year without a sheet, one in words; light and dark, phone and desk`, async () => {
      const r = await Reader.signIn(language);
      for (const of of ["large", "small", "fresh", "words"] as Case[]) {
        await r.open(serve(of, language));
        await r.settled();
        const there = r.page.locator(".conversion");
        expect(await there.count(), of).toBe(of === "large" || of === "words" ? 1 : 0);
        expect(await r.button("csv").count(), of).toBe(of === "large" || of === "words" ? 1 : 0);
        if (of === "small") await r.page.getByRole("link", { name: r.say("to_owner") }).waitFor();
        if (of === "fresh") await r.page.getByText(r.say("nothing_yet")).waitFor();
        if (of === "words") await r.page.getByText(r.say("in_words")).waitFor();
        for (const look of looks) {
          const at = `${of}-${language}-${look.replace(" ", "-")}`;
          await r.look(look);
          const over = await r.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(over, `${at} is wider than the screen, in pixels`).toBeLessThanOrEqual(0);
          if (language === "nb" && read[look]) expect(await r.axe(read[look]), at).toEqual([]);
          if (pictures[at]) await picture(r, at, pictures[at]);
        }
        await r.look("light 1280");
      }
      expect(r.faults).toEqual([]);
      await r.context.close();
    });
  }

  test("shows what the demo's server says, takes the pulse there once, and hands out its file", async () => {
    const r = await Reader.signIn("nb");
    await r.open(own);
    await r.settled();
    await r.page.getByRole("heading", { name: /^Fjordvik skole, (vår|høst) \d{4}$/ }).waitFor();
    expect(await r.page.locator(".rest > section .figure h3").count(), "figures").toBe(12);
    expect(await r.page.locator(".conversion .stage b").allInnerTexts()).not.toContain("");
    if (await r.button("pulse.send").count()) {
      for (const yes of await r.page.getByRole("radio", { name: r.say("pulse.agree"), exact: true }).all()) await yes.check({ force: true });
      await r.button("pulse.send").click();
      await r.page.getByText(r.say("pulse.receipt")).waitFor();
      await r.open(own);
      await r.settled();
      await r.page.getByText(r.say("pulse.answered")).waitFor();
      expect(await r.button("pulse.send").count()).toBe(0);
    }
    const download = r.page.waitForEvent("download");
    await r.button("csv").click();
    expect(readFileSync(await (await download).path(), "utf8")).toMatch(/^\ufeffhalvår;/);
    await r.page.getByRole("link", { name: r.say("owner"), exact: true }).click();
    await r.page.getByRole("heading", { name: /^Fjordvik kommune, / }).waitFor();
    expect(await r.axe()).toEqual([]);
    expect(r.faults).toEqual([]);
    await r.context.close();
  });

  test("says the same, to the letter, whatever is behind an end", async () => {
    const r = await Reader.signIn("nb");
    const behind = (n: number) => halves.map((c, i) => (i === halves.length - 1 ? { ...c, yes: { ...c.yes, ASKED_BACK: n } } : c));
    const pages: string[] = [];
    for (const n of [0, 3, 4]) {
      await r.open(serve("large", "nb", { counts: behind(n) }));
      await r.settled();
      pages.push(await r.page.locator(".sheet").innerHTML());
    }
    expect(pages[0] === pages[1], "0 and 3 are told apart").toBe(true);
    expect(pages[1] === pages[2], "3 and 4 are not told apart: the test sees nothing").toBe(false);
    expect(await r.page.locator(".sheet [title], .sheet title").count(), "tooltips").toBe(0);
    await r.context.close();
  });

  test("can be read by keyboard, for another half-year and for the owner", async () => {
    const r = await Reader.signIn("nb");
    await r.open(serve("large", "nb"));
    await r.settled();
    await r.button("figures").focus();
    await r.page.keyboard.press("Enter");
    expect(await r.page.evaluate(() => document.activeElement?.id)).toBe("figures");
    const table = r.page.locator(".as-table").first();
    await table.locator("summary").focus();
    await r.page.keyboard.press("Enter");
    await table.getByRole("row", { name: "høst 2025 19 av omtrent 35" }).waitFor();
    await r.page.getByLabel(r.say("halfyear")).selectOption("2025-2");
    await r.page.waitForURL(/term=2025-2/);
    await expect.poll(() => r.calls.filter((c) => c.call === "GetCultureReport").map((c) => fromBinary(GetCultureReportRequestSchema, c.request).term)).toContain("2025-2");
    await r.page.getByRole("link", { name: r.say("owner"), exact: true }).focus();
    await r.page.keyboard.press("Enter");
    await r.page.getByRole("heading", { name: "Fjordvik kommune, vår 2026" }).waitFor();
    expect(r.faults).toEqual([]);
    await r.context.close();
  });

  test("takes the pulse once, and keeps no answer", async () => {
    const r = await Reader.signIn("nb");
    const server = serve("large", "nb", { may: true });
    await r.open(server);
    await r.settled();
    await r.button("pulse.go").click();
    const yes = r.page.getByRole("radio", { name: r.say("pulse.agree"), exact: true });
    const no = r.page.getByRole("radio", { name: r.say("pulse.disagree"), exact: true });
    for (const i of [0, 1]) await yes.nth(i).check({ force: true });
    await no.nth(2).check({ force: true });
    await r.button("pulse.send").click();
    await r.page.getByText(r.say("pulse.missing")).waitFor();
    expect(r.calls.filter((c) => c.call === "SubmitPulse")).toEqual([]);
    await no.nth(3).check({ force: true });
    await yes.nth(4).check({ force: true });
    r.server = undefined; // the reply is lost: it is sent again under the same name
    await r.button("pulse.send").click();
    await r.page.locator(".pulse-form .refused").waitFor();
    r.server = server;
    await r.button("pulse.send").click();
    await r.page.getByText(r.say("pulse.receipt")).waitFor();
    const sent = r.calls.filter((c) => c.call === "SubmitPulse").map((c) => fromBinary(SubmitPulseRequestSchema, c.request));
    expect(sent.map((s) => s.answers.map((a) => a.agrees))).toEqual([[true, true, false, false, true], [true, true, false, false, true]]);
    expect(sent[0]!.requestId).toBe(sent[1]!.requestId);
    await r.open(server);
    await r.settled();
    await r.page.getByText(r.say("pulse.answered")).waitFor();
    expect(await r.button("pulse.send").count() + (await r.button("pulse.go").count())).toBe(0);
    await r.context.close();
  });

  test("without a network shows the sheet that was read last, and says so", async () => {
    const r = await Reader.signIn("nb");
    await r.open(undefined);
    await r.page.getByText(r.say("offline")).waitFor();
    await r.open(serve("large", "nb"));
    await r.settled();
    await r.open(undefined);
    await r.page.getByText(r.say("kept")).waitFor();
    await r.page.getByRole("heading", { name: "Fjordvik skole, vår 2026" }).waitFor();
    await r.open("Denne skolen finnes ikke.");
    await r.page.getByText("Denne skolen finnes ikke.").first().waitFor();
    expect(r.faults).toEqual([]);
    await r.context.close();
  });

  test("is printed with its tables, without what one presses, and exported as the server's file", async () => {
    const r = await Reader.signIn("nb");
    await r.open(serve("large", "nb", { may: true }));
    await r.settled();
    const download = r.page.waitForEvent("download");
    await r.button("csv").click();
    const got = await download;
    expect(got.suggestedFilename()).toBe("culture-2026-1.csv");
    expect(readFileSync(await got.path(), "utf8")).toBe(file);
    await r.page.locator(".rest > summary").click(); // folded, and printed all the same
    await r.page.emulateMedia({ media: "print" });
    for (const hidden of [".nav", ".choices", ".take", ".pulse-form", ".invitation", ".contents"])
      expect(await r.page.locator(hidden).first().isVisible(), hidden).toBe(false);
    for (const shown of [".rule", ".conversion", ".as-table table"]) expect(await r.page.locator(shown).first().isVisible(), shown).toBe(true);
    expect((await r.page.pdf({ format: "A4" })).length).toBeGreaterThan(10_000);
    await r.context.close();
  });
});
