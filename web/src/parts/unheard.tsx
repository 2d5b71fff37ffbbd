// What the other one of a visit has asked or done: a wish to answer, with no as an
// answer, and what happened meanwhile. It stands on home and on the visit until it is
// answered, or seen.

import {
  AcceptObservationRequestSchema,
  AcknowledgeChangeRequestSchema,
  AnswerWishRequestSchema,
  ChangeKind,
  DeclineObservationRequestSchema,
  EndAloneRequestSchema,
  EndWithoutExchangeRequestSchema,
  type Observation,
  ObservationState,
  ProposeMoveRequestSchema,
  ReopenObservationRequestSchema,
  type UnseenChange,
  WishKind,
} from "../gen/undring/v1/observation_pb";
import { TakeOutNameRequestSchema } from "../gen/undring/v1/feedback_pb";
import { askedBy, endWishOf, isAlone } from "../rules/next";
import type { Store } from "../store/store";
import { capital, dateOf, lesson } from "../words/time";
import { say, sayCode } from "../words/words";
import { Sure, Told } from "./notices";
import { firstNameOf, myId } from "./people";
import { useStore } from "./store";
import { endOf, hasExchange, isOpen, otherId, startOf } from "./visit";

/** What I have not seen yet of a visit. */
export const unseenBy = (store: Store, v: Observation): UnseenChange[] => v.unseenChanges.filter((u) => u.personId === myId(store));

/** The wish that stands, if any: whose, and which; name: that goes out of the texts. */
function wishOf(v: Observation): { mine: (me: string) => boolean; reopen: boolean; name: string | undefined } | undefined {
  if (askedBy(v) === "") return undefined;
  return {
    mine: (me) => askedBy(v) !== me,
    reopen: v.state === ObservationState.CLOSED,
    name: endWishOf(v) === "" ? v.nameWish?.name : undefined,
  };
}

/** What happened, in words, with the button that says that it is seen. */
export function UnseenChanges({ visit, plain }: { visit: Observation; plain?: boolean }) {
  const store = useStore();
  const unseen = unseenBy(store, visit);
  if (unseen.length === 0) return null;
  const name = firstNameOf(store, otherId(store, visit));
  const seenRevision = unseen.reduce((most, u) => (u.revision > most ? u.revision : most), 0n);
  const words = unseen.map((u) => <p key={`${u.kind} ${u.revision}`}>{sayCode("change", ChangeKind[u.kind] ?? "other", { name })}</p>);
  const seen = (
    <button type="button" onClick={() => void store.do(AcknowledgeChangeRequestSchema, { observationId: visit.id, seenRevision })}>
      {say("change.seen")}
    </button>
  );
  if (plain) return seen;
  return (
    <Told>
      {words}
      {seen}
    </Told>
  );
}

/** What happened, in one line. */
export function changeWords(store: Store, visit: Observation): string {
  const name = firstNameOf(store, otherId(store, visit));
  return unseenBy(store, visit)
    .map((u) => sayCode("change", ChangeKind[u.kind] ?? "other", { name }))
    .join(" ");
}

/** Yes and no to the other one's wish. */
export function WishAnswers({ visit }: { visit: Observation }) {
  const store = useStore();
  const wish = wishOf(visit);
  if (!wish || wish.mine(myId(store))) return null;
  const { name } = wish;
  if (name !== undefined) {
    const answer = (yes: boolean) => void store.do(TakeOutNameRequestSchema, { observationId: visit.id, ...(yes ? { name } : { letGo: true }) });
    return (
      <div class="two">
        <button type="button" onClick={() => answer(false)}>
          {say("name.refuse")}
        </button>
        <button type="button" class="primary" onClick={() => answer(true)}>
          {say("name.agree")}
        </button>
      </div>
    );
  }
  const answer = (yes: boolean) =>
    void store.do(AnswerWishRequestSchema, { observationId: visit.id, yes, wish: wish.reopen ? WishKind.REOPEN : WishKind.EXIT });
  return (
    <div class="two">
      <button type="button" onClick={() => answer(false)}>
        {say(wish.reopen ? "visit.reopen_refuse" : "visit.exit_refuse")}
      </button>
      <button type="button" class="primary" onClick={() => answer(true)}>
        {say(wish.reopen ? "visit.reopen_agree" : "visit.exit_agree")}
      </button>
    </div>
  );
}

/** What is wished for, in words. */
export function wishWords(store: Store, visit: Observation): string {
  const wish = wishOf(visit);
  if (!wish) return "";
  const name = firstNameOf(store, otherId(store, visit));
  const mine = wish.mine(myId(store));
  if (wish.name !== undefined) return say(mine ? "name.wished.mine" : "name.wished.theirs", { name, word: wish.name });
  if (wish.reopen) return say(mine ? "visit.reopen_wished.mine" : "visit.reopen_wished.theirs", { name });
  return say(mine ? "visit.exit_wished.mine" : "visit.exit_wished.theirs", { name });
}

/** A wish of one of the two: the other one answers, and whose it is can take it back. */
export function Wishes({ visit }: { visit: Observation }) {
  const store = useStore();
  const wish = wishOf(visit);
  if (!wish) return null;
  return (
    <Told>
      <p>{wishWords(store, visit)}</p>
      {wish.mine(myId(store)) ? (
        <button
          type="button"
          onClick={() => {
            if (wish.name !== undefined) store.do(TakeOutNameRequestSchema, { observationId: visit.id, letGo: true });
            else store.do(wish.reopen ? ReopenObservationRequestSchema : EndWithoutExchangeRequestSchema, { observationId: visit.id, takeBack: true });
          }}
        >
          {say("visit.exit_take_back")}
        </button>
      ) : (
        <WishAnswers visit={visit} />
      )}
    </Told>
  );
}

/** The agreed time and the proposed one, side by side. */
export function MoveTimes({ visit }: { visit: Observation }) {
  const store = useStore();
  const start = dateOf(visit.move?.startTime);
  const end = dateOf(visit.move?.endTime);
  if (!start || !end) return null;
  return (
    <dl class="facts">
      <dt>{say("move.old")}</dt>
      <dd>{capital(lesson(startOf(visit), endOf(visit), store.now()))}</dd>
      <dt>{say("move.new")}</dt>
      <dd>
        <b>{capital(lesson(start, end, store.now()))}</b>
      </dd>
    </dl>
  );
}

/** Yes and no to the other one's proposal of another time. */
export function MoveAnswers({ visit }: { visit: Observation }) {
  const store = useStore();
  const id = { observationId: visit.id };
  return (
    <div class="two">
      <button type="button" onClick={() => void store.do(DeclineObservationRequestSchema, id)}>
        {say("move.no")}
      </button>
      <button type="button" class="primary" onClick={() => void store.do(AcceptObservationRequestSchema, id)}>
        {say("move.yes")}
      </button>
    </div>
  );
}

/** What is proposed on the visit itself: both see the old and the new time; one answers, the other can take it back. */
export function Move({ visit }: { visit: Observation }) {
  const store = useStore();
  if (!visit.move) return null;
  const mine = visit.move.proposedById === myId(store);
  const name = firstNameOf(store, otherId(store, visit));
  return (
    <Told>
      <p>{say(mine ? "move.mine" : "move.theirs", { name })}</p>
      <MoveTimes visit={visit} />
      {mine ? (
        <button type="button" onClick={() => void store.do(ProposeMoveRequestSchema, { observationId: visit.id, takeBack: true })}>
          {say("move.take_back")}
        </button>
      ) : (
        <>
          <MoveAnswers visit={visit} />
          <a class="button wide" href={`#/v/${visit.id}/time`}>
            {say("proposal.other_time")}
          </a>
        </>
      )}
    </Told>
  );
}

/** Ends a visit whose other one has left. */
export function EndAlone({ visit }: { visit: Observation }) {
  const store = useStore();
  return (
    <Sure
      class="primary wide"
      label={say("left.end")}
      ask={say(hasExchange(visit) ? "left.sure.exchange" : "left.sure")}
      yes={say("left.end.do")}
      do={() => void store.do(EndAloneRequestSchema, { observationId: visit.id })}
    />
  );
}

/** On the visit itself: the other one has left, and what that means. */
export function Left({ visit }: { visit: Observation }) {
  const store = useStore();
  const me = myId(store);
  if (!isOpen(visit) || !isAlone(visit, me)) return null;
  const toWrite = visit.state === ObservationState.ANSWERED && !store.exchange(visit.id)?.takeaway;
  return (
    <Told>
      <p>{say("left.told", { name: firstNameOf(store, otherId(store, visit)) })}</p>
      {toWrite && (
        <a class="button wide" href={`#/v/${visit.id}/take`}>
          {say("left.take")}
        </a>
      )}
      <EndAlone visit={visit} />
    </Told>
  );
}
