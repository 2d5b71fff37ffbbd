import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Field } from "../parts/field";
import { Refused } from "../parts/notices";
import { myId } from "../parts/people";
import { Providers } from "../parts/providers";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { say as sayOf } from "../words/words";
import { say } from "./words";

/** A sign-in once more, as the same person, made for what neither a device that was found open nor a stolen session may do. */
export function Again({ then }: { then: () => void }) {
  const store = useStore();
  const doing = useDoing();
  const [code, setCode] = useState("");
  const options = useAnswer(() => store.call.session.getSignInOptions({}));
  /** Signs in, ends the session before it, and goes on with what was asked for. */
  const enter = (proof: { demoPerson: string } | { invitationCode: string }) =>
    void doing
      .run(async () => {
        const before = (await store.call.session.listSessions({})).sessions.find((s) => s.current);
        await store.signIn(proof, { forOwnData: true });
        if (before) await store.call.session.revokeSession({ requestId: newId(), sessionId: before.id });
      })
      .then((ok) => ok && then());
  return (
    <section class="card" aria-labelledby="again" role="alert">
      <div class="card-main">
        <h3 id="again">{say("again.title")}</h3>
        <p>{say("again.text")}</p>
        <Refused refusal={doing.refusal} />
        <Answered of={options}>
          {(o) => (
            <>
              <Providers of={o.providers} doing={doing} forOwnData />
              {o.demoPeople.some((p) => p.id === myId(store)) && (
                <button type="button" class="primary wide" disabled={doing.doing} onClick={() => enter({ demoPerson: myId(store) })}>
                  {say("again.do")}
                </button>
              )}
              {o.providers.length + o.demoPeople.length === 0 && o.invitations && (
                <form
                  onSubmit={(e) => {
                    e.preventDefault();
                    enter({ invitationCode: code });
                  }}
                >
                  <Field id="again-code" single label={sayOf("signin.code")} sees={null} hint={say("again.code")} max={limits.signIn.invitationCode} value={code} input={setCode} />
                  <button class="wide" disabled={doing.doing || code.trim() === ""}>
                    {say("again.do")}
                  </button>
                </form>
              )}
            </>
          )}
        </Answered>
      </div>
    </section>
  );
}
