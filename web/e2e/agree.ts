// How every visit begins: one asks to come to a lesson that is on, the other writes
// the card and says yes.

import agreement from "../src/words/agreement.json";
import type { Phone } from "./phone";

/** Now, by the school's clock, as the fields for date and time take it. */
function atSchool(minutes: number): { date: string; time: string } {
  const at = new Date(Date.now() + minutes * 60_000);
  const date = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Oslo" }).format(at);
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Oslo", hour: "2-digit", minute: "2-digit" }).format(at);
  return { date, time };
}

/** Asks a colleague whether one may come to the lesson that began some minutes ago: tests of the same people take hours of their own. */
export async function ask(phone: Phone, colleague: string, ago = 5): Promise<void> {
  const first = colleague.split(" ")[0]!;
  await phone.walkHome();
  await phone.page.locator('.nav a[href="#/new"]').tap();
  await phone.page.getByRole("searchbox").fill(colleague);
  await phone.page.getByRole("button", { name: colleague }).last().tap();
  const lesson = atSchool(-ago);
  await phone.choose("new.other_day");
  await phone.page.locator("input[type=date]").fill(lesson.date);
  await phone.page.locator("input[type=time]").fill(lesson.time);
  await phone.write("place", "204");
  await phone.page.getByText(agreement[phone.language][4]!).waitFor(); // what is promised by asking
  await phone.touch("new.send.observer", { name: first });
  const [unsent, waits] = ["proposal.unsent", "proposal.waits"].map((key) => phone.page.getByText(phone.say(key, { name: first })));
  await unsent!.or(waits!).waitFor();
}

/** Withdraws a visit: it is gone for both. */
export async function withdraw(phone: Phone, visit: string): Promise<void> {
  await phone.go(`/v/${visit}/leave`);
  await phone.touch("leave.withdraw");
  await phone.touch("leave.withdraw.do");
}

/** The observed writes the card, and says yes. */
export async function accept(phone: Phone, focus: string, intention: string, visit = ""): Promise<void> {
  await phone.next("SET_FOCUS", visit);
  await phone.write("focus", focus);
  await phone.write("intention", intention);
  await phone.page.getByText(agreement[phone.language][4]!).waitFor(); // what is promised by a yes
  await phone.page.getByRole("link", { name: phone.say("proposal.other_time") }).waitFor();
  await phone.page.getByRole("button", { name: phone.say("proposal.no") }).waitFor();
  await phone.touch("card.accept");
  await phone.page.getByText(phone.say("state.AGREED"), { exact: true }).first().waitFor();
}
