import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogues } from "./words";

test("every catalogue has the same keys, and the same names in each text", () => {
  const { nb, nn, en } = catalogues as Record<string, Record<string, string>>;
  const names = (s: string) => (s.match(/\{\w+\}/g) ?? []).sort().join();
  for (const other of [nn!, en!]) {
    expect(Object.keys(other).sort()).toEqual(Object.keys(nb!).sort());
    expect(Object.entries(nb!).filter(([k, v]) => names(v) !== names(other[k]!))).toEqual([]);
    expect(Object.values(other).filter((v) => v.trim() === "")).toEqual([]);
  }
});

test("no text is left that nothing says", () => {
  const root = new URL(".", import.meta.url);
  const code = (readdirSync(root) as string[])
    .filter((f) => /\.tsx?$/.test(f) && !f.includes(".test."))
    .map((f) => readFileSync(new URL(f, root), "utf8"))
    .join("\n");
  const stem = (k: string) => k.split(".").slice(0, -1).join(".");
  const said = (k: string) => code.includes(`"${k}"`) || code.includes(`"${stem(k)}"`) || code.includes(`\`${stem(k)}.\${`);
  expect(Object.keys(catalogues.nb).filter((k) => !said(k))).toEqual([]);
});
