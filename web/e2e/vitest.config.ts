import { defineConfig } from "vitest/config";

// Tests in a real browser, against a demo of the program itself. Files run side
// by side, the browser of each in a process of its own.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    globalSetup: ["./e2e/demo.ts"],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    maxConcurrency: 3,
  },
});
