import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { type Hint, onNote, onPoint } from "./hints";
import { parse } from "./judge";
import { score } from "./model";
import { question } from "./review";
import { detect, rulesFor } from "./rules";
import { read } from "./text";

const file = process.env.RANDOM_CASES_FILE;

const told = (hints: Hint[]) => hints.map((h) => `${h.id}: ${h.text}`).join(" | ");

// The server writes the file: see review/million_test.go. The shared cases hold the
// two together in every run; this holds them by as many texts as one has time for.
test.runIf(file)("says of random texts what the server says", async () => {
  let n = 0;
  const differing: string[][] = [];
  for await (const line of createInterface({ input: createReadStream(file!) })) {
    const [lang, text, ...server] = JSON.parse(line) as string[];
    const j = question(text!, lang!);
    const sentences = read(text!);
    const r = detect(sentences, rulesFor(lang!));
    const { sum, n: count } = score(parse(sentences, r), r.english);
    const phone = [
      j.kind,
      String(j.unsure),
      `${sum.join(" ")} of ${count}`,
      j.suggestions.join(" | "),
      told(onNote(true, text!, lang!)),
      told(onPoint(text!, lang!)),
    ];
    n++;
    if (phone.join("\n") !== server.join("\n") && differing.length < 5) differing.push([text!, ...server, "phone:", ...phone]);
  }
  console.log(`${n} random texts`);
  expect(differing).toEqual([]);
}, 1_800_000);
