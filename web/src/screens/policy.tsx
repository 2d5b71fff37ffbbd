import type { ExchangePolicy } from "../gen/undring/v1/school_pb";
import { Progress, useAnswer } from "../parts/call";
import { Page } from "../parts/page";
import { useStore } from "../parts/store";
import { dateOf, fullDay } from "../words/time";
import { say } from "../words/words";

/** What the staff have agreed on, who chose it, and what was changed when. Everybody reads it. */
export function Policy() {
  const store = useStore();
  return (
    <Page title={say("policy.title")} back="/more">
      <p class="quiet">{say("policy.who")}</p>
      {store.schools.value.map((s) =>
        s.school ? (
          <section key={s.school.id} aria-label={s.school.name}>
            {store.schools.value.length > 1 && <h2>{s.school.name}</h2>}
            {s.school.policy && <Rules policy={s.school.policy} />}
            <Log schoolId={s.school.id} />
          </section>
        ) : null,
      )}
    </Page>
  );
}

function Rules({ policy: p }: { policy: ExchangePolicy }) {
  return (
    <dl class="policy">
      <div>
        <dt>{say("policy.purpose")}</dt>
        <dd>{p.purpose || say("policy.purpose.none")}</dd>
      </div>
      <div>
        <dt>{say("policy.due")}</dt>
        <dd>
          {p.feedbackDue === 0 ? say("policy.feedback.same") : say("policy.feedback", { n: p.feedbackDue })}
          <br />
          {say("policy.answer", { n: p.answerDue })}
          <br />
          {say("policy.takeaway", { n: p.takeawayDue })}
        </dd>
      </div>
      <div>
        <dt>{say("policy.gate")}</dt>
        <dd>{say(p.gate ? "policy.gate.on" : "policy.gate.off")}</dd>
      </div>
      <div>
        <dt>{say("policy.retention")}</dt>
        <dd>{say("policy.retention.text", { n: p.retentionMonths })}</dd>
      </div>
      <div>
        <dt>{say("policy.figures")}</dt>
        <dd>{say("policy.figures.text", { n: p.figureThreshold })}</dd>
      </div>
    </dl>
  );
}

/** Every policy that the school had, has and will have. */
function Log({ schoolId }: { schoolId: string }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.school.listPolicyChanges({ schoolId }), [schoolId]);
  const now = store.now();
  return (
    <section aria-label={say("policy.log")}>
      <h2>{say("policy.log")}</h2>
      {answer.refusal && <p class="quiet">{answer.refusal.offline ? say("policy.log.offline") : answer.refusal.message}</p>}
      {!answer.data && answer.slow && <Progress />}
      <ol class="log">
        {answer.data?.policies.map((p, i, all) => {
          const from = dateOf(p.effectiveTime);
          const ahead = from !== undefined && from > now;
          const holds = !ahead && all.findIndex((x) => (dateOf(x.effectiveTime) ?? now) <= now) === i;
          const set = dateOf(p.setTime);
          return (
            <li key={`${i}-${p.setByName}`}>
              <b>{from && say("policy.from", { when: fullDay(from, now) })}</b>
              {(ahead || holds) && <span class="state"> {say(ahead ? "policy.ahead" : "policy.now")}</span>}
              <small>
                {p.setByName && set ? say("policy.set_by", { name: p.setByName, when: fullDay(set, now) }) : say("policy.began")}
              </small>
              <small>
                {[
                  p.feedbackDue === 0 ? say("policy.feedback.same") : say("policy.feedback", { n: p.feedbackDue }),
                  say("policy.answer", { n: p.answerDue }),
                  say("policy.takeaway", { n: p.takeawayDue }),
                  say(p.gate ? "policy.gate.on" : "policy.gate.off"),
                  say("policy.retention.text", { n: p.retentionMonths }),
                ].join(" · ")}
              </small>
              {ahead && p.purpose && <small>{p.purpose}</small>}
              {p.reason && <small>{say("policy.reason", { why: p.reason })}</small>}
              {p.agreedWith && <small>{say("policy.agreed_with", { who: p.agreedWith })}</small>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
