// The question whether one would like to be told on this device: once there is somebody to wait for.

import "../words/later";
import { useEffect, useState } from "preact/hooks";
import { useAnswer, useDoing } from "../parts/call";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { badge, dontAsk, isAsked, keepUp, reachOf, turnOn } from "./push";
import { say } from "./words";

let keptUp = false;

export function Ask({ unread }: { unread: number }) {
  const store = useStore();
  useEffect(() => badge(unread), [unread]);
  const [answered, setAnswered] = useState(isAsked());
  const reach = reachOf(store);
  const offer = useAnswer(async () => {
    if (!keptUp) await keepUp(store).catch(() => {}); // the next start tells it
    keptUp = true;
    return answered || reach === "on" || reach === "none" || reach === "denied" ? undefined : store.call.notification.getPreferences({});
  });
  const doing = useDoing();
  if (answered || !offer.data || offer.data.webPushKey.length === 0) return null;
  const never = () => {
    dontAsk();
    setAnswered(true);
  };
  const yes = () => void doing.run(() => turnOn(store, offer.data!)).then((ok) => ok && (reachOf(store) === "on" ? setAnswered(true) : never()));
  return (
    <section class="card ask" aria-labelledby="ask-push">
      <div class="card-main">
        <h2 id="ask-push">{say("push.ask")}</h2>
        <p>{say(reach === "home-screen-first" ? "push.apple" : "push.ask.lead")}</p>
        <Refused refusal={doing.refusal} />
      </div>
      <div class="buttons">
        {reach !== "home-screen-first" && (
          <button type="button" class="primary" onClick={yes}>
            {say("push.ask.yes")}
          </button>
        )}
        <button type="button" onClick={never}>
          {say(reach === "home-screen-first" ? "push.apple.ok" : "push.ask.no")}
        </button>
      </div>
    </section>
  );
}
