import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { NeedStatus } from "../gen/undring/v1/focus_pb";
import {
  AgendaKind,
  type Decision,
  LearningResponseKind,
  type Meeting,
  MeetingForm,
  type MeetingNorms,
  ParkPointRequestSchema,
  PlanMeetingRequestSchema,
  RecordDecisionRequestSchema,
  RunMeetingRequestSchema,
  SetMeetingNormsRequestSchema,
} from "../gen/undring/v1/learning_pb";
import { type Person, Role } from "../gen/undring/v1/school_pb";
import { Choice } from "../parts/choice";
import { Field } from "../parts/field";
import { Icon } from "../parts/icons";
import { useKept } from "../parts/kept";
import { useMissing } from "../parts/missing";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useNames } from "../parts/people";
import { useStore, useTyped } from "../parts/store";
import { query } from "../route";
import { atSchool, dateOf, isoDay, when } from "../words/time";
import { say } from "../words/words";
import { Two } from "./needs";
import { clock, leftOf, roles, turnOf, waitingOf } from "./roles";
import { dayWords, type Here, Schools, useHere } from "./school";
import { tell, tellCode } from "./words";

const forms = [MeetingForm.TABLE, MeetingForm.WALK, MeetingForm.CAFE, MeetingForm.OUTDOORS, MeetingForm.SCREEN];

/** Those who meet: of a team, or all who work at the school. */
function useMembers(here: Here, teamId: string): Person[] {
  const school = useStore().schools.value.find((s) => s.school?.id === here.schoolId);
  return (school?.people ?? []).filter((p) => p.active && p.roles.some((r) => r === Role.TEACHER || r === Role.LEADER) && (teamId === "" || p.teamIds.includes(teamId)));
}

/** The norms of a team, or else those of all. */
const normsFor = (here: Here, teamId: string): MeetingNorms | undefined =>
  here.all?.meetingNorms.find((n) => n.teamId === teamId) ?? here.all?.meetingNorms.find((n) => n.teamId === "");

/** Learning meetings: what comes, what was; or one of them, which is led from here. */
export function Meetings() {
  const here = useHere();
  const store = useStore();
  const [planning, setPlanning] = useState(store.words("meet/new/title") !== undefined && store.words("meet/new/title") !== "");
  const all = here.all?.meetings ?? [];
  const one = all.find((m) => m.id === query().get("m"));
  if (one) return <Led key={one.id} meeting={one} here={here} wall={query().get("wall") !== null} />;
  const groups: ["meet.ahead" | "meet.over", Meeting[]][] = [
    ["meet.ahead", all.filter((m) => !m.endTime).reverse()],
    ["meet.over", all.filter((m) => m.endTime)],
  ];
  return (
    <Page title={tell("meet.title")} back="/more">
      <Schools here={here} />
      {all.length === 0 && <p class="lead">{tell("meet.none")}</p>}
      {groups
        .filter(([, list]) => list.length > 0)
        .map(([title, list]) => (
          <section key={title} aria-labelledby={title}>
            <h2 id={title}>{tell(title)}</h2>
            <ul class="rows">
              {list.map((m) => (
                <li key={m.id}>
                  <a class="row" href={`#/meetings?school=${here.schoolId}&m=${m.id}`}>
                    <span class="row-text">
                      {when(dateOf(m.startTime)!, store.now())}
                      <small>{m.items.map((i) => i.title).join(" · ")}</small>
                    </span>
                    <Icon of="on" />
                  </a>
                  <RefusedAbout id={m.id} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      {planning ? (
        <Plan here={here} done={() => setPlanning(false)} />
      ) : (
        <button type="button" class="primary wide" onClick={() => setPlanning(true)}>
          {tell("meet.plan")}
        </button>
      )}
      <Norms here={here} teamId="" />
    </Page>
  );
}

/** How we want to meet: agreed by the staff, and looked at again each half-year. */
function Norms({ here, teamId }: { here: Here; teamId: string }) {
  const store = useStore();
  const missing = useMissing();
  const norms = normsFor(here, teamId);
  const key = `norms/${here.schoolId}/${teamId}`;
  const text = useTyped(`${key}/text`, norms?.norms.join("\n"));
  const agreed = useTyped(`${key}/agreed`);
  const [writing, setWriting] = useState(false);
  const words = [text.key, agreed.key];
  function send() {
    const lines = text.value.split("\n").map((l) => l.trim()).filter((l) => l !== "");
    if (missing.found(lines.length === 0 && { id: "norms", words: tell("area.missing") }, (lines.length > limits.setMeetingNorms.norms || lines.some((l) => l.length > 200)) && { id: "norms", words: tell("meet.norms.hint") }, agreed.value.trim() === "" && { id: "norms-agreed", words: tell("area.missing") })) return;
    store.do(SetMeetingNormsRequestSchema, { schoolId: here.schoolId, teamId, norms: lines, agreedWith: agreed.value.trim() }, { words });
    setWriting(false);
  }
  return (
    <section aria-labelledby="norms-title" class="item">
      <h2 id="norms-title">{tell("meet.norms")}</h2>
      {norms ? (
        <>
          <ul>
            {norms.norms.map((n) => (
              <li key={n}>{n}</li>
            ))}
          </ul>
          <p class={norms.lookAgain ? "late" : "quiet"}>
            {tell(norms.lookAgain ? "meet.norms.again" : "lib.decided", { who: norms.agreedWith, when: dayWords(norms.agreedDay, store.now()) })}
          </p>
        </>
      ) : (
        <p class="quiet">{tell("meet.norms.none")}</p>
      )}
      {writing ? (
        <div class="inline-form">
          <Field id="norms" label={tell("meet.norms")} hint={tell("meet.norms.hint")} sees="who.school" max={limits.setMeetingNorms.norms * limits.setMeetingNorms.normsEach} value={text.value} wrong={missing.of("norms", false)} input={(t) => text.set(t)} />
          <Field id="norms-agreed" single label={tell("meet.norms.who")} sees="who.school" max={limits.setMeetingNorms.agreedWith} value={agreed.value} wrong={missing.of("norms-agreed", agreed.value.trim() !== "")} input={(t) => agreed.set(t)} />
          <Two cancel={() => (words.forEach((k) => store.typed(k, "")), setWriting(false))} send={send} words={tell("meet.norms.send")} />
        </div>
      ) : (
        <button type="button" class="quiet-button" onClick={() => setWriting(true)}>
          {tell("meet.norms.do")}
        </button>
      )}
    </section>
  );
}

/** An item while it is planned. */
interface Planned {
  kind: AgendaKind;
  aboutId: string;
  title: string;
  minutes: number;
}

/** What there is to talk about: what nobody has answered yet, rounds, needs. */
function materialOf(here: Here): Planned[] {
  const cut = (s: string) => ([...s].length > 200 ? `${[...s].slice(0, 197).join("")}…` : s);
  const minutes = 10;
  const learnings = (here.all?.learnings ?? []).filter((l) => l.published);
  const asked = learnings.filter((l) => l.responses.at(-1)?.kind === LearningResponseKind.QUESTION);
  return [
    ...asked.map((l) => ({ kind: AgendaKind.QUESTION, aboutId: l.id, title: cut(l.responses.at(-1)!.text), minutes })),
    ...(here.all?.actionRounds ?? []).filter((r) => r.endedDay === "").map((r) => ({ kind: AgendaKind.ROUND, aboutId: r.id, title: cut(r.question), minutes })),
    ...learnings.filter((l) => !l.hasDialogue).map((l) => ({ kind: AgendaKind.LEARNING, aboutId: l.id, title: cut(l.text), minutes })),
    ...[...(here.all?.needs ?? [])]
      .filter((n) => n.status === NeedStatus.OPEN || n.status === NeedStatus.CONSIDERED)
      .sort((a, b) => b.supporters - a.supporters)
      .map((n) => ({ kind: AgendaKind.NEED, aboutId: n.id, title: cut(n.text), minutes })),
  ].slice(0, 8);
}

/** A new meeting: when and where, what it is about and for how long; the roles go round. */
function Plan({ here, done }: { here: Here; done: () => void }) {
  const store = useStore();
  const missing = useMissing();
  const { me } = useNames();
  const tomorrow = isoDay(new Date(store.now().getTime() + 86_400_000));
  const kept = useKept("meet/new/plan", { teamId: "", day: tomorrow, hour: "14:15", form: MeetingForm.TABLE as number, items: [] as Planned[] });
  const [title, place, reading, why] = [useTyped("meet/new/title"), useTyped("meet/new/place"), useTyped("meet/new/reading"), useTyped("meet/new/why")];
  const school = store.schools.value.find((s) => s.school?.id === here.schoolId);
  const mine = school?.people.find((p) => p.id === me)?.teamIds ?? [];
  const teams = (school?.teams ?? []).filter((t) => here.leads || mine.includes(t.id));
  const { teamId, day, hour, form, items } = kept.value;
  const members = useMembers(here, teamId);
  const turn = turnOf(members, (here.all?.meetings ?? []).filter((m) => m.teamId === teamId));
  const [chosen, setChosen] = useState<Partial<typeof turn>>({});
  const words = [title.key, place.key, reading.key, why.key, kept.key];
  const material = materialOf(here).filter((m) => !items.some((i) => i.aboutId === m.aboutId && i.kind === m.kind));
  const total = items.reduce((sum, i) => sum + i.minutes, 0);
  const timed = day !== "" && hour !== ""; // either can be cleared
  const full = items.length >= limits.planMeeting.items;
  const change = (i: number, minutes: number) => kept.set({ items: items.map((item, n) => (n === i ? { ...item, minutes } : item)) });
  function add() {
    if (title.value.trim() === "" || full) return;
    kept.set({ items: [...items, { kind: AgendaKind.OTHER, aboutId: "", title: title.value.trim(), minutes: 10 }] });
    title.set("");
  }
  function send() {
    if (
      missing.found(
        !timed && { id: "meet-day", words: tell("meet.when.missing") },
        items.length === 0 && { id: "meet-item", words: tell("meet.items.missing") },
        reading.value.trim() !== "" && why.value.trim() === "" && { id: "meet-why", words: tell("meet.why.missing") },
      )
    )
      return;
    store.do(
      PlanMeetingRequestSchema,
      { schoolId: here.schoolId, teamId, startTime: timestampFromDate(atSchool(day, hour)), place: place.value.trim(), form, ...turn, ...chosen, reading: reading.value.trim(), readingWhy: why.value.trim(), items },
      { words },
    );
    done();
  }
  return (
    <section class="inline-form" aria-labelledby="meet-plan">
      <h2 id="meet-plan">{tell("meet.plan")}</h2>
      {teams.length > 0 && <Choice legend={tell("meet.who")} class="chips" value={teamId} choose={(id) => (kept.set({ teamId: id }), setChosen({}))} options={[{ value: "", label: tell("lib.for.school") }, ...teams.map((t) => ({ value: t.id, label: t.name }))]} />}
      <div class="field">
        <label for="meet-day">{tell("meet.day")}</label>
        <input id="meet-day" type="date" value={day} onInput={(e) => kept.set({ day: e.currentTarget.value })} />
      </div>
      <div class="field">
        <label for="meet-hour">{tell("meet.hour")}</label>
        <input id="meet-hour" type="time" value={hour} onInput={(e) => kept.set({ hour: e.currentTarget.value })} />
      </div>
      {missing.of("meet-day", timed) && <p class="wrong">{tell("meet.when.missing")}</p>}
      <Choice legend={tell("meet.form")} class="chips" value={form} choose={(f) => kept.set({ form: f })} options={forms.map((f) => ({ value: f as number, label: tellCode("meet.form", MeetingForm[f]!) }))} />
      <Field id="meet-place" single optional label={tell("meet.place")} sees="who.school" max={limits.planMeeting.place} value={place.value} input={(t) => place.set(t)} />
      <h3>{tell("meet.items")}</h3>
      <ol class="plain">
        {items.map((i, n) => (
          <li key={`${i.aboutId}${i.title}`} class="item">
            <small>{tellCode("meet.kind", AgendaKind[i.kind]!)}</small>
            <br />
            {i.title}
            <div class="buttons">
              <button type="button" aria-label={tell("meet.less", { what: i.title })} disabled={i.minutes <= 5} onClick={() => change(n, i.minutes - 5)}>
                −
              </button>
              <span>{tell("meet.minutes", { n: i.minutes })}</span>
              <button type="button" aria-label={tell("meet.more", { what: i.title })} disabled={i.minutes >= 60} onClick={() => change(n, i.minutes + 5)}>
                +
              </button>
              <button type="button" aria-label={tell("meet.out", { what: i.title })} onClick={() => kept.set({ items: items.filter((_, k) => k !== n) })}>
                <Icon of="off" />
              </button>
            </div>
          </li>
        ))}
      </ol>
      {items.length > 0 && <p role="status">{tell("meet.total", { n: total })}</p>}
      {!full && material.length > 0 && (
        <>
          <p class="quiet">{tell("meet.material")}</p>
          <ul class="rows">
            {material.map((m) => (
              <li key={m.kind + m.aboutId}>
                <button type="button" class="row" onClick={() => kept.set({ items: [...items, m] })}>
                  <span class="row-text">
                    {m.title}
                    <small>{tellCode("meet.kind", AgendaKind[m.kind]!)}</small>
                  </span>
                  <Icon of="plus" />
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      {!full && (
        <>
          <Field id="meet-item" single optional label={tell("meet.other")} sees="who.school" max={limits.agendaItem.title} value={title.value} wrong={missing.of("meet-item", items.length > 0)} input={(t) => title.set(t)} />
          <button type="button" class="small" onClick={add}>
            {tell("meet.add")}
          </button>
        </>
      )}
      <h3>{tell("meet.roles")}</h3>
      <p class="quiet">{tell("meet.roles.how")}</p>
      {roles.map((role) => (
        <div class="field" key={role}>
          <label for={role}>{tellCode("meet.role", role)}</label>
          <select id={role} value={chosen[role] ?? turn[role]} onChange={(e) => setChosen({ ...chosen, [role]: e.currentTarget.value })}>
            <option value="">{tell("area.nobody")}</option>
            {members.map((p) => (
              <option key={p.id} value={p.id}>
                {p.name}
              </option>
            ))}
          </select>
        </div>
      ))}
      <Field id="meet-reading" single optional label={tell("meet.reading")} hint={tell("meet.reading.hint")} sees="who.school" max={limits.planMeeting.reading} value={reading.value} input={(t) => reading.set(t)} />
      {reading.value.trim() !== "" && <Field id="meet-why" single label={tell("meet.why")} sees="who.school" max={limits.planMeeting.readingWhy} value={why.value} wrong={missing.of("meet-why", why.value.trim() !== "")} input={(t) => why.set(t)} />}
      <Two cancel={() => (words.forEach((k) => store.typed(k, "")), done())} send={send} words={tell("meet.plan.send")} />
    </section>
  );
}

/** The time, each second: as the server has it. */
function useNow(running: boolean): Date {
  const store = useStore();
  const [, tick] = useState(0);
  useEffect(() => {
    if (!running) return;
    const id = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(id);
  }, [running]);
  return store.now();
}

/** A meeting under way: one item at a time with its clock, the norms on top; on a wall without anything to tap. */
function Led({ meeting: m, here, wall }: { meeting: Meeting; here: Here; wall: boolean }) {
  const store = useStore();
  const { me, name } = useNames();
  const running = m.atItem > 0 && !m.endTime;
  const now = useNow(running);
  const item = m.items[m.atItem - 1];
  const left = item ? leftOf(item.minutes, dateOf(m.itemTime), now) : 0;
  const last = m.atItem >= m.items.length;
  const who = (id: string) => (id === me ? say("people.you") : name(id));
  const norms = normsFor(here, m.teamId);
  const to = (n: number) => store.do(RunMeetingRequestSchema, { meetingId: m.id, item: n });
  const held = roles.filter((r) => m[r] !== "");
  return (
    <Page
      title={tell("meet.title")}
      over={when(dateOf(m.startTime)!, now)}
      back={`/meetings?school=${here.schoolId}`}
      class={wall ? "wall" : ""}
      bar={
        !wall && m.mayRun ? (
          <button type="button" class="primary wide" onClick={() => void to(m.atItem === 0 ? 1 : last ? 0 : m.atItem + 1)}>
            {tell(m.atItem === 0 ? "meet.begin" : last ? "meet.end" : "meet.next")}
          </button>
        ) : undefined
      }
    >
      {norms && (
        <ul class="quiet" aria-label={tell("meet.norms")}>
          {norms.norms.map((n) => (
            <li key={n}>{n}</li>
          ))}
        </ul>
      )}
      <p>
        {tellCode("meet.form", MeetingForm[m.form]!)}
        {m.place && ` · ${m.place}`}
        {held.map((r) => (
          <span key={r}>
            {" · "}
            {tellCode("meet.role", r)}: {who(m[r])}
          </span>
        ))}
      </p>
      {m.reading && !running && (
        <p class="quiet">
          {m.reading}
          <br />
          {tell("meet.reading.why", { why: m.readingWhy })}
        </p>
      )}
      {running && item && (
        <section class="now" aria-live="polite">
          <small>{tell("meet.at", { n: m.atItem, all: m.items.length })}</small>
          <h2>{item.title}</h2>
          <p role="timer" aria-live="off" class={left < 0 ? "clock late" : "clock"}>
            {clock(left)}
          </p>
        </section>
      )}
      {running && !wall && <Turns meeting={m} members={useMembers(here, m.teamId)} />}
      <section aria-labelledby="agenda">
        <h2 id="agenda">{tell("meet.items")}</h2>
        <ol>
          {m.items.map((i, n) => (
            <li key={i.aboutId + i.title} {...(n + 1 === m.atItem && running ? { "aria-current": "step" as const } : {})}>
              {n + 1 === m.atItem && running ? <b>{i.title}</b> : i.title} <small>{tell("meet.minutes", { n: i.minutes })}</small>
            </li>
          ))}
        </ol>
      </section>
      <Decisions meeting={m} here={here} wall={wall} />
      <Parking meeting={m} wall={wall} />
      <RefusedAbout id={m.id} />
      {!wall && (
        <p>
          <a class="quiet-link" href={`#/meetings?school=${here.schoolId}&m=${m.id}&wall=1`}>
            {tell("meet.wall")}
          </a>
        </p>
      )}
    </Page>
  );
}

/** Each one gets a first turn before anyone's second: who has had the word in this item. */
function Turns({ meeting, members }: { meeting: Meeting; members: Person[] }) {
  const [said, setSaid] = useState<{ item: number; ids: string[] }>({ item: meeting.atItem, ids: [] });
  const ids = said.item === meeting.atItem ? said.ids : [];
  if (members.length < 2 || members.length > 15) return null; // in a hall nobody taps names
  const left = waitingOf(members, ids);
  const tap = (id: string) => setSaid({ item: meeting.atItem, ids: ids.includes(id) ? ids.filter((i) => i !== id) : [...ids, id] });
  return (
    <section aria-labelledby="turns">
      <h3 id="turns">{tell("meet.turns")}</h3>
      <div class="buttons">
        {members.map((p) => (
          <button key={p.id} type="button" class="small" aria-pressed={ids.includes(p.id)} onClick={() => tap(p.id)}>
            {ids.includes(p.id) && <Icon of="check" />} {p.name}
          </button>
        ))}
      </div>
      <p role="status" class="quiet">
        {left.length === 0 ? tell("meet.turns.all") : ids.length > 0 && tell("meet.turns.left", { names: left.map((p) => p.name).join(", ") })}
      </p>
    </section>
  );
}

/** What was decided: who does what by when. */
function Decisions({ meeting: m, here, wall }: { meeting: Meeting; here: Here; wall: boolean }) {
  const store = useStore();
  const missing = useMissing();
  const { me, name } = useNames();
  const members = useMembers(here, m.teamId);
  const key = `meet/${m.id}`;
  const text = useTyped(`${key}/decision`);
  const kept = useKept(`${key}/whose`, { personId: "", due: isoDay(new Date(store.now().getTime() + 14 * 86_400_000)) });
  const words = [text.key, kept.key];
  const { personId, due } = kept.value;
  const done = (d: Decision) => store.do(RecordDecisionRequestSchema, { meetingId: m.id, id: d.id, text: d.text, personId: d.personId || me, dueDate: d.dueDate, done: !d.done });
  function send() {
    if (missing.found(text.value.trim() === "" && { id: "decision", words: tell("area.missing") }, personId === "" && { id: "whose", words: tell("meet.whose.missing") }, due === "" && { id: "by", words: tell("try.due.missing") })) return;
    store.do(RecordDecisionRequestSchema, { meetingId: m.id, text: text.value.trim(), personId, dueDate: due }, { words });
    kept.set({ personId: "" });
  }
  return (
    <section aria-labelledby="decisions">
      <h2 id="decisions">{tell("meet.decisions")}</h2>
      {m.decisions.length === 0 && <p class="quiet">{tell("meet.decisions.none")}</p>}
      <ul class="plain">
        {m.decisions.map((d) => (
          <li key={d.id}>
            <label class="switch">
              <input type="checkbox" checked={d.done} disabled={wall || (d.personId !== me && !m.mayRun)} onChange={() => void done(d)} />
              <span class="option-text">
                <span>{d.text}</span>
                <small>
                  {d.personId === me ? say("people.you") : d.personId === "" ? say("people.former") : name(d.personId)} · {dayWords(d.dueDate, store.now())}
                </small>
              </span>
            </label>
            <RefusedAbout id={d.id} />
          </li>
        ))}
      </ul>
      {m.mayRun && !wall && m.atItem > 0 && (
        <div class="inline-form">
          <Field id="decision" single label={tell("meet.decide")} hint={tell("meet.decide.hint")} sees="who.school" max={limits.recordDecision.text} value={text.value} wrong={missing.of("decision", text.value.trim() !== "")} input={(t) => text.set(t)} />
          {text.value.trim() !== "" && (
            <>
              <div class="field">
                <label for="whose">{tell("meet.whose")}</label>
                <select id="whose" value={personId} onChange={(e) => kept.set({ personId: e.currentTarget.value })}>
                  <option value="" />
                  {members.map((p) => (
                    <option key={p.id} value={p.id}>
                      {p.name}
                    </option>
                  ))}
                </select>
                {missing.of("whose", personId !== "") && <p class="wrong">{tell("meet.whose.missing")}</p>}
              </div>
              <div class="field">
                <label for="by">{tell("try.due")}</label>
                <input id="by" type="date" value={due} onInput={(e) => kept.set({ due: e.currentTarget.value })} />
              </div>
              <button type="button" class="wide" onClick={send}>
                {tell("meet.decide.send")}
              </button>
            </>
          )}
        </div>
      )}
    </section>
  );
}

/** What leads away, or comes again: it is left for later, and nothing of it is lost. */
function Parking({ meeting: m, wall }: { meeting: Meeting; wall: boolean }) {
  const store = useStore();
  const text = useTyped(`meet/${m.id}/park`);
  function send() {
    if (text.value.trim() !== "") store.do(ParkPointRequestSchema, { meetingId: m.id, text: text.value.trim() }, { words: [text.key] });
  }
  if (m.parked.length === 0 && (wall || !m.mayRun || m.atItem === 0)) return null;
  return (
    <section aria-labelledby="parking">
      <h2 id="parking">{tell("meet.parked")}</h2>
      <ul>
        {m.parked.map((p) => (
          <li key={p.id}>{p.text}</li>
        ))}
      </ul>
      {m.mayRun && !wall && m.atItem > 0 && (
        <div class="inline-form">
          <Field id="park" single optional label={tell("meet.park")} sees="who.school" max={limits.parkPoint.text} value={text.value} input={(t) => text.set(t)} />
          {text.value.trim() !== "" && (
            <button type="button" class="small" onClick={send}>
              {tell("meet.park.send")}
            </button>
          )}
        </div>
      )}
    </section>
  );
}
