import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useStore } from "./store";

/** Choices beside a field that is being typed in: as they were made before, or the given ones; kept on the phone as they change. */
export function useKept<T extends object>(key: string, given: T) {
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
      },
    };
  }, [key]);
}
