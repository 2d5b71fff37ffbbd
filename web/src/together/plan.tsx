import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import {
  AdoptFocusAreaRequestSchema,
  EndFocusAreaRequestSchema,
  type FocusArea,
  FocusAreaChangeKind,
  FocusAreaOrigin,
  FocusAreaState,
  type FocusAreaText,
  NeedStatus,
  OpenHearingRequestSchema,
  ProposeFocusAreaRequestSchema,
  SpeakInHearingRequestSchema,
  UpdateFocusAreaRequestSchema,
} from "../gen/undring/v1/focus_pb";
import { Role } from "../gen/undring/v1/school_pb";
import { Choice, Switch } from "../parts/choice";
import { Field } from "../parts/field";
import { useKept } from "../parts/kept";
import { useMissing } from "../parts/missing";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { myRoles, useNames } from "../parts/people";
import { useStore, useTyped } from "../parts/store";
import { say } from "../words/words";
import { Follow, Two } from "./needs";
import { dayWords, type Here, Schools, useHere } from "./school";
import { tell, tellCode, telling } from "./words";

const mostSteps = 2000; // characters of all steps together, one on each line

const S = FocusAreaState;

/** The half-year's plan on one page: what we work on, what is being heard, drafts; printed, a poster. */
export function Plan() {
  const here = useHere();
  const [proposing, setProposing] = useState(false);
  const all = here.all?.focusAreas ?? [];
  const of = (state: FocusAreaState) => all.filter((a) => a.state === state);
  const open = (here.all?.needs ?? []).filter((n) => n.status === NeedStatus.OPEN).length;
  const plan = of(S.ADOPTED);
  const teachers = plan.filter((a) => a.origin !== FocusAreaOrigin.LEADERS).length;
  return (
    <Page title={tell("plan.title")} back="/more" class="plan">
      <Schools here={here} />
      {plan.length === 0 && <p class="lead">{tell("plan.none")}</p>}
      {plan.length > 0 && <p class="quiet">{tell("plan.began", { n: teachers, all: plan.length })}</p>}
      {plan.length > 0 && <h2 class="hidden">{tellCode("plan.state", S[S.ADOPTED]!)}</h2>}
      <div class="areas">
        {plan.map((a) => (
          <Area key={a.id} area={a} here={here} />
        ))}
      </div>
      {([S.HEARING, S.DRAFT] as const).map(
        (state) =>
          of(state).length > 0 && (
            <section key={state} class="no-print" aria-labelledby={`s${state}`}>
              <h2 id={`s${state}`}>{tellCode("plan.state", S[state]!)}</h2>
              {of(state).map((a) => (
                <Area key={a.id} area={a} here={here} />
              ))}
            </section>
          ),
      )}
      <div class="no-print">
        {proposing ? (
          <Propose here={here} done={() => setProposing(false)} />
        ) : (
          <button type="button" class="wide" onClick={() => setProposing(true)}>
            {tell("plan.propose")}
          </button>
        )}
        <p>
          <a class="quiet-link" href="#/needs">{telling("plan.needs", open)}</a>
        </p>
        <button type="button" class="quiet-button" onClick={() => print()}>
          {tell("plan.print")}
        </button>
      </div>
    </Page>
  );
}

type Doing = "" | "speak" | "open" | "adopt" | "update" | "end";

/** One area: its goal first, then where it came from and how it goes. */
function Area({ area, here }: { area: FocusArea; here: Here }) {
  const store = useStore();
  const { me, name } = useNames();
  const [doing, setDoing] = useState<Doing>("");
  const t = area.text!;
  const who = (id: string) => (id === me ? say("people.you") : name(id));
  const needs = (here.all?.needs ?? []).filter((n) => t.needIds.includes(n.id));
  const now = store.now();
  const buttons: [Doing, boolean][] = [
    ["speak", area.state === S.HEARING],
    ["open", area.state === S.DRAFT && area.mayChange],
    ["adopt", area.state === S.HEARING && here.leads],
    ["update", area.mayChange],
    ["end", area.mayChange],
  ];
  return (
    <article class="item" data-area={area.id}>
      <h3>{t.title}</h3>
      <p>
        <b>{tell("area.goal")}:</b> {t.goal}
      </p>
      <p class="quiet">
        {tellCode("area.origin", FocusAreaOrigin[area.origin]!)}
        {area.proposedById && ` · ${who(area.proposedById)}`}
        {t.responsibleId && ` · ${tell("area.responsible", { name: who(t.responsibleId) })}`}
      </p>
      <p class="no-print">{t.background}</p>
      {t.source && <p class="quiet no-print">{tell("area.rests", { source: t.source })}</p>}
      {t.steps.length > 0 && (
        <ol>
          {t.steps.map((s, i) => (
            <li key={i}>
              {s.what} {s.byWhen && <small>({s.byWhen})</small>}
            </li>
          ))}
        </ol>
      )}
      {needs.length > 0 && (
        <details class="no-print">
          <summary>{telling("area.needs", needs.length)}</summary>
          <ul>
            {needs.map((n) => (
              <li key={n.id}>{n.text}</li>
            ))}
          </ul>
        </details>
      )}
      {area.state === S.HEARING && <p>{tell("area.hearing", { when: dayWords(area.hearingUntil, now) })}</p>}
      {area.voices.length > 0 && (
        <details open={area.state === S.HEARING} class="no-print">
          <summary>{telling("area.voices", area.voices.length)}</summary>
          {area.voices.map((v) => (
            <blockquote key={v.id}>
              {v.text}
              <br />
              <small>{who(v.personId)}</small>
            </blockquote>
          ))}
        </details>
      )}
      {area.changes.length > 0 && (
        <details class="no-print">
          <summary>{tell("area.changes")}</summary>
          <ul class="plain">
            {area.changes.map((c, i) => (
              <li key={i}>
                {dayWords(c.day, now)}: {tellCode("area.change", FocusAreaChangeKind[c.kind]!)}
                {c.reason && ` – ${c.reason}`}
              </li>
            ))}
          </ul>
        </details>
      )}
      {area.state !== S.DRAFT && (
        <div class="no-print">
          <Follow id={area.id} here={here} />
        </div>
      )}
      <RefusedAbout id={area.id} />
      {doing === "" ? (
        <div class="buttons no-print">
          {buttons
            .filter(([, may]) => may)
            .map(([what], i) => (
              <button key={what} type="button" class={i === 0 ? "primary" : ""} onClick={() => setDoing(what)}>
                {tellCode("area.do", what)}
              </button>
            ))}
        </div>
      ) : doing === "update" ? (
        <Update area={area} here={here} done={() => setDoing("")} />
      ) : (
        <Say area={area} what={doing} done={() => setDoing("")} />
      )}
    </article>
  );
}

/** What is done with an area in one field: speaking, opening the hearing, adopting, ending. */
function Say({ area, what, done }: { area: FocusArea; what: Exclude<Doing, "" | "update">; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const text = useTyped(`area/${area.id}/${what === "speak" ? "voice" : what}`);
  const agreed = useTyped(`area/${area.id}/agreed`);
  const result = useTyped(`area/${area.id}/result`);
  const id = `${what === "speak" ? "voice" : what}-${area.id}`;
  const words = [text.key, agreed.key, result.key];
  const focusAreaId = area.id;
  function send() {
    const says = text.value.trim();
    if (what !== "open" && missing.found(says === "" && { id, words: tell("area.missing") })) return;
    if (what === "speak") store.do(SpeakInHearingRequestSchema, { focusAreaId, text: says }, { words });
    if (what === "open") store.do(OpenHearingRequestSchema, { focusAreaId });
    if (what === "adopt") store.do(AdoptFocusAreaRequestSchema, { focusAreaId, reason: says, agreedWith: agreed.value.trim() }, { words });
    if (what === "end") store.do(EndFocusAreaRequestSchema, { focusAreaId, reason: says, result: result.value.trim() }, { words });
    done();
  }
  const max = what === "speak" ? limits.speakInHearing.text : limits.adoptFocusArea.reason;
  return (
    <div class="inline-form">
      {what === "open" ? (
        <p>{tell("area.open.how")}</p>
      ) : (
        <Field id={id} label={tellCode("area.ask", what)} sees="who.school" max={max} value={text.value} wrong={missing.of(id, text.value.trim() !== "")} input={(v) => text.set(v)} />
      )}
      {what === "adopt" && <Field id={`agreed-${area.id}`} single optional names label={tell("area.agreed")} hint={tell("area.agreed.hint")} sees="who.school" max={limits.adoptFocusArea.agreedWith} value={agreed.value} input={(v) => agreed.set(v)} />}
      {what === "end" && <Field id={`result-${area.id}`} optional label={tell("area.result")} sees="who.school" max={limits.endFocusArea.result} value={result.value} input={(v) => result.set(v)} />}
      <Two cancel={() => (words.forEach((k) => store.typed(k, "")), done())} send={send} words={tellCode("area.do", what)} />
    </div>
  );
}

/** Fields of an area. */
function useArea(key: string, given?: FocusAreaText) {
  const title = useTyped(`${key}/title`, given?.title);
  const background = useTyped(`${key}/background`, given?.background);
  const source = useTyped(`${key}/source`, given?.source);
  const goal = useTyped(`${key}/goal`, given?.goal);
  const steps = useTyped(`${key}/steps`, given?.steps.map((s) => (s.byWhen ? `${s.what} (${s.byWhen})` : s.what)).join("\n"));
  const chosen = useKept(`${key}/chosen`, { responsibleId: given?.responsibleId ?? "", needIds: given?.needIds ?? [] });
  const fields = { title, background, source, goal, steps };
  return {
    ...{ fields, chosen },
    words: [...Object.values(fields).map((f) => f.key), chosen.key],
    text: () => ({
      title: title.value.trim(),
      background: background.value.trim(),
      source: source.value.trim(),
      goal: goal.value.trim(),
      steps: stepsOf(steps.value),
      responsibleId: chosen.value.responsibleId,
      needIds: chosen.value.needIds,
    }),
  };
}

/** Steps, one a line; what stands in brackets at the end says by when. */
export const stepsOf = (lines: string): { what: string; byWhen: string }[] =>
  lines
    .split("\n")
    .map((l) => l.trim())
    .filter((l) => l !== "")
    .slice(0, 10)
    .map((l) => {
      const [, what = l, byWhen = ""] = /^(.*\S)\s*\(([^()]{1,60})\)$/.exec(l) ?? [];
      return { what: [...what].slice(0, 300).join(""), byWhen };
    });

function AreaFields({ of, here, missing, id }: { of: ReturnType<typeof useArea>; here: Here; missing: ReturnType<typeof useMissing>; id: string }) {
  const store = useStore();
  const f = of.fields;
  const max = limits.focusAreaText;
  const people = (store.schools.value.find((s) => s.school?.id === here.schoolId)?.people ?? []).filter((p) => p.active);
  const needs = (here.all?.needs ?? []).filter((n) => n.status !== NeedStatus.DONE && n.status !== NeedStatus.NOT_NOW);
  const one = (name: "title" | "background" | "goal") => missing.of(`${id}-${name}`, f[name].value.trim() !== "");
  const toggle = (need: string) => of.chosen.set({ needIds: of.chosen.value.needIds.includes(need) ? of.chosen.value.needIds.filter((n) => n !== need) : [...of.chosen.value.needIds, need].slice(0, 20) });
  return (
    <>
      <Field id={`${id}-title`} single label={tell("area.title")} sees="who.school" max={max.title} value={f.title.value} wrong={one("title")} input={(t) => f.title.set(t)} />
      <Field id={`${id}-background`} label={tell("area.background")} hint={tell("area.background.hint")} sees="who.school" max={max.background} value={f.background.value} wrong={one("background")} input={(t) => f.background.set(t)} />
      <Field id={`${id}-goal`} label={tell("area.goal.label")} sees="who.school" max={max.goal} value={f.goal.value} wrong={one("goal")} input={(t) => f.goal.set(t)} />
      <Field id={`${id}-steps`} optional label={tell("area.steps")} hint={tell("area.steps.hint")} sees="who.school" max={mostSteps} value={f.steps.value} input={(t) => f.steps.set(t)} />
      <Field id={`${id}-source`} optional label={tell("area.source")} hint={tell("area.source.hint")} sees="who.school" max={max.source} value={f.source.value} input={(t) => f.source.set(t)} />
      <div class="field">
        <label for={`${id}-responsible`}>
          {tell("area.responsible.label")} <small>({say("optional")})</small>
        </label>
        <select id={`${id}-responsible`} value={of.chosen.value.responsibleId} onChange={(e) => of.chosen.set({ responsibleId: e.currentTarget.value })}>
          <option value="">{tell("area.nobody")}</option>
          {people.map((p) => (
            <option key={p.id} value={p.id}>
              {p.name}
            </option>
          ))}
        </select>
      </div>
      {needs.length > 0 && (
        <fieldset class="choice">
          <legend>{tell("area.answers")}</legend>
          {needs.map((n) => (
            <Switch key={n.id} label={n.text} on={of.chosen.value.needIds.includes(n.id)} set={() => toggle(n.id)} />
          ))}
        </fieldset>
      )}
    </>
  );
}

const lacks = (of: ReturnType<typeof useArea>, id: string) =>
  (["title", "background", "goal"] as const).map((name) => of.fields[name].value.trim() === "" && { id: `${id}-${name}`, words: tell("area.missing") });

/** Anyone who teaches or leads may propose. */
function Propose({ here, done }: { here: Here; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const of = useArea("area/new");
  const roles = myRoles(store, here.schoolId);
  const origins = [
    ...(roles.includes(Role.TEACHER) ? [FocusAreaOrigin.TEACHERS] : []),
    ...(here.leads ? [FocusAreaOrigin.LEADERS] : []),
    FocusAreaOrigin.TOGETHER,
  ];
  const kept = useKept("area/new/origin", { origin: origins[0]!, named: false });
  function send() {
    if (missing.found(...lacks(of, "new"))) return;
    store.do(ProposeFocusAreaRequestSchema, { schoolId: here.schoolId, origin: kept.value.origin, named: kept.value.named, text: of.text() }, { words: [...of.words, kept.key] });
    done();
  }
  return (
    <section class="inline-form" aria-labelledby="propose">
      <h2 id="propose">{tell("plan.propose")}</h2>
      <p class="quiet">{tell(kept.value.origin === FocusAreaOrigin.LEADERS ? "plan.draft.leaders" : "plan.draft")}</p>
      <AreaFields of={of} here={here} missing={missing} id="new" />
      <Choice legend={tell("area.origin.ask")} class="chips" value={kept.value.origin} choose={(origin) => kept.set({ origin })} options={origins.map((o) => ({ value: o, label: tellCode("area.origin", FocusAreaOrigin[o]!) }))} />
      <Switch label={tell("area.named")} on={kept.value.named} set={(named) => kept.set({ named })} />
      <Two cancel={() => (of.words.forEach((k) => store.typed(k, "")), done())} send={send} words={tell("plan.propose.send")} />
    </section>
  );
}

/** A change of an area is told with its reason. */
function Update({ area, here, done }: { area: FocusArea; here: Here; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const of = useArea(`area/${area.id}`, area.text);
  const reason = useTyped(`area/${area.id}/update`);
  const id = `a${area.id}`;
  const words = [...of.words, reason.key];
  function send() {
    if (missing.found(...lacks(of, id), reason.value.trim() === "" && { id: `${id}-reason`, words: tell("area.missing") })) return;
    store.do(UpdateFocusAreaRequestSchema, { focusAreaId: area.id, text: of.text(), reason: reason.value.trim(), revision: area.revision }, { words });
    done();
  }
  return (
    <div class="inline-form">
      <AreaFields of={of} here={here} missing={missing} id={id} />
      <Field id={`${id}-reason`} label={tell("area.ask.update")} sees="who.school" max={limits.updateFocusArea.reason} value={reason.value} wrong={missing.of(`${id}-reason`, reason.value.trim() !== "")} input={(t) => reason.set(t)} />
      <Two cancel={() => (words.forEach((k) => store.typed(k, "")), done())} send={send} words={tell("area.do.update")} />
    </div>
  );
}
