import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OperationOutcome, PushRequestSchema, PushResponseSchema } from "../src/gen/undring/v1/sync_pb";
import { ask } from "./agree";
import { objections } from "./axe";
import { launch, Phone } from "./phone";

// What the server refuses, since a field is not as it should be: the words go back
// into their field, or to the clipboard, and what is sent then counts once.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const message = "Noe er ikke fylt ut riktig. Det du skrev, er der ennå.";
const missing = ["En tekst er for lang: høyst 2000 tegn."];
const invalid = { code: 3, reason: "INVALID_FIELD", message, missing, metadata: { text: "value length must be at most 2000 characters" } };
const taken = { code: 9, reason: "DOUBLE_BOOKED", message: "En av dere er opptatt på denne tiden. Foreslå en annen." };

/** Requests by their ids, in the order in which they were sent. The first batch that holds one of a type is refused. */
async function refuseFirst(phone: Phone, type: string, refusal: typeof invalid | typeof taken = invalid): Promise<string[]> {
  const sent: string[] = [];
  await phone.page.route("**/Push", async (route) => {
    const { operations } = fromBinary(PushRequestSchema, route.request().postDataBuffer()!);
    const ids = operations.filter((o) => o.request?.typeUrl.endsWith(type)).map((o) => Buffer.from(o.request!.value).toString("latin1").match(/[0-9a-f-]{36}/)![0]);
    const first = sent.length === 0 && ids.length > 0;
    sent.push(...ids);
    if (!first) return route.continue();
    const results = operations.map(() => ({ outcome: OperationOutcome.REFUSED, refusal }));
    return route.fulfill({ contentType: "application/proto", body: Buffer.from(toBinary(PushResponseSchema, create(PushResponseSchema, { results }))) });
  });
  return sent;
}

// One after the other: they have one clipboard.
describe("what the server can't take as it is", () => {
  for (const language of ["nb", "nn", "en"] as const) {
    test(`a note goes back into its field, ${language}`, async () => {
      const phone = await Phone.open(browser, language);
      const { page } = phone;
      await phone.context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await phone.signIn("Ulrik Hagen");
      await page.locator("[data-visit]").first().waitFor();
      const visit = await page.evaluate(() => (document.querySelector("[data-visit]") as HTMLElement).dataset["visit"]);
      const sent = await refuseFirst(phone, "SaveNoteRequest");
      await phone.go(`/v/${visit}/note`);
      const words = `Fire hender, ${language}.`;
      await phone.choose("note.WONDERING");
      await phone.write("note", words);
      await phone.touch("note.save");
      await page.locator(".refused", { hasText: message }).waitFor();
      expect(await page.locator(".refused li").allTextContents(), "what is wrong, in the reader's words alone").toEqual(missing);
      await page.setViewportSize({ width: 360, height: 2000 }); // so tall that the bar covers nothing
      expect(await objections(page)).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });

      await phone.touch("sync.copy");
      await phone.button("sync.copied").waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(words);

      // Begun meanwhile: it goes on after what comes back.
      await phone.write("note", "Og to til.");
      await phone.touch("sync.edit");
      await page.locator(".refused").waitFor({ state: "detached" });
      expect(await page.locator("#note").inputValue()).toBe(`${words} Og to til.`);
      expect(await page.evaluate(() => document.activeElement?.id), "where one goes on").toBe("note");

      // It is on disk before it is sent: a reload loses nothing.
      await page.reload();
      await page.locator("#note").waitFor();
      expect(await page.locator("#note").inputValue()).toBe(`${words} Og to til.`);
      await phone.write("note", `${words} Kort.`);
      await phone.touch("note.save");
      await page.getByText(`${words} Kort.`, { exact: true }).waitFor();
      await page.locator(".waits").waitFor({ state: "detached" });
      await page.locator(".syncline a").waitFor({ state: "detached" });
      expect(await page.locator(".notes > li", { hasText: words }).count(), "it is there once").toBe(1);
      expect(new Set(sent).size, "a new attempt is a new request").toBe(2);
      expect(phone.faults).toEqual([]);
      await phone.close();
    });
  }

  test("a proposal, told where one waits for it", async () => {
    const phone = await Phone.open(browser, "nb");
    const { page } = phone;
    await phone.signIn("Jonas Rønning");
    await refuseFirst(phone, "ProposeObservationRequest", taken);
    await phone.offline(true);
    await ask(phone, "Gunn Haugland");
    await phone.offline(false);
    await page.locator("main .refused", { hasText: taken.message }).waitFor();
    expect(page.url(), "where one was").toContain("#/v/");
    expect(await page.getByText(phone.say("visit.unknown")).count()).toBe(0);
    await phone.touch("sync.edit");
    await page.locator(".chosen", { hasText: "Gunn Haugland" }).waitFor();
    expect(await page.locator("#place").inputValue()).toBe("204");
    expect(phone.faults).toEqual([]);
    await phone.close();
  });

  test("a proposal, with the person and the place as they were", async () => {
    const phone = await Phone.open(browser, "nb");
    const { page } = phone;
    await phone.signIn("Jonas Rønning");
    await phone.offline(true);
    await ask(phone, "Gunn Haugland");
    await refuseFirst(phone, "ProposeObservationRequest"); // what is answered for a test gets through without a network, too
    await phone.offline(false);
    await phone.go("/sync");
    await page.locator(".refused", { hasText: message }).waitFor();
    await phone.touch("sync.edit");
    await page.locator(".chosen", { hasText: "Gunn Haugland" }).waitFor();
    expect(await page.locator("#place").inputValue()).toBe("204");
    await page.waitForFunction(() => document.activeElement?.id === "place");
    await phone.touch("new.send.observer", { name: "Gunn" });
    await page.getByText(phone.say("proposal.waits", { name: "Gunn" })).waitFor();
    await page.locator(".syncline a").waitFor({ state: "detached" });
    expect(phone.faults).toEqual([]);
    await phone.close();
  });
});
