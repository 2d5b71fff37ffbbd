import { useState } from "preact/hooks";
import { PromptMoment } from "../gen/undring/v1/feedback_pb";
import { promptsFor, type Moment } from "../review/prompts";
import { language, say, sayCode } from "../words/words";
import { useStore } from "./store";

const wire: Record<Moment, PromptMoment> = {
  card: PromptMoment.CARD,
  warm_up: PromptMoment.WARM_UP,
  during: PromptMoment.DURING,
  own_view: PromptMoment.OWN_VIEW,
  feedback: PromptMoment.FEEDBACK,
  question: PromptMoment.QUESTION,
  answer: PromptMoment.ANSWER,
  ask_back: PromptMoment.ASK_BACK,
  take_away: PromptMoment.TAKE_AWAY,
  action: PromptMoment.ACTION,
  report: PromptMoment.REPORT,
  guide: PromptMoment.GUIDE,
};

/**
 * Sentences to begin with: those of the phone, and those that the school's staff
 * added. A tap takes one over; that is told to nobody.
 */
export function Prompts(p: { moment: Moment; take: (text: string) => void; named?: boolean; open?: boolean }) {
  const store = useStore();
  const [open, setOpen] = useState(p.open ?? false);
  const own = store.schools.value.flatMap((s) =>
    s.prompts.filter((m) => m.moment === wire[p.moment]).flatMap((m) => m.prompts.filter((x) => x.schoolId !== "")),
  );
  const all = [...promptsFor(p.moment, language.value), ...own.map((x) => ({ kind: "other", text: x.text }))];
  if (all.length === 0) return null;
  return (
    <details class="prompts" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{say("fb.prompts")}</summary>
      <ul>
        {all.map((x) => (
          <li key={x.text}>
            <button type="button" class="prompt" onClick={() => p.take(x.text)}>
              {p.named && <small>{sayCode("fb.prompt", x.kind)}</small>}
              <span lang={language.value}>{x.text}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
