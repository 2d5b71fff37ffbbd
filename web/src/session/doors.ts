// Who comes in, and who leaves: sign-in, the person whose store is open, and what
// stays of somebody who is gone.
//
// A person's database is sealed with a key that lies with their seat on this
// phone. When the session ends, what the server told goes from the disk at once,
// or at the next start; what the person wrote and never sent stays sealed, is
// opened for nobody else, and goes on when they sign in again here: it is nowhere
// else. After a month, or when there is nothing of that kind, key and database go.

import { createClient, type Interceptor } from "@connectrpc/connect";

import { SessionService, type SignInProvider, type SignInRequest } from "../gen/undring/v1/session_pb";
import type { Around } from "../store/around";
import { Disk, nameOf } from "../store/disk";
import { newId } from "../store/id";
import { refusalOf } from "../store/refusal";
import { State } from "../store/state";
import { Vault, newKey } from "../store/vault";
import type { Standing } from "../store/store";
import { Device, type Seat } from "./device";
import * as provider from "./provider";
import { Session, newDeviceKey, transportTo, type End } from "./session";

/** How long words that were never sent are kept for somebody who has left: as long as the server remembers a request. */
const keptFor = 30 * 24 * 3600_000;

export interface Hall {
  /** Somebody's state is to be shown. */
  enter(state: State, transport: ReturnType<typeof transportTo>): Promise<void>;
  /** Nobody's is. */
  empty(): void;
  stand(standing: Standing): void;
  /** So many operations wait, sealed, for the one who was here. */
  sealed(count: number): void;
}

type ProofOfRequest = SignInRequest["proof"];

export class Doors {
  private device: Device | undefined;
  private session: Session | undefined;
  private ending: Promise<void> = Promise.resolve();

  /** For calls in the name of who is here; without anybody, in nobody's. */
  readonly transport: ReturnType<typeof transportTo>;

  constructor(
    private readonly around: Around,
    private readonly hall: Hall,
  ) {
    const open = ["GetSignInOptions", "SignIn", "RefreshSession"];
    const asWhoIsHere: Interceptor = (next) => (request) =>
      this.session && !open.includes(request.method.name) ? this.session.interceptor(next)(request) : next(request);
    this.transport = transportTo(around, asWhoIsHere);
  }

  close(): void {
    this.device?.close();
  }

  private async here(): Promise<Device> {
    return (this.device ??= await Device.open(this.around.prefix));
  }

  /** Lets whoever was here last in again, network or not. */
  async open(): Promise<void> {
    const device = await this.here();
    const seat = await device.current();
    await this.clean(device, seat?.person);
    if (seat?.revoked) {
      await this.clear(device, seat);
      this.hall.stand("revoked");
      return;
    }
    if (!seat) return this.hall.stand("signed-out");
    await this.sit(device, seat, seat.refresh ? "signed-in" : "expired");
  }

  private async sit(device: Device, seat: Seat, standing: Standing): Promise<Session> {
    const disk = await Disk.open(nameOf(this.around.prefix, seat.person), seat.key, () => disk.close());
    const session = new Session(this.around, device, seat, (how) => void (this.ending = this.ended(session, how).catch(() => {})));
    this.session = session;
    this.hall.stand(standing);
    await this.hall.enter(new State(this.around, disk, seat.person), this.transport);
    return session;
  }

  /** Opens a session by a proof. Breaks as refusalOf reads. */
  async signIn(proof: ProofOfRequest, forOwnData = false): Promise<void> {
    const device = await this.here();
    await this.ending;
    const keys = await newDeviceKey();
    const devicePublicKey = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
    const open = createClient(SessionService, transportTo(this.around));
    const reply = await open.signIn({ proof, deviceName: this.around.deviceName(), devicePublicKey, forOwnData });
    const person = reply.person?.id ?? "";
    const before = await device.current();
    if (before && before.person !== person) await this.part(device, before);
    const key = (await device.seat(person))?.key ?? (await newKey());
    const now = this.around.now();
    const refresh = await new Vault(key).sealJson(reply.refreshToken);
    const seat: Seat = { person, key, device: keys, refresh, signedIn: now, seen: now, revoked: false };
    await device.take(seat);
    const session = await this.sit(device, seat, "signed-in");
    session.adopt(reply);
    this.hall.sealed(0);
    void this.around.persist().catch(() => false);
  }

  async beginProvider(to: SignInProvider, forOwnData = false): Promise<void> {
    this.around.go(await provider.begin(await this.here(), to, this.around.base, this.around.now(), forOwnData));
  }

  /** What a provider sent the browser back with; undefined: nobody was sent there, or too long ago. */
  async codeOf(url: string) {
    return (await provider.end(await this.here(), url, this.around.now()))?.code;
  }

  async endProvider(url: string): Promise<boolean> {
    const back = await provider.end(await this.here(), url, this.around.now());
    if (!back) return false;
    await this.signIn({ case: "authorizationCode", value: { $typeName: "undring.v1.AuthorizationCode", ...back.code } }, back.forOwnData);
    return true;
  }

  /** Ends the session, at the server too where it can be reached. */
  async signOut(): Promise<void> {
    const device = await this.here();
    const seat = await device.current();
    if (!seat) return;
    const client = createClient(SessionService, this.transport);
    await client.revokeSession({ requestId: newId() }, { timeoutMs: 5_000 }).catch((err: unknown) => refusalOf(err));
    await this.ending;
    this.session = undefined;
    this.hall.empty();
    await this.part(device, seat);
    await device.standUp();
    this.hall.stand("signed-out");
    this.hall.sealed(0);
  }

  private async ended(session: Session, how: End): Promise<void> {
    if (session !== this.session) return;
    const device = await this.here();
    const seat = await device.current();
    if (!seat || seat.person !== session.person) return;
    if (how === "expired") {
      await device.keep({ ...seat, refresh: undefined });
      this.hall.stand("expired");
      return;
    }
    await device.keep({ ...seat, refresh: undefined, revoked: true });
    this.session = undefined;
    this.hall.empty();
    this.hall.stand("revoked");
    await this.clear(device, seat);
  }

  /** Takes from the disk what the server told somebody whose session was ended. What was never sent waits. */
  private async clear(device: Device, seat: Seat): Promise<void> {
    const disk = await Disk.open(nameOf(this.around.prefix, seat.person), seat.key, () => disk.close());
    await disk.forgetTold();
    this.hall.sealed(await disk.countOps());
    const unsent = await disk.holdsUnsent();
    disk.close();
    if (!unsent) await this.forget(device, seat.person);
  }

  /** Somebody leaves: the same, and their seat is free. */
  private async part(device: Device, seat: Seat): Promise<void> {
    this.session = undefined;
    this.hall.empty();
    await device.keep({ ...seat, refresh: undefined, seen: this.around.now() });
    await this.clear(device, seat);
  }

  private async forget(device: Device, person: string): Promise<void> {
    await device.forget(person);
    await Disk.delete(nameOf(this.around.prefix, person));
  }

  /** Forgets who left long ago. */
  private async clean(device: Device, current: string | undefined): Promise<void> {
    for (const seat of await device.seats())
      if (seat.person !== current && this.around.now() - seat.seen > keptFor) await this.forget(device, seat.person);
  }
}
