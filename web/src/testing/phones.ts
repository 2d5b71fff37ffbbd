// Phones for tests: the app's own store, session and sync on a disk in memory and
// a link that can fail in each way that links do.

import "fake-indexeddb/auto";

import type { Around, Channel, Event } from "../store/around";
import { Phone } from "../store/phone";

/** A random number generator with a seed (mulberry32): one seed makes one story. */
export function dice(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** How bad a link is, in shares of one, and how long it holds something back at most, in milliseconds. */
export interface Weather {
  drop: number;
  repeat: number;
  delay: number;
  /** No network at all. */
  down: boolean;
  /** Repetitions that the network holds back until somebody lets them go: after everything else. */
  held: (() => Promise<unknown>)[];
}

export const fair = (): Weather => ({ drop: 0, repeat: 0, delay: 0, down: false, held: [] });

/** A fetch on a link: a request or its answer may be lost, come twice, or late and so in another order. */
export function link(weather: Weather, random: () => number): typeof fetch {
  const later = () => new Promise((go) => setTimeout(go, random() * weather.delay));
  return async (input, init) => {
    if (weather.down) throw new TypeError("no network");
    if (weather.delay > 0) await later();
    if (random() < weather.drop / 2) throw new TypeError("the request was lost");
    if (random() < weather.repeat) {
      const again = () => fetch(input, { ...init, signal: null }).then((r) => r.arrayBuffer(), () => {});
      // A refresh that comes after a newer one ends the session, as a thief's would: see docs/app.md.
      if (String(input).includes("SessionService")) await later().then(again);
      else if (random() < 0.5) weather.held.push(again);
      else void later().then(again);
    }
    const answer = await fetch(input, init);
    if (weather.delay > 0) await later();
    if (weather.down || random() < weather.drop / 2) throw new TypeError("the answer was lost");
    return answer;
  };
}

const locks = new Map<string, Promise<unknown>>();
const ears = new Map<string, Set<(m: unknown) => void>>();

/** A phone that can be killed and started again; its tabs share a disk. */
export class Handset {
  readonly weather = fair();
  readonly hears = new Set<(e: Event) => void>();
  visible = true;
  skew = 0;
  language = "nb";
  /** Answers in the server's stead, as a portal or a filter does; undefined: the server does. */
  answers: ((url: string) => Response | undefined) | undefined;
  pullTime = 60_000;

  constructor(
    readonly name: string,
    private readonly server: string,
    private readonly random: () => number = Math.random,
    private readonly watches = false,
  ) {}

  around(): Around {
    return {
      base: this.server,
      fetch: async (input, init) => this.answers?.(String(input)) ?? link(this.weather, this.random)(input, init),
      prefix: `${this.name}/`,
      lock: (name, run, signal) => {
        const before = locks.get(name) ?? Promise.resolve();
        const turn = before.then(() => (signal?.aborted ? undefined : run()));
        locks.set(name, turn.then(() => {}, () => {}));
        return turn as ReturnType<typeof run>;
      },
      channel: (name): Channel => {
        const all = ears.get(name) ?? new Set();
        ears.set(name, all);
        let mine: ((m: unknown) => void) | undefined;
        return {
          post: (m) => all.forEach((hear) => hear !== mine && queueMicrotask(() => hear(m))),
          listen: (hear) => void all.add((mine = hear)),
          close: () => void (mine && all.delete(mine)),
        };
      },
      now: () => Date.now() + this.skew,
      connected: () => !this.weather.down,
      visible: () => this.visible,
      listen: (hear) => {
        this.hears.add(hear);
        return () => void this.hears.delete(hear);
      },
      estimate: () => Promise.resolve({}),
      persist: () => Promise.resolve(true),
      language: () => this.language,
      speak: (to) => (this.language = to),
      deviceName: () => this.name,
      app: "web/test",
      go: () => {},
      watches: this.watches,
      pullTime: this.pullTime,
    };
  }

  /** Starts the app on this phone: a tab. */
  async start(): Promise<Phone> {
    const phone = new Phone(this.around());
    await phone.open();
    return phone;
  }

  /** Something happens to the phone. */
  event(e: Event): void {
    for (const hear of [...this.hears]) hear(e);
  }
}

/** Waits for something to be so: for a minute, in which a queue is to be empty (R8). */
export async function until(what: string, holds: () => boolean, most = 60_000): Promise<void> {
  for (const end = Date.now() + most; !holds(); ) {
    if (Date.now() > end) throw new Error(`not within ${most / 1000} s: ${what}`);
    await new Promise((go) => setTimeout(go, 10));
  }
}
