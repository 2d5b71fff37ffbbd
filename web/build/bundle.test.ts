import { expect, test } from "vitest";
import { misplaced, ofDesk } from "./bundle";

test("no byte of the desk comes with the first load, or is kept by a teacher's phone", () => {
  const index = { fileName: "assets/index-1.js", moduleIds: ["/web/src/app.tsx"] };
  const desk = { fileName: "assets/desk-2.js", moduleIds: ["/web/src/desk/desk.tsx", "/web/src/words/desk.nb.json"] };
  expect(misplaced({ index, desk }, new Set([index.fileName]))).toEqual([]);
  expect(misplaced({ index, desk }, new Set([index.fileName, desk.fileName]))).toHaveLength(1);
  expect(misplaced({ index: { ...index, moduleIds: ["/web/src/desk/table.tsx"] } }, new Set())).toHaveLength(1);
  expect(["assets/desk-2.js", "assets/desk-3.css", "assets/index-1.js", "assets/later-4.js"].filter((f) => ofDesk.test(f))).toHaveLength(2);
});
