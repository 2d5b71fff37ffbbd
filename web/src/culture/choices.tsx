import { type CultureReportSummary, CultureReportState } from "../gen/undring/v1/culture_pb";
import { useAnswer } from "../parts/call";
import { useStore } from "../parts/store";
import { go } from "../route";
import { capital, dateOf, fullDay } from "../words/time";
import { keyOf, type Of, type SchoolName, whose } from "./reading";
import { type Say, termWords } from "./words";

/** Whose figures: each school of the person's, and the owner, where they are known. */
export function Whose({ of, schools, owner, say }: { of: Of; schools: SchoolName[]; owner: string; say: Say }) {
  const places: (Of & { name: string })[] = schools.map((s) => ({ kind: "school", ...s }));
  if (owner) places.push({ kind: "owner", id: owner, name: say("owner") });
  if (places.length < 2) return null;
  return (
    <nav class="whose" aria-label={say("whose")}>
      {places.map((p) => (
        <a key={keyOf(p)} href={`#/culture?${keyOf(p)}`} {...(keyOf(p) === keyOf(of) ? { "aria-current": "true" as const } : {})}>
          {p.name}
        </a>
      ))}
    </nav>
  );
}

/** Which half-year: those that have a sheet, and the one that comes. */
export function HalfYears({ of, term, say }: { of: Of; term: string; say: Say }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.culture.listCultureReports({ of: whose(of) }));
  const reports = answer.data?.reports ?? [];
  if (reports.length < 2) return null; // nothing to choose from
  const newest = reports.find((r) => r.state !== CultureReportState.COMING) ?? reports[0]!;
  return (
    <label class="inline halfyear">
      {say("halfyear")}
      <select value={term || newest.term} onChange={(e) => go(`/culture?${keyOf(of)}&term=${e.currentTarget.value}`)}>
        {reports.map((r) => (
          <option key={r.term} value={r.term}>
            {named(r, store.now(), say)}
          </option>
        ))}
      </select>
    </label>
  );
}

function named(r: CultureReportSummary, now: Date, say: Say): string {
  const term = capital(termWords(say, r.term));
  const when = dateOf(r.publishTime);
  if (r.state === CultureReportState.COMING && when) return say("coming", { term, when: fullDay(when, now) });
  return r.state === CultureReportState.OWNER_ONLY ? say("owner_only", { term }) : term;
}
