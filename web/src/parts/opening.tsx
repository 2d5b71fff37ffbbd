import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { type Question, QuestionState, SayWhatItOpenedRequestSchema } from "../gen/undring/v1/feedback_pb";
import type { Observation } from "../gen/undring/v1/observation_pb";
import { hasExchange } from "./visit";
import { say } from "../words/words";
import { Field } from "./field";
import { useOpening } from "./focus";
import { Icon } from "./icons";
import { useNames } from "./people";
import { useStore, useTyped } from "./store";

/** Whether a question opened something: said by the one it was put to, read by the one who asked it. */
export function Opening({ question: q, visit }: { question: Question; visit: Observation }) {
  const { me, first } = useNames();
  if (q.askerId !== visit.observerId) return null; // what the observed asks back is no wondering of the method's
  if (me === q.askerId) {
    if (!q.opening) return null;
    return (
      <p class="quiet opening">
        <Icon of="wonder" /> {say(q.opening.opened ? "opening.told.yes" : "opening.told.no", { name: first(q.addresseeId) })} {q.opening.text}
      </p>
    );
  }
  if (!hasExchange(visit) || q.state === QuestionState.OPEN) return null;
  return <Say question={q} />;
}

function Say({ question: q }: { question: Question }) {
  const store = useStore();
  const { first } = useNames();
  const [asking, setAsking] = useState(false);
  const text = useTyped(`opening/${q.id}`, q.opening?.text);
  const id = `opening-${q.id}`;
  useOpening(asking || !q.opening, `${id}-yes`, id);
  const send = (opened: boolean) => {
    store.do(SayWhatItOpenedRequestSchema, { questionId: q.id, opened, text: text.value.trim() }, { words: [text.key] });
    setAsking(false);
  };
  if (q.opening && !asking) {
    return (
      <div class="opening" id={id} tabIndex={-1}>
        <p class="quiet">
          <Icon of="check" /> {say(q.opening.opened ? "opening.said.yes" : "opening.said.no", { name: first(q.askerId) })} {q.opening.text}
        </p>
        <button type="button" class="link" onClick={() => setAsking(true)}>
          {say("do.edit")}
        </button>
        <button type="button" class="link" onClick={() => void store.do(SayWhatItOpenedRequestSchema, { questionId: q.id, takeBack: true })}>
          {say("opening.back")}
        </button>
      </div>
    );
  }
  return (
    <details class="more opening" open={asking} id={id} tabIndex={-1}>
      <summary>{say("opening.ask")}</summary>
      <Field id={`${id}-text`} optional label={say("opening.text")} sees="who.two" max={limits.sayWhatItOpened.text} value={text.value} input={(t) => text.set(t)} />
      <div class="two">
        <button type="button" id={`${id}-yes`} onClick={() => send(true)}>
          {say("opening.yes")}
        </button>
        <button type="button" onClick={() => send(false)}>
          {say("opening.no")}
        </button>
      </div>
    </details>
  );
}
