import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import {
  AcknowledgeFeedbackRequestSchema,
  ConfirmConversationRequestSchema,
  type Conversation,
  type Exchange,
  type FeedbackPoint,
  type Question,
  QuestionState,
  RecordOwnViewRequestSchema,
} from "../gen/undring/v1/feedback_pb";
import { type Audience, NextTodo, type Observation, ObservationState } from "../gen/undring/v1/observation_pb";
import { Answering, AskBack } from "../parts/answering";
import { MyTakeaway } from "../parts/learning";
import { InMind } from "../parts/card";
import { Field, readBy, Who } from "../parts/field";
import { Followed } from "../parts/followed";
import { Icon } from "../parts/icons";
import { Moments } from "../parts/moments";
import { Opening } from "../parts/opening";
import { FromWhom, Next } from "../parts/next";
import { NoteText } from "../parts/note";
import { RefusedAbout } from "../parts/notices";
import { focusOn, useOpening } from "../parts/focus";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { Prompts } from "../parts/prompts";
import { Shared } from "../parts/shared";
import { useStore, useTyped } from "../parts/store";
import { Thread } from "../parts/thread";
import { exchangeOpen, nextPlace, otherId, seatOf, visitTitle } from "../parts/visit";
import { talksOf } from "../rules/next";
import { says } from "../rules/says";
import { capital, clock, dateOf, when } from "../words/time";
import { say, sayCode } from "../words/words";

/** The exchange, as both read it: points, questions and answers, shared notes, the talk. */
export function ExchangeScreen({ visit }: { visit: Observation }) {
  const store = useStore();
  const { first } = useNames();
  const seat = seatOf(store, visit);
  const exchange = store.exchange(visit.id);
  const title = say("ex.title");
  const over = visitTitle(store, visit);
  const back = `/v/${visit.id}`;
  if (!exchange) {
    return (
      <Page title={title} over={over} back={back}>
        <Next visit={visit} />
      </Page>
    );
  }
  if (seat === "observed" && !exchange.opened) return <OwnView visit={visit} />;
  if (exchange.points.length === 0) return <OnItsWay visit={visit} exchange={exchange} />;
  const open = exchangeOpen(visit);
  return (
    <Page title={title} over={over} back={back} bar={<Bar visit={visit} exchange={exchange} />}>
      <Next visit={visit} />
      <RefusedAbout id={visit.id} />
      {seat === "observer" && !exchange.opened && <p class="quiet">{say("ex.not_opened", { name: first(visit.observedId) })}</p>}
      <p>
        <Who sees={readBy(widest(exchange), "who.two")} />
      </p>
      <Intention visit={visit} exchange={exchange} />
      <section aria-labelledby="points">
        <h2 id="points">{say("ex.points")}</h2>
        {exchange.points.map((p) => (
          <Point key={p.id} point={p} exchange={exchange} open={open} />
        ))}
        <Read visit={visit} />
      </section>
      <section aria-labelledby="questions">
        <h2 id="questions">{say("ex.questions")}</h2>
        {exchange.questions.map((q) => (
          <QuestionCard key={q.id} question={q} visit={visit} exchange={exchange} open={open} />
        ))}
        {open && seat === "observed" && <AskBack visit={visit} />}
      </section>
      <Talk visit={visit} exchange={exchange} />
      {exchange.sharedNotes.length > 0 && (
        <section aria-labelledby="notes">
          <h2 id="notes">{say("ex.notes")}</h2>
          <ul class="notes">
            {exchange.sharedNotes.map((n) => (
              <Shared key={n.note?.id} shared={n} visit={visit} open={open} />
            ))}
          </ul>
        </section>
      )}
      {exchange.takeaway && (
        <section aria-labelledby="taken">
          <h2 id="taken">{say("take.title")}</h2>
          <MyTakeaway takeaway={exchange.takeaway} />
        </section>
      )}
    </Page>
  );
}

/** Who reads what stands here, as it was stored with it: of the whole page, the most. */
const widest = (e: Exchange) => Math.max(...[...e.points, ...e.questions].map((of) => of.audience)) as Audience;

/** The offer of two lines of one's own, before the feedback opens. */
function OwnView({ visit }: { visit: Observation }) {
  const store = useStore();
  const text = useTyped(`own-view/${visit.id}`);
  const open = (view: { case: "text"; value: string } | { case: "skip"; value: true }) => {
    store.do(RecordOwnViewRequestSchema, { observationId: visit.id, view }, { words: view.case === "text" ? [text.key] : [] }); // skipped, they wait where they can be added later
    scrollTo(0, 0);
  };
  const written = text.value.trim();
  return (
    <Page
      title={say("ex.own.title")}
      over={visitTitle(store, visit)}
      back={`/v/${visit.id}`}
      bar={
        <div class="two">
          <button type="button" onClick={() => open({ case: "skip", value: true })}>
            {say("ex.own.skip")}
          </button>
          <button type="button" class="primary" disabled={!says(written)} onClick={() => open({ case: "text", value: written })}>
            {say("ex.own.open")}
          </button>
        </div>
      }
    >
      <Next visit={visit} />
      <RefusedAbout id={visit.id} />
      {visit.focusQuestion && (
        <div class="suggestion">
          <small>{say("ex.own.yours")}</small>
          <InMind visit={visit} />
        </div>
      )}
      <Moments visit={visit} take={(_, at) => text.append(say("moment.at", { time: clock(at) }))} />
      <Field id="own" label={say("ex.own.lead")} sees="who.two" max={limits.recordOwnView.text} rows={3} value={text.value} input={(t) => text.set(t)} />
      <Prompts moment="own_view" take={(t) => text.append(t)} />
      <p class="quiet">{say("ex.own.later")}</p>
    </Page>
  );
}

/** Feedback that was opened without a network: no feedback is without a point, so it has not been told yet. */
function OnItsWay({ visit, exchange }: { visit: Observation; exchange: Exchange }) {
  return (
    <Page title={say("ex.title")} over={visitTitle(useStore(), visit)} back={`/v/${visit.id}`}>
      <RefusedAbout id={visit.id} />
      <p class="lead" role="status">
        {say("ex.on_its_way")}
      </p>
      <Intention visit={visit} exchange={exchange} />
    </Page>
  );
}

/** What one had in mind beside the two lines of one's own. */
function Intention({ visit, exchange }: { visit: Observation; exchange: Exchange }) {
  const store = useStore();
  const { first } = useNames();
  const mine = seatOf(store, visit) === "observed";
  const own = exchange.ownView;
  return (
    <section aria-labelledby="intention" class="side-by-side">
      <h2 id="intention" class="hidden">
        {say("ex.intention")}
      </h2>
      {visit.focusQuestion && (
        <div class="suggestion">
          <small>{mine ? say("ex.own.yours") : say("ex.own.theirs", { name: first(visit.observedId) })}</small>
          <InMind visit={visit} />
        </div>
      )}
      {own && (
        <div class="suggestion" id="own-view" tabIndex={-1}>
          <small>{mine ? say("ex.own.mine") : say("ex.own", { name: first(visit.observedId) })}</small>
          <p>{own.skipped && own.text === "" ? <i>{say("ex.own.skipped")}</i> : own.text}</p>
          {mine && own.text === "" && exchangeOpen(visit) && <OwnLater visit={visit} />}
        </div>
      )}
    </section>
  );
}

/** Two lines written later, where they were skipped. */
function OwnLater({ visit }: { visit: Observation }) {
  const store = useStore();
  const text = useTyped(`own-view/${visit.id}`);
  const [open, setOpen] = useState(text.value !== "");
  useOpening(open, "own");
  if (!open) {
    return (
      <button type="button" class="link" onClick={() => setOpen(true)}>
        {say("ex.own.add")}
      </button>
    );
  }
  return (
    <>
      <Moments visit={visit} take={(_, at) => text.append(say("moment.at", { time: clock(at) }))} />
      <Field id="own" label={say("ex.own.lead")} sees="who.two" max={limits.recordOwnView.text} value={text.value} input={(t) => text.set(t)} />
      <button
        type="button"
        disabled={!says(text.value)}
        onClick={() => {
          store.do(RecordOwnViewRequestSchema, { observationId: visit.id, view: { case: "text", value: text.value.trim() } }, { words: [text.key] });
          focusOn("own-view");
          setOpen(false);
        }}
      >
        {say("do.save")}
      </button>
    </>
  );
}

/** That the feedback was read: told by the observed, seen by the observer. */
function Read({ visit }: { visit: Observation }) {
  const store = useStore();
  const { first } = useNames();
  const mine = seatOf(store, visit) === "observed";
  const [told, setTold] = useState(false);
  useOpening(told, "read");
  if (visit.acknowledgeTime) {
    return (
      <p class="quiet" id="read" tabIndex={-1}>
        <Icon of="check" /> {mine ? say("ex.acked.mine") : say("ex.acked", { name: first(visit.observedId) })}
      </p>
    );
  }
  if (!mine || !exchangeOpen(visit)) return null;
  return (
    <button
      type="button"
      onClick={() => {
        store.do(AcknowledgeFeedbackRequestSchema, { observationId: visit.id });
        setTold(true);
      }}
    >
      <Icon of="check" />
      {say("ex.ack")}
    </button>
  );
}

function Quotes({ ids, exchange }: { ids: string[]; exchange: Exchange }) {
  const notes = exchange.sharedNotes.flatMap((s) => (s.note && ids.includes(s.note.id) ? [s.note] : []));
  return (
    <>
      {notes.map((n) => (
        <NoteText key={n.id} note={n} quiet />
      ))}
    </>
  );
}

function Point({ point, exchange, open }: { point: FeedbackPoint; exchange: Exchange; open: boolean }) {
  return (
    <article class="item">
      <p class="said">{point.text}</p>
      <Quotes ids={point.noteIds} exchange={exchange} />
      <Followed effect={point.effect} />
      <Thread about={point.id} replies={point.replies} open={open} />
    </article>
  );
}

function QuestionCard(p: { question: Question; visit: Observation; exchange: Exchange; open: boolean }) {
  const { question: q } = p;
  const { me, first } = useNames();
  const mine = q.addresseeId === me;
  return (
    <article class="item question" id={`q-${q.id}`} tabIndex={-1} data-state={QuestionState[q.state]}>
      <p class="item-head">
        <Icon of="wonder" />
        <FromWhom id={q.askerId} />
        <span class={`state q-${QuestionState[q.state]}`}>
          <Icon of={stateIcon(q.state)} />
          {sayCode("ex.q", QuestionState[q.state])}
        </span>
      </p>
      <p class="said" lang={q.language || undefined}>
        {q.text}
      </p>
      {q.source && (
        <p class="quiet">
          {say("fb.source")}: {q.source}
        </p>
      )}
      <Quotes ids={q.aboutNoteIds} exchange={p.exchange} />
      {q.answer && (
        <div class="answer">
          <small>{mine ? capital(say("ex.from_you")) : capital(say("ex.from", { name: first(q.addresseeId) }))}</small>
          <p>{q.answer}</p>
        </div>
      )}
      <RefusedAbout id={q.id} />
      {mine && p.open && <Answering question={q} visit={p.visit} />}
      <Opening question={q} visit={p.visit} />
      <Thread about={q.id} replies={q.replies} open={p.open} />
    </article>
  );
}

const stateIcon = (s: QuestionState) =>
  s === QuestionState.ANSWERED || s === QuestionState.TALKED ? "check" : s === QuestionState.PARKED ? "clock" : "circle";

/** The talks: each recorded by one, confirmed by the other. */
function Talk({ visit, exchange }: { visit: Observation; exchange: Exchange }) {
  const talks = talksOf(exchange);
  const open = exchangeOpen(visit);
  if (talks.length === 0 && !open) return null;
  return (
    <section aria-labelledby="talk">
      <h2 id="talk" tabIndex={-1}>
        {say("ex.talk")}
      </h2>
      {talks.map((talk) => (
        <Told key={talk.id} talk={talk} visit={visit} />
      ))}
      {open && talks.every((talk) => talk.confirmed) && (
        <a class="button" href={`#/v/${visit.id}/talk`}>
          <Icon of="talk" />
          {say("ex.talk.record")}
        </a>
      )}
    </section>
  );
}

/** One talk, as it was told. */
function Told({ talk, visit }: { talk: Conversation; visit: Observation }) {
  const store = useStore();
  const { first, me } = useNames();
  const name = first(otherId(store, visit));
  const at = dateOf(talk.talkedAt);
  return (
    <article class="item">
      <p class="item-head">
        <Icon of="talk" />
        {at && capital(when(at, store.now()))} · {say("new.minutes", { n: Math.round(Number(talk.duration?.seconds ?? 0n) / 60) })}
      </p>
      <p class="said">{talk.summary}</p>
      {talk.confirmed ? (
        <p class="quiet">
          <Icon of="check" /> {say("ex.talk.confirmed")}
        </p>
      ) : talk.recordedById === me ? (
        <p class="quiet">
          <Icon of="clock" /> {say("ex.talk.waits", { name })}
        </p>
      ) : (
        exchangeOpen(visit) && (
          <>
            <p>{say("ex.talk.asks", { name })}</p>
            <button type="button" class="primary" onClick={() => void store.do(ConfirmConversationRequestSchema, { conversationId: talk.id })}>
              {say("ex.talk.confirm")}
            </button>
          </>
        )
      )}
      <RefusedAbout id={talk.id} />
    </article>
  );
}

/** The next thing to do here: the same that home and the visit ask for. */
function Bar({ visit, exchange }: { visit: Observation; exchange: Exchange }) {
  const store = useStore();
  const { me } = useNames();
  const todo = store.myMove(visit) ? (visit.nextStep?.todo ?? NextTodo.UNSPECIFIED) : NextTodo.UNSPECIFIED;
  if (!exchangeOpen(visit)) {
    return (
      <a class="button wide" href={`#/v/${visit.id}`}>
        {say(visit.state === ObservationState.CLOSED ? "do.done" : "do.back")}
      </a>
    );
  }
  if (todo === NextTodo.ANSWER_QUESTIONS || todo === NextTodo.CONFIRM_CONVERSATION) {
    const to = todo === NextTodo.CONFIRM_CONVERSATION ? "talk" : toAnswer(exchange, me);
    return (
      <button type="button" class="primary wide" onClick={() => focusOn(to)}>
        {sayCode("todo.mine", NextTodo[todo])}
      </button>
    );
  }
  if (todo in NextTodo && ![NextTodo.UNSPECIFIED, NextTodo.RECORD_TAKEAWAY].includes(todo)) {
    return (
      <a class="button primary wide" href={`#${nextPlace(store, visit)}`}>
        {sayCode("todo.mine", NextTodo[todo])}
      </a>
    );
  }
  return (
    <a class={`button wide ${todo === NextTodo.RECORD_TAKEAWAY ? "primary" : ""}`} href={`#/v/${visit.id}/take`}>
      {say("take.title")}
      {exchange.takeaway && <Icon of="check" />}
    </a>
  );
}

/** Where to answer: an open question first; where all is parked, one that still wants words. */
function toAnswer(exchange: Exchange, me: string): string {
  const mine = exchange.questions.filter((q) => q.addresseeId === me);
  const open = mine.find((q) => q.state === QuestionState.OPEN);
  return open ? `answer-${open.id}` : `q-${mine.find((q) => q.state === QuestionState.PARKED)?.id ?? ""}`;
}
