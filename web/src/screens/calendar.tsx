// The secret address at which a calendar program finds one's visits and talks.

import { useState } from "preact/hooks";
import { Answered, Progress, useAnswer, useDoing } from "../parts/call";
import { Refused, Sure } from "../parts/notices";
import { Page } from "../parts/page";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { say } from "../words/words";

export function Calendar() {
  const store = useStore();
  const answer = useAnswer(() => store.call.notification.getCalendarFeed({}));
  return (
    <Page title={say("cal.title")} back="/more">
      <p class="lead">{say("cal.lead")}</p>
      <p class="quiet">{say("cal.what")}</p>
      <Answered of={answer}>{({ address }) => <Address first={address} />}</Answered>
    </Page>
  );
}

/** The address, and what one can do with it. It is never kept on the phone: it is asked for anew each time. */
function Address({ first }: { first: string }) {
  const store = useStore();
  const doing = useDoing();
  const [address, setAddress] = useState(first);
  const [said, tell] = useState<"" | "cal.copied" | "cal.not_copied" | "cal.renewed">("");
  const whole = new URL(address, location.origin).href; // a server that does not know its own address gives a path
  const copy = () =>
    (navigator.clipboard?.writeText(whole) ?? Promise.reject(new Error("no clipboard"))).then(
      () => tell("cal.copied"),
      () => tell("cal.not_copied"),
    );
  const renew = () =>
    doing.run(async () => {
      setAddress((await store.call.notification.renewCalendarFeed({ requestId: newId() })).address);
      tell("cal.renewed");
    });
  return (
    <>
      <section aria-label={say("cal.address")}>
        <label for="feed">{say("cal.address")}</label>
        <input id="feed" type="url" readOnly value={whole} aria-describedby="feed-secret" onFocus={(e) => e.currentTarget.select()} />
        <p class="quiet" id="feed-secret">
          {say("cal.secret")}
        </p>
        <button type="button" class="primary wide" onClick={() => void copy()}>
          {say("cal.copy")}
        </button>
        <p role="status">{said && say(said)}</p>
        <a class="button wide" href={whole.replace(/^https?:/, "webcal:")}>
          {say("cal.open")}
        </a>
      </section>
      <section aria-labelledby="how">
        <h2 id="how">{say("cal.how")}</h2>
        <ul class="plain">
          {(["cal.outlook", "cal.google", "cal.apple"] as const).map((k) => (
            <li key={k}>{say(k)}</li>
          ))}
        </ul>
        <p class="quiet">{say("cal.slow")}</p>
      </section>
      <section class="apart" aria-label={say("cal.renew")}>
        <Sure class="wide" label={say("cal.renew")} ask={say("cal.renew.sure")} yes={say("cal.renew.do")} do={() => void renew()} />
        {doing.slow && <Progress />}
        <Refused refusal={doing.refusal} />
      </section>
    </>
  );
}
