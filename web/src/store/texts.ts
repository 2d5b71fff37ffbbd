// Words being typed: on disk at each pause of the keys, and at once when the app
// goes out of sight. A field that is sent is forgotten in the step that keeps the
// operation.

import type { State } from "./state";

/** The pause after which words are put on disk, in milliseconds; a long run of keys is, as often. */
const pause = 250;
/** The pause before words that could not be put on disk are tried again, in milliseconds. */
const again = 2_000;

export class Texts {
  private readonly dirty = new Map<string, string>();
  /** What was typed in this tab, and stands in its fields. */
  private readonly here = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly state: State) {
    state.onReread = (there) => this.beside(there);
  }

  set(key: string, text: string): void {
    if ((this.state.texts.get(key) ?? "") === text) return;
    if (text === "") this.state.texts.delete(key);
    else this.state.texts.set(key, text);
    if (text === "") this.here.delete(key);
    else this.here.add(key);
    this.state.textsChanged.value++;
    this.write(key, text);
  }

  private write(key: string, text: string): void {
    this.dirty.set(key, text);
    this.timer ??= setTimeout(() => void this.flush().catch(() => {}), pause);
  }

  /** Another tab has sent what it had under a key of this one's: what was typed here is not that. */
  private beside(there: ReadonlyMap<string, string>): void {
    for (const [key, text] of this.state.texts) {
      if (there.has(key)) continue;
      if (this.here.has(key)) this.write(key, text);
      else this.state.texts.delete(key);
    }
  }

  get(key: string): string | undefined {
    void this.state.textsChanged.value;
    return this.state.texts.get(key);
  }

  under(prefix: string): string[] {
    void this.state.textsChanged.value;
    return [...this.state.texts.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** What went into an operation is no longer to be written. */
  drop(keys: string[]): void {
    for (const key of keys) {
      this.dirty.delete(key);
      this.here.delete(key);
    }
  }

  /** What could not go into an operation is still being typed. */
  again(keys: string[]): void {
    for (const key of keys) {
      const text = this.state.texts.get(key);
      if (text === undefined) continue;
      this.here.add(key);
      if (!this.dirty.has(key)) this.dirty.set(key, text);
    }
  }

  /** Puts on disk what is typed. Where that can't be it stays in memory, and is tried again. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.dirty.size === 0) return this.writing;
    const texts = new Map([...this.dirty].map(([key, text]) => [key, text === "" ? undefined : text] as const));
    this.dirty.clear();
    this.writing = this.state
      .commit(() => ({ texts: new Map([...texts].map(([key]) => [key, this.state.texts.get(key)])) }))
      .catch((err: unknown) => {
        for (const [key, text] of texts) if (!this.dirty.has(key)) this.dirty.set(key, text ?? "");
        if (!this.stopped) this.timer ??= setTimeout(() => void this.flush().catch(() => {}), again);
        throw err;
      });
    return this.writing;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
