// The real server for tests: undring demo on a database and ports of its own.

import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Server {
  address: string;
  stop(): Promise<void>;
}

/** Builds the program, or takes the one that UNDRING_BIN names, and starts it. */
export async function startServer(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "undring-web-"));
  chmodSync(folder, 0o711); // a database that is started as root runs as somebody else
  const program = process.env["UNDRING_BIN"] ?? join(folder, "undring");
  if (!process.env["UNDRING_BIN"]) execFileSync("go", ["build", "-o", program, "./cmd/undring"], { cwd: root, stdio: "inherit" });
  const any = "127.0.0.1:0";
  const env = { ...process.env, UNDRING_GRPC_ADDR: any, UNDRING_WEB_ADDR: any, UNDRING_ADMIN_ADDR: any, UNDRING_DATA_DIR: join(folder, "data") };
  const child = spawn(program, ["demo"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  let said = "";
  const address = await new Promise<string>((found, failed) => {
    const hear = (what: Buffer) => {
      said += what.toString();
      const at = /web +(http:\/\/\S+)/.exec(said)?.[1];
      if (at !== undefined && said.includes("Stop with")) found(at);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", () => failed(new Error(`the server did not start:\n${said}`)));
  });
  return {
    address,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
