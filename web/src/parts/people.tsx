// The people of the school: by name, never by id.

import { useMemo, useState } from "preact/hooks";
import { type Person, Role } from "../gen/undring/v1/school_pb";
import type { Store } from "../store/store";
import { say, sayCode } from "../words/words";
import { useStore } from "./store";

/** Who has left keeps the name in one's visits; who was erased has none. */
export const nameOf = (store: Store, id: string): string => store.person(id)?.name || say("people.former");
export const firstName = (name: string): string => name.split(" ")[0]!;
export const firstNameOf = (store: Store, id: string): string => {
  const name = store.person(id)?.name;
  return name ? firstName(name) : say("people.former");
};

export const myId = (store: Store): string => store.me.value?.person?.id ?? "";

export const myRoles = (store: Store, schoolId?: string): Role[] =>
  (store.me.value?.memberships ?? []).filter((m) => !schoolId || m.schoolId === schoolId).map((m) => m.role);

/** Teaches or leads somewhere: only such a person has visits. */
export const hasVisits = (store: Store): boolean =>
  myRoles(store).some((r) => r === Role.TEACHER || r === Role.LEADER);

/** Leads a school, or keeps its users: finds a desk here. */
export const runsSchool = (store: Store): boolean =>
  myRoles(store).some((r) => r === Role.LEADER || r === Role.ADMINISTRATOR);

/** Speaks for others and does nothing else here: reads the rules, their log and the figures. */
export const onlyRepresents = (store: Store): boolean => {
  const roles = myRoles(store);
  return roles.length > 0 && roles.every((r) => r === Role.REPRESENTATIVE);
};

/** Those at a school whom one can visit: teachers for a teacher, leaders for a leader. */
export function peersAt(store: Store, schoolId: string): Person[] {
  const mine = myRoles(store, schoolId);
  const school = store.schools.value.find((s) => s.school?.id === schoolId);
  return (school?.people ?? [])
    .filter(
      (p) =>
        p.id !== myId(store) &&
        p.active &&
        p.roles.some((r) => (r === Role.TEACHER || r === Role.LEADER) && mine.includes(r)),
    )
    .sort((a, b) => a.name.localeCompare(b.name, "nb"));
}

export function teamsOf(store: Store, schoolId: string, person: Person): string {
  const school = store.schools.value.find((s) => s.school?.id === schoolId);
  const teams = (school?.teams ?? []).filter((t) => person.teamIds.includes(t.id)).map((t) => t.name);
  return teams.join(", ") || person.roles.map((r) => sayCode("role", Role[r]?.toLowerCase())).join(", ");
}

// Letters that are no other letter with a mark: NFD leaves them whole.
const letters: Record<string, string> = { æ: "ae", ø: "o", đ: "d", ð: "d", ł: "l", ŋ: "n", ŧ: "t", þ: "th", ß: "ss" };

/** As somebody writes it who can't or won't write the marks: Ødegård is odegard. */
const plain = (s: string) =>
  s
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[æøđðłŋŧþß]/g, (c) => letters[c]!)
    // Names from before å, and keyboards without it.
    .replaceAll("aa", "a")
    .replaceAll("oe", "o");

/** Whether every word that was looked for begins a word of what stands there: a name, and the teams of whoever bears it. */
export function named(name: string, search: string): boolean {
  const parts = plain(name).split(/[^\p{L}\p{N}]+/u);
  return plain(search).split(/\s+/).filter(Boolean).every((w) => parts.some((p) => p.startsWith(w)));
}

/** A list of people to choose from, with a search. */
export function PersonList<P extends { id: string; name: string }>(props: {
  people: P[];
  about: (p: P) => string;
  choose: (p: P) => void;
  chosen?: string[];
  label: string;
  many?: boolean;
}) {
  const [search, setSearch] = useState("");
  const found = useMemo(() => props.people.filter((p) => named(`${p.name} ${props.about(p)}`, search)), [props.people, search]);
  return (
    <div class="people">
      {props.people.length > 6 && (
        <input
          class="search"
          type="search"
          autocomplete="off"
          aria-label={say("people.search")}
          placeholder={say("people.search")}
          value={search}
          onInput={(e) => setSearch(e.currentTarget.value)}
        />
      )}
      <ul aria-label={props.label} class="rows">
        {found.map((p) => (
          <li key={p.id}>
            <button
              type="button"
              class="row"
              onClick={() => props.choose(p)}
              {...(props.chosen ? { "aria-pressed": props.chosen.includes(p.id) } : {})}
            >
              <Initials name={p.name} />
              <span class="row-text">
                <b>{p.name}</b>
                <small>{props.about(p)}</small>
              </span>
              {props.chosen?.includes(p.id) && <span aria-hidden="true">✓</span>}
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="quiet">{say("people.none")}</p>}
    </div>
  );
}

export function Initials({ name }: { name: string }) {
  const parts = name.split(" ");
  const letters = (parts[0]?.[0] ?? "") + (parts.length > 1 ? (parts[parts.length - 1]![0] ?? "") : "");
  return (
    <span class="initials" aria-hidden="true">
      {letters}
    </span>
  );
}

export function useNames() {
  const store = useStore();
  return { name: (id: string) => nameOf(store, id), first: (id: string) => firstNameOf(store, id), me: myId(store) };
}
