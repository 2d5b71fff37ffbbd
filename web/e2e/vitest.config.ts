import { BaseSequencer, type TestSpecification } from "vitest/node";
import { defineConfig } from "vitest/config";

/** The files that take longest. Begun last, the longest would run alone while the other
 * processor has nothing left to do. */
const longest = ["owner", "desk", "screens", "fits", "networks", "timetable"].map((name) => `/${name}.e2e.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = (f: TestSpecification) => {
      const at = longest.findIndex((name) => f.moduleId.endsWith(name));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

// Tests in a real browser, against a demo of the program itself. Files run side
// by side, the browser of each in a process of its own.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    globalSetup: ["./e2e/demo.ts"],
    sequence: { sequencer: LongestFirst },
    testTimeout: 240_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } }, // as long as the page waits for what it looks for; a second is short beside other tests
    maxWorkers: 2,
    maxConcurrency: 3,
  },
});
