import type { Observation } from "../gen/undring/v1/observation_pb";
import { type Key, say } from "../words/words";
import { Icon } from "./icons";

type Line = "focusQuestion" | "intention" | "lookFor" | "doNotNote" | "wantedFeedback";

const lines: [Line, Key][] = [
  ["focusQuestion", "card.focus"],
  ["intention", "card.intention"],
  ["lookFor", "card.look_for"],
  ["doNotNote", "card.not_note"],
  ["wantedFeedback", "card.wanted"],
];

/** The visit card, as both read it. */
export function CardText({ visit }: { visit: Observation }) {
  if (!visit.focusQuestion) return <p class="quiet">{say("visit.card.none")}</p>;
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
        <span>{visit.focusQuestion || say("visit.card.none")}</span>
      </summary>
      <CardText visit={visit} />
    </details>
  );
}
