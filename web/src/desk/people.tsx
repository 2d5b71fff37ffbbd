import { useState } from "preact/hooks";
import { AdminService } from "../gen/undring/v1/admin_pb";
import { type Person, Role, type RosterImport, RosterFormat } from "../gen/undring/v1/school_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Refused, Sure } from "../parts/notices";
import { myId } from "../parts/people";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import type { Store } from "../store/store";
import { dateOf, when } from "../words/time";
import { WayBack } from "./back";
import type { At } from "./desk";
import { type Code, Invitations } from "./invitations";
import { RollOver } from "./rollover";
import { Roster } from "./roster";
import { Table } from "./table";
import { count, say, sayOf } from "./words";

const pages = 25; // of 200 people: more than any school has

/** Everybody of a school, those who have left among them. */
async function everybody(store: Store, schoolId: string): Promise<Person[]> {
  const out: Person[] = [];
  let pageToken = "";
  for (let n = 0; n < pages; n++) {
    const page = await store.call.school.listPeople({ schoolId, includeInactive: true, pageSize: 200, pageToken });
    out.push(...page.people);
    pageToken = page.nextPageToken;
    if (!pageToken) break;
  }
  return out;
}

export function PeopleDesk({ at }: { at: At }) {
  const store = useStore();
  const people = useAnswer(() => everybody(store, at.id), [at.id]);
  const teams = useAnswer(() => store.call.school.listTeams({ schoolId: at.id }), [at.id]);
  const log = useAnswer(() => store.call.school.listImports({ pageSize: 50 }));
  const [codes, setCodes] = useState<Code[]>([]);
  const [told, setTold] = useState<Done>();
  const again = () => {
    people.again();
    teams.again();
    log.again();
  };
  const keep = (c: (typeof codes)[number]) => setCodes((all) => [...all.filter((x) => x.personId !== c.personId), c]);
  const teamNames = new Map((teams.data?.teams ?? []).map((t) => [t.id, t.name]));
  return (
    <>
      <Roster at={at} done={again} />
      <section aria-labelledby="people">
        <h2 id="people">{say("people.here")}</h2>
        <Answered of={people}>
          {(list) => (
            <>
              <Invitations people={list} codes={codes} add={keep} />
              <ToldOf done={told} tell={setTold} again={again} />
              <Table
                caption={say("people.here")}
                file="folk"
                rows={list}
                id={(p) => p.id}
                empty={<p>{say("people.none")}</p>}
                columns={[
                  { title: say("col.name"), value: (p) => p.name },
                  { title: say("col.roles"), value: (p) => p.roles.map((r) => sayOf("role", Role[r]!)).join(", ") },
                  { title: say("col.teams"), value: (p) => p.teamIds.map((t) => teamNames.get(t) ?? "").filter(Boolean).join(", ") },
                  { title: say("col.email"), value: (p) => p.email },
                  { title: say("col.access"), value: (p) => say(p.active ? "yes" : "no") },
                ]}
                act={(p) => <OfPerson at={at} person={p} all={list} again={again} invited={keep} tell={setTold} />}
              />
            </>
          )}
        </Answered>
      </section>
      {people.data && teams.data && <RollOver at={at} people={people.data} teams={teams.data.teams} done={again} />}
      <section aria-labelledby="imports">
        <h2 id="imports">{say("imports.title")}</h2>
        <Answered of={log}>
          {({ imports }) => (
            <Table
              caption={say("imports.title")}
              file="importer"
              rows={imports}
              id={(i) => i.id}
              empty={<p>{say("imports.none")}</p>}
              columns={[
                { title: say("col.when"), value: (i) => dateOf(i.time)!.toISOString(), cell: (i) => when(dateOf(i.time)!, store.now()) },
                { title: say("col.who"), value: (i) => i.importedByName || say("imports.job") },
                { title: say("col.format"), value: (i) => say(formats[i.format] ?? "imports.oneroster") },
                { title: say("col.new"), value: (i) => i.created },
                { title: say("col.changed"), value: (i) => i.updated },
                { title: say("col.ended"), value: (i) => i.deactivated },
                { title: say("col.state"), value: (i) => stateOf(i) },
              ]}
              act={(i) => i.canUndo && <Undo import={i} again={again} />}
            />
          )}
        </Answered>
      </section>
    </>
  );
}

/** What was read; without a format there was no file. */
const formats: Partial<Record<RosterFormat, "imports.csv" | "imports.rollover">> = { [RosterFormat.SIMPLE_CSV]: "imports.csv", [RosterFormat.UNSPECIFIED]: "imports.rollover" };

const stateOf = (i: RosterImport): string =>
  say(i.held ? "imports.held" : i.undoTime ? "imports.undone" : i.oddRows > 0 ? "imports.odd" : "imports.stands", { n: i.oddRows });

function Undo({ import: i, again }: { import: RosterImport; again: () => void }) {
  const store = useStore();
  const doing = useDoing();
  return (
    <>
      <Sure
        class="small"
        label={say("imports.undo")}
        ask={say("imports.undo.what", { n: i.created + i.updated + i.deactivated })}
        yes={say("imports.undo")}
        do={() =>
          void doing
            .run(() => store.call.school.undoImport({ requestId: newId(), importId: i.id }))
            .then((ok) => {
              if (!ok) return;
              again();
              void store.sync();
            })
        }
      />
      <Refused refusal={doing.refusal} />
    </>
  );
}

/** What was done about somebody, and how it is undone. */
interface Done {
  words: string;
  back?: (() => Promise<unknown>) | undefined;
}

/** Says what was done, above the table: whom it is about may have another name now, and another row. */
function ToldOf({ done, tell, again }: { done: Done | undefined; tell: (d: Done) => void; again: () => void }) {
  const store = useStore();
  const doing = useDoing();
  return (
    <>
      <WayBack
        said={done?.words}
        undo={
          done?.back &&
          (() =>
            void doing.run(done.back!).then((ok) => {
              if (!ok) return;
              tell({ words: say("undone") });
              again();
              void store.sync();
            }))
        }
      />
      <Refused refusal={doing.refusal} />
    </>
  );
}

interface OfOne {
  at: At;
  person: Person;
  all: Person[];
  again: () => void;
  invited: (c: Code) => void;
  tell: (d: Done) => void;
}

/** What can be done about somebody, behind one button. */
function OfPerson(p: OfOne) {
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <button type="button" class="small" onClick={() => setOpen(true)} aria-label={say("person.change", { name: p.person.name })}>
        {say("person.open")}
      </button>
    );
  }
  return <Changes {...p} close={() => setOpen(false)} />;
}

const given = [Role.TEACHER, Role.LEADER, Role.ADMINISTRATOR, Role.REPRESENTATIVE];

function Changes({ at, person: p, all, again, invited, tell, close }: OfOne & { close: () => void }) {
  const store = useStore();
  const doing = useDoing();
  const [otherId, setOther] = useState("");
  const other = all.find((o) => o.id === otherId);
  const done = (words: string, back?: () => Promise<unknown>) => {
    tell({ words, back });
    again();
    void store.sync();
  };
  const setRole = (role: Role, takeAway: boolean) => store.call.school.setRole({ requestId: newId(), personId: p.id, schoolId: at.id, role, takeAway });
  return (
    <div class="person-acts" role="group" aria-label={say("person.change", { name: p.name })}>
      <fieldset>
        <legend>{say("col.roles")}</legend>
        {given.map((role) => {
          const has = p.roles.includes(role);
          return (
            <label key={role} class="check">
              <input
                type="checkbox"
                checked={has}
                disabled={doing.doing || (role === Role.ADMINISTRATOR && has && p.id === myId(store))}
                onChange={() =>
                  void doing.run(() => setRole(role, has)).then((ok) => {
                    const words = { name: p.name, role: sayOf("role", Role[role]!) };
                    if (ok) done(say(has ? "person.role.taken" : "person.role.given", words), () => setRole(role, !has));
                  })
                }
              />
              {sayOf("role", Role[role]!)}
            </label>
          );
        })}
      </fieldset>
      {p.active && (
        <button
          type="button"
          class="small"
          disabled={doing.doing}
          onClick={() =>
            void doing.run(async () => {
              const code = await store.call.school.createInvitation({ requestId: newId(), personId: p.id });
              invited({ personId: p.id, name: p.name, email: p.email, code: code.code, from: dateOf(code.validFromTime)!, until: dateOf(code.expireTime)! });
              tell({ words: say("person.invited", { name: p.name, code: code.code }) });
            })
          }
        >
          {say("person.invite")}
        </button>
      )}
      <Sure
        class="small"
        label={say("person.relink")}
        ask={say("person.relink.what", { name: p.name })}
        yes={say("person.relink.do")}
        do={() =>
          void doing.run(async () => {
            const r = await store.call.school.relinkPerson({ requestId: newId(), personId: p.id });
            done(say("person.relink.done", { name: p.name, when: when(dateOf(r.effectiveTime)!, store.now()) }));
          })
        }
      />
      {p.id !== myId(store) && (
        <Sure
          class="small"
          label={say("person.out")}
          ask={say("person.out.what", { name: p.name })}
          yes={say("person.out.do")}
          do={() =>
            void doing.run(async () => {
              const r = await store.call.of(AdminService).endSessions({ requestId: newId(), personId: p.id });
              done(count("person.out.done", r.ended));
            })
          }
        />
      )}
      <label class="inline">
        {say("person.merge")}
        <select value={otherId} onChange={(e) => setOther(e.currentTarget.value)}>
          <option value="">{say("person.merge.nobody")}</option>
          {all
            .filter((o) => o.id !== p.id)
            .map((o) => (
              <option key={o.id} value={o.id}>
                {o.email ? `${o.name} (${o.email})` : o.name}
              </option>
            ))}
        </select>
      </label>
      {other && (
        <>
          <p class="quiet">{say(other.active ? "person.merge.what" : "person.merge.former", { name: p.name, other: other.name })}</p>
          <button
            type="button"
            class="small"
            disabled={doing.doing}
            onClick={() =>
              void doing.run(async () => {
                const m = await store.call.school.mergePeople({ requestId: newId(), personId: p.id, otherId });
                setOther("");
                done(
                  m.done ? say("person.merged", { name: (other.active ? other : p).name }) : say("person.merge.waits", { when: when(dateOf(m.effectiveTime)!, store.now()) }),
                  () => store.call.school.undoMerge({ requestId: newId(), changeId: m.changeId }),
                );
              })
            }
          >
            {say("person.merge.do")}
          </button>
        </>
      )}
      <Refused refusal={doing.refusal} />
      <button type="button" class="quiet-button" onClick={close}>
        {say("person.close")}
      </button>
    </div>
  );
}

