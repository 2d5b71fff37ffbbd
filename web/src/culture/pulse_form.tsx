import { useRef, useState } from "preact/hooks";
import type { PulseRound } from "../gen/undring/v1/culture_pb";
import { Progress, useDoing } from "../parts/call";
import { Choice } from "../parts/choice";
import { Icon } from "../parts/icons";
import { Refused, Told } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import type { Say } from "./words";

interface Props {
  round: PulseRound;
  school: string;
  /** The last day on which it is open, and the day of the result. */
  last: string;
  closes: string;
  say: Say;
}

/**
 * Answering the pulse. The answers are in this form and nowhere else on the phone:
 * not kept while they are chosen, and gone when they are sent.
 */
export function PulseForm({ round, school, last, closes, say }: Props) {
  const store = useStore();
  const doing = useDoing();
  const requestId = useRef(newId()); // the same when it is sent again: the first reply may have been lost
  const [agrees, setAgrees] = useState<Record<string, boolean>>({});
  const [tried, setTried] = useState(false);
  const [sent, setSent] = useState(false);
  const missing = round.statements.filter((s) => agrees[s.id] === undefined);

  async function send(e: Event) {
    e.preventDefault();
    setTried(true);
    if (missing.length > 0) return;
    const answers = round.statements.map((s) => ({ statementId: s.id, agrees: agrees[s.id]! }));
    const done = await doing.run(() => store.call.culture.submitPulse({ requestId: requestId.current, schoolId: school, answers }));
    if (!done) return;
    setAgrees({});
    setSent(true);
  }

  if (sent) {
    return (
      <Told>
        <p>
          <Icon of="check" /> <b>{say("pulse.receipt")}</b>
        </p>
        <p>{say("pulse.receipt.more", { when: closes })}</p>
      </Told>
    );
  }
  return (
    <form class="pulse-form no-print" onSubmit={send} noValidate>
      <p>
        <b>{say("pulse.open", { when: last })}.</b> {say("pulse.short", { n: round.statements.length })}
      </p>
      <p class="promise">
        <Icon of="lock" /> <span>{round.promise}</span>
      </p>
      {round.statements.map((s) => (
        <Choice
          key={s.id}
          legend={s.text}
          class="agreeing"
          value={agrees[s.id] === undefined ? undefined : agrees[s.id] ? "yes" : "no"}
          choose={(v) => setAgrees({ ...agrees, [s.id]: v === "yes" })}
          options={[
            { value: "yes", label: say("pulse.agree") },
            { value: "no", label: say("pulse.disagree") },
          ]}
        />
      ))}
      {tried && missing.length > 0 && (
        <div class="refused" role="alert">
          <Icon of="warn" />
          <div>
            <p>{say("pulse.missing")}</p>
            <ul>
              {missing.map((s) => (
                <li key={s.id}>{s.text}</li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <Refused refusal={doing.refusal} />
      {doing.slow && <Progress />}
      <button type="submit" class="primary wide" disabled={doing.doing}>
        {say("pulse.send")}
      </button>
    </form>
  );
}
