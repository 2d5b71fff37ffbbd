// A story of three phones of two people on links that fail, told by one seed:
// what everybody wrote, and what has to be there in the end.

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

import { type FeedbackDraft, FeedbackDraftSchema, GiveFeedbackRequestSchema, LooseTextSchema, RecordOwnViewRequestSchema, ReplyRequestSchema, SaveFeedbackDraftRequestSchema } from "../gen/undring/v1/feedback_pb";
import {
  AcceptObservationRequestSchema,
  DeleteNoteRequestSchema,
  type Note,
  NoteKind,
  ProposeObservationRequestSchema,
  SaveNoteRequestSchema,
  SetFocusRequestSchema,
  WithdrawObservationRequestSchema,
} from "../gen/undring/v1/observation_pb";
import { newId } from "../store/id";
import type { Phone } from "../store/phone";
import type { Done } from "../store/store";
import { Handset, dice, until } from "./phones";

/** A text that somebody typed: has it to be there, or has its writer written over it? */
type Owed = "being kept" | "owed" | "written over";

/** A note that stands open to be rewritten, as it was when it was opened. */
interface Begun {
  observationId: string;
  note: Note;
  basis: string;
}

class Device {
  phone!: Phone;
  readonly begun: Begun[] = [];
  readonly drafts: { observationId: string; draft: FeedbackDraft; basis: string }[] = [];
  readonly handset: Handset;
  readonly words = new Map<string, string>();

  constructor(name: string, server: string, random: () => number) {
    this.handset = new Handset(name, server, random);
  }

  async start(): Promise<void> {
    this.phone = await this.handset.start();
  }
}

export class Story {
  private readonly random: () => number;
  private readonly texts = new Map<string, Owed>();
  private count = 0;
  private readonly a1: Device;
  private readonly a2: Device;
  private readonly b: Device;
  private visits: string[] = [];
  private given = "";
  private poison = "";

  constructor(
    readonly seed: number,
    server: string,
    private readonly observer: string,
    private readonly observed: string,
  ) {
    this.random = dice(seed);
    const device = (name: string) => new Device(`${seed}-${name}`, server, this.random);
    this.a1 = device("a1");
    this.a2 = device("a2");
    this.b = device("b");
  }

  private get devices(): Device[] {
    return [this.a1, this.a2, this.b];
  }

  private text(what: string): string {
    return `${what} ${this.seed}.${++this.count}.`;
  }

  private any<T>(of: readonly T[]): T | undefined {
    return of[Math.floor(this.random() * of.length)];
  }

  private chance = (p: number): boolean => this.random() < p;

  /** Both sign in and agree to three visits; of one the feedback is given and opened. */
  async begin(): Promise<void> {
    for (const d of this.devices) {
      await d.start();
      await d.phone.signIn({ demoPerson: d === this.b ? this.observed : this.observer });
      await until("the first pull", () => d.phone.me.value !== undefined && d.phone.schools.value.length > 0);
    }
    const schoolId = this.a1.phone.schools.value[0]!.school!.id;
    for (let n = 1; n <= 4; n++) {
      const startTime = timestampFromDate(new Date(Date.now() - n * 3600_000));
      const endTime = timestampFromDate(new Date(Date.now() - n * 3600_000 + 2700_000));
      const pair = { schoolId, observerId: this.observer, observedId: this.observed };
      const { thingId } = this.a1.phone.do(ProposeObservationRequestSchema, { ...pair, startTime, endTime, place: `Rom ${n}` });
      this.visits.push(thingId);
    }
    await this.settled(this.a1);
    await this.b.phone.sync();
    for (const observationId of this.visits) {
      this.b.phone.do(SetFocusRequestSchema, { observationId, focusQuestion: "Hvem får ordet?" });
      this.b.phone.do(AcceptObservationRequestSchema, { observationId });
    }
    await this.settled(this.b);
    await this.a1.phone.sync();
    this.given = this.visits.pop()!;
    const saw = this.a1.phone.do(SaveNoteRequestSchema, { observationId: this.given, kind: NoteKind.SAW, text: "To hender." });
    this.a1.phone.do(GiveFeedbackRequestSchema, {
      observationId: this.given,
      points: [{ text: "To hender gikk opp.", noteIds: [saw.thingId] }],
      questions: [{ text: "Hva tror du skjedde i gruppene da du ventet?" }],
    });
    await this.settled(this.a1);
    await this.b.phone.sync();
    this.b.phone.do(RecordOwnViewRequestSchema, { observationId: this.given, view: { case: "text", value: "Roligere enn ventet." } });
    await this.settled(this.b);
    for (const d of this.devices) await d.phone.sync();
  }

  private async settled(d: Device): Promise<void> {
    await until("everything is sent", () => (void d.phone.sync(), d.phone.outbox.value.length === 0)).catch((err: unknown) => {
      throw new Error(`${String(err)}: ${d.phone.outbox.value.map((p) => `${p.typeName} ${p.outcome} ${p.refusal?.reason ?? ""}`).join(", ")}`);
    });
  }

  /** Everybody writes, on bad links, and phones die. */
  async storm(operations: number): Promise<void> {
    for (const d of this.devices) Object.assign(d.handset.weather, { drop: 0.3, repeat: 0.2, delay: 60 });
    const poisoned = Math.floor(operations / 3);
    // Again and again the two phones of one person are both without a network, and
    // write on the same notes and drafts: each time there are conflicts.
    const stretch = Math.floor(operations / 10);
    let apart = stretch;
    for (let n = 0; n < operations; n++) {
      const d = this.any(this.devices)!;
      if (n === poisoned) this.doPoison(this.a1);
      if (n === apart) for (const each of [this.a1, this.a2]) each.handset.weather.down = true;
      const together = n > apart && n < apart + stretch && d !== this.b;
      if (n === apart + stretch) {
        await this.meet();
        apart = n + 10;
      }
      if (!together && this.chance(0.04)) d.handset.weather.down = !d.handset.weather.down;
      if (this.chance(0.02)) await this.kill(d);
      if (this.chance(0.2)) void d.phone.sync();
      if (this.chance(0.25)) await new Promise((go) => setTimeout(go, this.random() * 40));
      if (d === this.b) this.reply(d);
      else this.observe(d);
    }
  }

  /** The two phones of the observer are on the network, bad as it is, until each has heard of the other. */
  private async meet(): Promise<void> {
    const two = [this.a1, this.a2];
    for (const d of two) d.handset.weather.down = false;
    await this.sent("the two have met", two);
    for (const d of two) await d.phone.sync();
  }

  /** Waits until these have sent everything at the same moment, but what the server refuses. */
  private async sent(what: string, devices: readonly Device[], most?: number): Promise<void> {
    const empty = (d: Device) => (void d.phone.sync(), d.phone.outbox.value.every((p) => p.outcome === "refused"));
    await until(what, () => devices.every(empty), most).catch((err: unknown) => {
      throw new Error(`${String(err)}:\n${devices.map((d) => this.stuck(d)).join("\n")}`);
    });
  }

  /** The first operations that a phone can't send, for the one who looks for why. */
  private stuck(d: Device): string {
    const shown = d.phone.queued.slice(0, 5).map((op) => ({ ...op, request: op.request.$typeName, id: op.request.requestId, basis: null }));
    return [`${d.handset.name}, signed in: ${d.phone.me.value !== undefined}`, ...shown.map((op) => JSON.stringify(op))].join("\n");
  }

  /** Kills an app anywhere: it starts again from its disk. */
  private async kill(d: Device): Promise<void> {
    const waits = this.chance(0.5);
    if (waits) await d.phone.flush().catch(() => {});
    d.phone.close();
    await d.start();
    for (const [key, text] of d.words)
      if (waits && d.phone.words(key) !== text) throw new Error(`${d.handset.name} was killed, and "${text}" is not in ${key}: ${d.phone.words(key)}`);
    for (const key of [...d.words.keys()]) {
      const left = d.phone.words(key); // killed within a pause of the keys: as it was at the last one
      if (left === undefined) d.words.delete(key);
      else d.words.set(key, left);
    }
  }

  /** Owes a text once it is on disk. */
  private owe(done: Done, text: string, over: string): void {
    if (this.texts.has(over)) this.texts.set(over, "written over");
    this.texts.set(text, "being kept");
    done.kept.then(
      () => this.texts.get(text) === "being kept" && this.texts.set(text, "owed"),
      () => {}, // killed before it was: the person was told nothing
    );
  }

  private observe(d: Device): void {
    const observationId = this.any(this.visits)!;
    const { phone } = d;
    const notes = phone.notes(observationId).filter((n) => !n.text.startsWith("gift"));
    const note = this.any(this.chance(0.6) ? notes.slice(0, 3) : notes); // a few that both phones write on
    const what = this.random();
    if (what < 0.4 || !note) {
      const text = this.text("notat");
      this.owe(phone.do(SaveNoteRequestSchema, { observationId, kind: NoteKind.SAW, text }), text, "");
    } else if (what < 0.7) {
      this.rewrite(d, { observationId, note, basis: phone.basis(`note/${note.id}`) });
    } else if (what < 0.75) {
      if (this.texts.has(note.text)) this.texts.set(note.text, "written over");
      phone.do(DeleteNoteRequestSchema, { noteId: note.id }).kept.catch(() => {});
    } else if (what < 0.95) {
      this.draft(d, observationId);
    } else {
      const key = `note/${observationId}`;
      const text = this.text("halvt ord");
      phone.typed(key, text);
      d.words.set(key, text);
    }
  }

  /** Often a note stands open for a while before what was written on it is saved. */
  private rewrite(d: Device, now: Begun): void {
    d.begun.push(now);
    if (d.begun.length < 4 && this.chance(0.5)) return;
    const { observationId, note, basis } = d.begun.shift()!;
    const { id, kind, tag } = note;
    const text = this.text("endret");
    this.owe(d.phone.do(SaveNoteRequestSchema, { id, observationId, kind, text, tag }, { basis }), text, note.text);
  }

  /** The feedback is begun and saved later, as a note is. */
  private draft(d: Device, visit: string): void {
    d.drafts.push({ observationId: visit, draft: create(FeedbackDraftSchema, d.phone.draft(visit)), basis: d.phone.basis(`draft/${visit}`) });
    if (d.drafts.length < 3 && this.chance(0.5)) return;
    const { observationId, draft, basis } = d.drafts.shift()!;
    const points = draft.points.map((p) => create(LooseTextSchema, p));
    const text = this.text("punkt");
    const item = this.any(points.slice(0, 4));
    let over = "";
    if (item && (points.length >= 15 || this.chance(0.5))) {
      over = item.text;
      points[points.indexOf(item)] = create(LooseTextSchema, { ...item, text });
    } else points.push(create(LooseTextSchema, { id: newId(), text }));
    const { questions, sharedNoteIds } = draft;
    this.owe(d.phone.do(SaveFeedbackDraftRequestSchema, { observationId, draft: { points, questions, sharedNoteIds } }, { basis }), text, over);
  }

  private reply(d: Device): void {
    const exchange = d.phone.exchange(this.given);
    const about = this.any([...(exchange?.points ?? []), ...(exchange?.questions ?? [])]);
    if (about && about.replies.length < 12 && this.chance(0.2)) {
      const text = this.text("svar");
      this.owe(d.phone.do(ReplyRequestSchema, { aboutId: about.id, text }), text, "");
      return;
    }
    const text = this.text("to linjer");
    this.owe(d.phone.do(RecordOwnViewRequestSchema, { observationId: this.given, view: { case: "text", value: text } }), text, exchange?.ownView?.text ?? "");
  }

  private doPoison(d: Device): void {
    const done = d.phone.do(SaveNoteRequestSchema, { observationId: this.visits[0]!, kind: NoteKind.SAW, text: "gift ".repeat(1000) });
    done.kept.then(() => (this.poison = done.id), () => {});
  }

  /** Every link is good again. */
  private clear(): void {
    for (const d of this.devices) Object.assign(d.handset.weather, { drop: 0, repeat: 0, delay: 0, down: false });
  }

  /** The network is back: within a minute all is sent, but what the server refuses. */
  async calm(most = Number(process.env["UNDRING_CALM"] ?? 60) * 1000): Promise<void> {
    this.clear();
    for (const d of this.devices) await this.sent(`${d.handset.name} has sent everything`, [d], most);
    // The oldest last: what was written since is not to be written over.
    for (const send of this.devices.flatMap((d) => d.handset.weather.held.splice(0).reverse())) await send();
    // A repetition of the storm's may still be under way, and a transaction open.
    await until("the phones are equal", () => (this.devices.forEach((d) => void d.phone.sync()), this.difference() === ""), 20_000).catch(() => {});
    const difference = this.difference();
    if (difference !== "") throw new Error(`the phones differ: ${difference}`);
  }

  /** What one phone of the observer has and the other has not; empty: they are equal. */
  private difference(): string {
    const seen = (d: Device) =>
      [...this.visits, this.given]
        .flatMap((id) => [
          ...d.phone.notes(id).map((n) => `${n.id} ${n.text} ${n.revision}`),
          ...[...d.phone.draft(id).points, ...d.phone.draft(id).questions].map((p) => `${p.id} ${p.text}`),
          `${id} ${d.phone.visit(id)?.state} ${d.phone.visit(id)?.revision}`,
        ])
        .sort();
    const [one, other] = [new Set(seen(this.a1)), new Set(seen(this.a2))];
    const exchange = (d: Device) => JSON.stringify(d.phone.exchange(this.given)?.points.flatMap((p) => p.replies.map((r) => r.text)));
    return [
      ...[...one].filter((x) => !other.has(x)).map((x) => `only ${this.a1.handset.name}: ${x}`),
      ...[...other].filter((x) => !one.has(x)).map((x) => `only ${this.a2.handset.name}: ${x}`),
      ...(exchange(this.a1) === exchange(this.b) ? [] : ["the threads"]),
    ].join("\n");
  }

  /** Looks for each text: in a row of the server's, or in a conflict that is shown; nowhere twice. */
  async judge(): Promise<{ texts: number; copies: number }> {
    const rows: string[] = [];
    const calls = this.a1.phone.call;
    for (const observationId of [...this.visits, this.given]) {
      for (let pageToken = "", more = true; more; more = pageToken !== "") {
        const page = await calls.observation.listNotes({ observationId, pageSize: 200, pageToken });
        rows.push(...page.notes.map((n) => n.text));
        pageToken = page.nextPageToken;
      }
      const { draft } = await calls.feedback.getFeedbackDraft({ observationId });
      rows.push(...[...(draft?.points ?? []), ...(draft?.questions ?? [])].map((p) => p.text));
    }
    const { exchange } = await calls.feedback.getExchange({ observationId: this.given });
    rows.push(...(exchange?.ownView ? [exchange.ownView.text] : []));
    rows.push(...[...(exchange?.points ?? []), ...(exchange?.questions ?? [])].flatMap((p) => p.replies.map((r) => r.text)));
    const here = this.a1.phone;
    const onPhone = this.visits.flatMap((id) => [...here.notes(id).map((n) => n.text), ...here.draft(id).points.map((p) => p.text)]);
    const faults: string[] = onPhone.filter((t) => !rows.includes(t)).map((t) => `"${t}" is on the phone and not at the server`);
    const shown = this.devices.flatMap((d) => d.phone.conflicts.value.flatMap((c) => (c.copyId === "" ? [c.mine] : [])));
    for (const [text, owed] of this.texts) {
      const times = rows.filter((t) => t === text).length;
      if (times > 1) faults.push(`"${text}" is there ${times} times`);
      if (times === 0 && owed === "owed" && !shown.includes(text)) faults.push(`"${text}" is lost`);
    }
    const aside = this.devices.flatMap((d) => d.phone.outbox.value.map((p) => p.requestId));
    if (this.poison !== "" && !aside.includes(this.poison)) faults.push("the poisoned note is not shown");
    const others = this.devices.flatMap((d) => d.phone.outbox.value).filter((p) => p.requestId !== this.poison);
    faults.push(...others.map((p) => `${p.typeName} was set aside: ${p.refusal?.reason} ${p.refusal?.message}`));
    if (faults.length > 0) throw new Error(`seed ${this.seed}, ${this.texts.size} texts:\n${faults.slice(0, 20).join("\n")}`);
    return { texts: this.texts.size, copies: this.devices.reduce((n, d) => n + d.phone.conflicts.value.length, 0) };
  }

  /** Leaves the two free for the next story, also where the storm was broken off. */
  async end(): Promise<void> {
    this.clear();
    for (const observationId of [...this.visits, this.given]) this.b.phone.do(WithdrawObservationRequestSchema, { observationId });
    await this.settled(this.b);
    for (const d of this.devices) d.phone.close();
  }
}
