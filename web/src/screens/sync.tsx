import { ObservationState } from "../gen/undring/v1/observation_pb";
import { fieldsOf, placeOf } from "../parts/back";
import { Icon } from "../parts/icons";
import { CopyTexts, LetGo, More, TakeBack } from "../parts/notices";
import { Page } from "../parts/page";
import { nameOf } from "../parts/people";
import { useStore } from "../parts/store";
import { otherId } from "../parts/visit";
import { isForGood } from "../store/refusal";
import type { Conflict, Pending, Store } from "../store/store";
import { callOf, textsOf } from "../things";
import { capital, when } from "../words/time";
import { say, sayCode } from "../words/words";

/** What has not reached the server, and why; and texts that stand in two versions. */
export function Sync() {
  const store = useStore();
  const all = store.outbox.value;
  const refused = all.filter((p) => p.outcome === "refused");
  const waiting = all.filter((p) => p.outcome !== "refused");
  const conflicts = store.conflicts.value;
  const synced = store.syncTime.value;
  return (
    <Page title={say("sync.title")} back="/more">
      <StateLine waiting={waiting.length > 0} settled={all.length + conflicts.length === 0} />
      {synced && <p class="quiet">{say("sync.last", { when: when(synced, store.now()) })}</p>}
      {store.room.value.low && (
        <p class="told">
          <Icon of="warn" /> {say("sync.full")}
        </p>
      )}
      {conflicts.length > 0 && (
        <section aria-labelledby="conflicts">
          <h2 id="conflicts">{say("sync.conflict")}</h2>
          <p class="quiet">{say("sync.conflict.lead")}</p>
          {conflicts.map((c) => (
            <ConflictCard key={c.id} conflict={c} />
          ))}
        </section>
      )}
      {refused.length > 0 && (
        <section aria-labelledby="refused">
          <h2 id="refused">{say("sync.refused")}</h2>
          <p class="quiet">{say("sync.refused.lead")}</p>
          {refused.map((p) => (
            <RefusedCard key={p.requestId} pending={p} />
          ))}
        </section>
      )}
      {waiting.length > 0 && (
        <section aria-labelledby="waiting">
          <h2 id="waiting">{say("sync.waiting")}</h2>
          <ul class="rows">
            {waiting.map((p) => (
              <li key={p.requestId} class="row">
                <Icon of="clock" />
                <span class="row-text">
                  <b>{deedWords(p)}</b>
                  <small>{aboutWords(store, p)}</small>
                  {textsOf(p.request).map((t) => (
                    <small key={t}>{t}</small>
                  ))}
                  {p.outcome === "held" && <small>{say("sync.held")}</small>}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <button type="button" class="wide" disabled={store.syncing.value} onClick={() => void store.sync()}>
        {say(store.syncing.value && !store.slow.value ? "net.sending" : "sync.now")}
      </button>
    </Page>
  );
}

/** How it stands with the network; nothing where only the person can go on. */
function StateLine({ waiting, settled }: { waiting: boolean; settled: boolean }) {
  const store = useStore();
  const online = store.online.value;
  const slow = waiting && store.slow.value;
  if (!settled && !waiting && online) return null;
  return (
    <p class="state-line">
      <Icon of={settled ? "check" : slow ? "clock" : online ? "send" : "off"} />
      {say(settled ? "sync.all" : slow ? "net.waits" : online ? "net.sending" : "net.off")}
    </p>
  );
}

function deedWords(p: Pending): string {
  return sayCode("op", callOf(p.typeName));
}

function aboutWords(store: Store, p: Pending): string {
  const visit = store.visit(p.visitId);
  return [visit && nameOf(store, otherId(store, visit)), capital(when(p.time, store.now()))].filter(Boolean).join(" · ");
}

function RefusedCard({ pending: p }: { pending: Pending }) {
  const store = useStore();
  const texts = textsOf(p.request);
  const forGood = p.refusal !== undefined && isForGood(p.refusal);
  const withdrawn = store.visit(p.visitId)?.state === ObservationState.WITHDRAWN;
  return (
    <article class="item">
      <h3>{deedWords(p)}</h3>
      <small>{aboutWords(store, p)}</small>
      <div class="refused">
        <Icon of="warn" />
        <div>
          <p>{p.refusal?.message}</p>
          {p.refusal && <More refusal={p.refusal} />}
        </div>
      </div>
      {texts.map((t) => (
        <blockquote key={t}>{t}</blockquote>
      ))}
      {forGood && <p>{say("sync.no_use")}</p>}
      <div class="two">
        <CopyTexts texts={texts} />
        {!forGood && (
          <button type="button" class="primary" onClick={() => store.again(p.requestId)}>
            {say("sync.again")}
          </button>
        )}
      </div>
      {!withdrawn && (
        fieldsOf(store, p) ? (
          <TakeBack pending={p} class="link" />
        ) : (
          <a class="quiet-link" href={`#${placeOf(store, p)}`}>
            {say("sync.edit")}
          </a>
        )
      )}
      <LetGo pending={p} />
    </article>
  );
}

function ConflictCard({ conflict: c }: { conflict: Conflict }) {
  const store = useStore();
  const visit = store.visit(c.visitId);
  return (
    <article class="item">
      {visit && <small>{nameOf(store, otherId(store, visit))}</small>}
      <h3>{say("sync.mine")}</h3>
      <blockquote>{c.mine}</blockquote>
      <h3>{say("sync.theirs")}</h3>
      <blockquote>{c.theirs}</blockquote>
      <div class="two">
        <button type="button" onClick={() => store.settle(c.id, "mine")}>
          {say("sync.keep_mine")}
        </button>
        <button type="button" onClick={() => store.settle(c.id, "theirs")}>
          {say("sync.keep_theirs")}
        </button>
      </div>
      {c.what !== "card" && (
        <button type="button" class="primary wide" onClick={() => store.settle(c.id, "both")}>
          {say("sync.keep_both")}
        </button>
      )}
    </article>
  );
}
