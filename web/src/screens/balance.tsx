import { Answered, useAnswer } from "../parts/call";
import { Page } from "../parts/page";
import { useStore } from "../parts/store";
import { say } from "../words/words";

/** What I have given and received. Nobody sees another's. */
export function Balance() {
  const store = useStore();
  const answer = useAnswer(() => store.call.observation.getBalance({}));
  return (
    <Page title={say("balance.title")} back="/more">
      <p class="quiet">{say("balance.lead")}</p>
      <Answered of={answer}>
        {(b) => (
          <dl class="balance">
            <div>
              <dt>{say("balance.visited")}</dt>
              <dd>{b.visited}</dd>
            </div>
            <div>
              <dt>{say("balance.was_visited")}</dt>
              <dd>{b.wasVisited}</dd>
            </div>
            <div>
              <dt>{say("balance.gave")}</dt>
              <dd>{b.gaveFeedback}</dd>
            </div>
            <div>
              <dt>{say("balance.answered")}</dt>
              <dd>{b.answered}</dd>
            </div>
            <div>
              <dt>{say("balance.my_move")}</dt>
              <dd>{b.myMove}</dd>
            </div>
          </dl>
        )}
      </Answered>
    </Page>
  );
}
