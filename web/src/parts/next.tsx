import { type Observation, NextTodo } from "../gen/undring/v1/observation_pb";
import { at, dateOf, when } from "../words/time";
import { say } from "../words/words";
import { Icon } from "./icons";
import { firstName, firstNameOf, myId, nameOf } from "./people";
import { useStore } from "./store";
import { endOf, isOpen, lessonIsOn, otherId, todoWords } from "./visit";

/** Whose turn it is, what is owed and by when: on every view of an open visit. */
export function Next({ visit, small }: { visit: Observation; small?: boolean }) {
  const store = useStore();
  const step = visit.nextStep;
  if (!step || (!isOpen(visit) && step.personIds.length === 0)) return null;
  const mine = store.myMove(visit);
  const both = step.personIds.length > 1;
  const whose = both ? say("turn.both") : mine ? say("turn.mine") : say("turn.theirs", { name: firstNameOf(store, otherId(store, visit)) });
  return (
    <div class={`turn ${mine ? "turn-mine" : ""} ${small ? "turn-small" : ""}`} data-turn={mine ? "mine" : "theirs"}>
      <Icon of={both ? "both" : mine ? "on" : "clock"} />
      <p>
        <b>{whose}</b>
        <span>
          {todoWords(store, visit)} <Due visit={visit} />
        </span>
      </p>
    </div>
  );
}

/** By when, or how late. */
export function Due({ visit }: { visit: Observation }) {
  const store = useStore();
  const due = dateOf(visit.nextStep?.dueTime);
  if (!due) return null;
  const late = visit.nextStep?.overdue;
  if (!late && lessonIsOn(visit, store.now())) return <span class="due">{say("due.until", { when: at(endOf(visit)) })}</span>;
  const moment = when(due, store.now());
  // A lesson is at its time, everything else is due by then.
  const words = late ? say("due.late", { when: moment }) : visit.nextStep?.todo === NextTodo.VISIT ? moment : say("due.by", { when: moment });
  return (
    <span class={late ? "due late" : "due"}>
      {late && <Icon of="warn" />}
      {words}
    </span>
  );
}

/** Who a line is from, as the reader would say it. */
export function FromWhom({ id }: { id: string }) {
  const store = useStore();
  return <>{id === myId(store) ? say("ex.from_you") : say("ex.from", { name: firstName(nameOf(store, id)) })}</>;
}
