import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Patience, patience } from "./patience";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("says after a while that nothing gets through, and no longer once something has", () => {
  const waits = signal(false);
  const p = new Patience(waits);
  vi.advanceTimersByTime(patience * 2);
  expect(p.over.value, "with nothing to send").toBe(false);
  waits.value = true;
  vi.advanceTimersByTime(patience - 1);
  expect(p.over.value, "too early").toBe(false);
  vi.advanceTimersByTime(1);
  expect(p.over.value, "after a while").toBe(true);
  p.anew();
  expect(p.over.value, "one of several got through").toBe(false);
  vi.advanceTimersByTime(patience);
  expect(p.over.value, "and the next one does not").toBe(true);
  waits.value = false;
  expect(p.over.value, "all is sent").toBe(false);
  vi.advanceTimersByTime(patience * 2);
  expect(p.over.value, "all is sent, for long").toBe(false);
});
