import type { Observation } from "../gen/undring/v1/observation_pb";
import { type Key, say } from "../words/words";
import { Icon } from "./icons";
import { isOpen } from "./visit";

type Line = "focusQuestion" | "intention" | "lookFor" | "doNotNote" | "wantedFeedback";

const lines: [Line, Key][] = [
  ["focusQuestion", "card.focus"],
  ["intention", "card.intention"],
  ["lookFor", "card.look_for"],
  ["doNotNote", "card.not_note"],
  ["wantedFeedback", "card.wanted"],
];

const none = (visit: Observation) => say(isOpen(visit) ? "visit.card.none" : "visit.card.never");

/** The visit card, as both read it. */
export function CardText({ visit }: { visit: Observation }) {
  if (!visit.focusQuestion) return <p class="quiet">{none(visit)}</p>;
  return (
    <dl class="card-text">
      {lines
        .filter(([name]) => visit[name] !== "")
        .map(([name, key]) => (
          <div key={name} class={name === "focusQuestion" ? "card-focus" : ""}>
            <dt>{say(key)}</dt>
            <dd>{visit[name]}</dd>
          </div>
        ))}
    </dl>
  );
}

/** The card in one line that opens; stays where one notes. */
export function CardLine({ visit }: { visit: Observation }) {
  return (
    <details class="card-line">
      <summary>
        <Icon of="focus" />
        <span>{visit.focusQuestion || none(visit)}</span>
      </summary>
      <CardText visit={visit} />
    </details>
  );
}
