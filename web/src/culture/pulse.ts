// The pulse as texts and lengths: what teachers and what leaders said to the same
// statements, side by side.

import { PulseState, type PulseRound } from "../gen/undring/v1/culture_pb";
import { told, type Told } from "./sheet";
import { type Say, termWords } from "./words";

/** What one group said. */
export interface GroupSaid extends Told {
  group: string;
}

/** A statement, with what each group said to it. */
export interface Statement {
  id: string;
  text: string;
  groups: GroupSaid[];
  definition: string;
  blindSpot: string;
  whatHelps: string;
  /** This round and those before it, a row for each group. */
  rounds: { termWords: string; group: string; words: string; people: string; held: boolean }[];
}

/** The results of a round. */
export interface Pulse {
  termWords: string;
  /** How many of each group answered, in words. */
  responses: { group: string; words: string }[];
  statements: Statement[];
}

/** Makes the results of a round, once they are there. A bar is as long as its group, so that shares can be compared. */
export function pulse(round: PulseRound, say: Say): Pulse | undefined {
  if (round.state !== PulseState.PUBLISHED) return undefined;
  const of = (id: string) =>
    round.results.map((r) => ({ group: r.groupWords, metric: r.metrics.find((m) => m.id === id) })).filter((r) => r.metric !== undefined);
  return {
    termWords: termWords(say, round.term),
    responses: round.results.map((r) => ({ group: r.groupWords, words: r.response })),
    statements: round.statements.map((s) => {
      const groups = of(s.id);
      const first = groups[0]?.metric;
      return {
        id: s.id,
        text: s.text,
        groups: groups.map(({ group, metric }) => ({ group, ...told(metric!.figure, undefined, say) })),
        definition: first?.definition ?? "",
        blindSpot: first?.blindSpot ?? "",
        whatHelps: first?.whatHelps ?? "",
        rounds: groups.flatMap(({ group, metric }) =>
          metric!.trend.map((p) => {
            const { words, people, held } = told(p.figure, undefined, say);
            return { termWords: termWords(say, p.term), group, words, people, held };
          }),
        ),
      };
    }),
  };
}
