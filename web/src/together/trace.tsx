import { create } from "@bufbuild/protobuf";
import type { ComponentChildren } from "preact";
import { FocusAreaOrigin, FocusAreaState, FocusService, NeedStatus } from "../gen/undring/v1/focus_pb";
import { CommonsSchema } from "../gen/undring/v1/sync_pb";
import { useAnswer } from "../parts/call";
import { sayLearning } from "../parts/learning";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { useStore } from "../parts/store";
import { startOf, visitTitle } from "../parts/visit";
import { query } from "../route";
import { dateOf, shortDay, when } from "../words/time";
import { say } from "../words/words";
import { dayWords, useHere } from "./school";
import { traceOf } from "./way";
import { tell, tellCode, telling } from "./words";

type Name = "need" | "area" | "round" | "visit" | "report" | "meeting" | "learning" | "practice";

/** A station of the way: what is there, or that nothing is there yet and what would come next. */
function Station({ of, empty, children }: { of: Name; empty: boolean; children: ComponentChildren }) {
  return (
    <li class="item" data-station={of}>
      <h2>{tellCode("trace", of)}</h2>
      {empty ? <p class="quiet">{tellCode("trace.none", of)}</p> : children}
    </li>
  );
}

/** From a need to our practice, on one screen. */
export function Trace() {
  const store = useStore();
  const here = useHere();
  const { me, name } = useNames();
  // What has ended is not on the phone; without a network the way begins with what is.
  const known = here.all?.focusAreas ?? [];
  const listed = useAnswer(() => store.call.of(FocusService).listFocusAreas({ schoolId: here.schoolId, includeEnded: true }), [here.schoolId, known.length]);
  const ended = (listed.data?.focusAreas ?? []).filter((a) => a.state === FocusAreaState.ENDED && !known.some((k) => k.id === a.id));
  const t = traceOf({ ...(here.all ?? create(CommonsSchema)), focusAreas: [...known, ...ended] }, store.visits.value, query().get("of") ?? "");
  const who = (id: string) => (id === me ? say("people.you") : id === "" ? say("people.former") : name(id));
  const now = store.now();
  const reports = t.rounds.flatMap((r) => r.reports);
  const hidden = reports.length === 0 && t.rounds.some((r) => !r.takingPart); // how it went is for those who take part
  const at = `?school=${here.schoolId}`;
  return (
    <Page title={tell("trace.title")} back="/needs">
      <ol class="plain">
        <Station of="need" empty={t.needs.length === 0}>
          {t.needs.map((n) => (
            <div key={n.id}>
              <h3>{n.text}</h3>
              <p class="quiet">
                {n.personId === "" ? tell("need.unnamed") : who(n.personId)} · {dayWords(n.day, now)}
                {n.supporters > 0 && ` · ${telling("need.supporters", n.supporters)}`}
              </p>
              {n.status !== NeedStatus.OPEN && (
                <p>
                  <b>{tellCode("need.status", NeedStatus[n.status]!)}</b>
                  <br />
                  {n.answer}
                </p>
              )}
            </div>
          ))}
        </Station>
        <Station of="area" empty={t.areas.length === 0}>
          {t.areas.map((a) => (
            <div key={a.id}>
              <h3>{a.text!.title}</h3>
              <p>
                <b>{tell("area.goal")}:</b> {a.text!.goal}
              </p>
              <p class="quiet">
                {tellCode("plan.state", FocusAreaState[a.state]!)} · {tellCode("area.origin", FocusAreaOrigin[a.origin]!)}
              </p>
              {a.result && <p>{a.result}</p>}
            </div>
          ))}
        </Station>
        <Station of="round" empty={t.rounds.length === 0}>
          {t.rounds.map((r) => (
            <div key={r.id}>
              <h3>{r.question}</h3>
              <p>{r.action}</p>
              <p class="quiet">{tell(r.endedDay === "" ? "try.until" : "try.was", { when: dayWords(r.endedDay || r.dueDate, now) })}</p>
            </div>
          ))}
        </Station>
        <Station of="visit" empty={t.visits.length === 0}>
          <ul>
            {t.visits.map((v) => (
              <li key={v.id}>
                <a href={`#/v/${v.id}`}>
                  {visitTitle(store, v)}, {shortDay(startOf(v))}
                </a>
              </li>
            ))}
          </ul>
          <p class="quiet">{tell("trace.visits.mine")}</p>
        </Station>
        <Station of="report" empty={reports.length === 0 && !hidden && t.rounds.every((r) => r.nowDifferently === "")}>
          {hidden && <p class="quiet">{tell("trace.hidden")}</p>}
          {reports.map((p) => (
            <blockquote key={`${p.personId}${p.day}${p.did}`}>
              {p.happened}
              <br />
              <small>
                {who(p.personId)} · {sayLearning(p.learning)}
              </small>
            </blockquote>
          ))}
          {t.rounds
            .filter((r) => r.nowDifferently !== "")
            .map((r) => (
              <p key={r.id}>
                <b>{tell("try.differently")}</b>
                <br />
                {r.nowDifferently}
              </p>
            ))}
        </Station>
        <Station of="meeting" empty={t.meetings.length === 0}>
          {t.meetings.map((m) => (
            <div key={m.id}>
              <p>
                <a href={`#/meetings${at}&m=${m.id}`}>{when(dateOf(m.startTime)!, now)}</a>
              </p>
              <ul>
                {m.decisions.map((d) => (
                  <li key={d.id}>
                    {d.text} <small>({who(d.personId)})</small>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </Station>
        <Station of="learning" empty={t.learnings.length === 0}>
          {t.learnings.map((l) => (
            <div key={l.id}>
              <h3>{l.text}</h3>
              <p class="quiet">
                {tell("lib.by", { a: who(l.writerId), b: who(l.otherId) })}
                {" · "}
                {l.tried > 0 ? telling("trace.tried", l.tried) : tell(l.hasDialogue ? "trace.asked" : "lib.no_question")}
              </p>
            </div>
          ))}
        </Station>
        <Station of="practice" empty={t.practices.length === 0}>
          {t.practices.map((l) => (
            <p key={l.id}>
              <b>{l.practice}</b>
              <br />
              <small>{tell("lib.decided", { who: l.agreedWith, when: dayWords(l.decidedDay, now) })}</small>
            </p>
          ))}
        </Station>
      </ol>
    </Page>
  );
}
