import { render } from "preact";

import { App } from "./app";
import { store } from "./store/here";

void store.open();
if (import.meta.env.PROD) void navigator.serviceWorker?.register("/sw.js");
render(<App store={store} />, document.getElementById("app")!);
