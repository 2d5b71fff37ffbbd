// The same figures once more, by the three capitals that a profession grows: what each one can,
// what happens between them, how they judge. Every figure is in one of them, and none is left out.

import type { Figure } from "./sheet";
import type { Say } from "./words";

export type Capital = "human" | "social" | "decisional";

export const capitals: readonly Capital[] = ["human", "social", "decisional"];

const of: Record<string, Capital> = {
  ...{ VISITED: "human", HOSTED: "human" },
  ...{ ADJUSTED: "decisional", QUESTIONED: "decisional", CARRIED_OUT: "decisional", ON_AREA: "decisional" },
};

/** Which capital a figure is read under: what is neither seeing nor judging is between people. */
export const capitalOf = (figure: string): Capital => of[figure] ?? "social";

/** The figures of a sheet, read by the capitals. */
export const Capitals = ({ figures, say }: { figures: Figure[]; say: Say }) => (
  <section aria-labelledby="capitals">
    <h2 id="capitals" tabIndex={-1}>
      {say("capitals")}
    </h2>
    <p class="quiet">{say("capitals.lead")}</p>
    {capitals.map((c) => (
      <section key={c} aria-labelledby={`capital-${c}`}>
        <h3 id={`capital-${c}`}>{say(`capital.${c}`)}</h3>
        <p class="quiet">{say(`capital_what.${c}`)}</p>
        <ul>
          {figures
            .filter((f) => capitalOf(f.id) === c)
            .map((f) => (
              <li key={f.id}>
                {f.title}: <b>{f.now.words}</b> {f.now.people}
              </li>
            ))}
        </ul>
      </section>
    ))}
  </section>
);
