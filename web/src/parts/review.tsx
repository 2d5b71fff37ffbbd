import type { Kind } from "../review/review";
import { language, say, sayCode } from "../words/words";
import { Switch } from "./choice";
import { canStandBy } from "../rules/gift";
import { reviewed } from "./draft";
import { Icon } from "./icons";

/** What a question does, why, and how it could be put better; as it is being written. */
export function Review(p: { text: string; take: (text: string) => void; standBy?: boolean; setStandBy?: (on: boolean) => void }) {
  const judged = reviewed(p.text, language.value);
  if (!judged) return null;
  const good = judged.kind === "WONDERING";
  const stands = Boolean(p.standBy) && canStandBy(judged.kind);
  return (
    <div class={`review ${good || stands ? "good" : ""}`} data-kind={judged.kind}>
      <p role="status">
        <Icon of={good || stands ? "check" : "think"} />
        <b>{sayCode("fb.kind", judged.kind satisfies Kind)}</b>
        <span> {stands ? say("fb.standing") : judged.reason}</span>
      </p>
      {!good && !stands && (
        <ul class="better">
          {judged.suggestions.map((s) => (
            <li key={s}>
              <button type="button" class="prompt" onClick={() => p.take(s)}>
                {say("fb.better", { text: s })}
              </button>
            </li>
          ))}
        </ul>
      )}
      {p.setStandBy && canStandBy(judged.kind) && <Switch class="small" label={say("fb.stand")} on={stands} set={p.setStandBy} />}
    </div>
  );
}
