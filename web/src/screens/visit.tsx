import * as limits from "../gen/limits";
import {
  AcceptObservationRequestSchema,
  Arena,
  EndWithoutExchangeRequestSchema,
  MarkObservedRequestSchema,
  NextTodo,
  type Observation,
  ObservationState,
  ReopenObservationRequestSchema,
} from "../gen/undring/v1/observation_pb";
import { ActionCard } from "../parts/action";
import { CardText } from "../parts/card";
import { Icon } from "../parts/icons";
import { Next } from "../parts/next";
import { RefusedAbout, Told } from "../parts/notices";
import { OtherAnswers } from "../parts/promise";
import { Page } from "../parts/page";
import { firstNameOf, useNames } from "../parts/people";
import { useStore } from "../parts/store";
import { canNote, endOf, hasExchange, isOpen, nextPlace, otherId, seatOf, startOf, visitTitle } from "../parts/visit";
import { notesOpenAt } from "../rules/notes";
import type { Store } from "../store/store";
import { capital, dateOf, fullDay, clock, when } from "../words/time";
import { count, say, sayCode } from "../words/words";

const minutesOf = (v: Observation) => Math.round(Number(v.talk?.duration?.seconds ?? limits.bookedTalk / 1000) / 60);

/** One visit: where it stands, the card, the agreement, and what there is to do. */
export function Visit({ visit }: { visit: Observation }) {
  const store = useStore();
  const { first } = useNames();
  const seat = seatOf(store, visit);
  const start = startOf(visit);
  if (visit.state === ObservationState.WITHDRAWN) {
    return (
      <Page title={visitTitle(store, visit)} back="/">
        <p class="lead">{say("visit.gone")}</p>
        <RefusedAbout id={visit.id} />
      </Page>
    );
  }
  return (
    <Page title={visitTitle(store, visit)} over={sayCode("state", ObservationState[visit.state])} back="/" bar={<Bar visit={visit} />}>
      <Next visit={visit} />
      <RefusedAbout id={visit.id} />
      <Wishes visit={visit} />
      <Progress visit={visit} />
      <section aria-labelledby="time">
        <h2 id="time" class="hidden">
          {say("visit.time")}
        </h2>
        <div class="lesson">
          <Icon of="clock" />
          <p>
            <b>{capital(fullDay(start, store.now()))}</b>
            <span>
              {clock(start)}–{clock(endOf(visit))}
              {visit.place && ` · ${visit.place}`}
            </span>
            <small>
              {say("visit.talk", { n: minutesOf(visit), where: sayCode("arena", Arena[visit.talk?.arena ?? Arena.UNSPECIFIED]).toLowerCase() })}
            </small>
            {visit.coTaught && <small>{say("visit.co_taught")}</small>}
            {visit.mutualObservationId && (
              <small>
                {say("visit.mutual")}: <a href={`#/v/${visit.mutualObservationId}`}>{say("visit.mutual.other")}</a>
              </small>
            )}
          </p>
        </div>
      </section>
      <section aria-labelledby="card">
        <div class="section-head">
          <h2 id="card">{say("visit.card")}</h2>
          {seat === "observed" && [ObservationState.PROPOSED, ObservationState.AGREED].includes(visit.state) && (
            <a class="link" href={`#/v/${visit.id}/card`}>
              {say("do.edit")}
              <span class="hidden"> {say("visit.card")}</span>
            </a>
          )}
        </div>
        {visit.suggestedFocusQuestion && !visit.focusQuestion && (
          <p class="suggestion">
            <small>{say("visit.suggested", { name: first(visit.observerId) })}</small>
            <br />
            {visit.suggestedFocusQuestion}
          </p>
        )}
        <CardText visit={visit} />
        <Earlier visit={visit} />
      </section>
      <Notes visit={visit} />
      <Actions visit={visit} />
      {visit.agreement && <AgreementText visit={visit} />}
      <p>
        <a class="quiet-link" href={`#/v/${visit.id}/leave`}>
          {say("visit.leave")}
        </a>
      </p>
    </Page>
  );
}

/** What there is to do now, under the thumb. */
function Bar({ visit }: { visit: Observation }) {
  const store = useStore();
  const seat = seatOf(store, visit);
  const mine = store.myMove(visit);
  const todo = visit.nextStep?.todo;
  if (visit.state === ObservationState.PROPOSED) {
    return mine ? <AnswerBar visit={visit} /> : <p class="bar-words">{say("proposal.waits", { name: firstNameOf(store, otherId(store, visit)) })}</p>;
  }
  if (canNote(store, visit)) {
    return (
      <div class="two">
        <a class="button" href={`#/v/${visit.id}/note`}>
          <Icon of="eye" />
          {say("visit.note")}
        </a>
        {visit.state === ObservationState.OBSERVED ? (
          <a class="button primary" href={`#/v/${visit.id}/feedback`}>
            {say("visit.give")}
          </a>
        ) : (
          <button type="button" onClick={() => void store.do(MarkObservedRequestSchema, { observationId: visit.id })}>
            {say("visit.took_place")}
          </button>
        )}
      </div>
    );
  }
  if (visit.state === ObservationState.AGREED && seat === "observer") {
    return <p class="bar-words">{say("visit.note.opens", { when: when(notesOpenAt(visit), store.now()) })}</p>;
  }
  if (mine && todo !== undefined && todo in NextTodo && todo !== NextTodo.VISIT) {
    return (
      <a class="button primary wide" href={`#${nextPlace(store, visit)}`}>
        {sayCode("todo.mine", NextTodo[todo])}
      </a>
    );
  }
  const again = returnVisit(store, visit);
  if (again) {
    return (
      <div class="bar-stack">
        <p class="bar-words">{again.words}</p>
        <div class="two">
          <a class="button" href={`#/v/${visit.id}/exchange`}>
            {say("visit.read")}
          </a>
          <a class="button primary" href={`#${again.to}`}>
            {say("visit.return")}
          </a>
        </div>
      </div>
    );
  }
  if (hasExchange(visit)) {
    return (
      <a class="button wide" href={`#/v/${visit.id}/exchange`}>
        {say("visit.read")}
      </a>
    );
  }
  return (
    <a class="button wide" href="#/">
      {say("nav.home")}
    </a>
  );
}

/** Yes, another time, no: the answer to a proposal. */
function AnswerBar({ visit }: { visit: Observation }) {
  const store = useStore();
  const card = visit.nextStep?.todo === NextTodo.SET_FOCUS;
  return (
    <div class="bar-stack">
      <OtherAnswers visit={visit} />
      {card ? (
        <a class="button primary wide" href={`#/v/${visit.id}/card`}>
          {say("proposal.card_first")}
        </a>
      ) : (
        <button type="button" class="primary wide" onClick={() => void store.do(AcceptObservationRequestSchema, { observationId: visit.id })}>
          {say("proposal.yes")}
        </button>
      )}
    </div>
  );
}

const path = [
  ObservationState.PROPOSED,
  ObservationState.AGREED,
  ObservationState.OBSERVED,
  ObservationState.FEEDBACK_GIVEN,
  ObservationState.ANSWERED,
  ObservationState.CLOSED,
];

/** Where the visit stands on its way. */
function Progress({ visit }: { visit: Observation }) {
  const at = path.indexOf(visit.state);
  if (at < 0) return null;
  return (
    <ol class="steps" aria-label={say("visit.progress")}>
      {path.map((s, i) => (
        <li key={s} class={i < at || visit.state === ObservationState.CLOSED ? "past" : i === at ? "here" : ""} {...(i === at ? { "aria-current": "step" as const } : {})}>
          <span class="hidden">{sayCode("state", ObservationState[s])}</span>
        </li>
      ))}
    </ol>
  );
}

/** A wish of one of the two that the other has to share. */
function Wishes({ visit }: { visit: Observation }) {
  const store = useStore();
  const { first, me } = useNames();
  const name = first(otherId(store, visit));
  const exit = visit.exitWishedById;
  const reopen = visit.reopenWishedById;
  return (
    <>
      {exit && isOpen(visit) && (
        <Told>
          <p>{say(exit === me ? "visit.exit_wished.mine" : "visit.exit_wished.theirs", { name })}</p>
          <button type="button" onClick={() => void store.do(EndWithoutExchangeRequestSchema, { observationId: visit.id, takeBack: exit === me })}>
            {say(exit === me ? "visit.exit_take_back" : "visit.exit_agree")}
          </button>
        </Told>
      )}
      {reopen && visit.state === ObservationState.CLOSED && (
        <Told>
          <p>{say(reopen === me ? "visit.reopen_wished.mine" : "visit.reopen_wished.theirs", { name })}</p>
          <button type="button" onClick={() => void store.do(ReopenObservationRequestSchema, { observationId: visit.id, takeBack: reopen === me })}>
            {say(reopen === me ? "visit.exit_take_back" : "visit.reopen_agree")}
          </button>
        </Told>
      )}
    </>
  );
}

function Notes({ visit }: { visit: Observation }) {
  const store = useStore();
  const n = store.notes(visit.id).length;
  if (seatOf(store, visit) !== "observer" || n === 0) return null;
  return (
    <p>
      <a class="quiet-link" href={`#/v/${visit.id}/note`}>
        {count("visit.notes", n)}
      </a>
    </p>
  );
}

function Actions({ visit }: { visit: Observation }) {
  const store = useStore();
  const actions = store.actions.value.filter((a) => a.observationId === visit.id);
  if (actions.length === 0) return null;
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">{say("visit.actions")}</h2>
      <ul class="cards">
        {actions.map((a) => (
          <ActionCard key={a.id} action={a} />
        ))}
      </ul>
    </section>
  );
}

/** What the two left open last time: their actions, and the last question. */
function Earlier({ visit }: { visit: Observation }) {
  const store = useStore();
  if (!isOpen(visit)) return null;
  const pair = [visit.observerId, visit.observedId].sort().join();
  const before = store.visits.value.filter(
    (v) => v.id !== visit.id && [v.observerId, v.observedId].sort().join() === pair && startOf(v) < startOf(visit) && hasExchange(v),
  );
  const actions = store.actions.value.filter((a) => !a.report && before.some((v) => v.id === a.observationId));
  const last = before.sort((a, b) => startOf(b).getTime() - startOf(a).getTime())[0];
  const question = last && store.exchange(last.id)?.questions.at(-1);
  if (actions.length === 0 && !question) return null;
  return (
    <details class="more">
      <summary>{say("visit.open_before")}</summary>
      <ul class="plain">
        {question && (
          <li>
            <Icon of="wonder" /> {question.text}
          </li>
        )}
        {actions.map((a) => (
          <li key={a.id}>
            <Icon of="on" /> {a.text}
          </li>
        ))}
      </ul>
    </details>
  );
}

function AgreementText({ visit }: { visit: Observation }) {
  const store = useStore();
  const { name } = useNames();
  const proposed = visit.state === ObservationState.PROPOSED;
  return (
    <details class="more" open={proposed && store.myMove(visit)}>
      <summary>{proposed && store.myMove(visit) ? say("proposal.promise") : say("visit.agreement")}</summary>
      <ul class="agreement">
        {visit.agreement!.lines.map((l) => (
          <li key={l}>{l}</li>
        ))}
      </ul>
      {visit.agreement!.consents.map((c) => {
        const at = dateOf(c.acceptTime);
        return (
          <p class="quiet" key={c.personId}>
            <Icon of="check" /> {say("visit.agreement.yes", { name: name(c.personId), when: at ? when(at, store.now()) : "" })}
          </p>
        );
      })}
    </details>
  );
}

/** After a visit: the return visit, unless there is one. */
function returnVisit(store: Store, visit: Observation) {
  const seat = seatOf(store, visit);
  const there = store.visits.value.some(
    (v) => v.observerId === visit.observedId && v.observedId === visit.observerId && startOf(v) > startOf(visit),
  );
  if (visit.state !== ObservationState.CLOSED || there) return undefined;
  const name = firstNameOf(store, otherId(store, visit));
  return {
    to: `/new?with=${otherId(store, visit)}&as=${seat === "observer" ? "observed" : "observer"}&school=${visit.schoolId}`,
    words: say("visit.return.text", { what: seat === "observer" ? say("visit.return.receive") : say("visit.return.pay", { name }) }),
  };
}
