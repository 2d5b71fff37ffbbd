import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { AnswerNeedRequestSchema, type Need, NeedStatus, SubmitNeedRequestSchema, SupportNeedRequestSchema, WithdrawNeedRequestSchema } from "../gen/undring/v1/focus_pb";
import { Choice, Switch } from "../parts/choice";
import { Field } from "../parts/field";
import { Icon } from "../parts/icons";
import { useKept } from "../parts/kept";
import { useMissing } from "../parts/missing";
import { RefusedAbout, Sure } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { useStore, useTyped } from "../parts/store";
import { says } from "../rules/says";
import { say } from "../words/words";
import { dayWords, type Here, Schools, useHere } from "./school";
import { tell, tellCode, telling } from "./words";

/** The suggestion box: dropping a need in takes half a minute; below it is what others need. */
export function Needs() {
  const here = useHere();
  const needs = here.all?.needs ?? [];
  const settled = (n: Need) => n.status === NeedStatus.DONE || n.status === NeedStatus.NOT_NOW;
  const groups: [string, Need[]][] = [
    ["need.waiting", needs.filter((n) => !settled(n))],
    ["need.settled", needs.filter(settled)],
  ];
  return (
    <Page title={tell("need.title")} back="/more">
      <Schools here={here} />
      <Drop here={here} />
      {needs.length === 0 && <p class="quiet">{tell("need.none")}</p>}
      {groups
        .filter(([, list]) => list.length > 0)
        .map(([title, list]) => (
          <section key={title} aria-labelledby={title}>
            <h2 id={title}>{tell(title as "need.waiting" | "need.settled")}</h2>
            {list.map((n) => (
              <NeedCard key={n.id} need={n} here={here} />
            ))}
          </section>
        ))}
    </Page>
  );
}

/** One field, one choice, one button. */
function Drop({ here }: { here: Here }) {
  const store = useStore();
  const missing = useMissing();
  const text = useTyped("need/text");
  const anonymous = useKept("need/anonymous", { yes: false });
  const [dropped, setDropped] = useState<"" | "named" | "anonymous">("");
  function send() {
    if (missing.found(text.value.trim() === "" && { id: "need", words: tell("need.missing") })) return;
    const unnamed = anonymous.value.yes;
    store.do(SubmitNeedRequestSchema, { schoolId: here.schoolId, text: text.value.trim(), anonymous: unnamed }, { words: [text.key] });
    setDropped(unnamed ? "anonymous" : "named");
    anonymous.set({ yes: false });
  }
  return (
    <section class="inline-form" aria-labelledby="drop">
      <h2 id="drop">{tell("need.ask")}</h2>
      <Field
        id="need"
        label={tell("need.text")}
        hint={tell("need.text.hint")}
        sees="who.school"
        max={limits.submitNeed.text}
        value={text.value}
        wrong={missing.of("need", text.value.trim() !== "")}
        input={(t) => {
          text.set(t);
          setDropped("");
        }}
      />
      <Switch label={tell("need.anonymous")} hint={tell("need.anonymous.how")} on={anonymous.value.yes} set={(yes) => anonymous.set({ yes })} />
      <button type="button" class="primary wide" onClick={send}>
        {tell("need.send")}
      </button>
      <p role="status">
        {dropped !== "" && (
          <>
            <Icon of="check" /> {tell(dropped === "named" ? "need.dropped.named" : "need.dropped.anonymous")}
          </>
        )}
      </p>
    </section>
  );
}

function NeedCard({ need, here }: { need: Need; here: Here }) {
  const store = useStore();
  const { me, name } = useNames();
  const [doing, setDoing] = useState<"" | "story" | "answer">(store.words(`need/${need.id}/answer`) ? "answer" : store.words(`need/${need.id}/story`) ? "story" : "");
  const mine = need.personId === me;
  const who = need.personId === "" ? tell("need.unnamed") : mine ? say("people.you") : name(need.personId);
  return (
    <article class="item" data-need={need.id}>
      <h3>{need.text}</h3>
      <p class="quiet">
        {who} · {dayWords(need.day, store.now())}
        {need.supporters > 0 && ` · ${telling("need.supporters", need.supporters)}`}
      </p>
      {need.status === NeedStatus.OPEN ? (
        need.answerDueDate && <p class={need.overdue ? "late" : "quiet"}>{tell(need.overdue ? "need.overdue" : "need.due", { when: dayWords(need.answerDueDate, store.now()) })}</p>
      ) : (
        <p>
          <b>{tellCode("need.status", NeedStatus[need.status]!)}</b>
          <br />
          {need.answer}
          <br />
          <small>
            {name(need.answeredById)} · {dayWords(need.answerDay, store.now())}
          </small>
        </p>
      )}
      {need.stories.map((s) => (
        <blockquote key={s.personId}>
          {s.text}
          <br />
          <small>{s.personId === me ? say("people.you") : name(s.personId)}</small>
        </blockquote>
      ))}
      {(need.status === NeedStatus.TAKEN_UP || here.all?.focusAreas.some((a) => a.text?.needIds.includes(need.id))) && <Follow id={need.id} here={here} />}
      <RefusedAbout id={need.id} />
      {doing === "story" && <Story need={need} done={() => setDoing("")} />}
      {doing === "answer" && <Answer need={need} done={() => setDoing("")} />}
      {doing === "" && (
        <div class="buttons">
          {!mine && (
            <button type="button" aria-pressed={need.supported} onClick={() => void store.do(SupportNeedRequestSchema, { needId: need.id, takeBack: need.supported })}>
              <Icon of={need.supported ? "check" : "plus"} /> {tell("need.support")}
            </button>
          )}
          <button type="button" onClick={() => setDoing("story")}>
            {tell("need.story")}
          </button>
          {here.leads && (
            <button type="button" class={need.status === NeedStatus.OPEN ? "primary" : ""} onClick={() => setDoing("answer")}>
              {tell("need.answer")}
            </button>
          )}
          {mine && (
            <Sure
              class=""
              label={tell("need.withdraw")}
              ask={tell("need.withdraw.sure")}
              yes={tell("need.withdraw.do")}
              do={() => void store.do(WithdrawNeedRequestSchema, { needId: need.id })}
            />
          )}
        </div>
      )}
    </article>
  );
}

/** On to what becomes of it: from the need to what the school does. */
export const Follow = ({ id, here }: { id: string; here: Here }) => (
  <p>
    <a class="quiet-link" href={`#/trace?school=${here.schoolId}&of=${id}`}>
      {tell("trace.follow")}
    </a>
  </p>
);

/** A story from one's practice: it supports the need, too. */
function Story({ need, done }: { need: Need; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const { me } = useNames();
  const id = `story-${need.id}`;
  const text = useTyped(`need/${need.id}/story`, need.stories.find((s) => s.personId === me)?.text);
  function send() {
    if (missing.found(text.value.trim() === "" && { id, words: tell("need.story.missing") })) return;
    store.do(SupportNeedRequestSchema, { needId: need.id, story: text.value.trim() }, { words: [text.key] });
    done();
  }
  return (
    <div class="inline-form">
      <Field id={id} label={tell("need.story.text")} hint={tell("need.story.hint")} sees="who.school" max={limits.supportNeed.story} value={text.value} wrong={missing.of(id, text.value.trim() !== "")} input={(t) => text.set(t)} />
      <Two cancel={() => (store.typed(text.key, ""), done())} send={send} words={tell("need.story.send")} />
    </div>
  );
}

/** A leader's answer: what becomes of it, and why. */
function Answer({ need, done }: { need: Need; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const id = `answer-${need.id}`;
  const text = useTyped(`need/${need.id}/answer`, need.answer);
  const [status, setStatus] = useState<NeedStatus | undefined>(need.status === NeedStatus.OPEN ? undefined : need.status);
  function send() {
    if (
      missing.found(
        status === undefined && { id: `status-${need.id}`, words: tell("need.status.missing") },
        !says(text.value) && { id, words: tell("need.answer.missing") },
      )
    )
      return;
    store.do(AnswerNeedRequestSchema, { needId: need.id, status, answer: text.value.trim(), revision: need.revision }, { words: [text.key] });
    done();
  }
  return (
    <div class="inline-form">
      <Choice
        id={`status-${need.id}`}
        wrong={missing.of(`status-${need.id}`, status !== undefined)}
        legend={tell("need.status.ask")}
        class="chips"
        value={status}
        choose={setStatus}
        options={[NeedStatus.CONSIDERED, NeedStatus.TAKEN_UP, NeedStatus.DONE, NeedStatus.NOT_NOW].map((s) => ({ value: s, label: tellCode("need.status", NeedStatus[s]!) }))}
      />
      <Field id={id} label={tell("need.answer.text")} sees="who.school" max={limits.answerNeed.answer} value={text.value} wrong={missing.of(id, says(text.value))} input={(t) => text.set(t)} />
      <Two cancel={() => (store.typed(text.key, ""), done())} send={send} words={tell("need.answer.send")} />
    </div>
  );
}

/** Giving up on one side, doing it on the other. */
export function Two({ cancel, send, words }: { cancel: () => void; send: () => void; words: string }) {
  return (
    <div class="two sticky">
      <button type="button" onClick={cancel}>
        {say("do.cancel")}
      </button>
      <button type="button" class="primary" onClick={send}>
        {words}
      </button>
    </div>
  );
}
