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
  if (e.request.method !== "GET" || url.origin !== self.location.origin || url.pathname.startsWith("/undring.v1.")) return;
  e.respondWith(answer(e.request, url));
});

async function answer(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request.mode === "navigate" ? "/" : url.pathname);
  return kept ?? fetch(request);
}

export {};
