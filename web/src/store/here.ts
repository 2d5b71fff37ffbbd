// The store of this page.

import type { Store } from "./store";

export const store = {} as Store & { open(): void };
