import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("..", import.meta.url);
const code = (readdirSync(root, { recursive: true }) as string[])
  .filter((f) => f.endsWith(".tsx"))
  .map((f) => [f, readFileSync(new URL(f, root), "utf8")] as const);

// Types ask each Field for `sees`. What would get around them is a field that is none: a
// textarea or a line of text by hand. A search, a day and a time take no words that are kept.
test("no words are written in a field that does not say who reads them", () => {
  const none = code
    .filter(([f]) => f !== "parts/field.tsx")
    .flatMap(([f, text]) => [
      ...[...text.matchAll(/<textarea|contentEditable/gi)].map((m) => `${f}: ${m[0]}: write it as a <Field sees=…>`),
      ...[...text.matchAll(/<input\b[^>]*>/g)]
        .filter((m) => !/inputMode="(decimal|numeric)"|type="(search|date|time|month|number|radio|checkbox|file|email|url|range|color)"/.test(m[0]))
        .map((m) => `${f}: ${m[0].slice(0, 60)}: write it as a <Field single sees=…>`),
    ]);
  expect(none).toEqual([]);
  const silent = code.flatMap(([f, text]) => [...text.matchAll(/sees=\{null\}/g)].map(() => f));
  expect(silent.sort(), "only what is no text of anybody's says nothing").toEqual(["mine/again.tsx", "screens/signin.tsx"]);
});

// Who reads what is there already is told from what was stored with it.
test("what was written shows who reads it, as stored", () => {
  for (const file of ["parts/card.tsx", "parts/action.tsx", "parts/learning.tsx", "parts/lessons.tsx", "screens/exchange.tsx", "screens/noting.tsx", "screens/card.tsx"]) {
    const [, text] = code.find(([f]) => f === file)!;
    expect(text, `${file} says who reads by what is stored: readBy(….audience, …)`).toMatch(/readBy\(.*(audience|widest)/);
  }
});

test("every field has the contract's limit, and none has a number of its own", () => {
  const fields = code.flatMap(([f, text]) => [...text.matchAll(/\bmax(?:Length)?=\{([^}]*)\}/g)].map((m) => `${f}: ${m[1]}`));
  expect(fields.filter((f) => f.includes("limits.")).length).toBeGreaterThan(25);
  expect(fields.filter((f) => /: \d/.test(f))).toEqual([]);
});
