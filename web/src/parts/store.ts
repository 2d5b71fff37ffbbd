// The store, as the screens reach it.

import { createContext } from "preact";
import { useContext, useMemo } from "preact/hooks";
import { signal } from "@preact/signals";
import type { Store } from "../store/store";

export const StoreContext = createContext<Store | undefined>(undefined);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (!store) throw new Error("no store above this part");
  return store;
}

/**
 * Words of a field that is being typed in: what was typed before, or the given
 * ones; kept on the phone as they change.
 */
export function useTyped(key: string, given = "") {
  const store = useStore();
  return useMemo(() => {
    const text = signal(store.words(key) ?? given);
    return {
      key,
      get value() {
        return text.value;
      },
      set(words: string) {
        text.value = words;
        store.typed(key, words);
      },
      /** Empties the field, and forgets what was typed. */
      clear() {
        text.value = "";
        store.typed(key, "");
      },
    };
  }, [key]);
}

export type Typed = ReturnType<typeof useTyped>;
