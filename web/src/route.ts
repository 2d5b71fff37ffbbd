// Where one is in the app: the part of the address behind #, so that every page
// opens from the phone's own files.

import { signal } from "@preact/signals";

const read = () => decodeURI(location.hash.replace(/^#/, "")) || "/";

/** The path, with what follows a question mark. */
export const address = signal(typeof location === "undefined" ? "/" : read());

if (typeof window !== "undefined") window.addEventListener("hashchange", () => (address.value = read()));

let wish = "";

/** Goes there; field: the id of what gets the focus there. */
export function go(to: string, field = ""): void {
  wish = field;
  location.hash = to;
}

/** What one was sent to, as soon as it is on the screen. */
export function arrival(): HTMLElement | null {
  const there = wish === "" ? null : document.getElementById(wish);
  if (there) wish = "";
  return there;
}

/** Goes there, in the place of where one is. */
export function goInstead(to: string): void {
  history.replaceState(null, "", `#${to}`);
  address.value = read();
}

// A link that one opened before one was signed in, while one is away at a provider.
const kept = "undring.wanted";
const isPage = (to: string) => to !== "/" && !to.startsWith("/as/") && !to.startsWith("/sign-in");

/** Keeps where one was going, before the browser leaves for a provider. */
export function keepWanted(): void {
  try {
    if (isPage(read())) sessionStorage.setItem(kept, read());
  } catch {
    // No place to keep it: home, then.
  }
}

/** Where one was going when asked to sign in; home otherwise. Asked once. */
export function wanted(): string {
  if (isPage(read())) return read();
  try {
    const to = sessionStorage.getItem(kept) ?? "/";
    sessionStorage.removeItem(kept);
    return isPage(to) ? to : "/";
  } catch {
    return "/";
  }
}

export const path = (): string => address.value.split("?")[0]!;
export const query = (): URLSearchParams => new URLSearchParams(address.value.split("?")[1] ?? "");

/** The parts of a path that a pattern names with a colon; undefined: it is another path. */
export function match(pattern: string, at: string): Record<string, string> | undefined {
  const want = pattern.split("/");
  const have = at.split("/");
  if (want.length !== have.length) return undefined;
  const found: Record<string, string> = {};
  for (const [i, part] of want.entries()) {
    if (part.startsWith(":")) found[part.slice(1)] = have[i]!;
    else if (part !== have[i]) return undefined;
  }
  return found;
}
