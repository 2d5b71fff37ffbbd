import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import {
  ApproveLearningRequestSchema,
  DecideOurPracticeRequestSchema,
  LearningMark,
  LearningResponseKind,
  ProposeLearningRequestSchema,
  RespondToLearningRequestSchema,
  type SharedLearning,
  ThankForLearningRequestSchema,
  WithdrawLearningRequestSchema,
} from "../gen/undring/v1/learning_pb";
import { ObservationState } from "../gen/undring/v1/observation_pb";
import { useAnswer } from "../parts/call";
import { Choice } from "../parts/choice";
import { Field } from "../parts/field";
import { Icon } from "../parts/icons";
import { useKept } from "../parts/kept";
import { useMissing } from "../parts/missing";
import { RefusedAbout, Sure } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { useStore, useTyped } from "../parts/store";
import { startOf, visitTitle } from "../parts/visit";
import { query } from "../route";
import { says } from "../rules/says";
import { shortDay } from "../words/time";
import { say } from "../words/words";
import { Two } from "./needs";
import { dayWords, type Here, Schools, useHere } from "./school";
import { tell, tellCode, telling } from "./words";

const Kind = LearningResponseKind;

/** What we have learned and share: what waits for a yes, a search, and all of it. */
export function Library() {
  const here = useHere();
  const [sharing, setSharing] = useState(query().get("visit") !== null);
  const [search, setSearch] = useState("");
  const all = here.all?.learnings ?? [];
  const waiting = all.filter((l) => !l.published);
  const published = all.filter((l) => l.published);
  return (
    <Page title={tell("lib.title")} back="/more">
      <Schools here={here} />
      {waiting.length > 0 && (
        <section aria-labelledby="waiting">
          <h2 id="waiting">{tell("lib.waiting")}</h2>
          {waiting.map((l) => (
            <LearningCard key={l.id} learning={l} here={here} />
          ))}
        </section>
      )}
      {sharing ? (
        <Share here={here} done={() => setSharing(false)} />
      ) : (
        <button type="button" class="wide" onClick={() => setSharing(true)}>
          {tell("lib.share")}
        </button>
      )}
      {published.length === 0 && <p class="quiet">{tell("lib.none")}</p>}
      {published.length > 0 && (
        <label class="field">
          {tell("lib.search")}
          <input type="search" value={search} maxLength={limits.searchLearnings.query} onInput={(e) => setSearch(e.currentTarget.value)} />
        </label>
      )}
      {published.length > 0 && <h2 class="hidden">{tell("lib.shared")}</h2>}
      {search.trim().length > 1 ? <Found here={here} search={search.trim()} known={published} /> : published.map((l) => <LearningCard key={l.id} learning={l} here={here} />)}
    </Page>
  );
}

/** What the server finds by all forms of the words; without a network, what is on the phone by the letters. */
function Found({ here, search, known }: { here: Here; search: string; known: SharedLearning[] }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.learning.searchLearnings({ schoolId: here.schoolId, query: search }), [search]);
  const near = known.filter((l) => `${l.text} ${l.source} ${l.practice}`.toLowerCase().includes(search.toLowerCase()));
  const found = answer.data?.learnings ?? near;
  return (
    <>
      <p role="status" class="quiet">
        {telling("lib.found", found.length)}
      </p>
      {found.map((l) => (
        <LearningCard key={l.id} learning={l} here={here} />
      ))}
    </>
  );
}

function LearningCard({ learning: l, here }: { learning: SharedLearning; here: Here }) {
  const store = useStore();
  const { me, name } = useNames();
  const [doing, setDoing] = useState<"" | "question" | "tried" | "answer" | "practice">("");
  const who = (id: string) => (id === me ? say("people.you") : id === "" ? say("people.former") : name(id));
  const team = store.schools.value.flatMap((s) => s.teams).find((t) => t.id === l.teamId)?.name;
  const area = here.all?.focusAreas.find((a) => a.id === l.focusAreaId)?.text?.title;
  return (
    <article class="item" data-learning={l.id}>
      <p>
        <b>{tellCode("lib.mark", LearningMark[l.mark]!)}</b>
        {l.practice && ` · ${tell("lib.practice")}`}
      </p>
      <h3>{l.text}</h3>
      {l.source && <p class="quiet">{tell("area.rests", { source: l.source })}</p>}
      <p class="quiet">
        {tell("lib.by", { a: who(l.writerId), b: who(l.otherId) })} · {dayWords(l.day, store.now())}
        {team && ` · ${team}`}
        {area && ` · ${area}`}
      </p>
      {l.practice && (
        <p>
          {l.practice}
          <br />
          <small>{tell("lib.decided", { who: l.agreedWith, when: dayWords(l.decidedDay, store.now()) })}</small>
        </p>
      )}
      {l.published && !l.hasDialogue && <p class="quiet">{tell("lib.no_question")}</p>}
      {l.responses.map((r) => (
        <blockquote key={r.id}>
          <small>{tellCode("lib.kind", Kind[r.kind]!)}</small>
          <br />
          {r.text}
          <br />
          <small>{who(r.personId)}</small>
        </blockquote>
      ))}
      {l.mine && l.thanks > 0 && <p>{telling("lib.thanks", l.thanks)}</p>}
      <RefusedAbout id={l.id} />
      {doing !== "" ? (
        <Respond learning={l} what={doing} done={() => setDoing("")} />
      ) : (
        <div class="buttons">
          {l.awaitsMe && (
            <button type="button" class="primary" onClick={() => void store.do(ApproveLearningRequestSchema, { learningId: l.id })}>
              {tell("lib.approve")}
            </button>
          )}
          {l.published && !l.mine && (
            <>
              <button type="button" class="primary" onClick={() => setDoing("question")}>
                {tell("lib.do.question")}
              </button>
              <button type="button" onClick={() => setDoing("tried")}>
                {tell("lib.do.tried")}
              </button>
              <button type="button" aria-pressed={l.thanked} onClick={() => void store.do(ThankForLearningRequestSchema, { learningId: l.id, takeBack: l.thanked })}>
                <Icon of={l.thanked ? "check" : "plus"} /> {tell("lib.thank")}
              </button>
            </>
          )}
          {l.published && l.mine && l.hasDialogue && (
            <button type="button" class="primary" onClick={() => setDoing("answer")}>
              {tell("lib.do.answer")}
            </button>
          )}
          {l.published && here.leads && !l.practice && l.tried >= 3 && (
            <button type="button" onClick={() => setDoing("practice")}>
              {tell("lib.do.practice")}
            </button>
          )}
          {l.mine && <Sure class="" label={tell("need.withdraw")} ask={tell("lib.withdraw.sure")} yes={tell("need.withdraw.do")} do={() => void store.do(WithdrawLearningRequestSchema, { learningId: l.id })} />}
        </div>
      )}
    </article>
  );
}

function Respond({ learning, what, done }: { learning: SharedLearning; what: "question" | "tried" | "answer" | "practice"; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const id = `${what}-${learning.id}`;
  const text = useTyped(`lib/${learning.id}/${what}`);
  const agreed = useTyped(`lib/${learning.id}/agreed`);
  function send() {
    const written = text.value.trim();
    if (missing.found(!there(written) && { id, words: tell("area.missing") }, what === "practice" && agreed.value.trim() === "" && { id: `agreed-${id}`, words: tell("area.missing") })) return;
    if (what === "practice") store.do(DecideOurPracticeRequestSchema, { learningId: learning.id, practice: written, agreedWith: agreed.value.trim() }, { words: [text.key, agreed.key] });
    else {
      const kind = { question: Kind.QUESTION, tried: Kind.TRIED, answer: Kind.ANSWER }[what];
      store.do(RespondToLearningRequestSchema, { learningId: learning.id, kind, text: written }, { words: [text.key] });
    }
    done();
  }
  // What is asked, tried or answered says something; a practice of the school only has to stand there.
  const there = (t: string) => (what === "practice" ? t.trim() !== "" : says(t));
  const max = what === "practice" ? limits.decideOurPractice.practice : limits.respondToLearning.text;
  return (
    <div class="inline-form">
      <Field id={id} label={tellCode("lib.ask", what)} sees="who.school" max={max} value={text.value} wrong={missing.of(id, there(text.value))} input={(t) => text.set(t)} />
      {what === "practice" && <Field id={`agreed-${id}`} single label={tell("lib.agreed")} sees="who.school" max={limits.decideOurPractice.agreedWith} value={agreed.value} wrong={missing.of(`agreed-${id}`, agreed.value.trim() !== "")} input={(t) => agreed.set(t)} />}
      <Two cancel={() => (store.typed(text.key, ""), done())} send={send} words={tellCode("lib.do", what)} />
    </div>
  );
}

/** Sharing what the two of a visit learned: without the notes, and once both say yes. */
function Share({ here, done }: { here: Here; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const { me } = useNames();
  const visits = store.visits.value.filter((v) => v.schoolId === here.schoolId && (v.state === ObservationState.ANSWERED || v.state === ObservationState.CLOSED));
  const text = useTyped("lib/new/text");
  const source = useTyped("lib/new/source");
  const kept = useKept("lib/new/chosen", { visitId: query().get("visit") ?? visits[0]?.id ?? "", mark: 0, teamId: "" });
  const school = store.schools.value.find((s) => s.school?.id === here.schoolId);
  const mine = school?.people.find((p) => p.id === me)?.teamIds ?? [];
  const teams = (school?.teams ?? []).filter((t) => mine.includes(t.id));
  const words = [text.key, source.key, kept.key];
  if (visits.length === 0) return <p class="quiet">{tell("lib.no_visits")}</p>;
  function send() {
    const { visitId, mark, teamId } = kept.value;
    if (missing.found(text.value.trim() === "" && { id: "learned", words: tell("area.missing") }, mark === 0 && { id: "mark", words: tell("lib.mark.missing") })) return;
    store.do(ProposeLearningRequestSchema, { observationId: visitId, text: text.value.trim(), source: source.value.trim(), mark, teamId }, { words });
    done();
  }
  return (
    <section class="inline-form" aria-labelledby="share">
      <h2 id="share">{tell("lib.share")}</h2>
      <p class="quiet">{tell("lib.share.how")}</p>
      <div class="field">
        <label for="from">{tell("lib.from")}</label>
        <select id="from" value={kept.value.visitId} onChange={(e) => kept.set({ visitId: e.currentTarget.value })}>
          {visits.map((v) => (
            <option key={v.id} value={v.id}>
              {visitTitle(store, v)}, {shortDay(startOf(v))}
            </option>
          ))}
        </select>
      </div>
      <Field id="learned" label={tell("lib.learned")} hint={tell("lib.learned.hint")} sees="who.school" max={limits.proposeLearning.text} value={text.value} wrong={missing.of("learned", text.value.trim() !== "")} input={(t) => text.set(t)} />
      <Choice
        id="mark"
        legend={tell("lib.mark.ask")}
        class="chips"
        value={kept.value.mark || undefined}
        choose={(mark) => kept.set({ mark })}
        wrong={missing.of("mark", kept.value.mark !== 0)}
        options={[LearningMark.WORKED_HERE, LearningMark.LET_US_TRY].map((m) => ({ value: m as number, label: tellCode("lib.mark", LearningMark[m]!) }))}
      />
      <Field id="source" optional single label={tell("area.source")} hint={tell("area.source.hint")} sees="who.school" max={limits.proposeLearning.source} value={source.value} input={(t) => source.set(t)} />
      {teams.length > 0 && <Choice legend={tell("lib.for")} class="chips" value={kept.value.teamId} choose={(teamId) => kept.set({ teamId })} options={[{ value: "", label: tell("lib.for.school") }, ...teams.map((t) => ({ value: t.id, label: t.name }))]} />}
      <Two cancel={() => (words.forEach((k) => store.typed(k, "")), done())} send={send} words={tell("lib.share.send")} />
    </section>
  );
}
