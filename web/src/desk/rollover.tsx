// A new school year: what teams are called then, and who goes into another one. First what
// would happen, then that it happens; it is undone like an import.

import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import type { Person, RollOverResponse, Team } from "../gen/undring/v1/school_pb";
import { useDoing } from "../parts/call";
import { Field } from "../parts/field";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import type { At } from "./desk";
import { nextYear } from "./rolled";
import { Table } from "./table";
import { count, say } from "./words";

export function RollOver({ at, people, teams, done }: { at: At; people: Person[]; teams: Team[]; done: () => void }) {
  const [open, setOpen] = useState(false);
  const [told, setTold] = useState("");
  return (
    <section aria-labelledby="rollover">
      <h2 id="rollover">{say("year.new")}</h2>
      <p class="quiet">{say("year.new.lead")}</p>
      {teams.length === 0 ? (
        <p>{say("year.new.none")}</p>
      ) : open ? (
        <Edit
          at={at}
          people={people.filter((p) => p.active)}
          teams={teams}
          leave={() => setOpen(false)}
          done={(r) => {
            setOpen(false);
            setTold(say("year.new.done", { teams: r.teams.length, people: r.people.length }));
            done();
          }}
        />
      ) : (
        <button type="button" onClick={() => setOpen(true)}>
          {say("year.new.begin")}
        </button>
      )}
      <p role="status" class={told ? "told" : "hidden"}>
        {told}
      </p>
    </section>
  );
}

function Edit({ at, people, teams, leave, done }: { at: At; people: Person[]; teams: Team[]; leave: () => void; done: (r: RollOverResponse) => void }) {
  const store = useStore();
  const doing = useDoing();
  const [names, setNames] = useState(() => new Map(teams.map((t) => [t.id, nextYear(t.name)])));
  const [moves, setMoves] = useState<ReadonlyMap<string, string>>(new Map()); // person → team; empty: none
  const [who, setWho] = useState("");
  const [where, setWhere] = useState("");
  const [looked, setLooked] = useState<RollOverResponse>();
  const nameOf = (id: string) => people.find((p) => p.id === id)?.name ?? "";
  const call = (more: { dryRun?: boolean; approved?: string }) =>
    store.call.school.rollOver({
      requestId: newId(),
      schoolId: at.id,
      names: [...names].filter(([id, name]) => name.trim() !== teams.find((t) => t.id === id)?.name).map(([teamId, name]) => ({ teamId, name: name.trim() })),
      moves: [...moves].map(([personId, team]) => ({ personId, teamIds: team ? [team] : [] })),
      ...more,
    });
  const change = (to: () => void) => {
    to();
    setLooked(undefined); // what was looked at is what is done
  };
  return (
    <form
      aria-labelledby="rollover"
      onSubmit={(e) => {
        e.preventDefault();
        void doing.run(async () => setLooked(await call({ dryRun: true })));
      }}
    >
      <fieldset class="desk-form">
        <legend>{say("year.new.names")}</legend>
        {teams.map((t) => (
          <Field
            key={t.id}
            id={`team-${t.id}`}
            single
            required
            names
            label={t.name}
            sees="who.school"
            max={limits.teamName.name}
            value={names.get(t.id) ?? ""}
            input={(name) => change(() => setNames(new Map(names).set(t.id, name)))}
          />
        ))}
      </fieldset>
      <fieldset class="desk-form">
        <legend>{say("year.new.moves")}</legend>
        <label>
          {say("col.name")}
          <select value={who} onChange={(e) => setWho(e.currentTarget.value)}>
            <option value="">{say("year.new.nobody")}</option>
            {people.map((p) => (
              <option key={p.id} value={p.id}>
                {p.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say("year.new.into")}
          <select value={where} onChange={(e) => setWhere(e.currentTarget.value)}>
            <option value="">{say("year.new.no_team")}</option>
            {teams.map((t) => (
              <option key={t.id} value={t.id}>
                {names.get(t.id)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          disabled={!who}
          onClick={() =>
            change(() => {
              setMoves(new Map(moves).set(who, where));
              setWho("");
            })
          }
        >
          {say("year.new.add")}
        </button>
      </fieldset>
      {moves.size > 0 && (
        <ul class="lines">
          {[...moves].map(([id, team]) => (
            <li key={id}>
              {nameOf(id)} → {team ? names.get(team) : say("year.new.no_team")}{" "}
              <button
                type="button"
                class="link"
                aria-label={say("year.new.stays", { name: nameOf(id) })}
                onClick={() => change(() => setMoves(new Map([...moves].filter(([other]) => other !== id))))}
              >
                {say("remove")}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Refused refusal={doing.refusal} />
      {looked && <Preview of={looked} />}
      <div class="desk-acts">
        {looked && looked.teams.length + looked.people.length > 0 ? (
          <button
            type="button"
            class="primary"
            disabled={doing.doing}
            onClick={() =>
              void doing.run(async () => {
                const r = await call({ approved: looked.difference });
                await store.sync();
                done(r);
              })
            }
          >
            {say("year.new.run")}
          </button>
        ) : (
          <button type="submit" class="primary" disabled={doing.doing}>
            {say("year.new.look")}
          </button>
        )}
        <button type="button" onClick={leave}>
          {say("roster.leave")}
        </button>
      </div>
    </form>
  );
}

function Preview({ of }: { of: RollOverResponse }) {
  return (
    <div class="preview" aria-live="polite">
      <h3>{say("year.new.preview")}</h3>
      <p>
        {count("year.new.teams", of.teams.length)} {count("year.new.people", of.people.length)} {say("year.new.roles")}
      </p>
      <ul class="lines">
        {of.teams.map((t) => (
          <li key={t.was}>
            <del>{t.was}</del> <ins>{t.name}</ins>
          </li>
        ))}
      </ul>
      {of.people.length > 0 && (
        <Table
          caption={say("year.new.moves")}
          file="nytt-skolear"
          rows={of.people}
          id={(p) => `${p.name} ${p.from.join()} ${p.to.join()}`}
          empty={null}
          columns={[
            { title: say("col.name"), value: (p) => p.name },
            { title: say("year.new.from"), value: (p) => p.from.join(", ") || say("year.new.no_team") },
            { title: say("year.new.to"), value: (p) => p.to.join(", ") || say("year.new.no_team") },
          ]}
        />
      )}
    </div>
  );
}
