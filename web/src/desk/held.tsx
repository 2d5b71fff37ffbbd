import { useAnswer } from "../parts/call";
import { Icon } from "../parts/icons";
import { useStore } from "../parts/store";
import { dateOf, when } from "../words/time";
import { say } from "./words";

/** Tells an administrator, on the first screen, that the brake has held the last import: by night nobody else saw it. */
export function Held() {
  const store = useStore();
  const answer = useAnswer(() => store.call.school.listImports({ pageSize: 1 }));
  const last = answer.data?.imports[0];
  if (!last?.held) return null;
  return (
    <section class="card" aria-labelledby="held">
      <div class="card-main">
        <h2 id="held">{say("held.title")}</h2>
        <p>{say("held.what", { when: when(dateOf(last.time)!, store.now()), n: last.deactivated })}</p>
      </div>
      <a class="button small" href="#/desk/people">
        {say("held.do")}
        <Icon of="on" />
      </a>
    </section>
  );
}
