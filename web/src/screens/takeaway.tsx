import { create } from "@bufbuild/protobuf";
import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { ActionDraftSchema, type Learning, RecordTakeawayRequestSchema } from "../gen/undring/v1/feedback_pb";
import type { Observation } from "../gen/undring/v1/observation_pb";
import { InMind } from "../parts/card";
import { Field, readBy } from "../parts/field";
import { LearningChoice, MyTakeaway, sayLearning } from "../parts/learning";
import { useMissing } from "../parts/missing";
import { Next } from "../parts/next";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { Prompts } from "../parts/prompts";
import { useStore, useTyped } from "../parts/store";
import { exchangeOpen, seatOf, visitTitle } from "../parts/visit";
import { says } from "../rules/says";
import { go } from "../route";
import { isoDay } from "../words/time";
import { say } from "../words/words";


/** What one takes along, what one borrows, and perhaps something to try. */
export function TakeAway({ visit }: { visit: Observation }) {
  const store = useStore();
  const exchange = store.exchange(visit.id);
  const at = (field: string) => `take/${visit.id}/${field}`;
  const before = exchange?.takeaway;
  const text = useTyped(at("text"), before?.text);
  const borrowed = useTyped(at("borrowed"), before?.borrowed);
  const kind = useTyped(at("learning"), before ? String(before.learning) : "");
  const trying = useTyped(at("action"));
  const lesson = useTyped(at("lesson"));
  const date = useTyped(at("date"));
  const missing = useMissing();
  const [acting, setActing] = useState(trying.value !== "");
  const learning = (Number(kind.value) || undefined) as Learning | undefined;
  const open = (exchange?.actions ?? []).filter((a) => !a.report).length;
  const action = trying.value.trim();
  const dated = action === "" || lesson.value.trim() + date.value !== "";

  if (!exchangeOpen(visit)) {
    return (
      <Page title={say("take.title")} over={visitTitle(store, visit)} back={`/v/${visit.id}`}>
        <Next visit={visit} />
        {before && <MyTakeaway takeaway={before} />}
      </Page>
    );
  }

  function send() {
    if (!dated || (action !== "" && !says(action))) setActing(true);
    if (
      missing.found(
        !says(text.value) && { id: "take", words: say("take.missing.text") },
        learning === undefined && { id: "learning", words: say("take.missing.learning") },
        action !== "" && !says(action) && { id: "action", words: say("take.action.missing") },
        !dated && { id: "lesson", words: say("take.action.when") },
      )
    )
      return;
    store.do(
      RecordTakeawayRequestSchema,
      {
        observationId: visit.id,
        text: text.value.trim(),
        borrowed: borrowed.value.trim(),
        learning,
        ...(action === "" ? {} : { action: create(ActionDraftSchema, { text: action, lesson: lesson.value.trim(), dueDate: date.value, focusAreaId: visit.focusAreaId }) }),
      },
      { words: [text, borrowed, kind, trying, lesson, date].map((w) => w.key) },
    );
    go(`/v/${visit.id}`);
  }

  return (
    <Page
      title={say("take.title")}
      over={visitTitle(store, visit)}
      back={`/v/${visit.id}`}
      bar={
        <button type="button" class="primary wide" onClick={send}>
          {say("take.send")}
        </button>
      }
    >
      <Next visit={visit} />
      <RefusedAbout id={visit.id} only={["RecordTakeaway"]} />
      {seatOf(store, visit) === "observed" && visit.focusQuestion && (
        <div class="suggestion">
          <small>{say("ex.own.yours")}</small>
          <InMind visit={visit} />
        </div>
      )}
      <Field id="take" label={say("take.text")} sees={readBy(exchange?.takeaway?.audience, "who.mine")} max={limits.recordTakeaway.text} rows={3} value={text.value} wrong={missing.of("take", says(text.value))} input={(t) => text.set(t)} />
      <Prompts moment="take_away" take={(t) => text.append(t)} />
      <LearningChoice id="learning" value={learning} choose={(l) => kind.set(String(l))} wrong={missing.of("learning", learning !== undefined)} />
      <Field id="borrowed" optional label={say("take.borrowed")} hint={say("take.borrowed.hint")} sees={readBy(exchange?.takeaway?.audience, "who.mine")} max={limits.recordTakeaway.borrowed} value={borrowed.value} input={(t) => borrowed.set(t)} />
      <details class="more" open={acting} onToggle={(e) => setActing(e.currentTarget.open)}>
        <summary>{say("take.action")}</summary>
        {open >= limits.mostOpenActions ? (
          <p>{say("take.action.two")}</p>
        ) : (
          <>
            <Field id="action" optional label={say("take.action.text")} sees="who.two" max={limits.actionDraft.text} value={trying.value} wrong={missing.of("action", action === "" || says(action))} input={(t) => trying.set(t)} />
            <Prompts moment="action" take={(t) => trying.set(trying.value || t)} />
            <div class="two">
              <Field id="lesson" single sees="who.two" label={say("take.action.lesson")} max={limits.actionDraft.lesson} value={lesson.value} wrong={missing.of("lesson", dated)} input={(t) => lesson.set(t)} />
              <label class="inline">
                {say("take.action.date")}
                <input type="date" min={isoDay(store.now())} value={date.value} onChange={(e) => date.set(e.currentTarget.value)} />
              </label>
            </div>
          </>
        )}
      </details>
      {(exchange?.earlierTakeaways.length ?? 0) > 0 && (
        <details class="more">
          <summary>{say("take.earlier")}</summary>
          {exchange!.earlierTakeaways.map((t) => (
            <blockquote key={t.text}>
              {t.text} <small>{sayLearning(t.learning)}</small>
            </blockquote>
          ))}
        </details>
      )}
    </Page>
  );
}
