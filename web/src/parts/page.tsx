// The frame of every screen: where one is, the way back and what is not sent stay
// at the top; what is on it; and at the bottom, under the thumb, what there is to do.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { arrival, path } from "../route";
import { say } from "../words/words";
import { focusOn } from "./focus";
import { Icon } from "./icons";
import { Nav } from "./nav";
import { SyncLine } from "./syncline";

interface PageProps {
  title: string;
  /** Above the title, small. */
  over?: string;
  /** Where the way back leads; none on the first screen. */
  back?: string;
  /** What to do, in a bar at the bottom; the main menu stands there otherwise. */
  bar?: ComponentChildren;
  /** Says who may read the screen, or whose it is. */
  class?: string;
  children: ComponentChildren;
}

export function Page(p: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLElement>(null);
  const at = path();
  // Before the screen is seen: later it would take the focus from who types already.
  useLayoutEffect(() => {
    scrollTo(0, 0);
    const to = arrival();
    if (to) to.focus();
    else heading.current?.focus({ preventScroll: true }); // whoever listens hears where they are
  }, [at]);
  useEffect(() => {
    document.title = `${p.title} · ${say("app.name")}`;
  }, [p.title]);
  useEffect(() => keepClearOf(top.current!, "--top"), []);
  useEffect(() => (bar.current ? keepClearOf(bar.current, "--bar") : undefined), [p.bar !== undefined]);
  return (
    <div class={`page ${p.class ?? ""}`}>
      <a class="skip" href="#main" onClick={skip}>
        {say("app.skip")}
      </a>
      <div class="top" ref={top}>
        <header class="head">
          {p.back !== undefined && (
            <a class="back" href={`#${p.back}`}>
              <Icon of="back" />
              <span class="hidden">{say("do.back")}</span>
            </a>
          )}
          <div class="titles">
            {p.over && <small>{p.over}</small>}
            <h1 tabIndex={-1} ref={heading}>
              {p.title}
            </h1>
          </div>
        </header>
        <SyncLine />
      </div>
      <main id="main" tabIndex={-1}>
        {p.children}
      </main>
      {p.bar ? (
        <section class="bar" ref={bar} aria-label={say("app.bar")}>
          {p.bar}
        </section>
      ) : (
        <Nav />
      )}
    </div>
  );
}

/** Tells the page how high something is that stays at an edge, so that nothing it scrolls to stops behind it. */
function keepClearOf(edge: HTMLElement, height: "--top" | "--bar"): () => void {
  const { style } = document.documentElement;
  const watch = new ResizeObserver(() => style.setProperty(height, `${edge.offsetHeight}px`));
  watch.observe(edge);
  return () => {
    watch.disconnect();
    style.removeProperty(height);
  };
}

// The address behind # is the page, so the link can't simply be followed.
function skip(e: Event) {
  e.preventDefault();
  focusOn("main");
}
