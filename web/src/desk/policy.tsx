// The policy: edited with what each will read, notice and a first day, and its log.

import * as limits from "../gen/limits";
import { type ExchangePolicy } from "../gen/undring/v1/school_pb";
import { useState } from "preact/hooks";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Field } from "../parts/field";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { dateOf, fullDay, isoDay } from "../words/time";
import { say as sayMain } from "../words/words";
import { dayOf } from "./calendar";
import type { At } from "./desk";
import { PromptsDesk } from "./prompts";
import { Table } from "./table";
import { count, say } from "./words";

/** Days that everybody can read of a change before it holds, where nobody of the staff agreed otherwise. */
const notice = 7;

interface Draft {
  feedbackDue: number;
  answerDue: number;
  takeawayDue: number;
  gate: boolean;
  purpose: string;
  retentionMonths: number;
  figuresInWords: boolean;
}

const draftOf = (p: ExchangePolicy | undefined): Draft => ({
  feedbackDue: p?.feedbackDue ?? 0,
  answerDue: p?.answerDue ?? 3,
  takeawayDue: p?.takeawayDue ?? 5,
  gate: p?.gate ?? true,
  purpose: p?.purpose ?? "",
  retentionMonths: p?.retentionMonths ?? 12,
  figuresInWords: p?.figuresInWords ?? false,
});

/** What each of the staff will read, line by line. */
function linesOf(d: Draft): string[] {
  return [
    d.purpose || sayMain("policy.purpose.none"),
    d.feedbackDue === 0 ? sayMain("policy.feedback.same") : sayMain("policy.feedback", { n: d.feedbackDue }),
    sayMain("policy.answer", { n: d.answerDue }),
    sayMain("policy.takeaway", { n: d.takeawayDue }),
    sayMain(d.gate ? "policy.gate.on" : "policy.gate.off"),
    sayMain("policy.retention.text", { n: d.retentionMonths }),
    say(d.figuresInWords ? "policy.words" : "policy.numbers"),
  ];
}

export function PolicyDesk({ at }: { at: At }) {
  const store = useStore();
  const log = useAnswer(() => store.call.school.listPolicyChanges({ schoolId: at.id }), [at.id]);
  const [done, setDone] = useState("");
  return (
    <Answered of={log}>
      {({ policies }) => {
        // A change builds on what will hold then: on the last one that is written down.
        const last = policies[0] ?? store.schools.value.find((s) => s.school?.id === at.id)?.school?.policy;
        return (
          <>
            <Edit
              key={String(policies.length)}
              at={at}
              was={draftOf(last)}
              saved={(words) => {
                setDone(words);
                log.again();
                void store.sync();
              }}
            />
            <div role="status" class={done ? "told" : "hidden"}>
              <p>{done}</p>
              {done && <p>{say("policy.heard")}</p>}
            </div>
            <p class="quiet">{say("policy.languages")}</p>
            <PromptsDesk at={at} />
            <section aria-labelledby="log">
              <h2 id="log">{sayMain("policy.log")}</h2>
              <Table
                caption={sayMain("policy.log")}
                file="avtaler"
                rows={policies}
                id={(p) => String(p.effectiveTime?.seconds)}
                empty={<p>{say("policy.none")}</p>}
                columns={[
                  { title: say("col.from"), value: (p) => dateOf(p.effectiveTime)!.toISOString(), cell: (p) => fullDay(dateOf(p.effectiveTime)!, store.now()) },
                  {
                    title: say("col.state"),
                    value: (p) =>
                      dateOf(p.effectiveTime)! > store.now()
                        ? sayMain("policy.ahead")
                        : p === policies.find((x) => dateOf(x.effectiveTime)! <= store.now())
                          ? sayMain("policy.now")
                          : say("policy.past"),
                  },
                  { title: say("col.who"), value: (p) => p.setByName },
                  { title: say("col.what"), value: (p) => linesOf(draftOf(p)).slice(1).join(" · ") },
                  { title: say("col.why"), value: (p) => [p.reason, p.agreedWith].filter(Boolean).join(" · ") },
                ]}
              />
            </section>
          </>
        );
      }}
    </Answered>
  );
}

function Edit({ at, was, saved }: { at: At; was: Draft; saved: (words: string) => void }) {
  const store = useStore();
  const doing = useDoing();
  const [d, setD] = useState(was);
  const [reason, setReason] = useState("");
  const [agreed, setAgreed] = useState("");
  const earliest = isoDay(new Date(store.now().getTime() + notice * 86_400_000));
  const [from, setFrom] = useState(earliest);
  const [before, after] = [linesOf(was), linesOf(d)];
  const changed = after.filter((l, i) => l !== before[i]).length;
  const early = from < earliest;
  const set = <K extends keyof Draft>(key: K, value: Draft[K]) => setD({ ...d, [key]: value });
  const number = (key: "feedbackDue" | "answerDue" | "takeawayDue" | "retentionMonths", least: number, most: number) => (
    <label>
      {say(`policy.${key}`)}
      <input type="number" min={least} max={most} value={d[key]} onInput={(e) => set(key, Math.min(most, Math.max(least, Math.round(Number(e.currentTarget.value)) || least)))} />
    </label>
  );
  return (
    <form
      aria-label={say("policy.edit")}
      onSubmit={(e) => {
        e.preventDefault();
        void doing
          .run(() => store.call.school.updateExchangePolicy({ requestId: newId(), schoolId: at.id, ...d, reason, agreedWith: agreed, effectiveDate: from }))
          .then((ok) => {
            if (ok) saved(say("policy.saved", { when: fullDay(dayOf(from), store.now()) }));
          });
      }}
    >
      <h2>{say("policy.edit")}</h2>
      <p class="quiet">{say("policy.lead", { n: notice })}</p>
      <div class="side-by-side">
        <div>
          <Field id="purpose" label={sayMain("policy.purpose")} sees="who.school" max={limits.updateExchangePolicy.purpose} rows={3} value={d.purpose} input={(t) => set("purpose", t)} />
          <div class="desk-form">
            {number("feedbackDue", 0, 20)}
            {number("answerDue", 1, 20)}
            {number("takeawayDue", 1, 20)}
            {number("retentionMonths", 1, 24)}
          </div>
          <label class="check">
            <input type="checkbox" checked={d.gate} onChange={(e) => set("gate", e.currentTarget.checked)} />
            {say("policy.gate")}
          </label>
          <label class="check">
            <input type="checkbox" checked={d.figuresInWords} onChange={(e) => set("figuresInWords", e.currentTarget.checked)} />
            {say("policy.figuresInWords")}
          </label>
          <Field id="reason" required label={say("policy.reason")} sees="who.school" max={limits.updateExchangePolicy.reason} value={reason} input={setReason} />
          <label class="inline">
            {say("policy.from")}
            <input type="date" required min={isoDay(new Date(store.now().getTime() + 86_400_000))} value={from} onInput={(e) => setFrom(e.currentTarget.value)} />
          </label>
          <Field id="agreed" names required={early} label={say("policy.agreed")} sees="who.school" max={limits.updateExchangePolicy.agreedWith} value={agreed} input={setAgreed} />
          {early && <p class="hint">{say("policy.early", { n: notice })}</p>}
        </div>
        <section aria-labelledby="preview" class="preview">
          <h3 id="preview">{say("policy.preview")}</h3>
          <p>{from && sayMain("policy.from", { when: fullDay(dayOf(from), store.now()) })}</p>
          <ul class="lines">
            {after.map((l, i) => (
              <li key={i}>
                {l === before[i] ? (
                  l
                ) : (
                  <>
                    <del>{before[i]}</del> <ins>{l}</ins>
                  </>
                )}
              </li>
            ))}
          </ul>
          <p class="quiet" role="status">
            {changed === 0 ? say("policy.same") : count("policy.changes", changed)}
          </p>
        </section>
      </div>
      <Refused refusal={doing.refusal} />
      <button type="submit" class="primary" disabled={doing.doing || changed === 0}>
        {say("policy.save")}
      </button>
    </form>
  );
}
