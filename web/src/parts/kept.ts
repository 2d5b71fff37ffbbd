import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { type Begun, useStore } from "./store";

/** Choices beside a field that is being typed in: as they were made before, or the given ones; kept on the phone as they change. */
export function useKept<T extends object>(key: string, given: T, begun?: Begun) {
  const store = useStore();
  return useMemo(() => {
    const kept = store.words(key);
    const choices = signal<T>(kept ? { ...given, ...(JSON.parse(kept) as T) } : given);
    return {
      key,
      get value() {
        return choices.value;
      },
      set(change: Partial<T>) {
        choices.value = { ...choices.value, ...change };
        store.typed(key, JSON.stringify(choices.value));
        begun?.keep();
      },
      /** Shows others, which are nobody's choice yet: nothing of them is kept. */
      show(others: T) {
        choices.value = others;
      },
    };
  }, [key]);
}

export type Kept<T extends object> = ReturnType<typeof useKept<T>>;
