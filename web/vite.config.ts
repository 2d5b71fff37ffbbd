import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

import { bundle } from "./build/bundle.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [bundle()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the content security policy has no data: addresses
    rolldownOptions: {
      input: { index: here("index.html"), sw: here("src/sw.ts") },
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  // `npm run dev` beside `undring demo`.
  server: { proxy: { "/undring.v1.": "http://127.0.0.1:7080", "/calendar/": "http://127.0.0.1:7080" } },
});
