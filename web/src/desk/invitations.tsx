// Invitations: one by one, by one's own mail program, or as a sheet to print and cut.

import { useState } from "preact/hooks";
import { type Person, Role } from "../gen/undring/v1/school_pb";
import { useDoing } from "../parts/call";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { dateOf, fullDay } from "../words/time";
import { count, say } from "./words";

/** A code that somebody signs in by, once. It is nowhere but here: the server keeps none. */
export interface Code {
  personId: string;
  name: string;
  email: string;
  code: string;
  from: Date;
  until: Date;
}

export function Invitations({ people, codes, add }: { people: Person[]; codes: Code[]; add: (c: Code) => void }) {
  const store = useStore();
  const doing = useDoing();
  const [made, setMade] = useState(0);
  const [asked, setAsked] = useState(false);
  const [chosen, choose] = useState<Set<string>>(new Set());
  const all = people.filter((p) => p.active && p.roles.some((r) => r !== Role.UNSPECIFIED));
  async function make() {
    setMade(0);
    await doing.run(async () => {
      for (const p of all.filter((p) => chosen.has(p.id))) {
        const c = await store.call.school.createInvitation({ requestId: newId(), personId: p.id });
        add({ personId: p.id, name: p.name, email: p.email, code: c.code, from: dateOf(c.validFromTime)!, until: dateOf(c.expireTime)! });
        setMade((n) => n + 1);
      }
      choose(new Set());
      setAsked(false);
    });
  }
  return (
    <div class="invitations">
      {!asked && all.length > 0 && (
        <button type="button" class="no-print" onClick={() => setAsked(true)}>
          {say("invite.title")}
        </button>
      )}
      {asked && (
        <fieldset class="no-print">
          <legend>{say("invite.whom")}</legend>
          <p class="hint">{say("invite.hint")}</p>
          <label class="check">
            <input
              type="checkbox"
              checked={chosen.size === all.length}
              onChange={(e) => choose(e.currentTarget.checked ? new Set(all.map((p) => p.id)) : new Set())}
            />
            {say("invite.all", { n: all.length })}
          </label>
          <div class="checks">
            {all.map((p) => (
              <label key={p.id} class="check">
                <input
                  type="checkbox"
                  checked={chosen.has(p.id)}
                  onChange={(e) => {
                    const next = new Set(chosen);
                    if (e.currentTarget.checked) next.add(p.id);
                    else next.delete(p.id);
                    choose(next);
                  }}
                />
                {p.name}
              </label>
            ))}
          </div>
          <div class="desk-acts">
            <button type="button" class="primary" disabled={doing.doing || chosen.size === 0} onClick={() => void make()}>
              {count("invite.make", chosen.size)}
            </button>
            <button type="button" onClick={() => setAsked(false)}>
              {say("person.close")}
            </button>
            {doing.doing && <span role="status">{say("invite.made", { n: made })}</span>}
          </div>
          <Refused refusal={doing.refusal} />
        </fieldset>
      )}
      {codes.length > 0 && (
        <div class="sheet-of-codes">
          <div class="desk-acts no-print">
            <p class="quiet">{say("invite.once")}</p>
            <button type="button" onClick={() => window.print()}>
              {say("invite.print")}
            </button>
          </div>
          <ul>
            {codes.map((c) => (
              <li key={c.personId} class="slip">
                <b>{c.name}</b>
                <span>{say("invite.go", { at: location.origin })}</span>
                <span class="code">{c.code}</span>
                <small>
                  {c.from > store.now()
                    ? say("invite.from", { from: fullDay(c.from, store.now()), until: fullDay(c.until, store.now()) })
                    : say("invite.until", { until: fullDay(c.until, store.now()) })}
                </small>
                {c.email && (
                  <a class="link no-print" href={mailTo(c)}>
                    {say("invite.mail")}
                  </a>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** A mail that waits in one's own mail program, to be looked at and sent. */
const mailTo = (c: Code): string =>
  `mailto:${encodeURIComponent(c.email)}?subject=${encodeURIComponent(say("invite.mail.subject"))}&body=${encodeURIComponent(
    say("invite.mail.body", { name: c.name.split(" ")[0]!, at: location.origin, code: c.code, until: c.until.toISOString().slice(0, 10) }),
  )}`;
