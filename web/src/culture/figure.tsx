import { LyingBar, Trend } from "./bars";
import type { Figure, Told } from "./sheet";
import type { Say } from "./words";

/** Figures, all of one size and in the order of the sheet. Of a team they say less: the same is said of the school's. */
export const Figures = ({ of, team, say }: { of: Figure[]; team?: string; say: Say }) => (
  <ul class="figures">
    {of.map((f) => (
      <FigureCard key={f.id} figure={f} team={team} say={say} />
    ))}
  </ul>
);

function FigureCard({ figure: f, team, say }: { figure: Figure; team: string | undefined; say: Say }) {
  const Heading = team === undefined ? "h3" : "h4";
  return (
    <li class={`figure of-${f.id}`}>
      <Heading>{f.title}</Heading>
      <ToldWords told={f.now} />
      {f.trend.length > 1 ? (
        <Trend figure={f} />
      ) : (
        <>
          {!f.now.held && <LyingBar bar={f.now.bar} />}
          <p class="hint">{say("first")}</p>
        </>
      )}
      {team === undefined && <About of={f} say={say} />}
      {f.trend.length > 1 && <TrendTable figure={f} team={team} say={say} />}
    </li>
  );
}

/** How many, and among how many; or why nothing is told. */
export const ToldWords = ({ told }: { told: Told }) => (
  <p class={told.held ? "told-words is-held" : "told-words"}>
    <b>{told.words}</b> {told.people}
  </p>
);

/** What a figure counts, what it does not see, and what can be done. */
export const About = ({ of, say }: { of: Pick<Figure, "definition" | "blindSpot" | "whatHelps">; say: Say }) => (
  <dl class="about">
    {(
      [
        ["definition", of.definition],
        ["blind_spot", of.blindSpot],
        ["what_helps", of.whatHelps],
      ] as const
    ).map(
      ([key, words]) =>
        words && (
          <div key={key}>
            <dt>{say(key)}</dt>
            <dd>{words}</dd>
          </div>
        ),
    )}
  </dl>
);

function TrendTable({ figure: f, team, say }: { figure: Figure; team: string | undefined; say: Say }) {
  const title = [f.title, team].filter(Boolean).join(", ");
  return (
    <details class="as-table">
      <summary>
        {say("table")}
        <span class="hidden">: {title}</span>
      </summary>
      <table>
        <caption class="hidden">{say("table.caption", { title })}</caption>
        <thead>
          <tr>
            <th scope="col">{say("table.term")}</th>
            <th scope="col">{say("table.value")}</th>
            <th scope="col">{say("table.people")}</th>
          </tr>
        </thead>
        <tbody>
          {f.trend.map((p) => (
            <tr key={p.term}>
              <th scope="row">{p.termWords}</th>
              <td colSpan={p.held ? 2 : 1}>{p.words}</td>
              {!p.held && <td>{p.people}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
