import { Page } from "../parts/page";
import { type Key, say } from "../words/words";

const groups: [Key, Key][] = [
  ["sees.two", "sees.two.text"],
  ["sees.mine", "sees.mine.text"],
  ["sees.school", "sees.school.text"],
  ["sees.leader", "sees.leader.text"],
  ["sees.never", "sees.never.text"],
];

/** Who sees what, on one page. */
export const Sees = () => (
  <Page title={say("sees.title")} back="/more">
    <dl class="policy">
      {groups.map(([who, what]) => (
        <div key={who}>
          <dt>{say(who)}</dt>
          <dd>{say(what)}</dd>
        </div>
      ))}
    </dl>
  </Page>
);
