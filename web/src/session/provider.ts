// Signing in at a provider of identities: OpenID Connect's authorization code
// flow with PKCE (S256), state and nonce.

import type { SignInProvider } from "../gen/undring/v1/session_pb";
import type { Device, Errand } from "./device";

/** How long somebody may stay at the provider. */
const longest = 15 * 60_000;

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const chance = (bytes: number) => base64url(crypto.getRandomValues(new Uint8Array(bytes)));

/** Where to send the browser; what it needs on its return is kept until then. Breaks where the provider knows no way back here. */
export async function begin(device: Device, provider: SignInProvider, origin: string, now: number, forOwnData = false): Promise<string> {
  const redirectUrl = provider.redirectUrls.find((u) => new URL(u).origin === origin);
  if (provider.authorizationEndpoint === "" || redirectUrl === undefined)
    throw new Error(`${provider.name} can't be reached, or knows no way back to ${origin}`);
  const errand: Errand = { state: chance(24), providerId: provider.id, nonce: chance(24), verifier: chance(48), redirectUrl, begun: now, forOwnData };
  await device.begin(errand);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(errand.verifier)));
  const to = new URL(provider.authorizationEndpoint);
  for (const [key, value] of Object.entries({
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: redirectUrl,
    scope: provider.scopes.join(" "),
    state: errand.state,
    nonce: errand.nonce,
    code_challenge: base64url(hash),
    code_challenge_method: "S256",
    ...(forOwnData ? { prompt: "login", max_age: "0" } : {}), // whoever is still signed in there is asked once more
  }))
    to.searchParams.set(key, value);
  return to.href;
}

/** What SignIn takes as authorization_code, of the address that the browser came back to; undefined: nobody was sent, or too long ago. */
export async function end(device: Device, url: string, now: number) {
  const said = new URL(url).searchParams;
  const errand = await device.end(said.get("state") ?? "");
  const code = said.get("code");
  if (!errand || code === null || now - errand.begun > longest) return undefined;
  const { providerId, verifier: codeVerifier, redirectUrl, nonce, forOwnData = false } = errand;
  return { code: { providerId, code, codeVerifier, redirectUrl, nonce, issuer: said.get("iss") ?? "" }, forOwnData };
}
