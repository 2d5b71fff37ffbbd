import { Page } from "../parts/page";
import { Answered, useAnswer } from "../parts/call";
import { runsSchool } from "../parts/people";
import { useStore } from "../parts/store";
import { say } from "../words/words";

/** The place of the desk of those who run a school. Nobody else's phone fetches it. */
export function Desk() {
  const store = useStore();
  const may = runsSchool(store);
  const answer = useAnswer(async () => (may ? await import("../desk/desk") : undefined), [may]);
  if (answer.data) return <answer.data.Desk />;
  return (
    <Page title={say("desk.title")} back="/more">
      {may ? <Answered of={answer}>{() => null}</Answered> : <p class="lead">{say("app.not_found")}</p>}
    </Page>
  );
}
