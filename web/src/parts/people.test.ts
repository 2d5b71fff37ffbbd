import { expect, test } from "vitest";
import { named } from "./people";

test("finds people as they are looked for on any keyboard, and by their team", () => {
  for (const [there, search, found] of [
    ["Anne Ødegård", "odegard", true],
    ["Anne Ødegård", "ødeg", true],
    ["Anne Ødegård", "oedegaard", true],
    ["Anne Ødegård", "gård", false], // within a word
    ["Håkon Aasen", "hakon åsen", true],
    ["Ærlend Sæther", "saether", true],
    ["José Núñez", "jose nunez", true],
    ["Łukasz Wójcik", "lukasz wojcik", true],
    ["Máret Ŋáhkku", "maret nahkku", true],
    ["Kari-Anne Li", "anne", true],
    ["Kari Li 8. trinn, Realfag", "realf", true],
    ["Kari Li 8. trinn, Realfag", "8 kari", true],
    ["Kari Li 8. trinn, Realfag", "9", false],
  ] as const)
    expect([there, search, named(there, search)]).toEqual([there, search, found]);
});
