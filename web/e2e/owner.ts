// The program as it is run for people: `undring serve` on an empty PostgreSQL, with a provider
// to sign in at. Nothing is there but what `undring begin` makes.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provider } from "./provider";

/** A school owner that has begun: its name at sign-in, and the link of its first administrator. */
export interface Owner {
  provider: string;
  link: string;
}

export interface Service {
  at: string;
  owners: Owner[];
  end: () => Promise<void>;
}

/** Whom PostgreSQL runs as: it refuses to be root. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((l) => l.startsWith("postgres:"));
  if (!line) throw new Error("there is no user postgres to run the database as");
  const [, , uid, gid] = line.split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

/** Where PostgreSQL's programs are: the newest of those that are installed. */
function programs(): string {
  const found = spawnSync("pg_config", ["--bindir"], { encoding: "utf8" }).stdout?.trim();
  try {
    const newest = readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a))[0];
    if (newest) return `/usr/lib/postgresql/${newest}/bin`;
  } catch {
    // Installed elsewhere, as pg_config says.
  }
  return found || "/usr/local/pgsql/bin";
}

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const s = createServer();
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address() as AddressInfo;
      s.close(() => found(port));
    });
  });

/** Waits until a program has written what one looks for. */
function said(of: ChildProcess, what: RegExp): Promise<string> {
  return new Promise((found, lost) => {
    let all = "";
    const hear = (chunk: Buffer) => {
      all += chunk.toString();
      if (what.test(all)) found(all);
    };
    of.stdout!.on("data", hear);
    of.stderr!.on("data", hear);
    of.on("exit", (code) => lost(new Error(`ended with ${code}: ${all}`)));
  });
}

/** Begins a service with some owners of a school each, and a provider that knows people by name. */
export async function begin(program: string, schools: { owner: string; school: string; name: string; email: string }[], addresses: Record<string, string>): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "undring-owner-"));
  chmodSync(folder, 0o755);
  const as = account();
  const data = join(folder, "data");
  mkdirSync(data);
  if (as.uid !== undefined) chownSync(data, as.uid, as.gid!);
  const bin = programs();
  const made = spawnSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-sync"], { ...as, cwd: folder, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`making the database: ${made.stderr}`);
  const database = spawn(join(bin, "postgres"), ["-D", data, "-c", "listen_addresses=", "-c", `unix_socket_directories=${data}`, "-c", "jit=off", "-c", "timezone=UTC"], { ...as, cwd: folder });
  await said(database, /ready to accept connections/);

  const url = (role: string) => `postgres:///postgres?host=${encodeURIComponent(data)}&user=${role}&sslmode=disable`;
  const run = (args: string[]) => {
    const done = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, UNDRING_DATABASE_URL: url("postgres") } });
    if (done.status !== 0) throw new Error(`undring ${args[0]}: ${done.stderr}`);
    return done.stdout;
  };
  run(["migrate"]);
  const port = await freePort();
  const at = `http://127.0.0.1:${port}`;
  const there = await provider(addresses);
  const key = join(folder, "key.pem");
  writeFileSync(key, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  const owners: Owner[] = [];
  const ways = schools.map((s, i) => {
    const told = run(["begin", "--owner-name", s.owner, "--school", s.school, "--name", s.name, "--email", s.email, "--at", at]);
    const name = `ID ${s.owner}`;
    owners.push({ provider: name, link: /https?:\S+/.exec(told)![0] });
    return { id: `id${i}`, name, issuer: there.issuer, client_id: `undring${i}`, owner: /^owner\s+(\S+)/m.exec(told)![1], redirect_urls: [`${at}/sign-in`] };
  });
  const signIn = join(folder, "sign-in.json");
  writeFileSync(signIn, JSON.stringify(ways));
  const served = spawn(program, ["serve"], {
    env: {
      ...process.env,
      UNDRING_DATABASE_URL: url("undring_app"),
      UNDRING_KEY: key,
      UNDRING_SIGN_IN: signIn,
      UNDRING_GRPC_ADDR: "127.0.0.1:0",
      UNDRING_WEB_ADDR: `127.0.0.1:${port}`,
      UNDRING_ADMIN_ADDR: "127.0.0.1:0",
    },
  });
  let log = "";
  served.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  for (let tries = 0; ; tries++) {
    const up = await fetch(`${at}/`).then((r) => r.ok, () => false);
    if (up) break;
    if (tries === 300 || served.exitCode !== null) throw new Error(`the server does not begin: ${log}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  const ended = (p: ChildProcess, how: NodeJS.Signals) =>
    new Promise<void>((done) => {
      p.on("exit", () => done());
      p.kill(how);
    });
  return {
    at,
    owners,
    end: async () => {
      await ended(served, "SIGTERM");
      there.end();
      await ended(database, "SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
