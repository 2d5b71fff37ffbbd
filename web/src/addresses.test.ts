// No words of anybody's stand in an address: of a page, where the browser's history and whoever
// looks on would have them, or of a request, where every proxy on the way would. Each address is
// made by a template; this goes over all of them, and over what fetches.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = import.meta.dirname;
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((f) => /\.tsx?$/.test(f) && !/\.test\.tsx?$|^gen\/|^testing\//.test(f))
  .map((f) => [f, readFileSync(join(root, f), "utf8")] as const);

/** What may stand in an address: ids, half-years, and names of pages and of what one is in a visit. */
const plain = [
  /^(?:[\w!?]+\.)*(?:\w*[iI]d|schoolOwnerId|id!)$/, // visit.id, round.schoolId
  /^(?:[\w.]+\.)?(?:term|stage|step|to|path|back|kind|currentTarget\.value)(?:\(\))?$/, // a page, or an entry of a fixed list
  /^(?:path|at|keyOf|placeOf|nextPlace|encodeURIComponent\(l\.of|asked|r|k|q|way)\b[^`]*$/, // functions that make pages of ids, looked at below
  /^(?:s|list|otherId\(store, visit\)|seat === "observer" \? "observed" : "observer"|start\.toISOString\(\)|store\.do\(AskForPlaceRequestSchema.*)$/, // a stage, a list, an id, a side, an hour
  /^String\(e\.notification\.data\)$/, // the page that the server named in a push: G11 holds for that
  /Id === me \? "?[\w.]+"? : "?[\w.]+"?$/, // which of two ids, or which of two sides
];

test("addresses are made of ids and pages, never of words", () => {
  const made: string[] = [];
  for (const [file, text] of sources)
    for (const [, template] of text.matchAll(/`(#?\/(?!\/)[^`\n]*\$\{[^`]*)`/g)) {
      if (/^\/api|^\/\*/.test(template!)) continue;
      for (const [, what] of template!.matchAll(/\$\{([^}]*)\}/g)) made.push(`${file}: ${what!.trim()}`);
    }
  expect(made.length).toBeGreaterThan(50); // or none was found
  expect(made.filter((m) => !plain.some((p) => p.test(m.split(": ").slice(1).join(": "))))).toEqual([]);
});

test("searches stay in the page: what is typed in a field never becomes an address", () => {
  const typed = /(?:\b(?:go|goInstead)\(|\blocation\.\w+ ?(?:= |\())[^;\n]*(?:search|text|name|title|words|query\.value|currentTarget\.value)\b[^;\n]*/g;
  const found = sources.flatMap(([file, text]) => [...text.matchAll(typed)].map(([m]) => `${file}: ${m}`));
  // A choice of half-years, whose values are written by the page itself.
  expect(found.filter((f) => !f.startsWith("culture/choices.tsx: go(`/culture?${keyOf(of)}&term="))).toEqual([]);
});

test("requests go by POST to fixed addresses", () => {
  const fetching = sources.flatMap(([file, text]) => [...text.matchAll(/(?<![\w.])fetch\(([^)\n]*)/g)].map(([, what]) => `${file}: ${what}`));
  expect(fetching.sort()).toEqual(["store/around.ts: ...a", 'sw.ts: new Request(f, { cache: f.startsWith("/assets/"', "sw.ts: request"].sort());
  expect(sources.filter(([, text]) => /useHttpGet|useGet:|method: "GET"/.test(text)).map(([file]) => file)).toEqual([]);
});
