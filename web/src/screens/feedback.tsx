import { useEffect, useRef } from "preact/hooks";
import * as limits from "../gen/limits";
import { GiveFeedbackRequestSchema } from "../gen/undring/v1/feedback_pb";
import { type Note, NoteKind, type Observation, ObservationState } from "../gen/undring/v1/observation_pb";
import { CardLine } from "../parts/card";
import { Switch } from "../parts/choice";
import { changed, type Draft, type DraftInHand, type Item, newItem, readiness, useDraft } from "../parts/draft";
import { Field } from "../parts/field";
import { useFocus } from "../parts/focus";
import { Hints, useColleagues } from "../parts/hints";
import { Icon } from "../parts/icons";
import { Next } from "../parts/next";
import { NotePick, NoteText } from "../parts/note";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { Prompts } from "../parts/prompts";
import { Review } from "../parts/review";
import { useStore, useTyped } from "../parts/store";
import { type Stage, stages } from "../parts/stages";
import { hasExchange, seatOf } from "../parts/visit";
import { onNames, onNote, onPoint } from "../review/hints";
import { Followed } from "../parts/followed";
import { Pace } from "../parts/moments";
import { go, goInstead } from "../route";
import { count, language, say } from "../words/words";

const most = limits.giveFeedback;

/** From notes to feedback, in four small stages. */
export function Feedback({ visit, stage }: { visit: Observation; stage: Stage }) {
  const store = useStore();
  const { name } = useNames();
  const draft = useDraft(visit);
  const notes = store.notes(visit.id);
  const ready = readiness(draft.value, notes, language.value);
  const at = (s: Stage) => `/v/${visit.id}/feedback/${s}`;
  const next = stages[stages.indexOf(stage) + 1];
  const first = stage === "questions" && isFirstTime(store, visit);
  useEffect(() => {
    if (first) goInstead(`/v/${visit.id}/guide`);
  }, [first]);
  useEffect(() => () => draft.save(), [stage]);
  if (visit.state !== ObservationState.OBSERVED || seatOf(store, visit) !== "observer") return <Closed visit={visit} />;

  return (
    <Page
      title={say("fb.title")}
      over={name(visit.observedId)}
      back={`/v/${visit.id}`}
      bar={
        next ? (
          <a class="button primary wide" href={`#${at(next)}`}>
            {say("do.next")}: {say(`fb.step.${next}`)}
          </a>
        ) : (
          <Give visit={visit} draft={draft} notes={notes} />
        )
      }
    >
      <nav class="tabs" aria-label={say("fb.title")}>
        {stages.map((s) => (
          <a key={s} href={`#${at(s)}`} {...(s === stage ? { "aria-current": "step" as const } : {})}>
            {say(`fb.step.${s}`)}
            <Mark stage={s} ready={ready} />
          </a>
        ))}
      </nav>
      <Next visit={visit} small />
      <CardLine visit={visit} />
      {stage === "notes" && <Notes visit={visit} draft={draft} notes={notes} used={ready.used} />}
      {stage === "points" && <Points draft={draft} notes={notes} />}
      {stage === "questions" && <Questions visit={visit} draft={draft} notes={notes} />}
      {stage === "give" && (
        <>
          <RefusedAbout id={visit.id} only={["GiveFeedback"]} />
          <Checklist visit={visit} ready={ready} />
          <Summary ready={ready} notes={notes} />
        </>
      )}
    </Page>
  );
}

function Closed({ visit }: { visit: Observation }) {
  const store = useStore();
  const { name } = useNames();
  return (
    <Page title={say("fb.title")} over={name(visit.observedId)} back={`/v/${visit.id}`}>
      <Next visit={visit} />
      <p class="lead">
        {hasExchange(visit) && seatOf(store, visit) === "observer"
          ? say("fb.given", { name: name(visit.observedId) })
          : say("fb.notes.none")}
      </p>
      {hasExchange(visit) && (
        <a class="button" href={`#/v/${visit.id}/exchange`}>
          {say("visit.read")}
        </a>
      )}
    </Page>
  );
}

/** Has never asked anybody through the app, and has not been shown the guide. */
function isFirstTime(store: ReturnType<typeof useStore>, visit: Observation): boolean {
  const asked = store.visits.value.some((v) => v.id !== visit.id && v.observerId === visit.observerId && hasExchange(v));
  return !asked && store.words("guide/seen") === undefined;
}

type Ready = ReturnType<typeof readiness>;

function Mark({ stage, ready }: { stage: Stage; ready: Ready }) {
  const done: Record<Stage, boolean> = {
    notes: ready.shared.length > 0,
    points: ready.hasPoint && ready.hasEvidence,
    questions: ready.hasWondering,
    give: ready.hasPoint && ready.hasEvidence && ready.hasWondering,
  };
  return done[stage] && stage !== "give" ? <Icon of="check" /> : null;
}

/** Begun, and nothing is in it yet: what is made of a note takes its place. */
const isBlank = (i: Item) => i.text.trim() + i.effect.trim() === "" && i.noteIds.length === 0;

/** What has been made of a note, with the way there. One stays in the list, where one was. */
function Made({ visit, draft, note }: { visit: Observation; draft: Draft; note: Note }) {
  const at = (list: List, key: "fb.point" | "fb.question") =>
    draft[list].flatMap((i, n) => (i.noteIds.includes(note.id) ? [{ to: `#/v/${visit.id}/feedback/${list}`, words: say(key, { n: n + 1 }), id: i.id }] : []));
  const made = [...at("points", "fb.point"), ...at("questions", "fb.question")];
  return (
    <p class="made" role="status">
      {made.map((m) => (
        <a key={m.id} class="link" href={m.to}>
          {m.words}
        </a>
      ))}
    </p>
  );
}

/** Which notes to share, and what to make of them. */
function Notes(p: { visit: Observation; draft: DraftInHand; notes: Note[]; used: Set<string> }) {
  const d = p.draft.value;
  const store = useStore();
  const colleagues = useColleagues();
  const makePoint = (n: Note) => {
    p.draft.edit((x) => ({ ...x, points: [...x.points.filter((i) => !isBlank(i)), newItem(n.text, [n.id])] }));
  };
  const makeQuestion = (n: Note) => {
    p.draft.edit((x) => ({ ...x, questions: [...x.questions.filter((i) => !isBlank(i)), newItem(n.kind === NoteKind.WONDERING ? n.text : "", [n.id])] }));
  };
  return (
    <>
      <p class="lead">{say("fb.notes.lead")}</p>
      <Pace visit={p.visit} notes={p.notes} />
      {(store.words(`note/${p.visit.id}/text`) ?? "") !== "" && (
        <p class="told">
          {say("note.unfinished")} <a href={`#/v/${p.visit.id}/note`}>{say("do.open")}</a>
        </p>
      )}
      {p.notes.length === 0 && <p>{say("fb.notes.none")}</p>}
      <ul class="notes">
        {p.notes.map((n) => {
          const used = p.used.has(n.id);
          const shared = used || d.shared.includes(n.id);
          return (
            <li key={n.id} class={shared ? "shared" : ""}>
              <NoteText note={n} />
              <Hints hints={onNote(n.kind === NoteKind.SAW, n.text, language.value, colleagues)} />
              <div class="note-doing">
                {used ? (
                  <span class="is-shared">
                    <Icon of="check" />
                    {say("fb.share_used")}
                  </span>
                ) : (
                  <Switch
                    class="small"
                    label={say("fb.share")}
                    on={shared}
                    set={(on) => p.draft.edit((x) => ({ ...x, shared: on ? [...x.shared, n.id] : x.shared.filter((id) => id !== n.id) }))}
                  />
                )}
                {n.kind === NoteKind.SAW && d.points.length < most.points && (
                  <button type="button" class="small" onClick={() => makePoint(n)}>
                    {say("fb.make_point")}
                  </button>
                )}
                {n.kind !== NoteKind.SAW && d.questions.length < most.questions && (
                  <button type="button" class="small" onClick={() => makeQuestion(n)}>
                    {say("fb.make_question")}
                  </button>
                )}
              </div>
              <Made visit={p.visit} draft={d} note={n} />
            </li>
          );
        })}
      </ul>
      <p>
        <a class="button" href={`#/v/${p.visit.id}/note`}>
          {say("fb.notes.write")}
        </a>
      </p>
    </>
  );
}

type List = "points" | "questions";

const change = (draft: DraftInHand, list: List, id: string, to: Partial<Item>) =>
  draft.edit((d) => ({ ...d, [list]: d[list].map((i) => (i.id === id ? changed(i, to) : i)) }));
const remove = (draft: DraftInHand, list: List, id: string) =>
  draft.edit((d) => ({ ...d, [list]: d[list].filter((i) => i.id !== id) }));
const add = (draft: DraftInHand, list: List, text = "") =>
  draft.edit((d) => ({ ...d, [list]: [...d[list], newItem(text)] }));

/** What is done to a list of items, and where one goes on from there: the focus follows. */
function useItems(draft: DraftInHand, list: List, field: string) {
  const focusOn = useFocus();
  const items = () => draft.value[list];
  return {
    add(text = "") {
      focusOn(`${field}-${items().length}`);
      add(draft, list, text);
    },
    /** In place of what was written. */
    put(id: string, text: string) {
      focusOn(`${field}-${items().findIndex((i) => i.id === id)}`);
      change(draft, list, id, { text });
    },
    /** The item that takes its place gets the focus, not its field: nobody asked for the keyboard. */
    remove(id: string) {
      const at = items().findIndex((i) => i.id === id);
      focusOn((items()[at + 1] ?? items()[at - 1])?.id ?? "");
      remove(draft, list, id);
    },
    /** Takes a prompt into the first item that is empty, or a new one. */
    prompt(text: string) {
      const empty = items().find((i) => i.text.trim() === "");
      if (empty) this.put(empty.id, text);
      else if (items().length < most[list]) this.add(text);
    },
  };
}

/** Feedback points, each resting on something seen or heard. */
function Points({ draft, notes }: { draft: DraftInHand; notes: Note[] }) {
  const d: Draft = draft.value;
  const saw = notes.filter((n) => n.kind === NoteKind.SAW);
  const rest = notes.filter((n) => n.kind !== NoteKind.SAW);
  const colleagues = useColleagues();
  const items = useItems(draft, "points", "point");
  const shown = d.points.length > 0;
  useEffect(() => {
    if (!shown) add(draft, "points");
  }, [shown]);
  return (
    <>
      <p class="lead">{say("fb.points.lead")}</p>
      {d.points.map((p, i) => (
        <article key={p.id} id={p.id} tabIndex={-1} class="item" aria-label={say("fb.point", { n: i + 1 })}>
          <Field
            id={`point-${i}`}
            label={say("fb.point", { n: i + 1 })}
            sees="who.mine_until"
            names
            max={limits.feedbackPointDraft.text}
            rows={3}
            value={p.text}
            input={(text) => change(draft, "points", p.id, { text })}
          />
          <Hints hints={(p.text.trim().length > 11 ? onPoint : onNames)(p.text, language.value, colleagues)} />
          <Field
            id={`effect-${i}`}
            optional
            label={say("fb.effect")}
            hint={say("fb.effect.hint")}
            sees="who.mine_until"
            max={limits.feedbackPointDraft.effect}
            value={p.effect}
            input={(effect) => change(draft, "points", p.id, { effect })}
          />
          <Rests label={say("fb.point.rests")} none={say("fb.point.rests.none")} notes={[...saw, ...rest]} chosen={p.noteIds} set={(noteIds) => change(draft, "points", p.id, { noteIds })} />
          {d.points.length > 1 && (
            <button type="button" class="quiet-button" onClick={() => items.remove(p.id)}>
              {say("do.remove")}
            </button>
          )}
        </article>
      ))}
      <Prompts moment="feedback" named take={(t) => items.prompt(t)} />
      {d.points.length < most.points && (
        <button type="button" onClick={() => items.add()}>
          <Icon of="plus" />
          {say("fb.point.add")}
        </button>
      )}
    </>
  );
}

/** The notes that something rests on, and the others to choose from. */
function Rests(p: { label: string; none: string; notes: Note[]; chosen: string[]; set: (ids: string[]) => void }) {
  const chosen = p.notes.filter((n) => p.chosen.includes(n.id));
  const saw = chosen.some((n) => n.kind === NoteKind.SAW);
  const begun = useRef(chosen.length === 0);
  return (
    <details class="more rests" open={begun.current}>
      <summary>
        {saw ? <Icon of="check" /> : <Icon of="circle" />}
        {chosen.length > 0 ? `${p.label}: ${chosen.map((n) => n.text).join(" · ")}` : p.none}
      </summary>
      {p.notes.length === 0 ? <p>{say("fb.notes.none")}</p> : <NotePick label={p.label} notes={p.notes} chosen={p.chosen} set={p.set} />}
    </details>
  );
}

/** Questions, with the review beside each as it is written. */
function Questions({ draft, notes }: { visit: Observation; draft: DraftInHand; notes: Note[] }) {
  const d = draft.value;
  const items = useItems(draft, "questions", "question");
  const shown = d.questions.length > 0;
  useEffect(() => {
    if (!shown) add(draft, "questions");
  }, [shown]);
  return (
    <>
      <p class="lead">
        {say("fb.questions.lead")} <a href="#/guide">{say("guide.title")}</a>
      </p>
      {d.questions.map((q, i) => (
        <article key={q.id} id={q.id} tabIndex={-1} class="item" aria-label={say("fb.question", { n: i + 1 })}>
          <Field
            id={`question-${i}`}
            label={say("fb.question", { n: i + 1 })}
            sees="who.mine_until"
            max={limits.questionDraft.text}
            rows={3}
            value={q.text}
            input={(text) => change(draft, "questions", q.id, { text })}
          />
          <Review text={q.text} take={(text) => items.put(q.id, text)} standBy={q.standBy} setStandBy={(standBy) => change(draft, "questions", q.id, { standBy })} />
          <details class="more">
            <summary>
              {say("fb.question.about")}
              {q.noteIds.length > 0 && ` (${q.noteIds.length})`}
            </summary>
            <NotePick label={say("fb.question.about")} notes={notes} chosen={q.noteIds} set={(noteIds) => change(draft, "questions", q.id, { noteIds })} />
            <Source id={q.id} />
          </details>
          {d.questions.length > 1 && (
            <button type="button" class="quiet-button" onClick={() => items.remove(q.id)}>
              {say("do.remove")}
            </button>
          )}
        </article>
      ))}
      <Prompts moment="question" named open={d.questions.every((q) => q.text === "")} take={(t) => items.prompt(t)} />
      {d.questions.length < most.questions && (
        <button type="button" onClick={() => items.add()}>
          <Icon of="plus" />
          {say("fb.question.add")}
        </button>
      )}
    </>
  );
}

const sourceKey = (questionId: string) => `source/${questionId}`;

/** Where a question comes from. Offered, never required. */
function Source({ id }: { id: string }) {
  const source = useTyped(sourceKey(id));
  return <Field id={`source-${id}`} single optional label={say("fb.source")} sees="who.mine_until" max={limits.questionDraft.source} value={source.value} input={(t) => source.set(t)} />;
}

/** The three things that feedback needs, and where each is written. */
const needs = (ready: Ready): [boolean, string, Stage][] => [
  [ready.hasPoint, say("fb.check.point"), "points"],
  [ready.hasEvidence, say("fb.check.evidence"), "points"],
  [ready.hasWondering, say("fb.check.wondering"), "questions"],
];

/** What is there and what is missing. */
function Checklist({ visit, ready }: { visit: Observation; ready: Ready }) {
  return (
    <ul class="checklist">
      {needs(ready).map(([there, words, stage]) => (
        <li key={words} class={there ? "there" : ""}>
          <Icon of={there ? "check" : "circle"} />
          {there ? words : <a href={`#/v/${visit.id}/feedback/${stage}`}>{words}</a>}
        </li>
      ))}
    </ul>
  );
}

function Summary({ ready, notes }: { ready: Ready; notes: Note[] }) {
  const shared = notes.filter((n) => ready.shared.includes(n.id));
  const store = useStore();
  const colleagues = useColleagues();
  const given = [
    ...shared.map((n) => n.text),
    ...ready.points.flatMap((p) => [p.text, p.effect]),
    ...ready.questions.flatMap((q) => [q.text, store.words(sourceKey(q.id)) ?? ""]),
  ];
  const names = given.some((text) => onNames(text, language.value, colleagues).length > 0);
  return (
    <div class="summary">
      {ready.points.map((p) => (
        <blockquote key={p.id}>
          {p.text}
          <Followed effect={p.effect} />
        </blockquote>
      ))}
      {ready.questions.map((q) => (
        <blockquote key={q.id} class="wonders">
          <Icon of="wonder" />
          {q.text}
        </blockquote>
      ))}
      <p>{[count("fb.give.points", ready.points.length), count("fb.give.questions", ready.questions.length), count("fb.give.notes", shared.length)].join(" · ")}</p>
      {names && (
        <p class="told">
          <Icon of="warn" /> {say("fb.pupil")}
        </p>
      )}
      <details class="more">
        <summary>{count("fb.give.notes", shared.length)}</summary>
        <ul class="notes">
          {shared.map((n) => (
            <li key={n.id}>
              <NoteText note={n} />
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}

/** One step hands everything over. */
function Give({ visit, draft, notes }: { visit: Observation; draft: DraftInHand; notes: Note[] }) {
  const store = useStore();
  const { first } = useNames();
  const name = first(visit.observedId);
  const ready = readiness(draft.value, notes, language.value);
  const missing = needs(ready).filter(([there]) => !there).map(([, words]) => words);
  const complete = missing.length === 0;
  function give() {
    draft.forget();
    store.do(
      GiveFeedbackRequestSchema,
      {
        observationId: visit.id,
        points: ready.points.map((p) => ({ id: p.id, text: p.text, effect: p.effect, noteIds: p.noteIds })),
        questions: ready.questions.map((q) => ({
          id: q.id,
          text: q.text,
          aboutNoteIds: q.noteIds,
          standBy: q.standBy,
          language: language.value,
          source: store.words(sourceKey(q.id))?.trim() ?? "",
        })),
        sharedNoteIds: ready.shared,
      },
      { words: [draft.key, ...ready.questions.map((q) => sourceKey(q.id))] },
    );
    go(`/v/${visit.id}`);
  }
  return (
    <div class="bar-stack">
      <p class="bar-words">{complete ? `${say("fb.give.lead", { name })} ${say("fb.give.final")}` : `${say("fb.missing")}: ${missing.join(" · ")}`}</p>
      <button type="button" class="primary wide" disabled={!complete} onClick={give}>
        {say("fb.give.do", { name })}
      </button>
    </div>
  );
}
