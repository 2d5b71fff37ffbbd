import { useState } from "preact/hooks";
import { ActionState } from "../gen/undring/v1/feedback_pb";
import { NextTodo, type Observation, ObservationState } from "../gen/undring/v1/observation_pb";
import { Icon } from "../parts/icons";
import { lessonsAhead, visitTo } from "../parts/lessons";
import { Due } from "../parts/next";
import { Page } from "../parts/page";
import { hasVisits, myId, onlyRepresents, useNames } from "../parts/people";
import { useStore } from "../parts/store";
import { endOf, isOpen, nextPlace, otherId, startOf, todoWords, visitTitle } from "../parts/visit";
import { isNow } from "../rules/notes";
import { capital, lesson } from "../words/time";
import { count, say, sayCode } from "../words/words";

const fewDone = 3; // finished visits shown at first

/** My next steps: what waits for me, then what I wait for, then what is done. */
export function Home() {
  const store = useStore();
  const [all, setAll] = useState(false);
  const visits = store.visits.value;
  if (onlyRepresents(store)) return <ForOthers />;
  if (!hasVisits(store) && visits.length === 0) {
    return (
      <Page title={say("home.title")}>
        <p class="lead">{say("home.no_visits")}</p>
      </Page>
    );
  }
  const now = visits.filter((v) => isNow(v, myId(store), store.now()));
  const open = visits.filter((v) => isOpen(v) && !now.includes(v));
  const mine = open.filter((v) => store.myMove(v));
  const theirs = open.filter((v) => !store.myMove(v));
  const done = visits.filter((v) => !isOpen(v));
  const nothing = visits.length === 0 && store.actions.value.length === 0 && asked(store).length === 0;
  return (
    <Page title={say("home.title")}>
      {now.map((v) => (
        <Now key={v.id} visit={v} />
      ))}
      {nothing ? (
        <div class="empty">
          <Icon of="talk" />
          <p>{say("home.empty")}</p>
          <a class="button primary" href="#/new">
            {say("home.start")}
          </a>
        </div>
      ) : (
        <>
          <section aria-labelledby="mine">
            <h2 id="mine">{say("home.mine")}</h2>
            <ul class="cards">
              {mine.map((v) => (
                <Card key={v.id} visit={v} />
              ))}
              <AskedOfMe />
            </ul>
            {mine.length === 0 && <p class="quiet if-first">{say("home.empty.mine")}</p>}
          </section>
          <Opened />
          {theirs.length > 0 && (
            <section aria-labelledby="theirs">
              <h2 id="theirs">{say("home.theirs")}</h2>
              <ul class="rows">
                {theirs.map((v) => (
                  <Line key={v.id} visit={v} />
                ))}
              </ul>
            </section>
          )}
          {done.length > 0 && (
            <section aria-labelledby="done">
              <h2 id="done">{say("home.done")}</h2>
              <ul class="rows">
                {(all ? done : done.slice(0, fewDone)).map((v) => (
                  <Line key={v.id} visit={v} />
                ))}
              </ul>
              {!all && done.length > fewDone && (
                <button type="button" class="quiet-button" onClick={() => setAll(true)}>
                  {say("home.more_done")}
                </button>
              )}
            </section>
          )}
          {open.length + now.length === 0 && (
            <a class="button primary" href="#/new">
              {say("home.start")}
            </a>
          )}
        </>
      )}
    </Page>
  );
}

/** Lessons that colleagues have opened, in one line. */
function Opened() {
  const store = useStore();
  const { me } = useNames();
  const n = lessonsAhead(store).filter((l) => l.personId !== me && !l.taken && !visitTo(store, l)).length;
  if (n === 0) return null;
  return (
    <ul class="rows">
      <li>
        <a class="row" href="#/open">
          <span class="row-text">{count("home.open", n)}</span>
          <Icon of="on" />
        </a>
      </li>
    </ul>
  );
}

/** The first screen of somebody who speaks for others: what they are here to read. */
const ForOthers = () => (
  <Page title={say("app.name")}>
    <p class="lead">{say("home.represents")}</p>
    <ul class="rows">
      {(
        [
          ["/policy", "policy.title", "home.represents.policy"],
          ["/culture", "culture.title", "home.represents.culture"],
          ["/who-sees", "sees.title", "home.represents.sees"],
        ] as const
      ).map(([to, what, about]) => (
        <li key={to}>
          <a class="row" href={`#${to}`}>
            <span class="row-text">
              <b>{say(what)}</b>
              <small>{say(about)}</small>
            </span>
            <Icon of="on" />
          </a>
        </li>
      ))}
    </ul>
  </Page>
);

/** A lesson that is on: one tap to the notes. */
function Now({ visit }: { visit: Observation }) {
  const { name } = useNames();
  const store = useStore();
  return (
    <section class="now">
      <p>
        <b>{name(visit.observedId)}</b>
        <small>
          {say("home.now")} · {capital(lesson(startOf(visit), endOf(visit), store.now()))}
          {visit.place && ` · ${visit.place}`}
        </small>
      </p>
      <a class="button primary" href={`#/v/${visit.id}/note`}>
        <Icon of="eye" />
        {say("home.note_now")}
      </a>
    </section>
  );
}

/** A visit in which it is my move. */
function Card({ visit }: { visit: Observation }) {
  const store = useStore();
  const { name } = useNames();
  const todo = visit.nextStep?.todo ?? NextTodo.VISIT;
  return (
    <li class="card" data-visit={visit.id}>
      <a class="card-main" href={`#/v/${visit.id}`}>
        <b>{todoWords(store, visit)}</b>
        <Who visit={visit} />
        <Due visit={visit} />
      </a>
      {todo in NextTodo && (
        <a class="button primary" href={`#${nextPlace(store, visit)}`}>
          {sayCode("todo.do", NextTodo[todo])}
          <span class="hidden"> – {name(otherId(store, visit))}</span>
        </a>
      )}
    </li>
  );
}

function Who({ visit }: { visit: Observation }) {
  const store = useStore();
  return (
    <span class="card-who">
      {visitTitle(store, visit)}
      <small>{capital(lesson(startOf(visit), endOf(visit), store.now()))}</small>
    </span>
  );
}

/** A visit in one line. */
function Line({ visit }: { visit: Observation }) {
  const store = useStore();
  const open = isOpen(visit);
  return (
    <li data-visit={visit.id}>
      <a class="row" href={`#/v/${visit.id}`}>
        <span class="row-text">
          <b>{visitTitle(store, visit)}</b>
          <small>{capital(lesson(startOf(visit), endOf(visit), store.now()))}</small>
          <small class={open ? "state" : `state state-${ObservationState[visit.state]}`}>
            {open ? todoWords(store, visit) : sayCode("state", ObservationState[visit.state])} {open && <Due visit={visit} />}
          </small>
        </span>
        <Icon of="on" />
      </a>
    </li>
  );
}

/** What else waits for me: an action to tell of or to agree to, a round to join. */
function AskedOfMe() {
  const store = useStore();
  const { first, me } = useNames();
  const due = store.actions.value.filter((a) => a.personId === me && a.reportDue);
  const agree = store.actions.value.filter((a) => a.personId !== me && a.state === ActionState.PROPOSED);
  return (
    <>
      {due.map((a) => (
        <li class="card" key={a.id}>
          <a class="card-main" href="#/actions">
            <b>{say("home.action_due")}</b>
            <span>{a.text}</span>
          </a>
          <a class="button" href={`#/actions/${a.id}`}>
            {say("home.action_due.do")}
          </a>
        </li>
      ))}
      {agree.map((a) => (
        <li class="card" key={a.id}>
          <a class="card-main" href={`#/v/${a.observationId}`}>
            <b>{say("home.action_agree", { name: first(a.personId) })}</b>
            <span>{a.text}</span>
          </a>
          <a class="button" href="#/actions">
            {say("do.open")}
          </a>
        </li>
      ))}
      {asked(store).map((r) => (
        <li class="card" key={r.id}>
          <a class="card-main" href="#/rounds">
            <b>{say("home.round_asked")}</b>
            <span>{r.members.filter((m) => m.personId !== me).map((m) => first(m.personId)).join(", ")}</span>
          </a>
          <a class="button" href="#/rounds">
            {say("home.round_asked.do")}
          </a>
        </li>
      ))}
    </>
  );
}

const asked = (store: ReturnType<typeof useStore>) =>
  store.rounds.value.filter((r) => !r.ended && r.members.some((m) => m.personId === myId(store) && !m.joined));
