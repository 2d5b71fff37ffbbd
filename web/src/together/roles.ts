// Who leads, keeps the time and asks in the next meeting: it goes round, so that nobody
// has to be asked and nobody leads each time.

import type { Meeting } from "../gen/undring/v1/learning_pb";
import type { Person } from "../gen/undring/v1/school_pb";

export type Role = "leaderId" | "timekeeperId" | "questionerId";

export const roles: readonly Role[] = ["leaderId", "timekeeperId", "questionerId"];

/** Who has each role next: whoever had it longest ago, or never; nobody two at once while there are enough. */
export function turnOf(people: readonly Person[], before: readonly Meeting[]): Record<Role, string> {
  const out: Record<Role, string> = { leaderId: "", timekeeperId: "", questionerId: "" };
  const at = (m: Meeting) => Number(m.startTime?.seconds ?? 0n);
  for (const role of roles) {
    const last = (p: Person) => Math.max(-1, ...before.filter((m) => m[role] === p.id).map(at));
    const free = people.filter((p) => !Object.values(out).includes(p.id));
    const next = [...free].sort((a, b) => last(a) - last(b) || a.name.localeCompare(b.name))[0];
    out[role] = next?.id ?? "";
  }
  return out;
}

/** What is left of an item's time, in seconds; below zero, how much it is over. */
export const leftOf = (minutes: number, since: Date | undefined, now: Date): number => minutes * 60 - (since ? Math.floor((now.getTime() - since.getTime()) / 1000) : 0);

/** Seconds as on a clock: 4:05, and -1:20 when it is over. */
export function clock(seconds: number): string {
  const s = Math.abs(seconds);
  return `${seconds < 0 ? "-" : ""}${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

/** Who has not had the word in an item yet: each one gets a first turn before anyone's second. Once nobody is left, it is free. */
export const waitingOf = (people: readonly Person[], had: readonly string[]): Person[] => people.filter((p) => !had.includes(p.id));
