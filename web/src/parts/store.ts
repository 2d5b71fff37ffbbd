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
 * What a text was begun on that rewrites another one, kept beside its words: what
 * another device of the same person writes meanwhile stays then, too. slot: as
 * store.basis has it.
 */
export function useBegun(key: string, slot: string) {
  const store = useStore();
  return useMemo(() => {
    const basis = store.words(key) ?? store.basis(slot);
    return { key, basis, keep: () => store.typed(key, basis) };
  }, [key, slot]);
}

export type Begun = ReturnType<typeof useBegun>;

/**
 * Words of a field that is being typed in: what was typed before, or the given
 * ones; kept on the phone as they change.
 */
export function useTyped(key: string, given = "", begun?: Begun) {
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
        begun?.keep();
      },
      /** Goes on after what is there. */
      append(words: string) {
        this.set(text.value ? `${text.value} ${words}` : words);
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
