// The tokens of the person who is here: the access token in memory only, the
// refresh token sealed on disk, traded by one tab at a time.

import { createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";

import { SessionService, type SignInResponse } from "../gen/undring/v1/session_pb";
import type { Around } from "../store/around";
import { Refused, refusalOf } from "../store/refusal";
import { Vault } from "../store/vault";
import type { Device, Seat } from "./device";

/** A session ends so long after sign-in, however often it is refreshed. */
export const sessionTime = 90 * 24 * 3600_000;

/** An access token is traded when it has so long left. */
const margin = 60_000;

/** The pause before a refresh whose reply was lost is repeated: the server takes it for 60 s. */
const repeats = [500, 1000, 2000, 4000, 8000];

const prefix = new TextEncoder().encode("undring-refresh:");

/** Why there is no access token to be had. */
export type End = "expired" | "revoked";

export const newDeviceKey = () =>
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]) as Promise<CryptoKeyPair>;

/** A transport to the server, in the person's language. */
export const transportTo = (around: Around, ...interceptors: Interceptor[]) =>
  createConnectTransport({
    baseUrl: around.base,
    useBinaryFormat: true,
    fetch: around.fetch,
    defaultTimeoutMs: 20_000,
    interceptors: [
      (next) => (request) => {
        request.header.set("accept-language", around.language());
        request.header.set("undring-app", around.app);
        return next(request);
      },
      ...interceptors,
    ],
  });

export class Session {
  private token = "";
  private until = 0;
  private readonly open: Client<typeof SessionService>;
  private readonly vault: Vault;
  private refreshing: Promise<string> | undefined;

  constructor(
    private readonly around: Around,
    private readonly device: Device,
    private seat: Seat,
    /** Called once, when the session is over. */
    private readonly ended: (how: End) => void,
  ) {
    this.open = createClient(SessionService, transportTo(around));
    this.vault = new Vault(seat.key);
  }

  get person(): string {
    return this.seat.person;
  }

  /** Takes the tokens of a sign-in over. */
  adopt(reply: Pick<SignInResponse, "accessToken" | "accessTokenExpireTime">): void {
    this.token = reply.accessToken;
    this.until = this.localTime(reply.accessTokenExpireTime);
  }

  // The phone's clock may be wrong by a day: a token is good for as long as the
  // server says, from when it came. Its life is read from itself.
  private localTime(expires: Timestamp | undefined): number {
    const issued = issuedAt(this.token);
    const life = expires && issued ? timestampMs(expires) - issued : 0;
    return this.around.now() + life;
  }

  /** Puts a token into each call, and a new one where the server finds it too old. */
  readonly interceptor: Interceptor = (next) => async (request) => {
    request.header.set("authorization", `Bearer ${await this.access()}`);
    try {
      return await next(request);
    } catch (err) {
      const { reason } = refusalOf(err);
      if (reason === "SESSION_REVOKED") this.end("revoked");
      if (reason !== "TOKEN_EXPIRED") throw err;
      this.token = "";
      request.header.set("authorization", `Bearer ${await this.access()}`);
      return next(request);
    }
  };

  /** An access token that is still good for a while. Breaks where there is none to be had. */
  async access(): Promise<string> {
    if (this.token !== "" && this.around.now() < this.until - margin) return this.token;
    this.refreshing ??= this.refresh().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private refresh = (): Promise<string> =>
    this.around.lock(`${this.around.prefix}undring-refresh-${this.seat.person}`, async () => {
      // Another tab may have traded it while this one waited.
      this.seat = (await this.device.seat(this.seat.person)) ?? this.seat;
      if (this.seat.refresh === undefined) throw new Refused(noSession(this.seat.revoked));
      const refreshToken = await this.vault.openJson<string>(this.seat.refresh);
      const reply = await this.trade(refreshToken);
      this.seat = { ...this.seat, refresh: await this.vault.sealJson(reply.refreshToken), seen: this.around.now() };
      await this.device.keep(this.seat);
      this.adopt(reply);
      return this.token;
    });

  private async trade(refreshToken: string) {
    const said = new TextEncoder().encode(refreshToken);
    const message = new Uint8Array(prefix.length + said.length);
    message.set(prefix);
    message.set(said, prefix.length);
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, this.seat.device.privateKey, message);
    for (let n = 0; ; n++) {
      try {
        return await this.open.refreshSession({ refreshToken, deviceSignature: new Uint8Array(signature) });
      } catch (err) {
        const refusal = refusalOf(err);
        if (["SESSION_REVOKED", "NOT_SIGNED_IN"].includes(refusal.reason)) {
          const old = this.around.now() - this.seat.signedIn >= sessionTime;
          this.end(refusal.reason === "SESSION_REVOKED" && !old ? "revoked" : "expired");
        }
        if (!refusal.offline || n === repeats.length || !this.around.connected()) throw err;
        await new Promise((go) => setTimeout(go, repeats[n]));
      }
    }
  }

  private end(how: End): void {
    this.token = "";
    this.ended(how);
  }
}

const noSession = (revoked: boolean) => ({
  code: 16,
  reason: revoked ? "SESSION_REVOKED" : "NOT_SIGNED_IN",
  message: "",
  missing: [],
  metadata: {},
  offline: false,
});

/** When a token was made, by the server's clock, in milliseconds; 0: it doesn't say. */
export function issuedAt(jwt: string): number {
  try {
    const said = JSON.parse(atob((jwt.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as { iat?: number };
    return (said.iat ?? 0) * 1000;
  } catch {
    return 0;
  }
}
