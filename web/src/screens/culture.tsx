import { Page } from "../parts/page";
import { Answered, useAnswer } from "../parts/call";
import { say } from "../words/words";

/** The place of the culture report. It comes by itself, so that the app can begin without it. */
export function Culture() {
  const answer = useAnswer(() => import("../culture/page"));
  if (answer.data) return <answer.data.CulturePage />;
  return (
    <Page title={say("culture.title")}>
      <Answered of={answer}>{() => null}</Answered>
    </Page>
  );
}
