import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("every field has the contract's limit, and none has a number of its own", () => {
  const root = new URL("..", import.meta.url);
  const code = (readdirSync(root, { recursive: true }) as string[]).filter((f) => f.endsWith(".tsx")).map((f) => [f, readFileSync(new URL(f, root), "utf8")] as const);
  const fields = code.flatMap(([f, text]) => [...text.matchAll(/\bmax(?:Length)?=\{([^}]*)\}/g)].map((m) => `${f}: ${m[1]}`));
  expect(fields.filter((f) => f.includes("limits.")).length).toBeGreaterThan(25);
  expect(fields.filter((f) => /: \d/.test(f))).toEqual([]);
});
