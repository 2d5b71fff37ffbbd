import { useLayoutEffect, useRef } from "preact/hooks";

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

/** Gives the focus to what stays, before the button that has it goes away. */
export const focusOn = (id: string): void => document.getElementById(id)?.focus();
