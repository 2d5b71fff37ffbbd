import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { AnswerQuestionRequestSchema, AskBackRequestSchema, type Question, QuestionState } from "../gen/undring/v1/feedback_pb";
import type { Observation } from "../gen/undring/v1/observation_pb";
import { says } from "../rules/says";
import { language, say } from "../words/words";
import { Field, readBy } from "./field";
import { Icon } from "./icons";
import { Sure } from "./notices";
import { focusOn, useOpening } from "./focus";
import { useNames } from "./people";
import { Prompts } from "./prompts";
import { Review } from "./review";
import { useStore, useTyped } from "./store";

/** Settling a question put to me: in writing, by a talk, or not now. */
export function Answering({ question: q, visit }: { question: Question; visit: Observation }) {
  const store = useStore();
  const { me } = useNames();
  const text = useTyped(`answer/${q.id}`);
  const unsettled = q.state === QuestionState.OPEN;
  const [writing, setWriting] = useState(unsettled || text.value !== "");
  useOpening(writing, `answer-${q.id}`);
  const settle = (answer: { case: "text"; value: string } | { case: "talked"; value: true } | { case: "parked"; value: true }) => {
    const goes = answer.case !== "parked"; // a parked question can be answered yet
    store.do(AnswerQuestionRequestSchema, { questionId: q.id, answer }, { words: goes ? [text.key] : [] });
    if (answer.case === "talked") text.clear();
    focusOn(`q-${q.id}`);
    setWriting(!goes && text.value !== "");
  };
  const talked = () => settle({ case: "talked", value: true });
  if (q.state === QuestionState.ANSWERED || q.state === QuestionState.TALKED) return null;
  if (!writing && !unsettled) {
    return (
      <button type="button" onClick={() => setWriting(true)}>
        {say("ex.parked.again")}
      </button>
    );
  }
  const written = text.value.trim();
  return (
    <div class="answering">
      <Field id={`answer-${q.id}`} label={say("ex.answer")} sees={readBy(q.audience, "who.two")} max={limits.answerQuestion.text} rows={3} value={text.value} input={(t) => text.set(t)} />
      <Prompts moment="answer" take={(t) => text.append(t)} />
      <button type="button" class="primary wide" disabled={!says(written)} onClick={() => settle({ case: "text", value: written })}>
        {say("ex.answer.send")}
      </button>
      <div class="two first-wider">
        {written === "" ? (
          <button type="button" onClick={talked}>
            <Icon of="talk" />
            {say("ex.talked")}
          </button>
        ) : (
          <Sure class="" label={say("ex.talked")} ask={say("ex.talked.sure")} yes={say("ex.talked.do")} do={talked} />
        )}
        {visit.observedId === me && q.state !== QuestionState.PARKED && (
          <button type="button" onClick={() => settle({ case: "parked", value: true })}>
            {say("ex.park")}
          </button>
        )}
      </div>
    </div>
  );
}

/** A question back to the observer. */
export function AskBack({ visit }: { visit: Observation }) {
  const store = useStore();
  const { first } = useNames();
  const text = useTyped(`ask-back/${visit.id}`);
  const [writing, setWriting] = useState(text.value !== "");
  useOpening(writing, "ask-back", "ask-back-open");
  const name = first(visit.observerId);
  if (!writing) {
    return (
      <button type="button" id="ask-back-open" onClick={() => setWriting(true)}>
        <Icon of="wonder" />
        {say("ex.ask_back")}
      </button>
    );
  }
  return (
    <form
      class="inline-form"
      onSubmit={(e) => {
        e.preventDefault();
        if (!says(text.value)) return;
        store.do(AskBackRequestSchema, { observationId: visit.id, text: text.value.trim(), language: language.value }, { words: [text.key] });
        text.clear();
        setWriting(false);
      }}
    >
      <Field id="ask-back" label={say("ex.ask_back.text", { name })} sees="who.two" max={limits.askBack.text} value={text.value} input={(t) => text.set(t)} />
      <Review text={text.value} take={(t) => text.set(t)} />
      <Prompts moment="ask_back" take={(t) => text.append(t)} />
      <div class="two">
        <button type="button" onClick={() => setWriting(false)}>
          {say("do.cancel")}
        </button>
        <button class="primary">{say("ex.ask_back.send", { name })}</button>
      </div>
    </form>
  );
}
