import * as limits from "../gen/limits";
import { type Action, ActionOutcome, type Learning } from "../gen/undring/v1/feedback_pb";
import { ReportActionRequestSchema } from "../gen/undring/v1/learning_pb";
import { ActionCard } from "../parts/action";
import { Choice } from "../parts/choice";
import { Field } from "../parts/field";
import { LearningChoice } from "../parts/learning";
import { useKept } from "../parts/kept";
import { useMissing } from "../parts/missing";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { Prompts } from "../parts/prompts";
import { useStore, useTyped } from "../parts/store";
import { go } from "../route";
import { says } from "../rules/says";
import { say, sayCode } from "../words/words";

/** What was agreed on, mine and the other's. */
export function Actions() {
  const store = useStore();
  const { me } = useNames();
  const all = store.actions.value;
  const groups: [string, string, Action[]][] = [
    ["mine", say("act.mine"), all.filter((a) => a.personId === me && !a.report)],
    ["theirs", say("act.theirs"), all.filter((a) => a.personId !== me && !a.report)],
    ["done", say("act.done"), all.filter((a) => a.report)],
  ];
  return (
    <Page title={say("act.title")} back="/more">
      {all.length === 0 && <p class="lead">{say("act.none")}</p>}
      {groups
        .filter(([, , list]) => list.length > 0)
        .map(([id, title, list]) => (
          <section key={id} aria-labelledby={id}>
            <h2 id={id}>{title}</h2>
            <ul class="cards">
              {list.map((a) => (
                <ActionCard key={a.id} action={a} withVisit />
              ))}
            </ul>
          </section>
        ))}
    </Page>
  );
}

/** Telling how an action went. */
export function Report({ action }: { action: Action }) {
  const store = useStore();
  const { me } = useNames();
  const at = (field: string) => `report/${action.id}/${field}`;
  const did = useTyped(at("did"), action.report?.did);
  const happened = useTyped(at("happened"), action.report?.happened);
  const questioned = useTyped(at("questioned"), action.report?.questioned);
  const next = useTyped(at("next"), action.report?.next);
  const chosen = useKept<{ learning?: Learning; outcome?: ActionOutcome }>(at("chosen"), {
    ...(action.report ? { learning: action.report.learning } : {}),
    ...(action.report?.outcome ? { outcome: action.report.outcome } : {}),
  });
  const { learning, outcome } = chosen.value;
  const missing = useMissing();
  if (action.personId !== me) return <Actions />;

  function send() {
    if (
      missing.found(
        outcome === undefined && { id: "outcome", words: say("act.missing.outcome") },
        !says(did.value) && { id: "did", words: say("act.missing.did") },
        !says(happened.value) && { id: "happened", words: say("act.missing.happened") },
        learning === undefined && { id: "learning", words: say("take.missing.learning") },
      )
    )
      return;
    store.do(
      ReportActionRequestSchema,
      { actionId: action.id, did: did.value.trim(), happened: happened.value.trim(), questioned: questioned.value.trim(), next: next.value.trim(), outcome, learning },
      { words: [did, happened, questioned, next, chosen].map((w) => w.key) },
    );
    go("/actions");
  }

  return (
    <Page
      title={say("act.report")}
      over={action.text}
      back="/actions"
      bar={
        <button type="button" class="primary wide" onClick={send}>
          {say("act.send")}
        </button>
      }
    >
      <RefusedAbout id={action.id} />
      <Choice
        id="outcome"
        wrong={missing.of("outcome", outcome !== undefined)}
        legend={say("act.outcome")}
        class="chips"
        value={outcome}
        choose={(o) => chosen.set({ outcome: o })}
        options={[ActionOutcome.TRIED, ActionOutcome.KEPT, ActionOutcome.DROPPED].map((o) => ({ value: o, label: sayCode("act.outcome", ActionOutcome[o]) }))}
      />
      <Field id="did" label={say("act.did")} sees="who.two" max={limits.reportAction.did} value={did.value} wrong={missing.of("did", says(did.value))} input={(t) => did.set(t)} />
      <Field id="happened" label={say("act.happened")} sees="who.two" max={limits.reportAction.happened} value={happened.value} wrong={missing.of("happened", says(happened.value))} input={(t) => happened.set(t)} />
      <Prompts moment="report" take={(t) => happened.append(t)} />
      <LearningChoice id="learning" value={learning} choose={(l) => chosen.set({ learning: l })} wrong={missing.of("learning", learning !== undefined)} />
      <Field id="questioned" optional label={say("act.questioned")} sees="who.two" max={limits.reportAction.questioned} value={questioned.value} input={(t) => questioned.set(t)} />
      <Field id="next" optional label={say("act.next")} sees="who.two" max={limits.reportAction.next} value={next.value} input={(t) => next.set(t)} />
    </Page>
  );
}
