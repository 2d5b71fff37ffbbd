import { expect, test } from "vitest";
import { nextYear } from "./rolled";

test("a team goes up with its grade", () => {
  for (const [was, is] of [
    ["5. trinn", "6. trinn"],
    ["Team 9", "Team 10"],
    ["10. trinn", "10. trinn"],
    ["5.–7. trinn", "5.–7. trinn"],
    ["Realfag", "Realfag"],
    ["Kull 2026", "Kull 2026"],
  ])
    expect(nextYear(was!)).toBe(is);
});
