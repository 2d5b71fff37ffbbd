// Where the focus goes when what had it is gone, or leads on.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Gives the focus to what is there already, before the button that has it goes away. */
export const focusOn = (id: string): void => document.getElementById(id)?.focus();

/** Gives the focus, by id, to what an act leads to, with the screen that the act makes; what one touched may be gone from it. */
export function useFocus(): (id: string) => void {
  const [wanted, want] = useState<{ id: string }>();
  // With the screen, and not a moment later: some phones bring up the keyboard only as part of the touch.
  useLayoutEffect(() => {
    if (wanted) focusOn(wanted.id); // scrolls to it; a field that was folded away is there by now
  }, [wanted]);
  return (id) => want({ id });
}

/**
 * Gives the focus to the field of a piece that a touch opens, and back to what
 * stands in its place when it closes. Not at first: what is open from the start
 * takes the focus from nobody.
 */
export function useOpening(open: boolean, field: string, closed = "") {
  const was = useRef(open);
  useLayoutEffect(() => {
    if (was.current !== open) focusOn(open ? field : closed);
    was.current = open;
  }, [open]);
}
