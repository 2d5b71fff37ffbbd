import { useLayoutEffect, useState } from "preact/hooks";

/** Gives the focus, by id, to what an act leads to, with the screen that the act makes; what one touched may be gone from it. */
export function useFocus(): (id: string) => void {
  const [wanted, want] = useState<{ id: string }>();
  // With the screen, and not a moment later: some phones bring up the keyboard only as part of the touch.
  useLayoutEffect(() => {
    if (wanted) document.getElementById(wanted.id)?.focus();
  }, [wanted]);
  return (id) => want({ id });
}
