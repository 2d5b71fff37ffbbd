import type { Observation } from "../gen/undring/v1/observation_pb";
import { isAfterwards, latest } from "../rules/frozen";
import { capital, dateOf, when } from "../words/time";
import { type Key, say } from "../words/words";
import { readBy, Who } from "./field";
import { Icon } from "./icons";
import { useStore } from "./store";
import { isOpen } from "./visit";

type Line = "focusQuestion" | "intention" | "expectation" | "lookFor" | "doNotNote" | "wantedFeedback";

const lines: [Line, Key][] = [
  ["focusQuestion", "card.focus"],
  ["intention", "card.intention"],
  ["expectation", "card.expectation"],
  ["lookFor", "card.look_for"],
  ["doNotNote", "card.not_note"],
  ["wantedFeedback", "card.wanted"],
];

const none = (visit: Observation) => say(isOpen(visit) ? "visit.card.none" : "visit.card.never");

/** The visit card, as both read it. */
export function CardText({ visit }: { visit: Observation }) {
  if (!visit.focusQuestion) return <p class="quiet">{none(visit)}</p>;
  return <CardLines visit={visit} only={lines.map(([name]) => name)} />;
}

/** What the observed had in mind, to be held against what was seen. */
export const InMind = ({ visit }: { visit: Observation }) => <CardLines visit={visit} only={["focusQuestion", "intention", "expectation"]} />;

/** Lines of the card. What has been put otherwise since the lesson began stands behind the words that were there before, and says so. */
function CardLines({ visit, only }: { visit: Observation; only: Line[] }) {
  const store = useStore();
  const written = dateOf(visit.laterIntention?.writeTime);
  const now = latest(visit);
  const later = (name: Line) =>
    written && (name === "intention" || name === "expectation") && now[name] !== visit[name] ? (now[name] || say("card.later.none")) : "";
  return (
    <dl class="card-text">
      {lines
        .filter(([name]) => only.includes(name) && (visit[name] !== "" || later(name) !== ""))
        .map(([name, key]) => (
          <div key={name} class={name === "focusQuestion" ? "card-focus" : ""}>
            <dt>{say(key)}</dt>
            {visit[name] !== "" && <dd>{visit[name]}</dd>}
            {visit[name] !== "" && (name === "intention" || name === "expectation") && isAfterwards(visit) && <dd class="quiet">{say("card.afterwards")}</dd>}
            {written && later(name) !== "" && (
              <dd class="card-later">
                <small>{capital(say("card.later", { when: when(written, store.now()) }))}</small>
                <br />
                <span>{later(name)}</span>
              </dd>
            )}
          </div>
        ))}
      <dt class="hidden">{say("sees.title")}</dt>
      <dd>
        <Who sees={readBy(visit.audience, "who.two")} />
      </dd>
    </dl>
  );
}

/** The card in one line that opens; stays where one notes, with what the observed wants left out while notes can be written. */
export function CardLine({ visit, noting = false }: { visit: Observation; noting?: boolean }) {
  return (
    <details class="card-line">
      <summary>
        <Icon of="focus" />
        <span class="card-line-words">
          <span>{visit.focusQuestion || none(visit)}</span>
          {noting && visit.doNotNote && <span class="not">{say("note.not", { what: visit.doNotNote })}</span>}
        </span>
      </summary>
      <CardText visit={visit} />
    </details>
  );
}
