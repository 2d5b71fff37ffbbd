// A leader's week: what the conditions are, and what one can do about them. Never who.

import { sheet } from "../culture/sheet";
import { saying } from "../culture/words";
import { FocusAreaState, FocusService, NeedStatus } from "../gen/undring/v1/focus_pb";
import { Answered, useAnswer } from "../parts/call";
import { Icon } from "../parts/icons";
import { useStore } from "../parts/store";
import { commons } from "../things/commons";
import { dateOf, fullDay, isoDay, when } from "../words/time";
import { language } from "../words/words";
import { dayOf, span } from "./calendar";
import type { At } from "./desk";
import { count, say } from "./words";

const weekMs = 7 * 86_400_000;
const meetingsShown = 3;

interface Line {
  what: string;
  about: string;
  to: string;
  act: string;
}

/** What a leader can do about each of the sentences that the figures come to: about who visits, who is visited, and what helps. */
function ways(i: number, of: number): { to: string; act: string } {
  if (i === of - 1) return { to: "/desk/calendar", act: say("week.hours.do") };
  return i === 0 ? { to: "/desk/calendar", act: say("week.free.do") } : { to: "/desk/policy", act: say("week.deadlines.do") };
}

const Lines = ({ of }: { of: Line[] }) => (
  <ul class="cards conditions">
    {of.map((l) => (
      <li key={`${l.what} ${l.to}`} class="card">
        <div class="card-main">
          <b>{l.what}</b>
          {l.about && <small>{l.about}</small>}
        </div>
        <a class="button small" href={`#${l.to}`}>
          {l.act}
          <Icon of="on" />
        </a>
      </li>
    ))}
  </ul>
);

export function Week({ at }: { at: At }) {
  const store = useStore();
  const answer = useAnswer(async () => {
    const { terms } = await store.call.school.listTerms({ schoolId: at.id });
    const now = store.now();
    const term = terms.find((t) => dateOf(t.startTime)! <= now && now < dateOf(t.endTime)!) ?? terms.find((t) => !t.closed);
    const focus = store.call.of(FocusService);
    const [needs, areas, report, budget, live, policies, busy] = await Promise.all([
      focus.listNeeds({ schoolId: at.id, openOnly: true, pageSize: 200 }),
      focus.listFocusAreas({ schoolId: at.id }),
      store.call.culture.getCultureReport({ of: { case: "schoolId", value: at.id } }),
      store.call.school.getTimeBudget({ schoolId: at.id, term: term?.id ?? "" }),
      store.call.culture.getLivePage({ schoolId: at.id }),
      store.call.school.listPolicyChanges({ schoolId: at.id }),
      store.call.school.listBusyPeriods({ schoolId: at.id }),
    ]);
    return {
      waiting: needs.needs.filter((n) => n.status === NeedStatus.OPEN),
      areas: areas.focusAreas,
      sentences: report.report ? sheet(report.report, saying(language.value)).summary : [],
      budget: budget.timeBudget, 
      live,
      policies: policies.policies,
      busy: busy.busyPeriods,
    };
  }, [at.id]);
  return (
    <>
      <p class="lead">{say("week.lead")}</p>
      <Answered of={answer}>
        {(a) => {
          const now = store.now();
          const coming = (a.budget?.hours ?? []).filter((h) => dateOf(h.startTime)! > now);
          const soon = coming.filter((h) => dateOf(h.startTime)!.getTime() < now.getTime() + 2 * weekMs);
          const free = soon.filter((h) => !h.full).length;
          const ahead = a.policies.find((p) => dateOf(p.effectiveTime)! > now);
          const busy = a.busy.filter((b) => b.lastDate >= isoDay(now));
          const due = a.waiting.map((n) => n.answerDueDate).filter(Boolean).sort()[0];
          const heard = a.areas.filter((f) => f.state === FocusAreaState.HEARING);
          const meetings = (store.all(commons).get(at.id)?.meetings ?? [])
            .filter((m) => !m.endTime && dateOf(m.startTime)! > now)
            .toSorted((x, y) => dateOf(x.startTime)!.getTime() - dateOf(y.startTime)!.getTime());
          const adopted = a.areas.filter((f) => f.state === FocusAreaState.ADOPTED).length;
          const lines: Line[] = [
            {
              what: a.waiting.length > 0 ? count("week.needs", a.waiting.length) : say("week.needs.none"),
              about: due ? say("week.needs.due", { when: fullDay(dayOf(due), now) }) : say("week.needs.about"),
              to: `/needs?school=${at.id}`,
              act: say(a.waiting.length > 0 ? "week.needs.do" : "week.needs.see"),
            },
            ...heard.map((f) => ({
              what: say("week.hearing", { title: f.text?.title ?? "", when: fullDay(dayOf(f.hearingUntil), now) }),
              about: say("week.hearing.about"),
              to: `/plan?school=${at.id}`,
              act: say("week.hearing.do"),
            })),
            {
              what: adopted > 0 ? count("week.areas", adopted) : say("week.areas.none"),
              about: say("week.areas.about"),
              to: `/plan?school=${at.id}`,
              act: say("week.areas.do"),
            },
            ...meetings.slice(0, meetingsShown).map((m) => ({
              what: say("week.meeting", { when: when(dateOf(m.startTime)!, now) }),
              about: m.items.map((i) => i.title).join(" · "),
              to: `/meetings?school=${at.id}&m=${m.id}`,
              act: say("week.meeting.do"),
            })),
            ...(meetings.length === 0 ? [{ what: say("week.meeting.none"), about: say("week.meeting.about"), to: `/meetings?school=${at.id}`, act: say("week.meeting.plan") }] : []),
            {
              what: a.live.minutesSetAside > 0 ? count("week.hours", Math.round(a.live.minutesSetAside / 60)) : say("week.hours.none"),
              about: say("week.hours.about"),
              to: "/desk/calendar",
              act: say("week.hours.do"),
            },
            {
              what: soon.length > 0 ? say("week.free", { free, n: soon.length }) : say("week.free.none"),
              about: a.live.used || say("week.free.about"),
              to: "/desk/calendar",
              act: say("week.free.do"),
            },
            {
              what: busy[0] ? say("week.busy", { name: busy[0].name, when: span(busy[0].firstDate, busy[0].lastDate, now) }) : say("week.busy.none"),
              about: say("week.busy.about"),
              to: "/desk/calendar",
              act: say("week.busy.do"),
            },
            {
              what: ahead ? say("week.policy", { when: fullDay(dateOf(ahead.effectiveTime)!, now) }) : say("week.policy.none"),
              about: say("week.policy.about"),
              to: "/desk/policy",
              act: say("week.policy.do"),
            },
            {
              what: say("week.figures"),
              about: a.live.nextReportTime ? say("week.figures.when", { when: fullDay(dateOf(a.live.nextReportTime)!, now) }) : "",
              to: "/culture",
              act: say("week.figures.do"),
            },
            { what: say("week.own"), about: say("week.own.about"), to: "/new", act: say("week.own.do") },
          ];
          return (
            <>
              <Lines of={lines} />
              {a.sentences.length > 0 && (
                <section aria-labelledby="sentences">
                  <h2 id="sentences">{say("week.sentences")}</h2>
                  <Lines of={a.sentences.map((what, i) => ({ what, about: "", ...ways(i, a.sentences.length) }))} />
                </section>
              )}
            </>
          );
        }}
      </Answered>
      <p class="quiet">{say("week.never")}</p>
    </>
  );
}
