// The program, running as a demo for the tests: with a database, ports and a
// bundle of its own. UNDRING_BIN names one that is built already, UNDRING_AT the
// address of a demo that runs already.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

const web = new URL("..", import.meta.url).pathname;
const top = join(web, "..");

// As it is built for people: a test runner's NODE_ENV makes another, larger app.
function run(what: string, command: string, args: string[], cwd: string): void {
  const done = spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, NODE_ENV: "production" } });
  if (done.status !== 0) throw new Error(`${what}: ${done.stderr || done.stdout || done.error?.message}`);
}

/** The address that the program prints for its web port. */
function address(demo: ChildProcess): Promise<string> {
  return new Promise((found, lost) => {
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const at = /web\s+(http:\/\/\S+)/.exec(said);
      if (at) found(at[1]!);
    };
    demo.stdout!.on("data", hear);
    demo.stderr!.on("data", hear);
    demo.on("exit", (code) => lost(new Error(`the demo ended with ${code}: ${said}`)));
  });
}

export default async function setup(project: TestProject) {
  const running = process.env["UNDRING_AT"];
  if (running) {
    project.provide("address", running);
    project.provide("program", process.env["UNDRING_BIN"] ?? "");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "undring-e2e-"));
  chmodSync(folder, 0o755); // a database started by root runs as another user
  let program = process.env["UNDRING_BIN"];
  if (!program) {
    run("building the app", "npm", ["run", "build"], web);
    program = join(folder, "undring");
    run("building the program", "go", ["build", "-o", program, "./cmd/undring"], top);
  }
  project.provide("program", program);
  const demo = spawn(program, ["demo"], {
    env: {
      ...process.env,
      UNDRING_DATA_DIR: join(folder, "data"),
      UNDRING_GRPC_ADDR: "127.0.0.1:0",
      UNDRING_WEB_ADDR: "127.0.0.1:0",
      UNDRING_ADMIN_ADDR: "127.0.0.1:0",
    },
  });
  project.provide("address", await address(demo));
  return async () => {
    const ended = new Promise((done) => demo.on("exit", done));
    demo.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}

declare module "vitest" {
  interface ProvidedContext {
    address: string;
    /** The program itself, for tests that run one of their own; empty: none was named. */
    program: string;
  }
}
