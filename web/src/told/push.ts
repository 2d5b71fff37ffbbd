// Notices on this device, by the browser's own push service: whether they can be had, and turning
// them on and off. It is asked for when somebody first has use for it, never at the first start.

import type { GetPreferencesResponse } from "../gen/undring/v1/notification_pb";
import type { Store } from "../store/store";
import { newId } from "../store/id";

/** What can be had here: on an iPhone, the app has to be on the home screen first. */
export type Reach = "on" | "off" | "denied" | "home-screen-first" | "none";

const kept = "undring.push";
const isApple = () => /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
const alone = () => matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;

function remember(what: string): void {
  try {
    if (what) localStorage.setItem(kept, what);
    else localStorage.removeItem(kept);
  } catch {
    // No place to keep it: the person is asked again.
  }
}

function remembered(): string {
  try {
    return localStorage.getItem(kept) ?? "";
  } catch {
    return "";
  }
}

const mine = (store: Store) => `on ${store.me.value?.person?.id ?? ""}`;

/** Whether notices come to this device now, for whoever is signed in. */
export function reachOf(store: Store): Reach {
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!able) return isApple() && !alone() ? "home-screen-first" : "none";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && remembered() === mine(store) ? "on" : "off";
}

/** Whether the person said here that they would rather not be asked. */
export const isAsked = (): boolean => remembered() !== "";
export const dontAsk = (): void => remember("no");

const bytesOf = (key: ArrayBuffer | null | undefined) => (key ? new Uint8Array(key) : new Uint8Array());
const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((x, i) => x === b[i]);

/** The browser's subscription by the server's key; one by another key is of no use any more. */
async function subscription(key: Uint8Array): Promise<PushSubscription> {
  const worker = await navigator.serviceWorker.ready;
  const there = await worker.pushManager.getSubscription();
  if (there && same(bytesOf(there.options.applicationServerKey), key)) return there;
  await there?.unsubscribe();
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key as BufferSource });
}

async function register(store: Store, s: PushSubscription, takeBack: boolean): Promise<void> {
  const webPush = { endpoint: s.endpoint, p256dh: bytesOf(s.getKey("p256dh")), auth: bytesOf(s.getKey("auth")) };
  await store.call.notification.registerDevice({ requestId: newId(), address: { case: "webPush", value: webPush }, takeBack });
}

/** Asks the browser, which asks the person, and tells the server where to send. */
export async function turnOn(store: Store, offer: GetPreferencesResponse): Promise<Reach> {
  if ((await Notification.requestPermission()) === "granted") {
    await register(store, await subscription(offer.webPushKey), false);
    remember(mine(store));
  }
  return reachOf(store);
}

export async function turnOff(store: Store): Promise<Reach> {
  const there = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
  remember("no");
  if (there) {
    await register(store, there, true);
    await there.unsubscribe();
  }
  return reachOf(store);
}

/** The browser may have changed its address, or the person have signed in anew: told once at each start. */
export async function keepUp(store: Store): Promise<void> {
  if (reachOf(store) !== "on") return;
  const offer = await store.call.notification.getPreferences({});
  if (offer.webPushKey.length > 0) await register(store, await subscription(offer.webPushKey), false);
}

/** How many are unread, on the app's icon. */
export function badge(unread: number): void {
  const on = navigator as { setAppBadge?: (n: number) => Promise<void>; clearAppBadge?: () => Promise<void> };
  void (unread > 0 ? on.setAppBadge?.(unread) : on.clearAppBadge?.())?.catch(() => {});
}
