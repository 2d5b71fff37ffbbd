// The desk of those who run a school. It comes by itself, to who needs it alone.

import "../words/later";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Role } from "../gen/undring/v1/school_pb";
import { Page } from "../parts/page";
import { myRoles } from "../parts/people";
import { useStore } from "../parts/store";
import { path } from "../route";
import { say as sayMain } from "../words/words";
import { Acts } from "./acts";
import { CalendarDesk } from "./calendar";
import { Health } from "./health";
import { PeopleDesk } from "./people";
import { PolicyDesk } from "./policy";
import { Start } from "./start";
import { Week } from "./week";
import { type DeskKey, say } from "./words";
import "./desk.css";

export { Held } from "./held";

/** A school, and what one is there. */
export interface At {
  id: string;
  name: string;
  administers: boolean;
  leads: boolean;
}

interface Place {
  path: string;
  title: DeskKey;
  /** Who finds something there. */
  for: (at: At) => boolean;
  draw: (at: At) => VNode;
}

const keeps = (at: At) => at.administers;
const places: Place[] = [
  { path: "/desk/week", title: "week.title", for: (at) => at.leads, draw: (at) => <Week at={at} /> },
  { path: "/desk/start", title: "start.title", for: keeps, draw: (at) => <Start at={at} /> },
  { path: "/desk/people", title: "people.title", for: keeps, draw: (at) => <PeopleDesk at={at} /> },
  { path: "/desk/calendar", title: "calendar.title", for: () => true, draw: (at) => <CalendarDesk at={at} /> },
  { path: "/desk/policy", title: "policy.title", for: () => true, draw: (at) => <PolicyDesk at={at} /> },
  { path: "/desk/health", title: "health.title", for: keeps, draw: () => <Health /> },
  { path: "/desk/acts", title: "acts.title", for: () => true, draw: () => <Acts /> },
];

/** The schools that one leads, or whose roster one keeps. */
export function useDesks(): At[] {
  const store = useStore();
  const seen = new Map<string, At>();
  for (const m of store.me.value?.memberships ?? []) {
    const roles = myRoles(store, m.schoolId);
    const at = { id: m.schoolId, name: m.schoolName, administers: roles.includes(Role.ADMINISTRATOR), leads: roles.includes(Role.LEADER) };
    if (at.administers || at.leads) seen.set(m.schoolId, at);
  }
  return [...seen.values()].sort((a, b) => a.name.localeCompare(b.name, "nb"));
}

/** The page of the desk that the address names, for the school that was chosen last. */
export function Desk() {
  const desks = useDesks();
  const [chosen, choose] = useState("");
  const at = desks.find((d) => d.id === chosen) ?? desks[0];
  if (!at) {
    return (
      <Page title={say("title")} back="/more">
        <p class="lead">{say("not_yours")}</p>
      </Page>
    );
  }
  const mine = places.filter((p) => p.for(at));
  // Who comes back from a provider has tried the sign-in.
  const wanted = location.pathname === "/sign-in" ? "/desk/start" : path();
  const here = mine.find((p) => p.path === wanted) ?? mine[0]!;
  return (
    <Page title={say(here.title)} over={desks.length > 1 ? say("title") : `${say("title")} · ${at.name}`} back="/more" class="desk">
      <nav class="desk-places no-print" aria-label={say("title")}>
        {mine.map((p) => (
          <a key={p.path} href={`#${p.path}`} {...(p === here ? { "aria-current": "page" as const } : {})}>
            {say(p.title)}
          </a>
        ))}
      </nav>
      {desks.length > 1 && (
        <label class="desk-school no-print">
          {say("school")}
          <select value={at.id} onChange={(e) => choose(e.currentTarget.value)}>
            {desks.map((d) => (
              <option key={d.id} value={d.id}>
                {d.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <div key={`${here.path} ${at.id} ${sayMain("app.name")}`}>{here.draw(at)}</div>
    </Page>
  );
}
