import { type Session, SessionEnd } from "../gen/undring/v1/session_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { focusOn } from "../parts/focus";
import { Refused, Sure } from "../parts/notices";
import { Page } from "../parts/page";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { dateOf, when } from "../words/time";
import { say, sayCode } from "../words/words";

/** Where one is signed in, and the way to end it from here. */
export function Devices() {
  const store = useStore();
  const answer = useAnswer(() => store.call.session.listSessions({}));
  return (
    <Page title={say("dev.title")} back="/more">
      <p class="quiet">{say("dev.lead")}</p>
      <Answered of={answer}>
        {({ sessions }) => (
          <>
            <ul class="cards">
              {sessions
                .filter((s) => !s.endTime)
                .map((s) => (
                  <Device key={s.id} session={s} again={answer.again} />
                ))}
            </ul>
            {sessions.some((s) => s.endTime) && (
              <details class="more">
                <summary>{say("dev.ended")}</summary>
                <ul class="cards">
                  {sessions
                    .filter((s) => s.endTime)
                    .map((s) => (
                      <Device key={s.id} session={s} again={answer.again} />
                    ))}
                </ul>
              </details>
            )}
          </>
        )}
      </Answered>
    </Page>
  );
}

function Device({ session: s, again }: { session: Session; again: () => void }) {
  const store = useStore();
  const doing = useDoing();
  const now = store.now();
  const seen = dateOf(s.refreshTime) ?? dateOf(s.createTime);
  const end = dateOf(s.endTime);
  function ended() {
    focusOn("main"); // the button goes with the device
    again();
  }
  return (
    <li class="card">
      <div class="card-main">
        <b>
          {s.deviceName || say("dev.unnamed")} {s.current && <span class="state">{say("dev.this")}</span>}
        </b>
        {seen && <small>{say("dev.seen", { when: when(seen, now) })}</small>}
        {end && (
          <small>
            {when(end, now)}: {sayCode("dev", SessionEnd[s.end])}
          </small>
        )}
        <Refused refusal={doing.refusal} />
      </div>
      {!end && !s.current && (
        <Sure
          class=""
          label={say("dev.end")}
          ask={say("dev.end.sure")}
          yes={say("dev.end.do")}
          do={() => void doing.run(() => store.call.session.revokeSession({ requestId: newId(), sessionId: s.id })).then((ok) => ok && ended())}
        />
      )}
    </li>
  );
}
