// What the bundle needs besides vite: the worker's list of files, a compressed
// copy of each, and a limit on what a phone has to load before it can work.

import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin, Rollup } from "vite";

type OutputBundle = Rollup.OutputBundle;

/**
 * Everything that is loaded at first, in bytes: by brotli, which every browser of today asks
 * for, and by gzip for those between that know nothing else.
 */
const limit = { brotli: 120_000, gzip: 150_000 };

/** The words of a language that don't come with the app; its readers load them at first. */
const catalogue = /^assets\/(nn|en)-[^/]*\.js$/;

/**
 * The desk of those who run a school, whose names begin so. The worker keeps none of it:
 * a phone of a teacher loads not a byte.
 */
export const ofDesk = /^assets\/desk[-.]/;

/** What is wrong with how the desk lies in the bundle: each of its modules in a file of its own name, and none of them loaded at first. */
export function misplaced(output: Record<string, { fileName: string; moduleIds?: string[] }>, first: ReadonlySet<string>): string[] {
  const out: string[] = [];
  for (const f of Object.values(output)) {
    const desk = (f.moduleIds ?? []).filter((m) => /\/src\/(desk\/|words\/desk\.)/.test(m));
    if (desk.length > 0 && !ofDesk.test(f.fileName)) out.push(`${f.fileName} holds ${desk.join(", ")}, which are the desk's`);
    if (ofDesk.test(f.fileName) && first.has(f.fileName)) out.push(`${f.fileName} is loaded at first`);
  }
  return out;
}

const compressible = /\.(html|js|css|svg|json|webmanifest)$/;

/** Files of a folder and of those in it, with / between. */
const filesOf = (folder: string, under = ""): string[] =>
  readdirSync(join(folder, under)).flatMap((name) => {
    const path = under + name;
    return statSync(join(folder, path)).isDirectory() ? filesOf(folder, path + "/") : [path];
  });

/** The page and all that it can't begin without: its script with what that imports, its styles, the worker and the manifest. What comes by import() comes later. */
function firstLoad(output: OutputBundle): Set<string> {
  const of = new Set(["index.html", "sw.js", "manifest.webmanifest"]);
  const chunks = Object.values(output).filter((f) => f.type === "chunk");
  const add = (name: string) => {
    const chunk = output[name];
    if (of.has(name) || chunk?.type !== "chunk") return;
    of.add(name);
    chunk.imports.forEach(add);
  };
  for (const c of chunks) if (c.isEntry && c.fileName !== "sw.js") add(c.fileName);
  for (const f of Object.keys(output)) if (f.startsWith("assets/index-") && f.endsWith(".css")) of.add(f);
  return of;
}

/** Writes the worker's list of files into it, and a compressed copy beside each file. */
export function bundle(): Plugin {
  let folder = "";
  return {
    name: "undring-bundle",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    writeBundle(_options, output) {
      const first = firstLoad(output);
      const files = filesOf(folder).filter((f) => f !== "sw.js" && !f.startsWith("."));
      const content = createHash("sha256");
      for (const f of files) content.update(f).update(readFileSync(join(folder, f)));
      const version = content.digest("hex").slice(0, 16);
      const worker = join(folder, "sw.js");
      const wrong = misplaced(output, first);
      if (wrong.length > 0) throw new Error(wrong.join("\n"));
      const paths = files.filter((f) => !ofDesk.test(f)).map((f) => (f === "index.html" ? "/" : "/" + f));
      writeFileSync(
        worker,
        readFileSync(worker, "utf8").replace("__FILES__", () => JSON.stringify(paths)).replace("__VERSION__", version),
      );
      const size = { first: 0, firstBrotli: 0, all: 0 };
      const words = { name: "nb", size: 0, brotli: 0 }; // the largest catalogue that a first load fetches besides
      for (const f of [...files, "sw.js"].filter((f) => compressible.test(f))) {
        const raw = readFileSync(join(folder, f));
        const zipped = gzipSync(raw, { level: 9 });
        const brotli = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
        writeFileSync(join(folder, f + ".gz"), zipped);
        writeFileSync(join(folder, f + ".br"), brotli);
        size.all += zipped.length;
        const language = catalogue.exec(f)?.[1];
        if (language !== undefined && zipped.length > words.size) Object.assign(words, { name: language, size: zipped.length, brotli: brotli.length });
        if (!first.has(f)) continue;
        size.first += zipped.length;
        size.firstBrotli += brotli.length;
      }
      if (words.size === 0) throw new Error("no catalogue of another language is in the build: what a first load counts has to be looked at");
      size.first += words.size;
      size.firstBrotli += words.brotli;
      const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
      console.log(`first load, in ${words.name}: ${kB(size.first)} gzip (${kB(size.firstBrotli)} brotli) of ${kB(limit.gzip)} (${kB(limit.brotli)}); all of the app: ${kB(size.all)} gzip`);
      const over = Math.max(size.first - limit.gzip, size.firstBrotli - limit.brotli);
      if (over > 0) throw new Error(`the first load is ${over} bytes more than a phone shall have to wait for`);
    },
  };
}
