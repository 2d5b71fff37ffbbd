import { MarkMomentRequestSchema, type Moment, type Note, type Observation } from "../gen/undring/v1/observation_pb";
import { moments } from "../things/moment";
import type { Store } from "../store/store";
import { clock, dateOf } from "../words/time";
import { count, say } from "../words/words";
import { Icon } from "./icons";
import { kindOf } from "./note";
import { useStore } from "./store";
import { endOf, startOf } from "./visit";

const timeOf = (m: { markedAt?: Moment["markedAt"] }): number => dateOf(m.markedAt)?.getTime() ?? 0;

/** One's own moments of a visit that have no words yet, in their order. */
export const momentsOf = (store: Store, visitId: string): Moment[] =>
  [...store.all(moments).values()].filter((m) => m.observationId === visitId).sort((a, b) => timeOf(a) - timeOf(b));

/** "Here!": one tap, and the moment is kept. */
export function Here({ visit, wide }: { visit: Observation; wide?: boolean }) {
  const store = useStore();
  return (
    <button type="button" class={wide ? "wide here" : "here"} onClick={() => void store.do(MarkMomentRequestSchema, { observationId: visit.id })}>
      <Icon of="here" />
      {say("moment.here")}
    </button>
  );
}

/** Moments that wait for words: a tap takes one, and one that was nothing is taken away. */
export function Moments({ visit, take }: { visit: Observation; take?: (m: Moment, at: Date) => void }) {
  const store = useStore();
  const own = momentsOf(store, visit.id);
  if (own.length === 0) return null;
  return (
    <section class="moments" aria-label={say("moment.list")}>
      <small>{say(take ? "moment.take" : "moment.later")}</small>
      <ul>
        {own.map((m) => {
          const at = new Date(timeOf(m));
          return (
            <li key={m.id}>
              {take ? (
                <button type="button" class="small" onClick={() => take(m, at)}>
                  <Icon of="here" />
                  <span class="hidden">{say("moment.words")}</span> {clock(at)}
                </button>
              ) : (
                <span>
                  <Icon of="here" /> {clock(at)}
                </span>
              )}
              <button type="button" class="quiet-button" onClick={() => void store.do(MarkMomentRequestSchema, { id: m.id, observationId: visit.id, takeBack: true })}>
                <span aria-hidden="true">×</span>
                <span class="hidden">{say("moment.remove", { time: clock(at) })}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const width = 320;

/** The pace of the notes along the lesson, as a clock sees it: when something was written, and where it was quiet. For the writer alone. */
export function Pace({ visit, notes }: { visit: Observation; notes: Note[] }) {
  const store = useStore();
  const [start, end] = [startOf(visit).getTime(), endOf(visit).getTime()];
  const along = (t: number) => 4 + Math.min(1, Math.max(0, (t - start) / (end - start))) * (width - 8);
  const times = notes.map((n) => ({ kind: n.kind, at: dateOf(n.observedAt)?.getTime() ?? start })).sort((a, b) => a.at - b.at);
  const last = times.at(-1);
  if (!last || end <= start) return null;
  const now = store.now().getTime();
  const [from, until] = [clock(new Date(start)), clock(new Date(end))];
  return (
    <figure class="pace">
      <svg viewBox={`0 0 ${width} 24`} role="img" aria-label={`${count("pace", notes.length)} ${say("pace.last", { from, until, last: clock(new Date(last.at)) })}`} preserveAspectRatio="none">
        <line x1="4" x2={width - 4} y1="20" y2="20" class="pace-line" />
        {now > start && now < end && <line x1={along(now)} x2={along(now)} y1="2" y2="22" class="pace-now" />}
        {times.map((t, i) => (
          <line key={i} x1={along(t.at)} x2={along(t.at)} y1="6" y2="19" class={`pace-note ${kindOf(t.kind).class}`} />
        ))}
        {momentsOf(store, visit.id).map((m) => (
          <circle key={m.id} cx={along(timeOf(m))} cy="4" r="3" class="pace-moment" />
        ))}
      </svg>
      <figcaption aria-hidden="true">
        <span>{from}</span>
        <span>{count("pace", notes.length)}</span>
        <span>{until}</span>
      </figcaption>
    </figure>
  );
}
