import { describe, expect, test } from "vitest";
import { icsFile, uidOf } from "./ics";

describe("one visit as a file", () => {
  test("an entry is called what the feed calls it (notify/calendar_test.go has the same two)", async () => {
    const [visit, person] = ["0193a4c0-0000-7000-8000-000000000001", "0193a4c0-0000-7000-8000-000000000002"];
    expect(await uidOf("visit", visit, person)).toBe("737cf35a7aa151a9c664c5e9c1ab4603@undring");
    expect(await uidOf("talk", visit, person)).toBe("004116c0150727b8349d69d1973c38d8@undring");
  });

  test("its lines have 75 octets at most, and what is folded and escaped is there again", () => {
    const title = "Besøk hos Åse; Øverås, «9. trinn» \\ 王小明 🙂 " + "æøå".repeat(40);
    const at = new Date("2026-11-11T08:00:00Z");
    const text = icsFile([{ uid: "a@undring", start: at, end: new Date("2026-11-11T08:45:00Z"), title: `${title}\r\nEND:VCALENDAR`, lead: "Sted" }], at);
    const lines = text.split("\r\n");
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    expect(lines.at(-1)).toBe("");
    for (const line of lines) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    const summary = text.replaceAll("\r\n ", "").split("\r\n").find((l) => l.startsWith("SUMMARY:"))!;
    expect(summary.slice(8).replace(/\\(.)/g, "$1")).toBe(`${title} END:VCALENDAR`);
    expect(lines.filter((l) => l === "END:VCALENDAR")).toHaveLength(1);
    expect(lines).toContain("DTSTART:20261111T080000Z");
    expect(lines).toContain("DTEND:20261111T084500Z");
  });
});
