// What a yes to a visit promises: seen before it is said, wherever it is said.

import { DeclineObservationRequestSchema, type Observation } from "../gen/undring/v1/observation_pb";
import { go } from "../route";
import { say } from "../words/words";
import { Sure } from "./notices";
import { useStore } from "./store";

/** The lines of an agreement, open to be read. */
export function Promised({ words, lines }: { words: string; lines: string[] }) {
  return (
    <details class="more promised" open>
      <summary>{words}</summary>
      <ul class="agreement">
        {lines.map((l) => (
          <li key={l}>{l}</li>
        ))}
      </ul>
    </details>
  );
}

/** The other two answers to a proposal, beside every yes: another time, and no thanks. */
export function OtherAnswers({ visit }: { visit: Observation }) {
  const store = useStore();
  return (
    <div class="two">
      <a class="button" href={`#/v/${visit.id}/time`}>
        {say("proposal.other_time")}
      </a>
      <Sure
        label={say("proposal.no")}
        class=""
        ask={say("proposal.no.sure")}
        yes={say("proposal.no.do")}
        do={() => {
          store.do(DeclineObservationRequestSchema, { observationId: visit.id });
          go(`/v/${visit.id}`);
        }}
      />
    </div>
  );
}
