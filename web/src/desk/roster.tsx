// Taking in people from a file: first what would happen, then, when somebody has looked
// at it, that it happens.

import { useState } from "preact/hooks";
import {
  type ImportRosterResponse,
  Role,
  RosterBrake,
  RosterChangeKind,
  RosterFormat,
  type RosterQuestion,
} from "../gen/undring/v1/school_pb";
import { Progress, useDoing } from "../parts/call";
import { Choice } from "../parts/choice";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import type { At } from "./desk";
import { Drop } from "./drop";
import { Table } from "./table";
import { count, say, sayOf } from "./words";

const most = 8 * 1_048_576; // bytes of a file, as the contract has it

interface Chosen {
  name: string;
  content: Uint8Array<ArrayBuffer>;
  format: RosterFormat;
}

/** What somebody has said to the questions of a dry run. */
interface Said {
  answers: Map<string, string>; // whom; empty: somebody new
  titles: Map<string, Role>;
}
const nothing = (): Said => ({ answers: new Map(), titles: new Map() });

export function Roster({ at, done }: { at: At; done: () => void }) {
  const store = useStore();
  const doing = useDoing();
  const [file, setFile] = useState<Chosen>();
  const [said, setSaid] = useState<Said>(nothing);
  const [told, setTold] = useState<ImportRosterResponse>();
  const [imported, setImported] = useState<ImportRosterResponse>();

  const call = (f: Chosen, s: Said, more: { dryRun: boolean; approved: string }) =>
    store.call.school.importRoster(
      {
        requestId: newId(),
        content: f.content,
        format: f.format,
        schoolId: f.format === RosterFormat.SIMPLE_CSV ? at.id : "",
        answers: [...s.answers].map(([sourcedId, thereId]) => ({ sourcedId, thereId })),
        titles: [...s.titles].map(([title, role]) => ({ title, role })),
        ...more,
      },
      { timeoutMs: 60_000 },
    );

  /** Asks what would happen; nothing is changed. */
  async function look(f: Chosen, s: Said) {
    setFile(f);
    setSaid(s);
    setImported(undefined);
    await doing.run(async () => setTold(await call(f, s, { dryRun: true, approved: "" })));
  }

  async function run(f: Chosen, looked: ImportRosterResponse) {
    // What was looked at is what is done: if something has changed meanwhile, it is refused.
    const ok = await doing.run(async () => setImported(await call(f, said, { dryRun: false, approved: looked.difference })));
    if (!ok) return;
    setTold(undefined);
    setFile(undefined);
    done();
    await store.sync();
  }

  return (
    <section aria-labelledby="roster">
      <h2 id="roster">{say("roster.title")}</h2>
      <Drop
        label={say("roster.drop")}
        hint={say("roster.hint")}
        accept=".zip,.csv,text/csv,application/zip"
        most={most}
        take={(f, content) => {
          setTold(undefined);
          const zip = content[0] === 0x50 && content[1] === 0x4b; // as every zip begins, whatever its name
          void look({ name: f.name, content, format: zip ? RosterFormat.ONEROSTER_ZIP : RosterFormat.SIMPLE_CSV }, nothing());
        }}
      />
      {doing.slow && <Progress />}
      <Refused refusal={doing.refusal} />
      {imported && (
        <p class="told" role="status">
          {say("roster.done", { created: imported.created, updated: imported.updated, deactivated: imported.deactivated })}
        </p>
      )}
      {file && told && (
        <Preview
          name={file.name}
          told={told}
          said={said}
          say={(s) => void look(file, s)}
          busy={doing.doing}
          run={() => void run(file, told)}
          leave={() => {
            setTold(undefined);
            setFile(undefined);
          }}
        />
      )}
    </section>
  );
}

function Preview(p: {
  name: string;
  told: ImportRosterResponse;
  said: Said;
  say: (s: Said) => void;
  busy: boolean;
  run: () => void;
  leave: () => void;
}) {
  const d = p.told;
  const held = d.brakes.length > 0;
  const nothingToDo = d.created + d.updated + d.deactivated === 0;
  const titles = d.rowErrors.filter((e) => e.title !== "");
  return (
    <div class="preview" aria-live="polite">
      <h3>{say("roster.preview", { name: p.name })}</h3>
      <ul class="sums">
        {(
          [
            ["created", d.created],
            ["updated", d.updated],
            ["deactivated", d.deactivated],
            ["unchanged", d.unchanged],
            ["skipped", d.skipped],
          ] as const
        ).map(([what, n]) => (
          <li key={what}>
            <b>{n}</b> {say(`roster.${what}`)}
          </li>
        ))}
      </ul>
      {held && (
        <div class="refused" role="alert">
          <div>
            <p>
              <b>{say("roster.brake")}</b>
            </p>
            <ul>
              {d.brakes.map((b) => (
                <li key={b}>{say("roster.brake.why", { why: sayOf("brake", RosterBrake[b]!), n: d.ended, of: d.of })}</li>
              ))}
            </ul>
            <p>{say("roster.brake.what")}</p>
          </div>
        </div>
      )}
      {d.questions.length > 0 && (
        <section aria-labelledby="questions">
          <h3 id="questions">{count("roster.questions", d.questions.length)}</h3>
          <p class="quiet">{say("roster.questions.lead")}</p>
          {d.questions.map((q) => (
            <Question key={q.sourcedId} question={q} said={p.said} say={p.say} />
          ))}
        </section>
      )}
      {titles.length > 0 && (
        <section aria-labelledby="titles">
          <h3 id="titles">{say("roster.titles")}</h3>
          {titles.map((t) => (
            <label key={t.title} class="inline">
              {say("roster.title_is", { title: t.title, n: t.count })}
              <select
                value={p.said.titles.get(t.title) ?? ""}
                onChange={(e) => {
                  const of = new Map(p.said.titles);
                  const role = Number(e.currentTarget.value) as Role;
                  if (role) of.set(t.title, role);
                  else of.delete(t.title);
                  p.say({ ...p.said, titles: of });
                }}
              >
                <option value="">{say("roster.title_out")}</option>
                {[Role.TEACHER, Role.LEADER, Role.ADMINISTRATOR].map((r) => (
                  <option key={r} value={r}>
                    {sayOf("role", Role[r]!)}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </section>
      )}
      {d.changes.length > 0 && (
        <details open={d.changes.length <= 30}>
          <summary>{count("roster.changes", d.changes.length + d.moreChanges)}</summary>
          <Table
            caption={say("roster.who")}
            file="forskjell"
            rows={d.changes}
            id={(c) => `${c.kind} ${c.name} ${c.email}`}
            empty={null}
            columns={[
              { title: say("col.name"), value: (c) => c.name },
              { title: say("col.change"), value: (c) => sayOf("change", RosterChangeKind[c.kind]!) },
              { title: say("col.email"), value: (c) => c.email },
            ]}
          />
        </details>
      )}
      {d.rowErrors.length > 0 && (
        <details open={d.rowErrors.length <= 10}>
          <summary>{count("roster.odd", d.rowErrors.length + d.moreRowErrors)}</summary>
          <p class="quiet">{say("roster.odd.lead")}</p>
          <Table
            caption={say("roster.odd.title")}
            file="rare-rader"
            rows={d.rowErrors}
            id={(e) => `${e.file} ${e.line} ${e.reason} ${e.title}`}
            empty={null}
            columns={[
              { title: say("col.where"), value: (e) => [e.file, e.line || ""].filter(Boolean).join(" : ") || "–" },
              { title: say("col.what"), value: (e) => e.description },
              { title: say("col.taken"), value: (e) => say(e.applied ? "yes" : "no") },
            ]}
          />
        </details>
      )}
      {nothingToDo && <p>{say("roster.nothing")}</p>}
      <div class="desk-acts">
        <button type="button" class={held ? "grave" : "primary"} disabled={p.busy || nothingToDo} onClick={p.run}>
          {say(held ? "roster.approve" : "roster.run")}
        </button>
        <button type="button" onClick={p.leave}>
          {say("roster.leave")}
        </button>
      </div>
    </div>
  );
}

/** Somebody, or a school, of whom the file can't tell whether they are one who is there. */
function Question({ question: q, said, say: tell }: { question: RosterQuestion; said: Said; say: (s: Said) => void }) {
  const there = [q.thereName, q.thereEmail].filter(Boolean).join(", ");
  const row = [q.name, q.email].filter(Boolean).join(", ");
  return (
    <Choice
      legend={say(q.ofSchool ? "roster.same_school" : "roster.same_person", { row, there })}
      value={said.answers.get(q.sourcedId)}
      choose={(v: string) => tell({ ...said, answers: new Map(said.answers).set(q.sourcedId, v) })}
      options={[
        { value: q.thereId, label: say("roster.same", { there }) },
        { value: "", label: say(q.ofSchool ? "roster.new_school" : "roster.new_person") },
      ]}
    />
  );
}
