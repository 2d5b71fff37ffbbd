// Calls that need a network: what they brought, why they did not, and that they
// are taking their time.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Refusal } from "../store/store";
import { refusalOf } from "../store/refusal";
import { say } from "../words/words";
import { Refused } from "./notices";

export interface Answer<T> {
  data: T | undefined;
  refusal: Refusal | undefined;
  /** It has taken longer than a second. */
  slow: boolean;
  again: () => void;
}

const patience = 1000; // ms until a wait is shown

/** Asks at once, and whenever what it depends on changes. */
export function useAnswer<T>(ask: () => Promise<T>, on: unknown[] = []): Answer<T> {
  const [state, set] = useState<{ data?: T; refusal?: Refusal; slow: boolean }>({ slow: false });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => !stale && set((s) => ({ ...s, slow: true })), patience);
    ask().then(
      (data) => !stale && set({ data, slow: false }),
      (err: unknown) => !stale && set((s) => ({ ...s, refusal: refusalOf(err), slow: false })),
    ).finally(() => clearTimeout(timer));
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [round, ...on]);
  return { data: state.data, refusal: state.refusal, slow: state.slow, again: () => setRound(round + 1) };
}

/** Shows an answer: progress after a second, the refusal with another try, or what came. */
export function Answered<T>({ of, children }: { of: Answer<T>; children: (data: T) => ComponentChildren }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.refusal) {
    return (
      <>
        <Refused refusal={of.refusal} />
        <button type="button" onClick={of.again}>
          {say("do.again")}
        </button>
      </>
    );
  }
  return of.slow ? <Progress /> : null;
}

export const Progress = () => (
  <p class="progress" role="status">
    <span class="spin" aria-hidden="true" />
    {say("app.loading")}
  </p>
);

/** Does something that needs a network, once at a time. */
export function useDoing() {
  const [doing, setDoing] = useState(false);
  const [slow, setSlow] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  async function run(what: () => Promise<unknown>): Promise<boolean> {
    if (doing) return false;
    setDoing(true);
    setRefusal(undefined);
    const timer = setTimeout(() => setSlow(true), patience);
    try {
      await what();
      return true;
    } catch (err) {
      setRefusal(refusalOf(err));
      return false;
    } finally {
      clearTimeout(timer);
      setSlow(false);
      setDoing(false);
    }
  }
  return { run, doing, slow, refusal };
}

/** What useDoing gives: a call under way, and how it ended. */
export type Doing = ReturnType<typeof useDoing>;
