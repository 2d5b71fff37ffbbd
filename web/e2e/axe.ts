// Axe, put into the page itself once, so that a screen costs no second page.

import { source } from "axe-core";
import type { Page } from "playwright-core";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Which of axe's rules: all, or for a screen that all have looked at those on its colours. */
export type Rules = "all" | "colours";
const colours = ["color-contrast", "link-in-text-block"];

interface Found {
  id: string;
  nodes: { html: string }[];
}
declare const axe: { run(on: Document, options: object): Promise<{ violations: Found[] }> };

/** What axe finds wrong. */
export async function objections(page: Page, rules: Rules = "all"): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  const runOnly = rules === "all" ? { type: "tag", values: tags } : { type: "rule", values: colours };
  const found = await page.evaluate(
    async (options) => (await axe.run(document, options)).violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) })),
    { runOnly, resultTypes: ["violations"] },
  );
  return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
}
