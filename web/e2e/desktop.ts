// A desktop that shows what a browser hands it to show, and lets one touch it: the part of a
// session bus that Chromium asks on Linux (D-Bus, org.freedesktop.Notifications). What is
// touched here has been touched by a person, as far as the browser knows: a worker may open a window then.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What is shown. */
export interface Shown {
  id: number;
  title: string;
  body: string;
}

const notifications = "org.freedesktop.Notifications";
const call = 1, reply = 2, failure = 3, signal = 4;
const own = ":1.1"; // the desktop's name on the bus; the browser is :1.2

/** Reads values as they lie on the wire. */
class Reader {
  at = 0;
  constructor(private readonly b: Buffer) {}
  align(n: number) {
    this.at = Math.ceil(this.at / n) * n;
  }
  byte = () => this.b[this.at++]!;
  number(): number {
    this.align(4);
    return this.b.readUInt32LE((this.at += 4) - 4);
  }
  text(length = this.number()): string {
    const text = this.b.toString("utf8", this.at, this.at + length);
    this.at += length + 1;
    return text;
  }
}

/** Writes them. */
class Writer {
  private b: Buffer = Buffer.alloc(0);
  align(n: number): this {
    return this.raw(Buffer.alloc(Math.ceil(this.b.length / n) * n - this.b.length));
  }
  raw(more: Buffer | number[]): this {
    this.b = Buffer.concat([this.b, Buffer.from(more)]);
    return this;
  }
  number(n: number): this {
    const four = Buffer.alloc(4);
    four.writeUInt32LE(n);
    return this.align(4).raw(four);
  }
  text(s: string): this {
    return this.number(Buffer.byteLength(s)).raw(Buffer.from(`${s}\0`));
  }
  signature(s: string): this {
    return this.raw([s.length]).raw(Buffer.from(`${s}\0`));
  }
  done = () => this.b;
}

/** A message: its header fields by their codes, and what it holds. */
function message(type: number, serial: number, fields: [code: number, signature: string, value: string | number][], body: Buffer = Buffer.alloc(0)): Buffer {
  const list = new Writer();
  for (const [code, signature, value] of fields) {
    list.align(8).raw([code]).signature(signature);
    if (typeof value === "number") list.number(value);
    else if (signature === "g") list.signature(value);
    else list.text(value);
  }
  const head = new Writer().raw([0x6c, type, 1, 1]).number(body.length).number(serial).number(list.done().length);
  // The list begins at a multiple of eight here, so what is aligned within it is aligned in all.
  return head.raw(list.done()).align(8).raw(body).done();
}

export class Desktop {
  readonly shown: Shown[] = [];
  private readonly sockets: Socket[] = [];
  private serial = 0;
  private ids = 0;
  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {
    server.on("connection", (s) => this.serve(s));
  }

  static async open(): Promise<Desktop> {
    const folder = mkdtempSync(join(tmpdir(), "desktop-"));
    const server = createServer();
    await new Promise<void>((ready) => server.listen(join(folder, "bus"), ready));
    return new Desktop(server, folder);
  }

  /** What a browser has to be started with to find it. */
  get environment(): Record<string, string> {
    return { DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(this.folder, "bus")}` };
  }

  /** Touches what is shown, as a person does. */
  touch(what: Shown): void {
    const body = new Writer().number(what.id).text("default").done();
    this.send(message(signal, ++this.serial, [[1, "o", "/org/freedesktop/Notifications"], [2, "s", notifications], [3, "s", "ActionInvoked"], [7, "s", own], [8, "g", "us"]], body));
  }

  close(): void {
    for (const s of this.sockets) s.destroy();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private send(what: Buffer) {
    for (const s of this.sockets) s.write(what);
  }

  /** Lets a browser in, and answers it. */
  private serve(socket: Socket) {
    this.sockets.push(socket);
    let there = Buffer.alloc(0);
    let in_ = false;
    socket.on("error", () => {});
    socket.on("data", (more) => {
      there = Buffer.concat([there, more]);
      while (!in_) {
        const end = there.indexOf("\r\n");
        if (end < 0) return;
        const line = there.toString("latin1", 0, end).replace("\0", "");
        there = there.subarray(end + 2);
        if (line === "BEGIN") in_ = true;
        else if (/^AUTH EXTERNAL/.test(line)) socket.write("OK 0123456789abcdef0123456789abcdef\r\n");
        else socket.write(line === "AUTH" ? "REJECTED EXTERNAL\r\n" : "ERROR\r\n");
      }
      while (there.length >= 16) {
        const list = there.readUInt32LE(12);
        const start = Math.ceil((16 + list) / 8) * 8;
        const length = start + there.readUInt32LE(4);
        if (there.length < length) return;
        this.hear(socket, there.subarray(0, length), start);
        there = there.subarray(length);
      }
    });
  }

  private hear(socket: Socket, raw: Buffer, start: number) {
    if (raw[1] !== call) return;
    const serial = raw.readUInt32LE(8);
    const r = new Reader(raw);
    r.at = 16;
    let member = "";
    while (r.at < 16 + raw.readUInt32LE(12)) {
      r.align(8);
      const code = r.byte();
      const signature = r.text(r.byte());
      const value = signature === "u" ? r.number() : signature === "g" ? r.text(r.byte()) : r.text();
      if (code === 3) member = String(value);
    }
    const body = new Reader(raw.subarray(start));
    const [signature, answer] = this.answer(member, body);
    const to: [number, string, string | number][] = [[5, "u", serial], [6, "s", ":1.2"], [7, "s", own]];
    if (answer === undefined) socket.write(message(failure, ++this.serial, [...to, [4, "s", "org.freedesktop.DBus.Error.UnknownMethod"]]));
    else socket.write(message(reply, ++this.serial, signature ? [...to, [8, "g", signature]] : to, answer));
  }

  /** What the bus, and the desktop on it, answer; nothing where they do not know the call. */
  private answer(member: string, body: Reader): [signature: string, body?: Buffer] {
    const w = new Writer();
    const texts = (...all: string[]) => {
      const inside = new Writer();
      for (const t of all) inside.text(t);
      return w.number(inside.done().length).raw(inside.done()).done();
    };
    switch (member) {
      case "Hello":
        return ["s", w.text(":1.2").done()];
      case "AddMatch":
      case "RemoveMatch":
      case "CloseNotification":
        return ["", w.done()];
      case "RequestName":
      case "StartServiceByName":
        return ["u", w.number(1).done()];
      case "NameHasOwner":
        return ["b", w.number(body.text() === notifications ? 1 : 0).done()];
      case "GetNameOwner":
        return body.text() === notifications ? ["s", w.text(own).done()] : [""];
      case "ListNames":
      case "ListActivatableNames":
        return ["as", texts(notifications)];
      case "GetCapabilities":
        return ["as", texts("actions", "body", "persistence")];
      case "GetServerInformation":
        return ["ssss", w.text("desktop").text("test").text("1").text("1.2").done()];
      case "Notify": {
        body.text(); // by which program
        const id = body.number() || ++this.ids;
        body.text(); // its picture
        const old = this.shown.findIndex((s) => s.id === id);
        this.shown.splice(old < 0 ? this.shown.length : old, 1, { id, title: body.text(), body: body.text() });
        return ["u", w.number(id).done()];
      }
      default:
        return [""];
    }
  }
}
