import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { type GetPulseResponse, type PulseRound, PulseState } from "../gen/undring/v1/culture_pb";
import { type Answer, Progress, useAnswer } from "../parts/call";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { dateOf, fullDay } from "../words/time";
import { LyingBar } from "./bars";
import { goToPart } from "./contents";
import { About, ToldWords } from "./figure";
import { pulse, type Pulse as Results, type Statement } from "./pulse";
import { PulseForm } from "./pulse_form";
import { type Of, whose } from "./reading";
import { counting, type Say } from "./words";

/** Asks those who may answer to do so. */
export const Invitation = ({ round, say }: { round: PulseRound; say: Say }) => {
  const { now } = useStore();
  return (
    <div class="told invitation no-print">
      <p>
        <b>{say("pulse.open", { when: lastDay(round, now()) })}.</b> {say("pulse.short", { n: round.statements.length })}
      </p>
      <button type="button" onClick={() => goToPart("pulse")}>
        {say("pulse.go")}
      </button>
    </div>
  );
};

/** The last day on which a round can be answered. */
const lastDay = (round: PulseRound, now: Date): string => fullDay(new Date((dateOf(round.closeTime) ?? now).getTime() - 1), now);

/** The round that is open or comes next, and the results of the one that goes with the sheet. */
export function Pulse({ of, now, term, say }: { of: Of; now: Answer<GetPulseResponse>; term: string; say: Say }) {
  const store = useStore();
  const then = useAnswer(async () => (term === "" ? undefined : store.call.culture.getPulse({ of: whose(of), term })), [term]);
  if (now.refusal?.offline && !now.data) return null; // said above
  const rounds = [then.data, now.data].filter((r): r is GetPulseResponse => r?.round !== undefined);
  const results = new Map(rounds.map((r) => [r.round!.term, pulse(r.round!, say)]));
  return (
    <section class="pulse" aria-labelledby="pulse">
      <h2 id="pulse" tabIndex={-1}>
        {say("pulse")}
      </h2>
      {now.data ? <Standing of={now.data} whose={of} say={say} /> : now.slow && <Progress />}
      {!now.data && <Refused refusal={now.refusal} />}
      {[...results].map(([t, r]) => r && <ResultsOf key={t} of={r} say={say} />)}
    </section>
  );
}

/** What there is to do in the round, or when it comes. */
function Standing({ of: p, whose: who, say }: { of: GetPulseResponse; whose: Of; say: Say }) {
  const store = useStore();
  const round = p.round!;
  const day = (t: Timestamp | undefined) => (t ? fullDay(timestampDate(t), store.now()) : "");
  const last = lastDay(round, store.now());
  const closes = day(round.closeTime);
  if (p.mayAnswer && who.kind === "school") return <PulseForm round={round} school={who.id} last={last} closes={closes} say={say} />;
  switch (round.state) {
    case PulseState.OPEN:
      return p.answered ? (
        <>
          <p>{say("pulse.answered")}</p>
          <p class="quiet">{say("pulse.receipt.more", { when: closes })}</p>
        </>
      ) : (
        <p>{p.daysMissing > 0 ? counting(say, "pulse.not_yet", p.daysMissing, { when: last }) : say("pulse.not_you", { when: last })}</p>
      );
    case PulseState.COMING:
      return <p>{say("pulse.coming", { when: day(round.openTime) })}</p>;
    case PulseState.CLOSED:
      return <p>{say("pulse.closed")}</p>;
    default:
      return null;
  }
}

function ResultsOf({ of: r, say }: { of: Results; say: Say }) {
  return (
    <div class="results">
      <h3>{say("pulse.results", { term: r.termWords })}</h3>
      <p class="quiet">{say("pulse.results.lead")}</p>
      <ul class="responses">
        {r.responses.map((g) => (
          <li key={g.group}>
            <b>{g.group}:</b> {g.words}
          </li>
        ))}
      </ul>
      <ul class="statements">
        {r.statements.map((s) => (
          <StatementCard key={s.id} of={s} say={say} />
        ))}
      </ul>
    </div>
  );
}

/** A statement, with teachers and leaders side by side. */
function StatementCard({ of: s, say }: { of: Statement; say: Say }) {
  return (
    <li class="figure">
      <h4>{s.text}</h4>
      <div class="groups">
        {s.groups.map((g) => (
          <div key={g.group}>
            <h5>{g.group}</h5>
            <ToldWords told={g} />
            {!g.held && <LyingBar bar={g.bar} />}
          </div>
        ))}
      </div>
      <About of={s} say={say} />
      <Table of={s} say={say} />
    </li>
  );
}

const Table = ({ of: s, say }: { of: Statement; say: Say }) => (
  <details class="as-table">
    <summary>
      {say("table")}
      <span class="hidden">: {s.text}</span>
    </summary>
    <table>
      <caption class="hidden">{say("table.caption", { title: s.text })}</caption>
      <thead>
        <tr>
          <th scope="col">{say("table.term")}</th>
          <th scope="col">{say("pulse.group")}</th>
          <th scope="col">{say("table.value")}</th>
          <th scope="col">{say("table.people")}</th>
        </tr>
      </thead>
      <tbody>
        {s.rounds.map((r) => (
          <tr key={`${r.termWords} ${r.group}`}>
            <th scope="row">{r.termWords}</th>
            <td>{r.group}</td>
            <td colSpan={r.held ? 2 : 1}>{r.words}</td>
            {!r.held && <td>{r.people}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  </details>
);
