import * as limits from "../gen/limits";
import {
  AcceptObservationRequestSchema,
  Arena,
  MarkObservedRequestSchema,
  NextTodo,
  type Observation,
  ObservationState,
} from "../gen/undring/v1/observation_pb";
import { ActionCard } from "../parts/action";
import { CardText } from "../parts/card";
import { Icon } from "../parts/icons";
import { Here, Moments } from "../parts/moments";
import { Next } from "../parts/next";
import { RefusedAbout } from "../parts/notices";
import { OtherAnswers } from "../parts/promise";
import { Page } from "../parts/page";
import { firstNameOf, useNames } from "../parts/people";
import { useStore } from "../parts/store";
import { Left, Move, UnseenChanges, Wishes } from "../parts/unheard";
import { canNote, endOf, hasExchange, isOpen, nextPlace, otherId, seatOf, startOf, visitTitle } from "../parts/visit";
import { type Earlier as FromBefore, ofTheFocus, ofTheTwo } from "../rules/earlier";
import { isOn, notesOpenAt } from "../rules/notes";
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
        <UnseenChanges visit={visit} />
        <p class="lead">{say("visit.gone")}</p>
        <RefusedAbout id={visit.id} />
      </Page>
    );
  }
  return (
    <Page title={visitTitle(store, visit)} over={sayCode("state", ObservationState[visit.state])} back="/" bar={<Bar visit={visit} />}>
      <Next visit={visit} />
      <RefusedAbout id={visit.id} />
      <UnseenChanges visit={visit} />
      <Left visit={visit} />
      <Wishes visit={visit} />
      <Move visit={visit} />
      <Progress visit={visit} />
      <OwnLesson visit={visit} />
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
      {visit.state === ObservationState.AGREED && (
        <p>
          <button type="button" class="quiet-link" onClick={() => void import("../parts/ics").then((f) => f.intoCalendar(store, visit))}>
            {say("visit.to_calendar")}
          </button>
        </p>
      )}
      {visit.state === ObservationState.AGREED && !visit.move && (
        <p>
          <a class="quiet-link" href={`#/v/${visit.id}/time`}>
            {say("move.start")}
          </a>
        </p>
      )}
      <p>
        <a class="quiet-link" href={`#/v/${visit.id}/name`}>
          {say("name.title")}
        </a>
      </p>
      <p>
        <a class="quiet-link" href={`#/v/${visit.id}/leave`}>
          {say("visit.leave")}
        </a>
      </p>
    </Page>
  );
}

/** The observed, in their own lesson: a tap keeps a moment, for their two lines afterwards. */
function OwnLesson({ visit }: { visit: Observation }) {
  const store = useStore();
  if (seatOf(store, visit) !== "observed" || !isOn(visit, store.now())) return null;
  return (
    <section aria-label={say("moment.list")}>
      <Here visit={visit} wide />
      <p class="quiet">
        <Icon of="lock" /> {say("moment.mine")}
      </p>
      <Moments visit={visit} />
    </section>
  );
}

/** What there is to do now, under the thumb. */
function Bar({ visit }: { visit: Observation }) {
  const store = useStore();
  const seat = seatOf(store, visit);
  const mine = store.myMove(visit);
  const todo = visit.nextStep?.todo;
  if (visit.state === ObservationState.PROPOSED && todo !== NextTodo.END_ALONE) {
    if (mine && todo !== NextTodo.ANSWER_WISH) return <AnswerBar visit={visit} />;
    const unsent = store.outbox.value.some((p) => p.visitId === visit.id); // nothing is called sent that is not
    return <p class="bar-words">{say(unsent ? "proposal.unsent" : "proposal.waits", { name: firstNameOf(store, otherId(store, visit)) })}</p>;
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
  if (mine && todo !== undefined && todo in NextTodo && ![NextTodo.VISIT, NextTodo.ANSWER_WISH, NextTodo.ANSWER_MOVE, NextTodo.END_ALONE, NextTodo.SEE_CHANGE].includes(todo)) {
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
  const next = path[at + 1];
  const closed = visit.state === ObservationState.CLOSED;
  return (
    <>
    <ol class="steps" aria-label={say("visit.progress")}>
      {path.map((s, i) => (
        <li key={s} class={i < at || visit.state === ObservationState.CLOSED ? "past" : i === at ? "here" : ""} {...(i === at ? { "aria-current": "step" as const } : {})}>
          <span class="hidden">{sayCode("state", ObservationState[s])}</span>
        </li>
      ))}
    </ol>
    <p class="steps-words" aria-hidden="true">
      <b>{say("visit.progress.at", { n: at + 1, of: path.length, now: sayCode("state", ObservationState[visit.state]) })}</b>
      {next !== undefined && !closed && ` · ${say("visit.progress.next", { next: sayCode("state", ObservationState[next]) })}`}
    </p>
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

/** What comes back from before: what the two left open, and of the same focus with others one's own part. */
function Earlier({ visit }: { visit: Observation }) {
  const store = useStore();
  const { me } = useNames();
  if (!isOpen(visit)) return null;
  const all = store.visits.value;
  const exchangeOf = (id: string) => store.exchange(id);
  return (
    <>
      <Before title={say("visit.open_before")} of={ofTheTwo(visit, all, exchangeOf)} />
      <Before title={say("visit.same_focus")} mine of={ofTheFocus(visit, all, exchangeOf, me)} />
    </>
  );
}

function Before({ title, of, mine }: { title: string; of: FromBefore; mine?: boolean }) {
  if (of.actions.length === 0 && !of.question) return null;
  return (
    <details class="more">
      <summary>{title}</summary>
      <ul class="plain">
        {of.question && (
          <li>
            <Icon of="wonder" /> {of.question.text}
          </li>
        )}
        {of.actions.map((a) => (
          <li key={a.id}>
            <Icon of="on" /> {a.text}
          </li>
        ))}
      </ul>
      {mine && (
        <p class="quiet">
          <Icon of="lock" /> {say("who.mine")}
        </p>
      )}
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
