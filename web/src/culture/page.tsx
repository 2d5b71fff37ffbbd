// The page of figures: what leaders read, and the very same, what teachers read.
// There is no filter and no way in: a half-year and whose, nothing else.

import "../words/later";
import { useState } from "preact/hooks";
import { type CultureReport, CultureReportState } from "../gen/undring/v1/culture_pb";
import { useAnswer } from "../parts/call";
import { Icon } from "../parts/icons";
import { Page } from "../parts/page";
import { useStore } from "../parts/store";
import { query } from "../route";
import { language, say as sayMain } from "../words/words";
import { Hatch } from "./bars";
import { Capitals } from "./capitals";
import { HalfYears, Whose } from "./choices";
import { Contents } from "./contents";
import { Conversion } from "./conversion";
import { Figures } from "./figure";
import { Live } from "./live";
import { Invitation, Pulse } from "./pulse_section";
import { keyOf, of, type Of, schoolsOf, useReport, whose } from "./reading";
import { Reading } from "./state";
import { Take } from "./take";
import { type Sheet as Made, sheet } from "./sheet";
import { type Say, saying, termWords } from "./words";
import "./culture.css";

/** The page, as the address asks for it: whose figures, and of when. */
export function CulturePage() {
  const store = useStore();
  const say = saying(language.value);
  const schools = schoolsOf(store);
  const [owner, setOwner] = useState("");
  const who = of(query(), schools);
  const term = query().get("term") ?? "";
  const title = sayMain("culture.title");
  if (!who) {
    return (
      <Page title={title}>
        <p class="lead">{say("no_school")}</p>
      </Page>
    );
  }
  const learned = (r: CultureReport) => setOwner(r.schoolOwnerId);
  return (
    <Page title={title} class="culture">
      <Hatch />
      <p class="who-sees">
        <Icon of="eye" /> {say(who.kind === "owner" ? "who.owner" : "who")}
      </p>
      <div class="choices no-print">
        <Whose of={who} schools={schools} owner={owner} say={say} />
        <HalfYears key={keyOf(who)} of={who} term={term} say={say} />
      </div>
      <ReportOf key={`${keyOf(who)} ${term} ${language.value}`} of={who} term={term} learned={learned} say={say} />
      {who.kind === "school" && <Live key={`live ${who.id} ${language.value}`} school={who.id} say={say} />}
      <Not say={say} />
    </Page>
  );
}

function ReportOf({ of: who, term, learned, say }: { of: Of; term: string; learned: (r: CultureReport) => void; say: Say }) {
  const store = useStore();
  const answer = useReport(who, term, learned);
  const now = useAnswer(() => store.call.culture.getPulse({ of: whose(who) }));
  return (
    <>
      {now.data?.mayAnswer && <Invitation round={now.data.round!} say={say} />}
      <Reading of={answer} say={say}>
        {(report) => (
          <>
            <Sheet report={report} say={say} />
            <Pulse of={who} now={now} term={report.state === CultureReportState.PUBLISHED ? report.term : ""} say={say} />
            {report.metrics.length > 0 && <Take of={who} term={report.term} say={say} />}
          </>
        )}
      </Reading>
    </>
  );
}

/** A sheet: made from the reply alone. */
export function Sheet({ report, say }: { report: CultureReport; say: Say }) {
  const made = sheet(report, say);
  return (
    <article class="sheet">
      <header>
        <h2>{[report.name, termWords(say, report.term)].filter(Boolean).join(", ")}</h2>
        <p>{report.standing}</p>
        {report.note && <p>{report.note}</p>}
        {report.inWords && <p>{say("in_words")}</p>}
        {report.state === CultureReportState.COMING && <p>{say("nothing_yet")}</p>}
        {report.state === CultureReportState.OWNER_ONLY && (
          <a class="button primary" href={`#/culture?owner=${report.schoolOwnerId}&term=${report.term}`}>
            {say("to_owner")}
          </a>
        )}
      </header>
      {made.summary.length > 0 && (
        <section class="summary" aria-labelledby="summary">
          <h2 id="summary" class="hidden">{say("summary")}</h2>
          {made.summary.map((s) => (
            <p key={s}>{s}</p>
          ))}
        </section>
      )}
      {made.conversion && <Conversion of={made.conversion} say={say} />}
      {made.figures.length === 0 ? (
        <Rule words={report.rule} say={say} />
      ) : (
        <Rest of={made} rule={report.rule} say={say} />
      )}
    </article>
  );
}

/** All figures and the rule behind them, folded: whoever reads three sentences and a picture has read the page. */
const Rest = ({ of, rule, say }: { of: Made; rule: string; say: Say }) => (
  <details class="rest">
    <summary>{say("rest")}</summary>
    <Rule words={rule} say={say} />
    <Contents
      of={[
        ["conversion", say("conversion")],
        ["figures", say("figures")],
        ["capitals", say("capitals")],
        ...(of.teams.length > 0 ? ([["teams", say("teams")]] as const) : []),
        ["pulse", say("pulse")],
        ["not", say("not")],
      ]}
      say={say}
    />
    <section aria-labelledby="figures">
      <h2 id="figures" tabIndex={-1}>{say("figures")}</h2>
      <p class="quiet">{say("figures.lead")}</p>
      <Figures of={of.figures} say={say} />
    </section>
    <Capitals figures={of.figures} say={say} />
    {of.teams.length > 0 && (
      <section aria-labelledby="teams">
        <h2 id="teams" tabIndex={-1}>{say("teams")}</h2>
        <p class="quiet">{say("teams.lead")}</p>
        {of.teams.map((t) => (
          <section key={t.id} aria-labelledby={`team-${t.id}`}>
            <h3 id={`team-${t.id}`}>{t.name}</h3>
            <Figures of={t.figures} team={t.name} say={say} />
          </section>
        ))}
      </section>
    )}
  </details>
);

/** The rule that no figure can be turned on a person by. */
const Rule = ({ words, say }: { words: string; say: Say }) => (
  <aside class="rule" aria-labelledby="rule">
    <Icon of="lock" />
    <div>
      <h2 id="rule">{say("rule")}</h2>
      <p>{words}</p>
    </div>
  </aside>
);

/** What the figures do not say. */
const Not = ({ say }: { say: Say }) => (
  <section aria-labelledby="not">
    <h2 id="not" tabIndex={-1}>{say("not")}</h2>
    <ul class="not">
      {(["not.1", "not.2", "not.3", "not.4"] as const).map((key) => (
        <li key={key}>{say(key)}</li>
      ))}
    </ul>
  </section>
);
