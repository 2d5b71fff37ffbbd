// An OpenID Connect provider of the tests' own: it asks for a name, and believes it. One
// who writes a name that stands in its list signs in with that address.

import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What was asked for, until its code is traded. */
interface Asked {
  name: string;
  client: string;
  nonce: string;
  challenge: string;
}

export interface Provider {
  issuer: string;
  end: () => void;
}

const part = (v: object) => Buffer.from(JSON.stringify(v)).toString("base64url");

async function body(r: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of r) text += String(chunk);
  return new URLSearchParams(text);
}

/** Begins a provider that knows people by name, with their addresses. */
export async function provider(addresses: Record<string, string>): Promise<Provider> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const asked = new Map<string, Asked>();
  let issuer = "";
  const json = (to: ServerResponse, v: object, status = 200) => to.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(v));

  function token(a: Asked): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: a.name, aud: a.client, nonce: a.nonce, iat: now, exp: now + 300, name: a.name, email: addresses[a.name], email_verified: true };
    const text = `${part({ alg: "RS256", kid: "1", typ: "JWT" })}.${part(claims)}`;
    return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
  }

  async function answer(r: IncomingMessage, to: ServerResponse): Promise<unknown> {
    const at = new URL(r.url ?? "/", issuer);
    switch (at.pathname) {
      case "/.well-known/openid-configuration":
        return json(to, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          id_token_signing_alg_values_supported: ["RS256"],
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
        });
      case "/keys":
        return json(to, { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }] });
      case "/authorize": {
        if (r.method !== "POST") {
          to.writeHead(200, { "content-type": "text/html" });
          return to.end(`<!doctype html><html lang="en"><title>Provider</title><form method="post"><label>Name <input name="name" autofocus></label><button>Sign in</button></form></html>`);
        }
        const name = (await body(r)).get("name") ?? "";
        if (!(name in addresses)) return to.writeHead(403).end("nobody of that name");
        const of = (key: string) => at.searchParams.get(key) ?? "";
        const code = randomUUID();
        asked.set(code, { name, client: of("client_id"), nonce: of("nonce"), challenge: of("code_challenge") });
        const back = new URL(of("redirect_uri"));
        back.searchParams.set("code", code);
        back.searchParams.set("state", of("state"));
        return to.writeHead(303, { location: back.href }).end();
      }
      case "/token": {
        const form = await body(r);
        const a = asked.get(form.get("code") ?? "");
        asked.delete(form.get("code") ?? ""); // a code counts once
        const proof = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
        if (!a || a.challenge !== proof) return json(to, { error: "invalid_grant" }, 400);
        return json(to, { access_token: randomUUID(), token_type: "Bearer", expires_in: 300, id_token: token(a) });
      }
    }
    return to.writeHead(404).end();
  }

  const server = createServer((r, to) => void answer(r, to));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { issuer, end: () => server.close() };
}
