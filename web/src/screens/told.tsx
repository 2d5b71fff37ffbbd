// What one is told: the list, the newest first, each leading to its screen; and the hours in
// which nothing interrupts.

import { create } from "@bufbuild/protobuf";
import { useState } from "preact/hooks";
import { MarkReadRequestSchema, NotificationKind, NotificationPreferencesSchema, SetPreferencesRequestSchema, type Notification } from "../gen/undring/v1/notification_pb";
import { Switch } from "../parts/choice";
import { Icon } from "../parts/icons";
import { RefusedAbout } from "../parts/notices";
import { Page } from "../parts/page";
import { useStore } from "../parts/store";
import type { Store } from "../store/store";
import { newId } from "../store/id";
import { notices, own, preferences } from "../things/notice";
import { Choices } from "../told/choices";
import { say as sayTold } from "../told/words";
import { dateOf, when } from "../words/time";
import { say } from "../words/words";

const at = (n: Notification) => dateOf(n.createTime)?.getTime() ?? 0;

/** The person's notifications, the newest first. */
const toldOf = (store: Store): Notification[] => [...store.all(notices).values()].sort((a, b) => at(b) - at(a));

/** The screen that a notification leads to. */
function placeOf(n: Notification): string {
  if (n.kind === NotificationKind.OPEN_LESSON) return "/open";
  if (n.actionRoundId) return "/trying";
  if (n.meetingId) return `/meetings?m=${n.meetingId}`;
  return n.kind === NotificationKind.ACTION_DUE ? "/actions" : `/v/${n.observationId}`;
}

/** Has seen some: at most as many at once as a call takes. */
function seen(store: Store, some: Notification[]) {
  const ids = some.filter((n) => !n.read).map((n) => n.id);
  for (let i = 0; i < ids.length; i += 200) store.do(MarkReadRequestSchema, { notificationIds: ids.slice(i, i + 200) });
}

export function Told() {
  const store = useStore();
  const all = toldOf(store);
  const unread = all.filter((n) => !n.read);
  return (
    <Page title={say("told.title")} back="/more">
      {all.length === 0 && <p class="lead">{say("told.none")}</p>}
      {unread.length > 0 && (
        <button type="button" class="small" onClick={() => seen(store, unread)}>
          {say("told.all_read")}
        </button>
      )}
      <ul class="rows">
        {all.map((n) => (
          <li key={n.id}>
            <a class="row" href={`#${placeOf(n)}`} onClick={() => seen(store, [n])}>
              <span class="row-text">
                {n.read ? n.text : <b>{n.text}</b>}
                {!n.read && <span class="hidden"> ({say("told.unread")})</span>}
                <small>{when(dateOf(n.createTime)!, store.now())}</small>
              </span>
              <Icon of="on" />
            </a>
            <RefusedAbout id={n.id} />
          </li>
        ))}
      </ul>
      <Quiet key={String(store.all(preferences).get(own)?.revision ?? 0n)} />
    </Page>
  );
}

const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** When nothing interrupts. What everybody begins with stands here until something is chosen. */
function Quiet() {
  const store = useStore();
  const there = store.all(preferences).get(own) ?? create(NotificationPreferencesSchema, { quietFromMinutes: 17 * 60, quietToMinutes: 7 * 60, quietFreeDays: true, pauseInHolidays: true });
  const [now, set] = useState(there);
  const [sent, setSent] = useState("");
  const change = (part: Partial<typeof there>) => {
    setSent("");
    set({ ...now, ...part });
  };
  const box = (label: string, on: boolean, choose: (on: boolean) => void) => <Switch label={label} on={on} set={choose} />;
  const hour = (id: string, label: string, minutes: number, choose: (minutes: number) => void) => (
    <p>
      <label for={id}>{label}</label>
      <input id={id} type="time" value={clock(minutes)} onChange={(e) => /^\d\d:\d\d/.test(e.currentTarget.value) && choose(minutesOf(e.currentTarget.value))} />
    </p>
  );
  const keep = () => setSent(store.do(SetPreferencesRequestSchema, { requestId: newId(), preferences: now }).id);
  return (
    <section class="apart" aria-labelledby="quiet">
      <h2 id="quiet">{say("told.quiet")}</h2>
      <p class="quiet">{say("told.quiet.lead")}</p>
      {hour("quiet-from", say("told.from"), now.quietFromMinutes, (m) => change({ quietFromMinutes: m }))}
      {hour("quiet-to", say("told.to"), now.quietToMinutes, (m) => change({ quietToMinutes: m }))}
      {box(say("told.free_days"), now.quietFreeDays, (on) => change({ quietFreeDays: on }))}
      {box(say("told.holidays"), now.pauseInHolidays, (on) => change({ pauseInHolidays: on }))}
      {box(say("told.digest"), now.digest, (on) => change({ digest: on }))}
      <p>
        <label for="pause">{sayTold("pause")}</label>
        <input id="pause" type="date" value={now.pausedUntil} onChange={(e) => change({ pausedUntil: e.currentTarget.value })} aria-describedby="pause-hint" />
        <small id="pause-hint">{sayTold("pause.hint")}</small>
      </p>
      <Choices now={now} change={change} />
      <button type="button" onClick={keep}>
        {say("told.keep")}
      </button>
      <p role="status">{sent && say(store.fate(sent) === "done" ? "told.kept" : "told.keeping")}</p>
    </section>
  );
}
