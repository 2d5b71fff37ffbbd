import { useEffect, useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { Role } from "../gen/undring/v1/school_pb";
import { Answered, Progress, useAnswer, useDoing } from "../parts/call";
import { Field } from "../parts/field";
import { LanguageChoice, picked } from "../parts/language";
import { Refused, Told } from "../parts/notices";
import { PersonList } from "../parts/people";
import { Providers } from "../parts/providers";
import { useStore, useTyped } from "../parts/store";
import { goInstead, query, wanted } from "../route";
import { count, language, say, sayCode } from "../words/words";

/** How many letters and digits a code holds: blanks and hyphens are for the eye. */
const signs = (code: string): number => code.replace(/[\s–-]/g, "").length;
const whole = (code: string): boolean => signs(code) === 12;

/** The ways in: providers, an invitation code, and in the demo its people. */
export function SignIn({ as }: { as?: string }) {
  const store = useStore();
  const doing = useDoing();
  const code = useTyped("sign-in/code", query().get("code") ?? ""); // of a one-time link
  const [tried, setTried] = useState(false);
  const options = useAnswer(() => store.call.session.getSignInOptions({}), [language.value]);
  useEffect(() => {
    document.title = say("app.name");
  }, []);
  useEffect(() => {
    if (as) void enter(() => store.signIn({ demoPerson: as }));
    else if (location.pathname === "/sign-in") void enter(() => store.endProvider(location.href));
  }, []);

  async function enter(how: () => Promise<unknown>) {
    if (!(await doing.run(how))) return;
    code.clear();
    if (picked.value) store.setLanguage(picked.value);
    const to = wanted();
    if (location.pathname !== "/") history.replaceState(null, "", "/#/");
    goInstead(to);
  }

  return (
    <div class="page signin">
      <header class="welcome">
        <LanguageChoice /> {/* above all that comes late or is longer in another language: nothing moves it under the finger */}
        <img src="/icon.svg" width="72" height="72" alt="" />
        <h1>{say("signin.title")}</h1>
        <p>{say("signin.lead")}</p>
      </header>
      <main id="main">
        {store.standing.value === "revoked" && (
          <Told>
            {say("signin.ended")} {store.unsent.value > 0 && count("signin.waits", store.unsent.value)}
          </Told>
        )}
        <Refused refusal={doing.refusal} />
        {doing.slow && <Progress />}
        <Answered of={options}>
          {(o) => (
            <>
              <Providers of={o.providers} doing={doing} />
              {o.demoPeople.length > 0 && (
                <section aria-labelledby="demo">
                  <h2 id="demo">{say("signin.demo")}</h2>
                  <p class="quiet">{say("signin.demo.hint")}</p>
                  <PersonList
                    label={say("signin.demo")}
                    people={o.demoPeople}
                    about={(p) => p.roles.map((r) => sayCode("role", Role[r]?.toLowerCase())).join(", ")}
                    choose={(p) => void enter(() => store.signIn({ demoPerson: p.id }))}
                  />
                </section>
              )}
              {o.invitations && (
                <form
                  onSubmit={(e) => {
                    e.preventDefault();
                    setTried(true);
                    if (!whole(code.value)) return;
                    void enter(() => store.signIn({ invitationCode: code.value }));
                  }}
                >
                  <Field
                    id="code"
                    single
                    label={say("signin.code")}
                    sees={null}
                    hint={say("signin.code.hint")}
                    wrong={tried && !whole(code.value) ? say("signin.code.length", { n: signs(code.value) }) : undefined}
                    max={limits.signIn.invitationCode}
                    value={code.value}
                    input={(t) => code.set(t)}
                  />
                  <button class="wide" disabled={doing.doing || code.value.trim() === ""}>
                    {say("signin.go")}
                  </button>
                </form>
              )}
              {o.providers.length + o.demoPeople.length === 0 && !o.invitations && <p>{say("signin.no_ways")}</p>}
            </>
          )}
        </Answered>
      </main>
    </div>
  );
}
