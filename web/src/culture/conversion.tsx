import { Link, LyingBar } from "./bars";
import { type Conversion as Way, type Stage } from "./sheet";
import type { Say } from "./words";

/** The first picture: of those who visited, how many gave feedback; of those visited, how many answered. */
export function Conversion({ of, say }: { of: Way; say: Say }) {
  return (
    <section class="conversion" aria-labelledby="conversion">
      <h2 id="conversion" tabIndex={-1}>{say("conversion")}</h2>
      <p class="quiet">{say("conversion.lead")}</p>
      <div class="ways">
        <WayOf title={say("conversion.visitor")} stages={of.visitor} ticks={of.ticks} say={say} />
        <WayOf title={say("conversion.visited")} stages={of.visited} ticks={of.ticks} say={say} />
      </div>
      <p class="quiet">{say("conversion.apart")}</p>
      <Legend say={say} />
    </section>
  );
}

function WayOf({ title, stages, ticks, say }: { title: string; stages: Stage[]; ticks: Way["ticks"]; say: Say }) {
  return (
    <div class="way-of">
      <h3>{title}</h3>
      <ol>
        {stages.map((s, i) => (
          <li key={s.id} class={s.held ? "stage is-held" : "stage"}>
            {i > 0 && !stages[i - 1]!.held && <Link from={stages[i - 1]!.bar} />}
            <p class="stage-words">
              <span>{s.title}</span>
              <b>{s.words}</b>
              {s.people && <span class="people">{s.people}</span>}
            </p>
            <LyingBar bar={s.bar} />
          </li>
        ))}
      </ol>
      {ticks.length > 0 && (
        <svg class="axis" width="100%" height="36" aria-hidden="true" focusable="false">
          {ticks.map((t, i) => (
            <g key={t.words}>
              <line x1={`${t.at}%`} x2={`${t.at}%`} y1="0" y2="6" />
              <text x={`${t.at}%`} y="18" class={i === 0 ? "first" : t.at > 97 ? "last" : ""}>
                {t.words}
              </text>
            </g>
          ))}
          <text x="0" y="32" class="first">
            {say("people_axis")}
          </text>
        </svg>
      )}
    </div>
  );
}

const swatch = { sure: { sure: 100, most: 100, among: 0, amongMost: 0 }, most: { sure: 0, most: 100, among: 0, amongMost: 0 }, among: { sure: 0, most: 0, among: 60, amongMost: 100 } };

/** What filled, hatched and framed mean. */
function Legend({ say }: { say: Say }) {
  return (
    <dl class="legend" aria-label={say("legend")}>
      {(["sure", "most", "among"] as const).map((part) => (
        <div key={part}>
          <dt>
            <LyingBar bar={swatch[part]} />
          </dt>
          <dd>{say(`legend.${part}`)}</dd>
        </div>
      ))}
      <div>
        <dt aria-hidden="true" />
        <dd>{say("legend.held")}</dd>
      </div>
    </dl>
  );
}
