import { useState } from "preact/hooks";
import { KeepFromSuggestionsRequestSchema } from "../gen/undring/v1/observation_pb";
import { Progress, useAnswer } from "../parts/call";
import { LanguageChoice, pick } from "../parts/language";
import { refusalWords, Sure } from "../parts/notices";
import { Page } from "../parts/page";
import { hasVisits, nameOf, peersAt, PersonList, teamsOf } from "../parts/people";
import { useStore } from "../parts/store";
import { goInstead } from "../route";
import { count, say } from "../words/words";

export function Settings() {
  const store = useStore();
  const person = store.me.value?.person;
  return (
    <Page title={say("set.title")} back="/more">
      {person && <p class="quiet">{say("set.signed_in", { name: person.name })}</p>}
      <LanguageChoice choose={(l) => store.setLanguage(l)} />
      {hasVisits(store) && <Keep />}
      <SignOut />
    </Page>
  );
}

/** Leaves the phone. What is not sent is named first. */
function SignOut() {
  const store = useStore();
  const unsent = store.outbox.value.length;
  const leave = (evenIfUnsent: boolean) => void store.signOut({ evenIfUnsent }).then((done) => {
      if (!done) return;
      pick(undefined);
      goInstead("/");
    });
  return (
    <section class="apart" aria-label={say("set.signout")}>
      {unsent > 0 && (
        <p>
          <a href="#/sync">{say("set.signout.look")}</a>
        </p>
      )}
      <Sure
        class="wide"
        label={say("set.signout")}
        ask={unsent > 0 ? count("set.signout.unsent", unsent) : say("set.signout.sure")}
        yes={say(unsent > 0 ? "set.signout.anyway" : "set.signout.do")}
        do={() => leave(true)}
      />
    </section>
  );
}

/** Colleagues who are not to be suggested. That stays with the one who says so. */
function Keep() {
  const store = useStore();
  const [choosing, setChoosing] = useState(false);
  const schoolId = store.schools.value.find((s) => s.school && peersAt(store, s.school.id).length > 0)?.school?.id ?? "";
  const answer = useAnswer(
    async () => (schoolId ? (await store.call.observation.suggestPartners({ schoolId, pageSize: 1 })).keptPersonIds : []),
    [schoolId],
  );
  const [changed, setChanged] = useState<Record<string, boolean>>({});
  const kept = [...new Set([...(answer.data ?? []), ...Object.keys(changed)])].filter((id) => changed[id] ?? true);
  const keep = (personId: string, takeBack: boolean) => {
    store.do(KeepFromSuggestionsRequestSchema, { personId, takeBack });
    setChanged({ ...changed, [personId]: !takeBack });
    setChoosing(false);
  };
  return (
    <section aria-labelledby="keep">
      <h2 id="keep">{say("set.keep")}</h2>
      <p class="quiet">{say("set.keep.lead")}</p>
      {!answer.data && answer.slow && <Progress />}
      {answer.refusal && <p class="quiet">{refusalWords(answer.refusal)}</p>}
      {answer.data && kept.length === 0 && <p>{say("set.keep.none")}</p>}
      <ul class="rows">
        {kept.map((id) => (
          <li key={id} class="row">
            <span class="row-text">
              <b>{nameOf(store, id)}</b>
            </span>
            <button type="button" class="small" onClick={() => keep(id, true)}>
              {say("set.keep.back")}
            </button>
          </li>
        ))}
      </ul>
      {choosing ? (
        <>
          <PersonList
            label={say("set.keep.add")}
            people={peersAt(store, schoolId).filter((p) => !kept.includes(p.id))}
            about={(p) => teamsOf(store, schoolId, p)}
            choose={(p) => keep(p.id, false)}
          />
          <button type="button" onClick={() => setChoosing(false)}>
            {say("do.cancel")}
          </button>
        </>
      ) : (
        <button type="button" class="small" onClick={() => setChoosing(true)}>
          {say("set.keep.add")}
        </button>
      )}
    </section>
  );
}
