// The worker that lets the app start without a network. It keeps the app's own
// files and nothing else: no answer of the server ever lies in its cache.

/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope;
declare const __FILES__: string[];

const cacheName = "undring-__VERSION__";
const files = __FILES__;

self.addEventListener("install", (e) => {
  e.waitUntil(keep().then(() => self.skipWaiting()));
});

async function keep(): Promise<void> {
  const cache = await caches.open(cacheName);
  await Promise.all(
    files.map(async (f) => {
      const answer = await fetch(new Request(f, { cache: f.startsWith("/assets/") ? "default" : "reload" }));
      if (!(await isOurs(f, answer.clone()))) throw new TypeError(`${f} is not to be had`);
      await cache.put(f, answer);
    }),
  );
}

/** Whether an answer is the file, and not a portal's page for signing in, which answers whatever one asks for. */
async function isOurs(file: string, answer: Response): Promise<boolean> {
  if (!answer.ok || answer.redirected) return false;
  const page = (answer.headers.get("content-type") ?? "").startsWith("text/html");
  if (!page) return true;
  return !/\.\w+$/.test(file) || file.endsWith(".html") ? /id="?app\b/.test(await answer.text()) : false;
}

self.addEventListener("activate", (e) => {
  e.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((n) => n !== cacheName).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== self.location.origin || /^\/(undring\.v1\.|calendar\/)/.test(url.pathname)) return;
  e.respondWith(answer(e.request, url));
});

async function answer(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request.mode === "navigate" ? "/" : url.pathname);
  return kept ?? fetch(request);
}

/** What the server sends to be shown (package notify, Shown): it holds no words of a visit. */
interface Shown {
  title: string;
  text: string;
  to: string;
  tag: string;
  language: string;
  unread: number;
}

self.addEventListener("push", (e) => {
  if (!e.data) return;
  const s = e.data.json() as Shown;
  // A later one about the same takes its place, and makes no second sound where it says the same anew.
  e.waitUntil(
    self.registration.showNotification(s.title, { body: s.text, tag: s.tag, lang: s.language, icon: "/icon-192.png", badge: "/icon-192.png", data: s.to }).then(() => {
      const on = self.navigator as { setAppBadge?: (n: number) => Promise<void> };
      return on.setAppBadge?.(s.unread).catch(() => {});
    }),
  );
});

// To its screen, in the app where that is open, else in a new one. Who is not signed in signs in first,
// and is led there then.
self.addEventListener("notificationclick", (e) => {
  e.notification.close();
  const to = new URL(`/#${String(e.notification.data)}`, self.location.origin).href;
  e.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then(async (open) => {
      const app = open.find((c) => new URL(c.url).pathname === "/");
      if (!app) return self.clients.openWindow(to);
      app.postMessage({ goTo: String(e.notification.data) });
      return app.focus();
    }),
  );
});

export {};
