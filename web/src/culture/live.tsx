import { type GetLivePageResponse, type LiveArea } from "../gen/undring/v1/culture_pb";
import { FocusAreaOrigin } from "../gen/undring/v1/focus_pb";
import { Progress, useAnswer } from "../parts/call";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { capital, dateOf, fullDay } from "../words/time";
import { say as sayMain } from "../words/words";
import { counting, type Say, termWords } from "./words";

/** What is true now and no figure about people: time, and what was agreed. */
export function Live({ school, say }: { school: string; say: Say }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.culture.getLivePage({ schoolId: school }));
  if (answer.refusal?.offline && !answer.data) return null; // said above
  return (
    <section class="live" aria-labelledby="live">
      <h2 id="live">{say("live")}</h2>
      <p class="quiet">{say("live.lead")}</p>
      {answer.data ? <Facts of={answer.data} now={store.now()} say={say} /> : answer.slow && <Progress />}
      {!answer.data && <Refused refusal={answer.refusal} />}
    </section>
  );
}

function Facts({ of: l, now, say }: { of: GetLivePageResponse; now: Date; say: Say }) {
  const next = dateOf(l.nextReportTime);
  const p = l.policy;
  return (
    <dl class="policy">
      <div>
        <dt>{say("live.time", { term: termWords(say, l.term) })}</dt>
        <dd>{l.minutesSetAside === 0 ? say("live.none") : hours(l.minutesSetAside, say)}</dd>
        {l.coveredHours > 0 && <dd>{counting(say, "live.covered", l.coveredHours)}</dd>}
        {l.minutesSetAside > 0 && <dd>{l.used}</dd>}
      </div>
      <div>
        <dt>{say("live.areas")}</dt>
        {l.areas.length === 0 && <dd>{say("live.areas.none")}</dd>}
        {l.areas.map((a) => (
          <dd key={a.title}>
            {a.title} <small>({from(a, say)})</small>
          </dd>
        ))}
        <dd class="no-print">
          <a href="#/plan">{say("live.plan")}</a>
        </dd>
      </div>
      {l.needs && (
        <div>
          <dt>{say("live.needs")}</dt>
          <dd>{l.needs.waiting === 0 ? say("live.needs.none") : counting(say, "live.waiting", l.needs.waiting)}</dd>
          {l.needs.oldestDays > 0 && <dd>{counting(say, "live.oldest", l.needs.oldestDays)}</dd>}
          {l.needs.overdue > 0 && <dd class="late">{counting(say, "live.overdue", l.needs.overdue)}</dd>}
          <dd class="no-print">
            <a href="#/needs">{say("live.box")}</a>
          </dd>
        </div>
      )}
      {l.learnings && (
        <div>
          <dt>{say("live.learnings", { term: termWords(say, l.term) })}</dt>
          {l.learnings.answered + l.learnings.unanswered === 0 && <dd>{say("live.learnings.none")}</dd>}
          {l.learnings.answered > 0 && <dd>{counting(say, "live.dialogue", l.learnings.answered)}</dd>}
          {l.learnings.unanswered > 0 && <dd>{counting(say, "live.silent", l.learnings.unanswered)}</dd>}
          {l.learnings.practices > 0 && <dd>{counting(say, "live.practice", l.learnings.practices)}</dd>}
          <dd class="no-print">
            <a href="#/library">{say("live.library")}</a>
          </dd>
        </div>
      )}
      {p && (
        <div>
          <dt>{say("live.agreed")}</dt>
          {p.purpose && <dd>{p.purpose}</dd>}
          <dd>{p.feedbackDue === 0 ? sayMain("policy.feedback.same") : sayMain("policy.feedback", { n: p.feedbackDue })}</dd>
          <dd>{sayMain("policy.answer", { n: p.answerDue })}</dd>
          <dd>{sayMain(p.gate ? "policy.gate.on" : "policy.gate.off")}</dd>
          <dd class="no-print">
            <a href="#/policy">{say("live.more")}</a>
          </dd>
        </div>
      )}
      {next && (
        <div>
          <dt>{say("live.next")}</dt>
          <dd>{say("live.next.when", { when: capital(fullDay(next, now)) })}</dd>
        </div>
      )}
    </dl>
  );
}

/** With whom an area began: a group, never a person. */
function from(a: LiveArea, say: Say): string {
  if (a.origin === FocusAreaOrigin.LEADERS) return say("live.from.leaders");
  return say(a.origin === FocusAreaOrigin.TEACHERS ? "live.from.teachers" : "live.from.both");
}

function hours(minutes: number, say: Say): string {
  const whole = counting(say, "live.hours", Math.floor(minutes / 60));
  return minutes % 60 === 0 ? whole : `${whole} ${say("live.minutes", { m: minutes % 60 })}`;
}
