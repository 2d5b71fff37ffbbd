// What the store needs of the browser, handed in, so that a test can be a phone:
// several in one program, on links that fail, killed and started again.

/** What happens to the app from outside. */
export type Event = "online" | "offline" | "visible" | "hidden";

/** A way to tell the other tabs something. */
export interface Channel {
  post(message: unknown): void;
  listen(hear: (message: unknown) => void): void;
  close(): void;
}

export interface Around {
  /** Address of the server, without a slash at its end. */
  base: string;
  fetch: typeof fetch;
  /** Goes before the name of each database and lock. */
  prefix: string;
  /**
   * Runs what only one tab may do at a time. Stolen from a tab that keeps it for too
   * long; but with a signal it is waited for until that aborts.
   */
  lock<T>(name: string, run: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  channel(name: string): Channel;
  /** The phone's clock, in milliseconds. */
  now(): number;
  /** The browser believes that there is a network. */
  connected(): boolean;
  visible(): boolean;
  /** Calls when something happens; returns what ends that. */
  listen(hear: (event: Event) => void): () => void;
  /** Bytes in use and at most. */
  estimate(): Promise<{ usage?: number; quota?: number }>;
  /** Asks the browser not to clear the store by itself. */
  persist(): Promise<boolean>;
  /** The language that the person is spoken to in, and how to change it. */
  language(): string;
  speak(language: string): void;
  deviceName(): string;
  /** Which version of which app this is, such as web/Cq3x_f0d. */
  app: string;
  /** Sends the browser elsewhere. */
  go(address: string): void;
  /** Watch for hints. */
  watches: boolean;
  /** How often to pull while the app is seen, in milliseconds; a minute. */
  pullTime?: number;
}

/** How long a tab may keep a lock: one that the browser has put to sleep would keep it for ever. */
const patience = 40_000;

/** The browser that this runs in. language and speak belong to the words of the screens. */
export function browser(language: () => string, speak: (language: string) => void): Around {
  return {
    base: location.origin,
    fetch: (...a) => fetch(...a),
    prefix: "",
    lock: lockOfBrowser,
    channel(name) {
      const c = new BroadcastChannel(name);
      return { post: (m) => c.postMessage(m), listen: (hear) => (c.onmessage = (e) => hear(e.data)), close: () => c.close() };
    },
    now: () => Date.now(),
    connected: () => navigator.onLine,
    visible: () => document.visibilityState === "visible",
    listen(hear) {
      const end = new AbortController();
      const on = (target: EventTarget, type: string, event: () => Event) =>
        target.addEventListener(type, () => hear(event()), { signal: end.signal });
      on(window, "online", () => "online");
      on(window, "offline", () => "offline");
      on(document, "visibilitychange", () => (document.visibilityState === "visible" ? "visible" : "hidden"));
      on(window, "pagehide", () => "hidden");
      on(window, "blur", () => "hidden");
      return () => end.abort();
    },
    estimate: () => navigator.storage?.estimate?.() ?? Promise.resolve({}),
    persist: () => navigator.storage?.persist?.() ?? Promise.resolve(false),
    language,
    speak,
    deviceName,
    app: `web/${/\/index-([\w-]+)\.js$/.exec(document.querySelector<HTMLScriptElement>("script[type=module]")?.src ?? "")?.[1] ?? "unbuilt"}`,
    go: (address) => location.assign(address),
    watches: true,
  };
}

async function lockOfBrowser<T>(name: string, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal) return navigator.locks.request(name, { signal }, run);
  const wait = new AbortController();
  const bored = setTimeout(() => wait.abort(), patience);
  try {
    return await navigator.locks.request(name, { signal: wait.signal }, () => {
      clearTimeout(bored);
      return run();
    });
  } catch (err) {
    if (!wait.signal.aborted) throw err;
    return navigator.locks.request(name, { steal: true }, run);
  } finally {
    clearTimeout(bored);
  }
}

/** What the person will know this device by: browser and system, such as "Chrome, Android". */
function deviceName(): string {
  const ua = navigator.userAgent;
  const first = (of: [RegExp, string][]) => of.find(([r]) => r.test(ua))?.[1] ?? "";
  const app = first([[/Edg\//, "Edge"], [/Firefox|FxiOS/, "Firefox"], [/Chrome|CriOS/, "Chrome"], [/Safari/, "Safari"]]);
  const system = first([[/Android/, "Android"], [/iPhone|iPod/, "iPhone"], [/iPad/, "iPad"], [/Windows/, "Windows"], [/Mac OS/, "Mac"], [/Linux/, "Linux"]]);
  return [app, system].filter((s) => s !== "").join(", ");
}
