import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { ActionState } from "../gen/undring/v1/feedback_pb";
import { goesSoon } from "../mine/going";
import { NextTodo, type Observation, ObservationState } from "../gen/undring/v1/observation_pb";
import { Role } from "../gen/undring/v1/school_pb";
import { useAnswer } from "../parts/call";
import { Icon } from "../parts/icons";
import { lessonsAhead, visitTo } from "../parts/lessons";
import { Due } from "../parts/next";
import { Page } from "../parts/page";
import { firstNameOf, hasVisits, myId, myRoles, onlyRepresents, runsSchool, useNames } from "../parts/people";
import { useStore } from "../parts/store";
import { changeWords, EndAlone, MoveAnswers, MoveTimes, unseenBy, UnseenChanges, WishAnswers, wishWords } from "../parts/unheard";
import { endOf, isOpen, nextPlace, otherId, startOf, todoWords, visitTitle } from "../parts/visit";
import { isNow } from "../rules/notes";
import { notices } from "../things/notice";
import { atSchool, capital, day, lesson } from "../words/time";
import { count, say, sayCode } from "../words/words";

const fewDone = 3; // finished visits shown at first

/** My next steps, and before them whether it is me who signs in anew, where that is asked. */
export function Home() {
  const store = useStore();
  const asked = (store.me.value?.identityChanges?.length ?? 0) > 0; // a phone that was told before there was such a thing has none
  const once = useRef(false);
  once.current ||= asked; // once they are there they stay, to say what came of an answer
  const cards = useAnswer(async () => (once.current ? await import("../identity/cards") : undefined), [asked]);
  const taken = store.me.value?.lastExportTime !== undefined;
  const going = goesSoon(store).length > 0;
  const told = useAnswer(async () => (taken || going ? await import("../mine/card") : undefined), [taken || going]);
  const keeps = myRoles(store).includes(Role.ADMINISTRATOR);
  const desk = useAnswer(async () => (keeps ? await import("../desk/desk") : undefined), [keeps]);
  const unread = [...store.all(notices).values()].filter((n) => !n.read).length;
  const waits = store.visits.value.some((v) => isOpen(v)); // somebody to wait for: now there is use in being told
  const ask = useAnswer(async () => (waits ? await import("../told/ask") : undefined), [waits]);
  const before = (
    <>
      {unread > 0 && (
        <a class="row told-link" href="#/told">
          <span class="row-text">{say("told.title")}</span>
          <span class="count">{unread}</span>
        </a>
      )}
      {ask.data && <ask.data.Ask unread={unread} />}
      {cards.data && <cards.data.IdentityCards />}
      {told.data && <told.data.ExportCard />}
      {told.data && <told.data.GoingCard />}
      {desk.data && <desk.data.Held />}
    </>
  );
  return <Steps before={before} />;
}

/** What waits for me, then what I wait for, then what is done. */
function Steps({ before }: { before: ComponentChildren }) {
  const store = useStore();
  const [all, setAll] = useState(false);
  const visits = store.visits.value;
  if (onlyRepresents(store)) return <ForOthers before={before} />;
  if (!hasVisits(store) && visits.length === 0) {
    return (
      <Page title={say("home.title")}>
        {before}
        <p class="lead">{say("home.no_visits")}</p>
        {runsSchool(store) && (
          <a class="button primary" href="#/desk">
            {say("desk.title")}
          </a>
        )}
      </Page>
    );
  }
  const now = visits.filter((v) => isNow(v, myId(store), store.now()));
  const rest = visits.filter((v) => !now.includes(v));
  const mine = rest.filter((v) => store.myMove(v) || unseenBy(store, v).length > 0);
  const theirs = rest.filter((v) => !store.myMove(v) && (isOpen(v) || v.nextStep?.todo === NextTodo.ANSWER_WISH));
  const done = rest.filter((v) => !mine.includes(v) && !theirs.includes(v));
  const open = [...mine, ...theirs];
  const nothing = visits.length === 0 && store.actions.value.length === 0 && asked(store).length === 0;
  return (
    <Page title={say("home.title")}>
      {before}
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
              {now.concat(mine).map((v) => (
                <Change key={v.id} visit={v} />
              ))}
              {mine.map((v) => (
                <Card key={v.id} visit={v} />
              ))}
              <AskedOfMe />
            </ul>
            {mine.length === 0 && <p class="quiet if-first">{say("home.empty.mine")}</p>}
          </section>
          <Promises />
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
          {open.filter(isOpen).length + now.length === 0 && (
            <a class="button primary" href="#/new">
              {say("home.start")}
            </a>
          )}
        </>
      )}
    </Page>
  );
}

/** What I have promised to try, by its date; what is due stands among my next steps. */
function Promises() {
  const store = useStore();
  const { me } = useNames();
  const mine = store.actions.value.filter((a) => a.personId === me && a.state !== ActionState.REPORTED && !a.reportDue);
  if (mine.length === 0) return null;
  return (
    <section aria-labelledby="promised">
      <h2 id="promised">{say("home.promised")}</h2>
      <ul class="rows">
        {mine.map((a) => (
          <li key={a.id} data-action={a.id}>
            <a class="row" href="#/actions">
              <span class="row-text">
                <b>{a.text}</b>
                <small>
                  {[a.lesson, a.dueDate && say("act.by", { when: day(atSchool(a.dueDate, "12:00"), store.now()) })].filter(Boolean).join(" · ")}
                </small>
              </span>
              <Icon of="on" />
            </a>
          </li>
        ))}
      </ul>
    </section>
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
const ForOthers = ({ before }: { before: ComponentChildren }) => (
  <Page title={say("app.name")}>
    {before}
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

/** What the other one has done, until I have seen it. */
function Change({ visit }: { visit: Observation }) {
  const store = useStore();
  const words = changeWords(store, visit);
  if (words === "") return null;
  return (
    <li class="card" data-change={visit.id}>
      <a class="card-main" href={`#/v/${visit.id}`}>
        <b>{words}</b>
        <Who visit={visit} />
      </a>
      <UnseenChanges visit={visit} plain />
    </li>
  );
}

/** A visit in which it is my move. */
function Card({ visit }: { visit: Observation }) {
  const store = useStore();
  const { name } = useNames();
  const todo = visit.nextStep?.todo ?? NextTodo.VISIT;
  if (!store.myMove(visit) || todo === NextTodo.SEE_CHANGE) return null;
  if (todo === NextTodo.ANSWER_WISH) {
    return (
      <li class="card" data-visit={visit.id}>
        <a class="card-main" href={`#/v/${visit.id}`}>
          <b>{wishWords(store, visit)}</b>
          <Who visit={visit} />
          <Due visit={visit} />
        </a>
        <WishAnswers visit={visit} />
      </li>
    );
  }
  if (todo === NextTodo.END_ALONE) {
    return (
      <li class="card" data-visit={visit.id}>
        <a class="card-main" href={`#/v/${visit.id}`}>
          <b>{say("left.told", { name: firstNameOf(store, otherId(store, visit)) })}</b>
          <Who visit={visit} />
        </a>
        <EndAlone visit={visit} />
      </li>
    );
  }
  if (todo === NextTodo.ANSWER_MOVE) {
    return (
      <li class="card" data-visit={visit.id}>
        <a class="card-main" href={`#/v/${visit.id}`}>
          <b>{say("move.theirs", { name: firstNameOf(store, otherId(store, visit)) })}</b>
          <span class="card-who">{visitTitle(store, visit)}</span>
          <MoveTimes visit={visit} />
        </a>
        <MoveAnswers visit={visit} />
      </li>
    );
  }
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
            {!open && visit.nextStep?.todo !== NextTodo.UNSPECIFIED && <> · {todoWords(store, visit)}</>}
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
