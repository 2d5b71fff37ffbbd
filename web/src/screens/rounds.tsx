import { useState } from "preact/hooks";
import { JoinRoundRequestSchema, LeaveRoundRequestSchema, type Round, StartRoundRequestSchema } from "../gen/undring/v1/observation_pb";
import { Icon } from "../parts/icons";
import { RefusedAbout, Sure } from "../parts/notices";
import { Page } from "../parts/page";
import { peersAt, PersonList, teamsOf, useNames } from "../parts/people";
import { useStore } from "../parts/store";
import { say } from "../words/words";

/** Two or three who visit each other in turn. */
export function Rounds() {
  const store = useStore();
  const [starting, setStarting] = useState(false);
  const rounds = store.rounds.value;
  return (
    <Page title={say("round.title")} back="/more">
      <p class="lead">{say("round.lead")}</p>
      {rounds.length === 0 && !starting && <p class="quiet">{say("round.none")}</p>}
      {starting ? (
        <Start done={() => setStarting(false)} />
      ) : (
        <button type="button" class="primary wide" onClick={() => setStarting(true)}>
          {say("round.start")}
        </button>
      )}
      {rounds.map((r) => (
        <RoundCard key={r.id} round={r} />
      ))}
    </Page>
  );
}

function Start({ done }: { done: () => void }) {
  const store = useStore();
  const { me } = useNames();
  const schoolId = store.schools.value.find((s) => s.school && peersAt(store, s.school.id).length > 0)?.school?.id ?? "";
  const [chosen, setChosen] = useState<string[]>([]);
  const choose = (id: string) => setChosen(chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id].slice(-2));
  return (
    <section class="inline-form" aria-labelledby="pick">
      <h2 id="pick">{say("round.pick")}</h2>
      <PersonList
        label={say("round.pick")}
        people={peersAt(store, schoolId)}
        about={(p) => teamsOf(store, schoolId, p)}
        chosen={chosen}
        choose={(p) => choose(p.id)}
      />
      <div class="two sticky">
        <button type="button" onClick={done}>
          {say("do.cancel")}
        </button>
        <button
          type="button"
          class="primary"
          disabled={chosen.length === 0}
          onClick={() => {
            store.do(StartRoundRequestSchema, { schoolId, memberIds: [me, ...chosen] });
            done();
          }}
        >
          {say("round.go")}
        </button>
      </div>
    </section>
  );
}

function RoundCard({ round }: { round: Round }) {
  const store = useStore();
  const { me, first } = useNames();
  const leg = (a: string, b: string) => {
    if (a === me) return say("you.visit", { name: first(b) });
    if (b === me) return say("you.are_visited", { name: first(a) });
    return say("round.leg", { a: first(a), b: first(b) });
  };
  const joined = round.members.every((m) => m.joined);
  const mine = round.members.find((m) => m.personId === me);
  return (
    <article class="item">
      <h2>{round.members.map((m) => (m.personId === me ? say("people.you") : first(m.personId))).join(" → ")}</h2>
      <RefusedAbout id={round.id} />
      {round.complete && (
        <p class="quiet">
          <Icon of="check" /> {say("round.done")}
        </p>
      )}
      {round.ended && <p class="quiet">{say("round.ended")}</p>}
      {!joined && !round.ended && (
        <ul class="plain">
          {round.members.map((m) => (
            <li key={m.personId}>
              <Icon of={m.joined ? "check" : "clock"} /> {m.personId === me ? say("people.you") : first(m.personId)} {say(m.joined ? "round.joined" : "round.asked")}
            </li>
          ))}
        </ul>
      )}
      <ul class="plain">
        {round.legs.map((l) => (
          <li key={l.observerId + l.observedId} class="leg">
            <span>
              <Icon of={l.done ? "check" : "circle"} /> {leg(l.observerId, l.observedId)}{" "}
              <small>{say(l.done ? "round.leg.done" : "round.leg.open")}</small>
            </span>
            {joined && !round.ended && !l.done && (l.observerId === me || l.observedId === me) && (
              <a
                class="button small"
                href={`#/new?round=${round.id}&school=${round.schoolId}&with=${l.observerId === me ? l.observedId : l.observerId}&as=${l.observerId === me ? "observer" : "observed"}`}
              >
                {say("round.propose")}
              </a>
            )}
          </li>
        ))}
      </ul>
      {!round.ended && !round.complete && (
        <div class="two">
          {mine && !mine.joined && (
            <button type="button" class="primary" onClick={() => void store.do(JoinRoundRequestSchema, { roundId: round.id })}>
              {say("round.join")}
            </button>
          )}
          <Sure
            class=""
            label={say("round.leave")}
            ask={say("round.leave.sure")}
            yes={say("round.leave.do")}
            do={() => void store.do(LeaveRoundRequestSchema, { roundId: round.id })}
          />
        </div>
      )}
    </article>
  );
}
