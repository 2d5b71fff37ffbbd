// What the bundle needs besides vite: the worker's list of files, a compressed
// copy of each, and a limit on what a phone has to load before it can work.

import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Everything that is loaded at first, compressed: performance.md, phone app. In bytes. */
const limit = 150_000;

const compressible = /\.(html|js|css|svg|json|webmanifest)$/;

/** Files of a folder and of those in it, with / between. */
const filesOf = (folder: string, under = ""): string[] =>
  readdirSync(join(folder, under)).flatMap((name) => {
    const path = under + name;
    return statSync(join(folder, path)).isDirectory() ? filesOf(folder, path + "/") : [path];
  });

/** Writes the worker's list of files into it, and a compressed copy beside each file. */
export function bundle(): Plugin {
  let folder = "";
  return {
    name: "undring-bundle",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    writeBundle() {
      const files = filesOf(folder).filter((f) => f !== "sw.js" && !f.startsWith("."));
      const content = createHash("sha256");
      for (const f of files) content.update(f).update(readFileSync(join(folder, f)));
      const version = content.digest("hex").slice(0, 16);
      const worker = join(folder, "sw.js");
      const paths = files.map((f) => (f === "index.html" ? "/" : "/" + f));
      writeFileSync(
        worker,
        readFileSync(worker, "utf8").replace("__FILES__", () => JSON.stringify(paths)).replace("__VERSION__", version),
      );
      let gz = 0;
      let br = 0;
      for (const f of [...files, "sw.js"].filter((f) => compressible.test(f))) {
        const raw = readFileSync(join(folder, f));
        const zipped = gzipSync(raw, { level: 9 });
        const brotli = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
        writeFileSync(join(folder, f + ".gz"), zipped);
        writeFileSync(join(folder, f + ".br"), brotli);
        gz += zipped.length;
        br += brotli.length;
      }
      console.log(`first load, everything the app is: ${(gz / 1000).toFixed(1)} kB gzip, ${(br / 1000).toFixed(1)} kB brotli, of ${limit / 1000} kB`);
      if (gz > limit) throw new Error(`the app is ${gz} bytes compressed, ${gz - limit} more than a phone shall have to load`);
    },
  };
}
