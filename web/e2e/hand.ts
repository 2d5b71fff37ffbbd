// What somebody does at a page: by mouse or finger, or by the keyboard alone. By the keyboard,
// nothing is reached but by Tab, and nothing done but by keys.

import type { Locator, Page } from "playwright-core";

export type How = "mouse" | "touch" | "keys";

/** How often Tab is pressed before something counts as out of reach. */
const farthest = 400;

export interface Upload {
  name: string;
  content: string | Buffer;
}

export class Hand {
  constructor(
    readonly page: Page,
    readonly how: How,
  ) {}

  /** Goes to something by Tab. Breaks where the keyboard does not come there. */
  private async reach(what: Locator): Promise<void> {
    await what.waitFor();
    for (let n = 0; n < farthest; n++) {
      // Still there two frames later: a page that has just come takes the focus to its heading.
      const there = await what.evaluate(async (e) => {
        if (e !== document.activeElement) return false;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return e === document.activeElement;
      });
      if (there) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not come to ${what}`);
  }

  /** Presses a button, follows a link, ticks a box. */
  async press(what: Locator): Promise<void> {
    if (this.how === "mouse") return what.click();
    if (this.how === "touch") return what.tap();
    await this.reach(what);
    const key = (await what.evaluate((e) => e instanceof HTMLInputElement)) ? "Space" : "Enter";
    await this.page.keyboard.press(key);
  }

  /** Writes into a field of words or numbers. */
  async write(what: Locator, text: string): Promise<void> {
    if (this.how !== "keys") return what.fill(text);
    await this.reach(what);
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.type(text);
  }

  /** Sets a field of a day, given as 2026-11-30: typed in the order in which this browser has its parts. */
  async day(what: Locator, iso: string): Promise<void> {
    if (this.how !== "keys") return what.fill(iso);
    const [y, m, d] = iso.split("-") as [string, string, string];
    for (const order of [d + m + y, m + d + y, y + m + d]) {
      await this.reach(what);
      await this.page.keyboard.type(order);
      if ((await what.inputValue()) === iso) return;
      // Back to the first of its parts.
      await this.page.keyboard.press("Shift+Tab");
      await this.page.keyboard.press("Shift+Tab");
      await this.page.keyboard.press("Shift+Tab");
    }
    throw new Error(`the day ${iso} can't be typed: it became ${await what.inputValue()}`);
  }

  /** Chooses one of a list, by the beginning of what stands there. */
  async pick(what: Locator, label: string): Promise<void> {
    if (this.how !== "keys") {
      const value = await what.evaluate((e, l) => [...(e as HTMLSelectElement).options].find((o) => o.label.startsWith(l))?.value, label);
      if (value === undefined) throw new Error(`there is no ${label} to choose`);
      await what.selectOption(value);
      return;
    }
    await this.reach(what);
    await this.page.keyboard.press("Home");
    for (let n = 0; n < farthest; n++) {
      const chosen = await what.evaluate((e) => (e as HTMLSelectElement).selectedOptions[0]?.label ?? "");
      if (chosen.startsWith(label)) return;
      await this.page.keyboard.press("ArrowDown");
    }
    throw new Error(`the arrows do not come to ${label}`);
  }

  /** Gives a field a file, by the dialogue that it opens. */
  async give(what: Locator, file: Upload): Promise<void> {
    const payload = { name: file.name, mimeType: "application/octet-stream", buffer: Buffer.from(file.content) };
    if (this.how !== "keys") return what.setInputFiles(payload);
    await this.reach(what);
    const dialogue = this.page.waitForEvent("filechooser");
    await this.page.keyboard.press("Space");
    await (await dialogue).setFiles(payload);
  }
}
