import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

// G32: what Undring says of itself is true. docs/promises.md lists each sentence that
// promises something with the test that shows it; this holds the list to what is there.

const top = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, top), "utf8");
const files = (folder: string, name: RegExp) =>
  (readdirSync(new URL(folder, top), { recursive: true }) as string[]).filter((f) => name.test(f) && !/node_modules|^dist/.test(f)).map((f) => `${folder}${f}`);

/** The texts that people read, in English, by the name that the list has for them. */
const catalogues = new Map<string, Record<string, string>>([
  ["app", { ...JSON.parse(read("web/src/words/en.json")), ...JSON.parse(read("web/src/words/later.en.json")) }],
  ["server", JSON.parse(read("words/en.json"))],
]);
for (const f of files("web/src/", /\w+\.en\.json$/)) {
  const name = /(\w+)\.en\.json$/.exec(f)![1]!;
  if (name !== "later") catalogues.set(name, JSON.parse(read(f))); // those are the app's, too
}

const list = read("docs/promises.md");
const [promises, rest] = list.split("## What promises nothing") as [string, string];
const rows = promises
  .split("\n")
  .filter((l) => l.startsWith("| ") && !l.startsWith("| where"))
  .map((l) => l.split("|").map((c) => c.trim()));
const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1]!);
const keys = rows.flatMap((r) => quoted(r[1]!)).filter((k) => k.includes(":"));
const none = quoted(rest);

/** Words by which a text says how it will be, or who may. */
const sounds =
  /\b(never|nobody|no one|only (you|those|the two)|alone|secret|erased?|gone|deleted|kept|at once|everybody|everyone|within|stays?|any time|saved|not lost|nothing (is|was|of)|promise)\b/i;

test("every text that sounds like a promise is listed, with its test or as none", () => {
  const listed = [...keys, ...none];
  const stands = (key: string) => listed.some((l) => l === key || (l.endsWith("*") && key.startsWith(l.slice(0, -1))));
  const missing = [...catalogues].flatMap(([name, texts]) =>
    Object.entries(texts)
      .filter(([key, text]) => typeof text === "string" && sounds.test(text) && !stands(`${name}:${key}`))
      .map(([key, text]) => `${name}:${key} | ${text}`),
  );
  expect(missing, "put its key into docs/promises.md, beside the test that shows it").toEqual([]);
});

test("every key that is listed is there, and once", () => {
  const gone = [...keys, ...none].filter((k) => {
    const [name, key] = [k.slice(0, k.indexOf(":")), k.slice(k.indexOf(":") + 1)];
    const texts = Object.keys(catalogues.get(name) ?? {});
    return key.endsWith("*") ? !texts.some((t) => t.startsWith(key.slice(0, -1))) : !texts.includes(key);
  });
  expect(gone, "was taken away or has another name").toEqual([]);
  expect(keys.filter((k, i) => keys.indexOf(k) !== i || none.includes(k))).toEqual([]);
});

test("every sentence that is quoted from a page stands there", () => {
  const sentences = rows.flatMap((r) => {
    const page = quoted(r[1]!).find((q) => q.endsWith(".md"));
    return page ? [...r[1]!.matchAll(/"([^"]+)"/g)].map((m) => [page, m[1]!] as const) : [];
  });
  expect(sentences.length).toBeGreaterThan(0);
  expect(sentences.filter(([page, s]) => !read(page).replace(/\*\*/g, "").replace(/\s+/g, " ").includes(s))).toEqual([]);
});

test("every promise has a test, and each that is named exists", () => {
  const go = files("", /_test\.go$/).map(read).join("\n");
  const app = [...files("web/src/", /\.test\.ts$/), ...files("web/e2e/", /\.e2e\.ts$/)].map(read).join("\n");
  expect(rows.filter((r) => quoted(r[3]!).length === 0)).toEqual([]);
  const lost = [...new Set(rows.flatMap((r) => quoted(r[3]!)))].filter((t) => (/^Test\w+$/.test(t) ? !go.includes(`func ${t}(`) : !app.includes(`"${t}"`)));
  expect(lost, "no test has this name").toEqual([]);
});
