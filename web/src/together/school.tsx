// Which school: what is here belongs to one, and most people have one.

import { type Commons } from "../gen/undring/v1/sync_pb";
import { Role } from "../gen/undring/v1/school_pb";
import { myRoles } from "../parts/people";
import { useStore } from "../parts/store";
import { path, query } from "../route";
import { commons } from "../things/commons";
import { day } from "../words/time";
import { tell } from "./words";

export interface Here {
  schoolId: string;
  /** What the school works on; undefined: not told yet. */
  all: Commons | undefined;
  /** The person leads there. */
  leads: boolean;
}

/** The school that the address names, or the first one. */
export function useHere(): Here {
  const store = useStore();
  const mine = store.schools.value.flatMap((s) => (s.school && myRoles(store, s.school.id).some((r) => r !== Role.REPRESENTATIVE) ? [s.school.id] : []));
  const wished = query().get("school") ?? "";
  const schoolId = mine.includes(wished) ? wished : (mine[0] ?? "");
  return { schoolId, all: store.all(commons).get(schoolId), leads: myRoles(store, schoolId).includes(Role.LEADER) };
}

/** Chooses between schools, where the person has several. */
export function Schools({ here }: { here: Here }) {
  const store = useStore();
  const mine = store.schools.value.flatMap((s) => (s.school ? [s.school] : []));
  if (mine.length < 2) return null;
  return (
    <nav class="whose" aria-label={tell("school.which")}>
      {mine.map((s) => (
        <a key={s.id} href={`#${path()}?school=${s.id}`} {...(s.id === here.schoolId ? { "aria-current": "true" as const } : {})}>
          {s.name}
        </a>
      ))}
    </nav>
  );
}

/** A date of the contract's, such as 2026-11-10, in words. */
export const dayWords = (date: string, now: Date): string => (date === "" ? "" : day(new Date(`${date}T12:00:00Z`), now));
