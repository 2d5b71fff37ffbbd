// Whether a screen fits the phone that it is on: nothing wider than it, nothing cut off.

import type { Page } from "playwright-core";

/** What makes the page wider than the phone once a word without a blank stands in it, as the link to a meeting. */
export function widened(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const texts: Text[] = [];
    for (const of of document.querySelectorAll(":is(h1, main :is(p, blockquote, dd, .row-text, .card-main))")) {
      const walk = document.createTreeWalker(of, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) if (!walk.currentNode.parentElement!.closest(".hidden, .link, .button")) texts.push(walk.currentNode as Text);
    }
    return texts.flatMap((text) => {
      const was = text.data;
      const before = root.scrollWidth;
      text.data = `${was} https://moete.example.no/${"x".repeat(60)}`;
      const wide = root.scrollWidth > before ? root.scrollWidth - root.clientWidth : 0;
      text.data = was;
      return wide > 0 ? [`${text.parentElement!.closest("p, h1, blockquote, dd, div")!.outerHTML.slice(0, 60)} ${wide} px`] : [];
    });
  });
}

/** What is cut off or stands outside of the screen, at the size that it has now. */
export function cut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const out: string[] = [];
    const wide = root.scrollWidth - root.clientWidth;
    if (wide > 0) out.push(`${wide} px wider than the phone`);
    const told = (e: Element) => `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""} "${(e.textContent ?? "").trim().slice(0, 40)}"`;
    for (const e of document.querySelectorAll<HTMLElement>("body *")) {
      if (!e.checkVisibility() || e.closest(".hidden, svg, .skip")) continue;
      const says = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent!.trim() !== "");
      if (!says) continue;
      const { left, right, width } = e.getBoundingClientRect();
      // A row that is pushed aside with the thumb is not cut off.
      let pushed = e.parentElement;
      while (pushed && !(["auto", "scroll"].includes(getComputedStyle(pushed).overflowX) && pushed.scrollWidth > pushed.clientWidth)) pushed = pushed.parentElement;
      if (pushed && pushed !== document.documentElement) continue;
      if (width > 1 && (left < -1 || right > root.clientWidth + 1)) out.push(`outside: ${told(e)} ${Math.round(left)}–${Math.round(right)}`);
      const style = getComputedStyle(e);
      if (["hidden", "clip"].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1 && style.textOverflow !== "ellipsis") out.push(`cut off at the side: ${told(e)}`);
      if (["hidden", "clip"].includes(style.overflowY) && e.scrollHeight > e.clientHeight + 2 && style.webkitLineClamp === "none") out.push(`cut off below: ${told(e)}`);
    }
    // What stays at the top and at the bottom leaves room for what one came to read.
    const edge = (of: string) => document.querySelector(of)?.getBoundingClientRect();
    const bottom = edge(".bar")?.top ?? edge(".nav")?.top ?? innerHeight;
    const last = [...document.querySelectorAll(".noting .notes li")].at(-1);
    if (last) {
      document.querySelector(".scroll-end")?.scrollIntoView({ block: "end" });
      const at = last.getBoundingClientRect();
      const seen = Math.min(at.bottom, bottom) - Math.max(at.top, edge(".top")?.bottom ?? 0);
      if (seen < Math.min(40, at.height)) out.push(`of the last note ${Math.round(seen)} of ${Math.round(at.height)} px are in sight while one notes`);
    }
    return out;
  });
}

/** Fields for words that do not say who reads them, as a screen reader hears it too. */
export function unsaid(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('main textarea, main input[type="text"], .bar textarea, .bar input[type="text"]')]
      .filter((f) => !["code", "again-code"].includes(f.id)) // to sign in by: it is no text of anybody's
      .filter((f) => !(f.getAttribute("aria-describedby") ?? "").split(" ").some((id) => document.getElementById(id)?.querySelector(".who")?.textContent?.trim()))
      .map((f) => f.outerHTML.slice(0, 80)),
  );
}
