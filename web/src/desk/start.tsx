// From an empty school to a first agreed visit: what is there, what is missing, and why it
// matters.

import { useEffect, useState } from "preact/hooks";
import { AdminService, SetupStepKind, TestSignInOutcome, type TestSignInResponse } from "../gen/undring/v1/admin_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Icon } from "../parts/icons";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { goInstead } from "../route";
import type { At } from "./desk";
import { say, sayOf } from "./words";

/** Where one does something about a step. */
const places: Partial<Record<SetupStepKind, string>> = {
  [SetupStepKind.PEOPLE]: "/desk/people",
  [SetupStepKind.SIGNED_IN]: "/desk/people",
  [SetupStepKind.LEADER]: "/desk/people",
  [SetupStepKind.CALENDAR]: "/desk/calendar",
  [SetupStepKind.TIMETABLE]: "/desk/calendar",
  [SetupStepKind.POLICY]: "/desk/policy",
  [SetupStepKind.TIME]: "/desk/calendar",
};

export function Start({ at }: { at: At }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.of(AdminService).getSetup({ schoolId: at.id }), [at.id]);
  return (
    <>
      <Answered of={answer}>
        {({ steps, ready }) => (
          <>
            <p class="lead" role="status">
              {say(ready ? "start.ready" : "start.lead")}
            </p>
            <ol class="cards check-list">
              {steps.map((s) => {
                const kind = SetupStepKind[s.kind]!;
                const to = places[s.kind];
                return (
                  <li key={s.kind} class={`card ${s.done ? "done" : ""}`}>
                    <div class="card-main">
                      <b>
                        <Icon of={s.done ? "check" : "circle"} /> {sayOf("step", kind)}{" "}
                        <span class="state">{say(s.done ? "start.done" : s.needed ? "start.needed" : "start.wanted")}</span>
                      </b>
                      <small>{sayOf("why", kind)}</small>
                      {s.of > 0 && <small>{say("start.of", { n: s.count, of: s.of })}</small>}
                    </div>
                    {to && (
                      <a class="button small" href={`#${to}`}>
                        {sayOf("do", kind)}
                        <Icon of="on" />
                      </a>
                    )}
                  </li>
                );
              })}
            </ol>
          </>
        )}
      </Answered>
      <TrySignIn />
    </>
  );
}

/** Signs in at the provider as oneself, and shows what it told. Nobody is signed in by it. */
function TrySignIn() {
  const store = useStore();
  const doing = useDoing();
  const options = useAnswer(() => store.call.session.getSignInOptions({}));
  const [told, setTold] = useState<TestSignInResponse>();
  useEffect(() => {
    if (location.pathname !== "/sign-in") return; // one has not come back from a provider
    const url = location.href;
    history.replaceState(null, "", "/"); // a reload does not try the same code again
    goInstead("/desk/start"); // and whatever draws the app anew finds this page
    void doing.run(async () => {
      const code = await store.codeOf(url);
      if (code) setTold(await store.call.of(AdminService).testSignIn({ authorizationCode: code }));
    });
  }, []);
  return (
    <section aria-labelledby="try">
      <h2 id="try">{say("try.title")}</h2>
      <p class="quiet">{say("try.lead")}</p>
      <Answered of={options}>
        {(o) =>
          o.providers.length === 0 ? (
            <p class="desk-empty">{say("try.none")}</p>
          ) : (
            <div class="desk-acts">
              {o.providers.map((p) => (
                <button key={p.id} type="button" disabled={doing.doing} onClick={() => void doing.run(() => store.beginProvider(p))}>
                  {say("try.at", { name: p.name })}
                </button>
              ))}
            </div>
          )
        }
      </Answered>
      <Refused refusal={doing.refusal} />
      {told && (
        <div class="preview" role="status">
          <p>
            <b>{sayOf("tried", TestSignInOutcome[told.outcome]!)}</b> {told.personName}
          </p>
          <p>{told.address ? say("try.address", { address: told.address }) : say("try.no_address")}</p>
          <dl class="policy">
            {Object.entries(told.claims).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </section>
  );
}
