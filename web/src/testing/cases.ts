// Cases that server and phone judge alike: the tables of spec/rules, which people
// wrote from the contract.

import { readFileSync } from "node:fs";

/** A row of a table: its cells by the names of their columns. What is written as a bare - is empty. */
export type Case = Record<string, string>;

/** Reads the table of one rule, such as "gift". */
export function cases(rule: string): Case[] {
  const file = readFileSync(new URL(`../../../spec/rules/${rule}.tsv`, import.meta.url), "utf8");
  const [columns = [], ...rows] = file.trim().split("\n").filter((line) => !line.startsWith("#")).map((line) => line.split("\t"));
  return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] === "-" ? "" : row[i]!])));
}
