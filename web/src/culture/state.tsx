import type { ComponentChildren } from "preact";
import type { CultureReport } from "../gen/undring/v1/culture_pb";
import { type Answer, Progress } from "../parts/call";
import { Icon } from "../parts/icons";
import { Refused } from "../parts/notices";
import { say as sayMain } from "../words/words";
import type { Read } from "./reading";
import { type Say, termWords } from "./words";

/** What came of reading a sheet: it, that it is on its way, or why it is not there. */
export function Reading({ of, children, say }: { of: Answer<Read>; children: (r: CultureReport) => ComponentChildren; say: Say }) {
  return (
    <>
      <p class="hidden" role="status">
        {of.data && say("showing", { term: termWords(say, of.data.report.term) })}
      </p>
      {of.data?.kept && <NoNetwork words={say("kept")} again={of.again} />}
      {of.data && children(of.data.report)}
      {!of.data && of.refusal?.offline && <NoNetwork words={say("offline")} again={of.again} />}
      {!of.data && of.refusal && !of.refusal.offline && (
        <>
          <Refused refusal={of.refusal} />
          <Again do={of.again} />
        </>
      )}
      {!of.data && of.slow && <Progress />}
    </>
  );
}

const NoNetwork = ({ words, again }: { words: string; again: () => void }) => (
  <div class="told no-print" role="status">
    <p>
      <Icon of="off" /> {words}
    </p>
    <Again do={again} />
  </div>
);

const Again = (p: { do: () => void }) => (
  <button type="button" onClick={p.do}>
    {sayMain("do.again")}
  </button>
);
