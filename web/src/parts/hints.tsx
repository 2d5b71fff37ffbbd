import { useEffect, useMemo, useState } from "preact/hooks";
import type { Hint, onNames } from "../review/hints";
import { language } from "../words/words";
import { Icon } from "./icons";
import { useStore } from "./store";

/** Advice on what is written. It stops nothing. */
export const Hints = ({ hints }: { hints: Hint[] }) =>
  hints.length === 0 ? null : (
    <ul class="hints">
      {hints.map((h) => (
        <li key={h.id}>
          <Icon of="think" />
          {h.text}
        </li>
      ))}
    </ul>
  );

/** What those are called who work at the schools of whoever is here: they are no pupils. From what the phone has. */
export function useColleagues(): string[] {
  const schools = useStore().schools.value;
  return useMemo(() => schools.flatMap((s) => s.people.map((p) => p.name)), [schools]);
}

/** Hints at what may be the name of a pupil in words that others will read. The lists are fetched at the first capital. */
export function Named({ text }: { text: string }) {
  const colleagues = useColleagues();
  const [find, setFind] = useState<typeof onNames>();
  const capital = /\p{Lu}/u.test(text);
  useEffect(() => {
    // Not to be had is no hint: it is advice.
    if (capital && !find) import("../review/hints").then((m) => setFind(() => m.onNames), () => undefined);
  }, [capital]);
  return <div aria-live="polite">{capital && find && <Hints hints={find(text, language.value, colleagues)} />}</div>;
}
