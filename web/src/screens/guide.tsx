import { useState } from "preact/hooks";
import type { Observation } from "../gen/undring/v1/observation_pb";
import { Page } from "../parts/page";
import { useStore } from "../parts/store";
import { promptsFor } from "../review/prompts";
import { goInstead } from "../route";
import { language, say } from "../words/words";

/** How to ask, in two minutes, on the phone from the start. Shown before the first questions, and whenever one likes. */
export function Guide({ visit }: { visit?: Observation }) {
  const store = useStore();
  const pages = promptsFor("guide", language.value);
  const [at, setAt] = useState(0);
  const to = visit ? `/v/${visit.id}/feedback/questions` : "/more";
  const leave = () => {
    store.typed("guide/seen", "1");
    goInstead(to);
  };
  const last = at === pages.length - 1;
  return (
    <Page
      title={say("guide.title")}
      over={say("guide.length", { n: at + 1, of: pages.length })}
      back={visit ? `/v/${visit.id}/feedback/points` : "/more"}
      class="guide"
      bar={
        <div class="two">
          {at > 0 ? (
            <button type="button" onClick={() => setAt(at - 1)}>
              {say("do.back")}
            </button>
          ) : (
            <button type="button" onClick={leave}>
              {say("guide.later")}
            </button>
          )}
          <button type="button" class="primary" onClick={() => (last ? leave() : setAt(at + 1))}>
            {last ? (visit ? say("guide.start") : say("do.done")) : say("do.next")}
          </button>
        </div>
      }
    >
      <p class="guide-words" aria-live="polite">
        {pages[at]?.text}
      </p>
      {at === 0 && <p class="quiet">{say("guide.short")}</p>}
      <progress value={at + 1} max={pages.length} aria-label={say("guide.length", { n: at + 1, of: pages.length })} />
    </Page>
  );
}
