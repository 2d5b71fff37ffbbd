import { useState } from "preact/hooks";
import { useFocus } from "./focus";

/** What is missing in a form: the id of the field, and what is said beside it. */
interface Missing {
  id: string;
  words: string;
}

/** Of what a form lacks, the first thing: it is told beside its field, and the field gets the focus, at each attempt. */
export function useMissing() {
  const [missing, setMissing] = useState<Missing>();
  const lead = useFocus();
  return {
    /** Takes what may be missing, in the order of the screen; true: something is. */
    found(...all: (Missing | false)[]): boolean {
      const first = all.find((m) => m !== false);
      setMissing(first);
      if (first) lead(first.id);
      return first !== undefined;
    },
    /** What is said beside a field, for as long as it is not there. */
    of: (id: string, there: boolean): string | undefined => (missing?.id === id && !there ? missing.words : undefined),
  };
}
