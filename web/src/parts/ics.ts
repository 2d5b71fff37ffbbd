// One visit as a file that every calendar takes, made on the phone: without a network, too.
// It says when, and nothing that the two write; see notify/calendar.go, which writes the feed.

import "../words/later";
import { type Observation } from "../gen/undring/v1/observation_pb";
import * as limits from "../gen/limits";
import type { Store } from "../store/store";
import { own, preferences } from "../things/notice";
import { dateOf } from "../words/time";
import { say } from "../words/words";
import { nameOf } from "./people";
import { endOf, otherId, seatOf, startOf } from "./visit";

/** What an entry is called in this person's calendars: the same as in the feed, and another one than in the other person's. */
export async function uidOf(what: "visit" | "talk", visitId: string, personId: string): Promise<string> {
  const text = new TextEncoder().encode(`undring ${what} ${visitId} ${personId}`);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", text)).subarray(0, 16);
  return `${[...sum].map((b) => b.toString(16).padStart(2, "0")).join("")}@undring`;
}

export interface Entry {
  uid: string;
  start: Date;
  end: Date;
  title: string;
  lead: string;
}

/** The file: RFC 5545, lines that end in CR LF and have 75 octets at most. */
export function icsFile(entries: Entry[], now: Date): string {
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Undring//Undring//NB", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"];
  for (const e of entries) {
    lines.push("BEGIN:VEVENT", `UID:${e.uid}`, `DTSTAMP:${stamp(now)}`, `DTSTART:${stamp(e.start)}`, `DTEND:${stamp(e.end)}`);
    lines.push(`SUMMARY:${escaped(e.title)}`, `DESCRIPTION:${escaped(e.lead)}`, "CLASS:PRIVATE", "STATUS:CONFIRMED", "TRANSP:OPAQUE", "END:VEVENT");
  }
  return [...lines, "END:VCALENDAR", ""].map(folded).join("\r\n");
}

const stamp = (t: Date) => `${t.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
const escaped = (text: string) => text.replace(/\p{Cc}+/gu, " ").replace(/[\\;,]/g, (c) => `\\${c}`);

function folded(line: string): string {
  let [out, octets] = ["", 0];
  for (const letter of line) {
    const n = new TextEncoder().encode(letter).length;
    if (octets + n > 75) [out, octets] = [`${out}\r\n `, 1];
    out += letter;
    octets += n;
  }
  return out;
}

/** The lesson and the talk about it, as this person's calendar has them. */
export async function entriesOf(store: Store, visit: Observation): Promise<Entry[]> {
  const person = store.me.value?.person?.id ?? "";
  const name = store.all(preferences).get(own)?.showName ? nameOf(store, otherId(store, visit)) : "";
  const lead = say("ics.lead");
  const begins = dateOf(visit.talk?.startTime) ?? endOf(visit);
  const lasts = Number(visit.talk?.duration?.seconds ?? 0) * 1000 || limits.bookedTalk;
  const role = seatOf(store, visit) === "observer" ? "observer" : "observed";
  return [
    { uid: await uidOf("visit", visit.id, person), start: startOf(visit), end: endOf(visit), title: name ? say(`ics.${role}.with`, { name }) : say(`ics.${role}`), lead },
    { uid: await uidOf("talk", visit.id, person), start: begins, end: new Date(begins.getTime() + lasts), title: name ? say("ics.talk.with", { name }) : say("ics.talk"), lead },
  ];
}

/** Hands the file to the phone, which asks its calendar. */
export async function intoCalendar(store: Store, visit: Observation): Promise<void> {
  const text = icsFile(await entriesOf(store, visit), store.now());
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/calendar;charset=utf-8" }));
  link.download = "undring.ics";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // some browsers read it later
}
