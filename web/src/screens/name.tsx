import { TakeOutNameRequestSchema } from "../gen/undring/v1/feedback_pb";
import * as limits from "../gen/limits";
import type { Observation } from "../gen/undring/v1/observation_pb";
import { Field } from "../parts/field";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { useStore, useTyped } from "../parts/store";
import { Wishes } from "../parts/unheard";
import { otherId, visitTitle } from "../parts/visit";
import { isAlone } from "../rules/next";
import { go } from "../route";
import { say } from "../words/words";

/** A name, such as a child's, that must not stand in the texts of a visit: the two take it out together. */
export function NameOut({ visit }: { visit: Observation }) {
  const store = useStore();
  const { first, me } = useNames();
  const typed = useTyped(`name/${visit.id}`, "");
  const word = typed.value.trim();
  const other = first(otherId(store, visit));
  const alone = isAlone(visit, me);
  return (
    <Page
      title={say("name.title")}
      over={visitTitle(store, visit)}
      back={`/v/${visit.id}`}
      bar={
        visit.nameWish ? undefined : (
          <button
            type="button"
            class="primary wide"
            disabled={[...word].length < 2}
            onClick={() => {
              store.do(TakeOutNameRequestSchema, { observationId: visit.id, name: word }, { words: [typed.key] });
              go(`/v/${visit.id}`);
            }}
          >
            {alone ? say("name.do_alone") : say("name.ask", { name: other })}
          </button>
        )
      }
    >
      <RefusedAbout id={visit.id} only={["TakeOutName"]} />
      {visit.nameWish ? (
        <Wishes visit={visit} />
      ) : (
        <>
          <p class="lead">{alone ? say("name.lead_alone") : say("name.lead", { name: other })}</p>
          <Field id="name-out" single label={say("name.field")} sees="who.two" hint={say("name.hint")} max={limits.takeOutName.name} value={typed.value} input={(t) => typed.set(t)} />
        </>
      )}
    </Page>
  );
}
