// What a program for sheets opens: semicolons and a mark of the encoding, as those
// programs want it in Norway.

/** A cell that a program would take for a formula is text: a name in a register can be one. */
const harmless = (s: string): string => (/^[=+\-@\t\r]/.test(s) ? `'${s}` : s);

const cell = (v: string | number): string => {
  const s = typeof v === "number" ? String(v) : harmless(v);
  return /[";\n\r]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
};

/** Rows as a CSV file, with their heading first. */
export const csv = (rows: (string | number)[][]): string => "\uFEFF" + rows.map((r) => r.map(cell).join(";")).join("\r\n") + "\r\n";

/** Hands somebody a file. */
export function download(name: string, content: string, type = "text/csv;charset=utf-8"): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
