import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { AskForPlaceRequestSchema, OfferLessonRequestSchema, type OpenLesson, WithdrawLessonRequestSchema } from "../gen/undring/v1/observation_pb";
import { Field } from "../parts/field";
import { Icon } from "../parts/icons";
import { useKept } from "../parts/kept";
import { LessonText, lessonsAhead, visitTo } from "../parts/lessons";
import { useMissing } from "../parts/missing";
import { RefusedAbout, Sure } from "../parts/notices";
import { Page } from "../parts/page";
import { peersAt, useNames } from "../parts/people";
import { Promised } from "../parts/promise";
import { useStore, useTyped } from "../parts/store";
import { endAt, firstSpan, type Span, startAt, When } from "../parts/when";
import { go } from "../route";
import { says } from "../rules/says";
import agreement from "../words/agreement.json";
import { language, say } from "../words/words";

/** Lessons that one may come to, and one's own that are open. */
export function OpenLessons() {
  const store = useStore();
  const { me } = useNames();
  const [offering, setOffering] = useState(store.words("open/title") !== undefined);
  const all = lessonsAhead(store);
  const theirs = all.filter((l) => l.personId !== me);
  const mine = all.filter((l) => l.personId === me);
  return (
    <Page title={say("open.title")} back="/more">
      <p class="lead">{say("open.lead")}</p>
      {theirs.length === 0 && <p class="quiet">{say("open.none")}</p>}
      {theirs.length > 0 && <Promised words={say("open.promise")} lines={agreement[language.value]} />}
      {theirs.map((l) => (
        <Theirs key={l.id} lesson={l} />
      ))}
      <h2>{say("open.mine")}</h2>
      {mine.map((l) => (
        <article class="item" key={l.id}>
          <LessonText lesson={l} />
          <RefusedAbout id={l.id} />
          <Sure
            class=""
            label={say("open.withdraw")}
            ask={say("open.withdraw.sure")}
            yes={say("open.withdraw.do")}
            do={() => void store.do(WithdrawLessonRequestSchema, { openLessonId: l.id })}
          />
        </article>
      ))}
      {offering ? (
        <Offer done={() => setOffering(false)} />
      ) : (
        <button type="button" class="wide" onClick={() => setOffering(true)}>
          {say("open.offer")}
        </button>
      )}
    </Page>
  );
}

/** A colleague's lesson: one tap asks for the place. */
function Theirs({ lesson }: { lesson: OpenLesson }) {
  const store = useStore();
  const { first } = useNames();
  const asked = visitTo(store, lesson);
  const peer = peersAt(store, lesson.schoolId).some((p) => p.id === lesson.personId);
  return (
    <article class="item">
      <LessonText lesson={lesson} />
      <RefusedAbout id={lesson.id} />
      {asked ? (
        <a class="button" href={`#/v/${asked.id}`}>
          <Icon of="check" /> {say("open.asked")}
        </a>
      ) : lesson.taken ? (
        <p class="quiet">{say("open.taken")}</p>
      ) : peer ? (
        <button type="button" class="primary" onClick={() => go(`/v/${store.do(AskForPlaceRequestSchema, { openLessonId: lesson.id }).thingId}`)}>
          {say("open.ask", { name: first(lesson.personId) })}
        </button>
      ) : (
        <p class="quiet">{say("open.not_peers")}</p>
      )}
    </article>
  );
}

/** Opening a lesson: when, what there is to see, what one wonders about, which feedback. */
function Offer({ done }: { done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const schoolId = store.schools.value.find((s) => s.school && peersAt(store, s.school.id).length > 0)?.school?.id ?? "";
  const span = useKept<Span>("open/when", firstSpan(store.now()));
  const title = useTyped("open/title");
  const focus = useTyped("open/focus");
  const wanted = useTyped("open/wanted");
  const where = useTyped("open/place");
  const words = [span.key, title.key, focus.key, wanted.key, where.key];
  function send() {
    if (
      missing.found(
        title.value.trim() === "" && { id: "title", words: say("open.missing.title") },
        !says(focus.value) && { id: "focus", words: say("new.missing.focus") },
      )
    )
      return;
    store.do(
      OfferLessonRequestSchema,
      {
        schoolId,
        startTime: timestampFromDate(startAt(span.value)),
        endTime: timestampFromDate(endAt(span.value)),
        place: where.value.trim(),
        title: title.value.trim(),
        focusQuestion: focus.value.trim(),
        wantedFeedback: wanted.value.trim(),
      },
      { words },
    );
    done();
  }
  const max = limits.offerLesson;
  return (
    <section class="inline-form" aria-labelledby="offer">
      <h2 id="offer">{say("open.offer")}</h2>
      <When span={span.value} set={(s) => span.set(s)} now={store.now()} />
      <Field id="title" label={say("open.what")} hint={say("open.what.hint")} sees="who.school" max={max.title} value={title.value} wrong={missing.of("title", title.value.trim() !== "")} input={(t) => title.set(t)} />
      <Field id="focus" label={say("card.focus")} hint={say("card.focus.hint")} sees="who.school" max={max.focusQuestion} value={focus.value} wrong={missing.of("focus", says(focus.value))} input={(t) => focus.set(t)} />
      <Field id="wanted" optional label={say("card.wanted")} hint={say("card.wanted.hint")} sees="who.school" max={max.wantedFeedback} value={wanted.value} input={(t) => wanted.set(t)} />
      <Field id="place" single optional label={say("new.place")} hint={say("new.place.hint")} sees="who.school" max={max.place} value={where.value} input={(t) => where.set(t)} />
      <div class="two sticky">
        <button
          type="button"
          onClick={() => {
            for (const key of words) store.typed(key, "");
            done();
          }}
        >
          {say("do.cancel")}
        </button>
        <button type="button" class="primary" onClick={send}>
          {say("open.send")}
        </button>
      </div>
    </section>
  );
}
