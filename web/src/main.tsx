import { render } from "preact";

import { App } from "./app";
import { go } from "./route";
import { store } from "./store/here";

void store.open();
if (import.meta.env.PROD) void navigator.serviceWorker?.register("/sw.js");
// The worker's word that a notification was touched.
navigator.serviceWorker?.addEventListener("message", (e: MessageEvent<{ goTo?: string }>) => e.data.goTo && go(e.data.goTo));
render(<App store={store} />, document.getElementById("app")!);
