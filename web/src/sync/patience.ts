import { effect, signal, untracked, type ReadonlySignal } from "@preact/signals";

/** How long something may be on its way before that is told, in milliseconds. */
export const patience = 4_000;

/**
 * Notices that nothing gets through where there seems to be a network: behind a
 * sign-in page of somebody's, or in a far corner of the house. The call goes on
 * all the while, as it may be slow and no more.
 */
export class Patience {
  private readonly isOver = signal(false);
  private timer: ReturnType<typeof setTimeout> | undefined;
  readonly over: ReadonlySignal<boolean> = this.isOver;

  /** waits: something is to be sent, and is believed to be on its way. */
  constructor(private readonly waits: ReadonlySignal<boolean>) {
    effect(() => {
      void waits.value;
      untracked(() => this.anew());
    });
  }

  /** Something got through: what is left has as long again. */
  anew(): void {
    clearTimeout(this.timer);
    this.isOver.value = false;
    if (this.waits.value) this.timer = setTimeout(() => (this.isOver.value = true), patience);
  }
}
