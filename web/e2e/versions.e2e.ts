import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PullResponseSchema } from "../src/gen/undring/v1/sync_pb";
import { type Language, launch, Phone } from "./phone";
import { screens } from "./screens";

// An app of yesterday and a server of today, which sends states and kinds that the
// app has never heard of: every screen stands all the same.

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const unheardOf = 99;

/** Puts what nobody has heard of into every field that holds a code; not into those of the types that are spared. */
function renew(of: ReflectMessage, spared: string[]): void {
  for (const field of of.fields) {
    const at = of.message as unknown as Record<string, unknown>;
    if (field.fieldKind === "enum" && !spared.includes(field.enum.name)) at[field.localName] = unheardOf;
    else if (field.fieldKind === "list" && field.listKind === "enum" && !spared.includes(field.enum.name)) (at[field.localName] as number[]).push(unheardOf);
    else if (field.fieldKind === "list" && field.listKind === "message") for (const m of at[field.localName] as Message[]) renew(reflect(field.message, m), spared);
    else if (field.fieldKind === "message" && of.isSet(field)) renew(of.get(field) as ReflectMessage, spared);
  }
}

async function tellNews(phone: Phone, spared: string[]): Promise<void> {
  await phone.page.route("**/Pull", async (route) => {
    const answer = await route.fetch();
    if (!answer.ok()) return route.fulfill({ response: answer });
    const page = fromBinary(PullResponseSchema, await answer.body());
    for (const { what } of page.changes) {
      if (what.case && what.case !== "gone") renew(reflect(schemaOf(what.case), what.value), spared);
    }
    return route.fulfill({ status: 200, contentType: "application/proto", body: Buffer.from(toBinary(PullResponseSchema, page)) });
  });
}

const schemaOf = (what: string): DescMessage => PullResponseSchema.field.changes.message!.oneofs[0]!.fields.find((f) => f.localName === what)!.message!;

const readers: [person: string, language: Language][] = [["Ulrik Hagen", "nb"], ["Finn Skogen", "nn"], ["Ida Sæther", "en"]];

describe.concurrent("a code that this version has no words for fells no screen", () => {
  // With states as they are known, one gets to what is behind them.
  for (const spared of [[], ["ObservationState", "NextTodo"]]) {
    for (const [person, language] of readers) {
      test(`${person}, ${spared.length > 0 ? "in known states" : "in no known state"}`, async () => {
        const phone = await Phone.open(browser, language);
        const { page } = phone;
        await tellNews(phone, spared);
        await phone.signIn(person);
        await page.locator("[data-visit]").first().waitFor();
        const visits = await page.$$eval("[data-visit]", (all) => all.map((e) => (e as HTMLElement).dataset["visit"]!));
        const paths = screens.filter((s) => s.path.startsWith("/v/V")).map((s) => s.path.replace("/v/V", ""));
        for (const visit of visits.slice(0, 2)) {
          for (const path of ["", ...paths]) {
            await phone.go(`/v/${visit}${path}`);
            await page.locator("h1").waitFor();
            await page.waitForFunction(() => !document.querySelector(".progress"));
            expect(await page.locator(".broke").count(), `${path} broke: ${phone.faults.join()}`).toBe(0);
          }
        }
        if (spared.length === 0) {
          await phone.go(`/v/${visits[0]!}`);
          await page.locator("header", { hasText: phone.say("app.unknown") }).waitFor();
        }
        expect(phone.faults).toEqual([]);
        await phone.close();
      });
    }
  }
});
