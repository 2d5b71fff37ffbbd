import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import type { Learning } from "../gen/undring/v1/feedback_pb";
import { FocusAreaState } from "../gen/undring/v1/focus_pb";
import { type ActionRound, EndActionRoundRequestSchema, ReportOnRoundRequestSchema, type RoundCount, StartActionRoundRequestSchema } from "../gen/undring/v1/learning_pb";
import { Role } from "../gen/undring/v1/school_pb";
import { Choice } from "../parts/choice";
import { Field } from "../parts/field";
import { Icon } from "../parts/icons";
import { useKept } from "../parts/kept";
import { LearningChoice, sayLearning } from "../parts/learning";
import { useMissing } from "../parts/missing";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { Prompts } from "../parts/prompts";
import { useStore, useTyped } from "../parts/store";
import { says } from "../rules/says";
import { isoDay } from "../words/time";
import { say } from "../words/words";
import { Two } from "./needs";
import { dayWords, type Here, Schools, useHere } from "./school";
import { tell, telling } from "./words";

/** Action rounds: what we try by a date, first what waits for me. */
export function Trying() {
  const here = useHere();
  const { me } = useNames();
  const [starting, setStarting] = useState(false);
  const all = here.all?.actionRounds ?? [];
  const told = (r: ActionRound) => r.reports.some((p) => p.personId === me);
  const open = all.filter((r) => r.endedDay === "");
  const groups: ["try.mine" | "try.open" | "try.ended", ActionRound[]][] = [
    ["try.mine", open.filter((r) => r.takingPart && !told(r))],
    ["try.open", open.filter((r) => !r.takingPart || told(r))],
    ["try.ended", all.filter((r) => r.endedDay !== "")],
  ];
  return (
    <Page title={tell("try.title")} back="/more">
      <Schools here={here} />
      {all.length === 0 && <p class="lead">{tell("try.none")}</p>}
      {groups
        .filter(([, list]) => list.length > 0)
        .map(([title, list]) => (
          <section key={title} aria-labelledby={title}>
            <h2 id={title}>{tell(title)}</h2>
            {list.map((r) => (
              <RoundCard key={r.id} round={r} here={here} />
            ))}
          </section>
        ))}
      {starting ? (
        <Start here={here} done={() => setStarting(false)} />
      ) : (
        <button type="button" class="wide" onClick={() => setStarting(true)}>
          {tell("try.start")}
        </button>
      )}
    </Page>
  );
}

/** How many have told, as far as all may know it. */
function counted(count: RoundCount): string {
  if (count.low === 0) return tell("try.count.low", { n: count.high });
  return count.low === count.high ? tell("try.count.number", { n: count.low }) : tell("try.count.high");
}

function RoundCard({ round: r, here }: { round: ActionRound; here: Here }) {
  const store = useStore();
  const { me, name } = useNames();
  const mine = r.reports.find((p) => p.personId === me);
  const [doing, setDoing] = useState<"" | "report" | "end">(store.words(`try/${r.id}/did`) ? "report" : store.words(`try/${r.id}/end`) ? "end" : "");
  const school = store.schools.value.find((s) => s.school?.id === here.schoolId);
  const team = school?.teams.find((t) => t.id === r.teamId)?.name;
  const area = here.all?.focusAreas.find((a) => a.id === r.focusAreaId)?.text?.title;
  const open = r.endedDay === "";
  const who = (id: string) => (id === me ? say("people.you") : id === "" ? say("people.former") : name(id));
  // Who takes part is known of whoever works there: those who have told stand first.
  const people = (school?.people ?? []).filter((p) => p.active && p.roles.includes(Role.TEACHER) && (r.teamId === "" || p.teamIds.includes(r.teamId)));
  const left = people.filter((p) => !r.reports.some((told) => told.personId === p.id));
  const now = store.now();
  return (
    <article class="item" data-round={r.id}>
      <h3>{r.question}</h3>
      <p>{r.action}</p>
      <p class="quiet">
        {tell(open ? "try.until" : "try.was", { when: dayWords(open ? r.dueDate : r.endedDay, now) })} · {team ?? tell("lib.for.school")} · {tell("try.by", { name: who(r.starterId) })}
        {area && ` · ${area}`}
      </p>
      {r.nowDifferently && (
        <p>
          <b>{tell("try.differently")}</b>
          <br />
          {r.nowDifferently}
        </p>
      )}
      {r.count && <p class="quiet">{counted(r.count)}</p>}
      {r.takingPart && open && (
        <p role="status">
          <Icon of={left.length === 0 ? "check" : "lock"} /> {left.length === 0 ? tell("try.all") : tell("try.left", { names: left.map((p) => who(p.id)).join(", ") })}
        </p>
      )}
      {r.reports.length > 0 && (
        <details open={mine !== undefined}>
          <summary>{telling("try.reports", r.reports.length)}</summary>
          {r.reports.map((p) => (
            <blockquote key={p.personId}>
              {p.did}
              <br />
              {p.happened}
              {p.questioned && (
                <>
                  <br />
                  <i>{p.questioned}</i>
                </>
              )}
              <br />
              <small>
                {who(p.personId)} · {sayLearning(p.learning)}
              </small>
            </blockquote>
          ))}
        </details>
      )}
      <RefusedAbout id={r.id} />
      {doing === "report" && <Tell round={r} done={() => setDoing("")} />}
      {doing === "end" && <End round={r} done={() => setDoing("")} />}
      {doing === "" && open && (
        <div class="buttons">
          {r.takingPart && (
            <button type="button" class={mine ? "" : "primary"} onClick={() => setDoing("report")}>
              {tell(mine ? "try.tell.again" : "try.tell")}
            </button>
          )}
          {r.mayEnd && (
            <button type="button" onClick={() => setDoing("end")}>
              {tell("try.end")}
            </button>
          )}
        </div>
      )}
    </article>
  );
}

/** Telling the others how it went. */
function Tell({ round, done }: { round: ActionRound; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const { me } = useNames();
  const before = round.reports.find((p) => p.personId === me);
  const at = (field: string) => `try/${round.id}/${field}`;
  const did = useTyped(at("did"), before?.did);
  const happened = useTyped(at("happened"), before?.happened);
  const questioned = useTyped(at("questioned"), before?.questioned);
  const [learning, setLearning] = useState<Learning | undefined>(before?.learning);
  const id = (field: string) => `${field}-${round.id}`;
  const words = [did, happened, questioned].map((w) => w.key);
  function send() {
    if (
      missing.found(
        !says(did.value) && { id: id("did"), words: say("act.missing.did") },
        !says(happened.value) && { id: id("happened"), words: say("act.missing.happened") },
        learning === undefined && { id: id("learning"), words: say("take.missing.learning") },
      )
    )
      return;
    store.do(ReportOnRoundRequestSchema, { roundId: round.id, did: did.value.trim(), happened: happened.value.trim(), questioned: questioned.value.trim(), learning }, { words });
    done();
  }
  return (
    <div class="inline-form">
      <Field id={id("did")} label={say("act.did")} sees="who.round" max={limits.reportOnRound.did} value={did.value} wrong={missing.of(id("did"), says(did.value))} input={(t) => did.set(t)} />
      <Field id={id("happened")} label={say("act.happened")} sees="who.round" max={limits.reportOnRound.happened} value={happened.value} wrong={missing.of(id("happened"), says(happened.value))} input={(t) => happened.set(t)} />
      <Prompts moment="report" take={(t) => happened.append(t)} />
      <LearningChoice id={id("learning")} value={learning} choose={setLearning} wrong={missing.of(id("learning"), learning !== undefined)} />
      <Field id={id("questioned")} optional label={say("act.questioned")} sees="who.round" max={limits.reportOnRound.questioned} value={questioned.value} input={(t) => questioned.set(t)} />
      <Two cancel={() => (words.forEach((k) => store.typed(k, "")), done())} send={send} words={tell("try.tell.send")} />
    </div>
  );
}

/** Ending a round: with what we now do differently. */
function End({ round, done }: { round: ActionRound; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const id = `end-${round.id}`;
  const text = useTyped(`try/${round.id}/end`);
  function send() {
    if (missing.found(text.value.trim() === "" && { id, words: tell("area.missing") })) return;
    store.do(EndActionRoundRequestSchema, { roundId: round.id, nowDifferently: text.value.trim() }, { words: [text.key] });
    done();
  }
  return (
    <div class="inline-form">
      <Field id={id} label={tell("try.differently")} hint={tell("try.end.hint")} sees="who.school" max={limits.endActionRound.nowDifferently} value={text.value} wrong={missing.of(id, text.value.trim() !== "")} input={(t) => text.set(t)} />
      <Two cancel={() => (store.typed(text.key, ""), done())} send={send} words={tell("try.end")} />
    </div>
  );
}

/** A new round: one question, one action, a date. */
function Start({ here, done }: { here: Here; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const { me } = useNames();
  const question = useTyped("try/new/question");
  const action = useTyped("try/new/action");
  const today = store.now();
  const kept = useKept("try/new/chosen", { teamId: "", areaId: "", due: isoDay(new Date(today.getTime() + 14 * 86_400_000)) });
  const school = store.schools.value.find((s) => s.school?.id === here.schoolId);
  const mine = school?.people.find((p) => p.id === me)?.teamIds ?? [];
  const teams = (school?.teams ?? []).filter((t) => here.leads || mine.includes(t.id));
  const areas = (here.all?.focusAreas ?? []).filter((a) => a.state === FocusAreaState.ADOPTED);
  const words = [question.key, action.key, kept.key];
  function send() {
    const { teamId, areaId, due } = kept.value;
    if (
      missing.found(
        question.value.trim() === "" && { id: "try-question", words: tell("area.missing") },
        action.value.trim() === "" && { id: "try-action", words: tell("area.missing") },
        (due === "" || due < isoDay(today)) && { id: "try-due", words: tell("try.due.missing") },
      )
    )
      return;
    store.do(StartActionRoundRequestSchema, { schoolId: here.schoolId, teamId, focusAreaId: areaId, question: question.value.trim(), action: action.value.trim(), dueDate: due }, { words });
    done();
  }
  const wrong = missing.of("try-due", kept.value.due >= isoDay(today));
  return (
    <section class="inline-form" aria-labelledby="try-start">
      <h2 id="try-start">{tell("try.start")}</h2>
      <p class="quiet">{tell("try.how")}</p>
      <Field id="try-question" single label={tell("try.question")} hint={tell("try.question.hint")} sees="who.school" max={limits.startActionRound.question} value={question.value} wrong={missing.of("try-question", question.value.trim() !== "")} input={(t) => question.set(t)} />
      <Field id="try-action" label={tell("try.action")} hint={tell("try.action.hint")} sees="who.school" max={limits.startActionRound.action} value={action.value} wrong={missing.of("try-action", action.value.trim() !== "")} input={(t) => action.set(t)} />
      <div class="field">
        <label for="try-due">{tell("try.due")}</label>
        <input id="try-due" type="date" min={isoDay(today)} value={kept.value.due} aria-invalid={wrong ? true : undefined} onInput={(e) => kept.set({ due: e.currentTarget.value })} />
        {wrong && (
          <p class="wrong">
            <Icon of="warn" />
            {wrong}
          </p>
        )}
      </div>
      {teams.length > 0 && <Choice legend={tell("lib.for")} class="chips" value={kept.value.teamId} choose={(teamId) => kept.set({ teamId })} options={[{ value: "", label: tell("lib.for.school") }, ...teams.map((t) => ({ value: t.id, label: t.name }))]} />}
      {areas.length > 0 && <Choice legend={tell("try.area")} class="chips" value={kept.value.areaId} choose={(areaId) => kept.set({ areaId })} options={[{ value: "", label: tell("try.area.none") }, ...areas.map((a) => ({ value: a.id, label: a.text!.title }))]} />}
      <Two cancel={() => (words.forEach((k) => store.typed(k, "")), done())} send={send} words={tell("try.start.send")} />
    </section>
  );
}
