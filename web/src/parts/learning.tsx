import { Learning, type Takeaway } from "../gen/undring/v1/feedback_pb";
import { say } from "../words/words";
import { Choice } from "./choice";
import { readBy, Who } from "./field";

// The kinds weigh the same and stand in this order; none is praised.
const kinds = [
  [Learning.ADJUSTED_PRACTICE, "take.ADJUSTED_PRACTICE"],
  [Learning.QUESTIONED_ASSUMPTION, "take.QUESTIONED_ASSUMPTION"],
  [Learning.NOTHING_NEW, "take.NOTHING_NEW"],
] as const;

export const sayLearning = (of: Learning): string => say(kinds.find(([k]) => k === of)?.[1] ?? "take.NOTHING_NEW");

export const LearningChoice = (p: { id: string; value: Learning | undefined; choose: (v: Learning) => void; wrong?: string | undefined }) => (
  <Choice
    id={p.id}
    wrong={p.wrong}
    legend={say("take.learning")}
    class="stacked"
    value={p.value}
    choose={p.choose}
    options={kinds.map(([value, key]) => ({ value, label: say(key), hint: say(`${key}.hint`) }))}
  />
);

/** What I took with me, as I alone read it. */
export const MyTakeaway = ({ takeaway: t }: { takeaway: Takeaway }) => (
  <article class="item">
    <p class="said">{t.text}</p>
    <p class="quiet">{sayLearning(t.learning)}</p>
    {t.borrowed && (
      <p>
        <small>{say("take.borrowed")}</small>
        <br />
        {t.borrowed}
      </p>
    )}
    <Who sees={readBy(t.audience, "who.mine")} />
  </article>
);
