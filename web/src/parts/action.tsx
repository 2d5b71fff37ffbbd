import { type Action, ActionOutcome, ActionState, AgreeActionRequestSchema } from "../gen/undring/v1/feedback_pb";
import { atSchool, day } from "../words/time";
import { say, sayCode } from "../words/words";
import { readBy, Who } from "./field";
import { sayLearning } from "./learning";
import { RefusedAbout } from "./notices";
import { useNames } from "./people";
import { useStore } from "./store";
import { otherId } from "./visit";

/** An action: what, by when, whose, and what is to be done with it. */
export function ActionCard({ action, withVisit }: { action: Action; withVisit?: boolean }) {
  const store = useStore();
  const { first, name, me } = useNames();
  const mine = action.personId === me;
  const visit = store.visit(action.observationId);
  const partner = visit ? otherId(store, visit) : action.personId;
  return (
    <li class="card action">
      <div class="card-main">
        <b>{action.text}</b>
        <span>
          {mine ? say("people.you") : name(action.personId)}
          {action.lesson && ` · ${action.lesson}`}
          {action.dueDate && ` · ${say("act.by", { when: day(atSchool(action.dueDate, "12:00"), store.now()) })}`}
        </span>
        <small>{stateWords(action, first(mine ? partner : me))}</small>
        {withVisit && visit && (
          <a class="link" href={`#/v/${visit.id}`}>
            {say("act.visit", { name: name(partner) })}
          </a>
        )}
        {action.report && (
          <dl class="card-text">
            <div>
              <dt>{say("act.did")}</dt>
              <dd>{action.report.did}</dd>
            </div>
            <div>
              <dt>{say("act.happened")}</dt>
              <dd>{action.report.happened}</dd>
            </div>
            <div>
              <dt>{say("take.learning")}</dt>
              <dd>{sayLearning(action.report.learning)}</dd>
            </div>
          </dl>
        )}
        <Who sees={readBy(action.audience, "who.two")} />
      </div>
      <RefusedAbout id={action.id} />
      {!mine && action.state === ActionState.PROPOSED && (
        <button type="button" onClick={() => void store.do(AgreeActionRequestSchema, { actionId: action.id })}>
          {say("act.agree")}
        </button>
      )}
      {mine && action.state !== ActionState.PROPOSED && (
        <a class={action.reportDue ? "button primary" : "button"} href={`#/actions/${action.id}`}>
          {say(action.report ? "act.report.again" : "act.report")}
        </a>
      )}
    </li>
  );
}

function stateWords(action: Action, name: string): string {
  if (action.state === ActionState.PROPOSED) return say("act.PROPOSED", { name });
  const outcome = action.report?.outcome;
  if (outcome) return sayCode("act.outcome", ActionOutcome[outcome]);
  return say(action.state === ActionState.REPORTED ? "act.REPORTED" : "act.AGREED");
}
