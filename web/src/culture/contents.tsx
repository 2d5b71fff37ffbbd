import type { Say } from "./words";

/** Goes to a part of the page. The address behind # is the page itself, so that a link can't. */
export function goToPart(id: string): void {
  const heading = document.getElementById(id);
  heading?.scrollIntoView();
  heading?.focus({ preventScroll: true });
}

/** What there is on the page. */
export const Contents = ({ of, say }: { of: (readonly [id: string, words: string])[]; say: Say }) => (
  <nav class="contents no-print" aria-label={say("contents")}>
    <ul>
      {of.map(([id, words]) => (
        <li key={id}>
          <button type="button" class="link" onClick={() => goToPart(id)}>
            {words}
          </button>
        </li>
      ))}
    </ul>
  </nav>
);
