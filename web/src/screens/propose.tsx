import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { FocusAreaState } from "../gen/undring/v1/focus_pb";
import {
  Arena,
  type PartnerSuggestion,
  ProposeObservationRequestSchema,
  SuggestionReason,
  TalkSchema,
  type TimeSlot,
} from "../gen/undring/v1/observation_pb";
import type { Person } from "../gen/undring/v1/school_pb";
import { Progress, useAnswer } from "../parts/call";
import { Choice, Switch } from "../parts/choice";
import { Field } from "../parts/field";
import { useFocus } from "../parts/focus";
import { useKept } from "../parts/kept";
import { useMissing } from "../parts/missing";
import { Page } from "../parts/page";
import { firstName, Initials, myId, peersAt, PersonList, teamsOf } from "../parts/people";
import { Late, Warnings } from "../parts/check";
import { Promised } from "../parts/promise";
import { Prompts } from "../parts/prompts";
import { useStore, useTyped } from "../parts/store";
import type { Seat } from "../parts/visit";
import { endAt, firstSpan, type Span, startAt, When } from "../parts/when";
import { says } from "../rules/says";
import { commons } from "../things/commons";
import { Covered } from "./covered";
import { spanOfSlot, Teaching, teachesWords } from "./teaching";
import { go, query } from "../route";
import { clock, isoClock, isoDay, shortDay } from "../words/time";
import agreement from "../words/agreement.json";
import { language, say, sayCode } from "../words/words";

const arenas = [Arena.UNSPECIFIED, Arena.CLASSROOM, Arena.OFFICE, Arena.WALK, Arena.CAFE, Arena.OUTDOORS, Arena.DIGITAL];

interface Choices {
  /** The question of the address at which it was begun: a link to another person or hour begins anew. */
  asked: string;
  schoolId: string;
  seat: Seat;
  personId: string;
  span: Span;
  coTaught: boolean;
  mutual: boolean;
  arena: Arena;
  /** The focus area that it belongs to; none: it belongs to none. */
  areaId?: string;
}

/** What is chosen so far: as it was left, or as the address asks. */
function useChoices() {
  const store = useStore();
  const asked = query();
  const schools = store.schools.value.filter((s) => s.school && peersAt(store, s.school.id).length > 0);
  const given: Choices = {
    asked: asked.toString(),
    schoolId: asked.get("school") ?? schools[0]?.school?.id ?? "",
    seat: asked.get("as") === "observed" ? "observed" : "observer",
    personId: asked.get("with") ?? "",
    span: spanOf(asked.get("at"), asked.get("for")) ?? firstSpan(store.now()),
    coTaught: false,
    mutual: false,
    arena: Arena.UNSPECIFIED,
  };
  const kept = useKept<Choices>("new/choices", given);
  const isThis = ({ asked, schoolId }: Choices) => asked === given.asked && schools.some((s) => s.school!.id === schoolId);
  const current = () => (isThis(kept.value) ? kept.value : given);
  return {
    key: kept.key,
    schools,
    get value() {
      return current();
    },
    set: (change: Partial<Choices>) => kept.set({ ...current(), ...change }),
  };
}

/** "May I come?" or "come and see me". */
export function Propose() {
  const store = useStore();
  const asked = query();
  const me = myId(store);
  const choices = useChoices();
  const { schools } = choices;
  const { schoolId, seat, personId, span, coTaught, mutual, arena } = choices.value;
  const areas = (store.all(commons).get(schoolId)?.focusAreas ?? []).filter((a) => a.state === FocusAreaState.ADOPTED);
  const areaId = areas.find((a) => a.id === choices.value.areaId)?.id ?? ""; // it may have ended meanwhile
  const missing = useMissing();
  const focusOn = useFocus();
  const [taken, take] = useState("");
  // Written to one person, and never to be read by another.
  const place = useTyped(`new/${personId}/place`);
  const focus = useTyped(`new/${personId}/focus`);
  const intention = useTyped(`new/${personId}/intention`);
  const expectation = useTyped(`new/${personId}/expectation`);
  const otherFocus = useTyped(`new/${personId}/mutual-focus`);
  const people = peersAt(store, schoolId);
  const other = people.find((p) => p.id === personId);
  const name = other ? firstName(other.name) : "";

  function choosePerson(id: string, slot = span) {
    choices.set({ personId: id, span: slot });
    focusOn(id === "" ? "who" : "chosen");
  }
  function takeHour(s: Span) {
    choices.set({ span: s });
    take(`${s.day} ${s.time}`); // the picker begins anew from what was taken
  }
  function send(other: Person) {
    if (missing.found(seat === "observed" && !says(focus.value) && { id: "focus", words: say("new.missing.focus") })) return;
    const done = store.do(
      ProposeObservationRequestSchema,
      {
        schoolId,
        observerId: seat === "observer" ? me : other.id,
        observedId: seat === "observer" ? other.id : me,
        startTime: timestampFromDate(startAt(span)),
        endTime: timestampFromDate(endAt(span)),
        place: place.value.trim(),
        coTaught,
        mutual: coTaught && mutual,
        focusQuestion: focus.value.trim(),
        intention: seat === "observed" ? intention.value.trim() : "",
        expectation: seat === "observed" ? expectation.value.trim() : "",
        mutualFocusQuestion: coTaught && mutual ? otherFocus.value.trim() : "",
        talk: create(TalkSchema, { duration: durationFromMs(limits.bookedTalk), arena }),
        focusAreaId: areaId,
        roundId: asked.get("round") ?? "",
      },
      { words: [choices.key, place.key, focus.key, intention.key, expectation.key, otherFocus.key] },
    );
    go(`/v/${done.thingId}`);
  }

  return (
    <Page
      title={say("new.title")}
      over={asked.get("round") ? say("new.for_round") : undefined}
      back="/"
      bar={
        other && (
          <button type="button" class="primary wide" onClick={() => send(other)}>
            {say(seat === "observer" ? "new.send.observer" : "new.send.observed", { name })}
          </button>
        )
      }
    >
      {!asked.get("round") && (
        <Choice
          legend={say("new.title")}
          hideLegend
          class="halves"
          value={seat}
          choose={(s) => choices.set({ seat: s })}
          options={[
            { value: "observer", label: say("new.as.observer") },
            { value: "observed", label: say("new.as.observed") },
          ]}
        />
      )}
      {schools.length > 1 && (
        <Choice
          legend={say("more.school")}
          class="chips"
          value={schoolId}
          choose={(s) => choices.set({ schoolId: s, personId: "" })}
          options={schools.map((s) => ({ value: s.school!.id, label: s.school!.name }))}
        />
      )}
      <Late seat={seat} />
      {other ? (
        <div class="chosen" id="chosen" tabIndex={-1}>
          <Initials name={other.name} />
          <span class="row-text">
            <b>{other.name}</b>
            <small>{teamsOf(store, schoolId, other)}</small>
          </span>
          {!asked.get("round") && (
            <button type="button" class="link" onClick={() => choosePerson("")}>
              {say("new.change_person")}
            </button>
          )}
        </div>
      ) : (
        <section aria-labelledby="who">
          <h2 id="who" tabIndex={-1}>
            {say(seat === "observer" ? "new.who.observer" : "new.who.observed")}
          </h2>
          <Suggested schoolId={schoolId} choose={choosePerson} />
          <PersonList
            label={say("new.who.observer")}
            people={people}
            about={(p: Person) => teamsOf(store, schoolId, p)}
            choose={(p) => choosePerson(p.id)}
          />
        </section>
      )}
      {other && (
        <>
          <section aria-labelledby="when">
            <h2 id="when">{say("new.when")}</h2>
            <When key={taken} span={span} set={(s) => choices.set({ span: s })} now={store.now()} />
            <Warnings of={{ schoolId, observerId: seat === "observer" ? me : other.id, observedId: seat === "observer" ? other.id : me, coTaught, mutual: coTaught && mutual }} span={span} />
            {seat === "observer" && (
              <>
                <Teaching schoolId={schoolId} personId={other.id} name={name} set={takeHour} />
                <Covered schoolId={schoolId} set={takeHour} />
              </>
            )}
            <Field id="place" single optional label={say("new.place")} hint={say("new.place.hint")} sees="who.two" max={limits.proposeObservation.place} value={place.value} input={(t) => place.set(t)} />
            <Switch label={say("new.together")} hint={say("new.together.hint")} on={coTaught} set={(on) => choices.set({ coTaught: on })} />
            {coTaught && <Switch label={say("new.mutual")} hint={say("new.mutual.hint")} on={mutual} set={(on) => choices.set({ mutual: on })} />}
          </section>
          <section>
            {seat === "observer" ? (
              <Field id="focus" optional label={say("new.suggest_focus")} hint={say("new.suggest_focus.hint", { name })} sees="who.two" max={limits.proposeObservation.focusQuestion} value={focus.value} input={(t) => focus.set(t)} />
            ) : (
              <>
                <Field id="focus" label={say("card.focus")} hint={say("new.focus")} sees="who.two" max={limits.proposeObservation.focusQuestion} value={focus.value} wrong={missing.of("focus", says(focus.value))} input={(t) => focus.set(t)} />
                <Prompts
                  moment="card"
                  take={(t) => {
                    focus.append(t);
                    focusOn("focus");
                  }}
                />
                <Field id="intention" optional label={say("card.intention")} hint={say("card.intention.hint")} sees="who.two" max={limits.proposeObservation.intention} value={intention.value} input={(t) => intention.set(t)} />
                <Field id="expectation" optional label={say("card.expectation")} hint={say("card.expectation.hint")} sees="who.two" max={limits.proposeObservation.expectation} value={expectation.value} input={(t) => expectation.set(t)} />
              </>
            )}
            {coTaught && mutual && seat === "observer" && (
              <Field id="mutual-focus" optional label={say("new.mutual_focus", { name })} sees="who.two" max={limits.proposeObservation.mutualFocusQuestion} value={otherFocus.value} input={(t) => otherFocus.set(t)} />
            )}
            <Choice
              legend={say("new.talk")}
              class="chips"
              value={arena}
              choose={(a) => choices.set({ arena: a })}
              options={arenas.map((a) => ({ value: a, label: sayCode("arena", Arena[a]) }))}
            />
            {areas.length > 0 && (
              <Choice
                legend={say("new.area")}
                class="chips"
                value={areaId}
                choose={(id) => choices.set({ areaId: id })}
                options={[{ value: "", label: say("new.area.none") }, ...areas.map((a) => ({ value: a.id, label: a.text!.title }))]}
              />
            )}
          </section>
          <Promised words={say("new.promise", { name })} lines={agreement[language.value]} />
        </>
      )}
    </Page>
  );
}

/** Colleagues whom the service suggests, with why, and hours that both have free. */
function Suggested({ schoolId, choose }: { schoolId: string; choose: (id: string, slot?: Span) => void }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.observation.suggestPartners({ schoolId, pageSize: 5 }), [schoolId]);
  const teamOf = (id: string) => {
    const person = store.person(id);
    return person && teamsOf(store, schoolId, person);
  };
  if (answer.refusal) return answer.refusal.offline ? <p class="quiet">{say("new.suggested.offline")}</p> : null;
  if (!answer.data) return answer.slow ? <Progress /> : null;
  if (answer.data.suggestions.length === 0) return null;
  return (
    <>
      <h3>{say("new.suggested")}</h3>
      <ul class="suggestions">
        {answer.data.suggestions.map((s) => (
          <li key={s.personId}>
            <button type="button" class="row" onClick={() => choose(s.personId, firstSlot(s))}>
              <Initials name={s.name} />
              <span class="row-text">
                <b>{s.name}</b>
                <small>{[teamOf(s.personId), ...s.reasons.filter((r) => r !== SuggestionReason.TEACHES_WHEN_FREE).map((r) => sayCode("reason", SuggestionReason[r]))].filter(Boolean).join(" · ")}</small>
                {s.teachingHours > 0 && <small>{teachesWords(s.teachingHours, firstName(s.name))}</small>}
                {slot(s) && <small>{slotWords(timestampDate(slot(s)!.startTime!))}</small>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

const slotWords = (d: Date) => `${shortDay(d)} ${clock(d)}`;

/** The hour that suits best: one at which they teach, or one that both have free. */
const slot = (s: PartnerSuggestion): TimeSlot | undefined => s.teachingSlots[0] ?? s.freeSlots[0];

function firstSlot(s: PartnerSuggestion): Span | undefined {
  const of = slot(s);
  return of && spanOfSlot(of);
}

function spanOf(at: string | null, minutes: string | null): Span | undefined {
  const start = new Date(at ?? "");
  if (Number.isNaN(start.getTime())) return undefined;
  return { day: isoDay(start), time: isoClock(start), minutes: Number(minutes) || 45 };
}
