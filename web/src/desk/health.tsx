// How the service does: imports, sign-ins that came to nothing, messages that did not go out,
// versions of apps in use, storage. No content, nobody's visits, nobody's device.

import { AdminService } from "../gen/undring/v1/admin_pb";
import { Answered, useAnswer } from "../parts/call";
import { useStore } from "../parts/store";
import { dateOf, fullDay, when } from "../words/time";
import { dayOf } from "./calendar";
import { Table } from "./table";
import { say, sayOf } from "./words";

/** A version in words: the newest is the one that this very page is of. */
const version = (app: string, here: string): string => (app === "OTHER" ? say("app.OTHER") : app === here ? say("app.here", { app }) : app);

export function Health() {
  const store = useStore();
  const health = useAnswer(() => store.call.of(AdminService).getDeliveryHealth({}));
  const imports = useAnswer(() => store.call.school.listImports({ pageSize: 5 }));
  return (
    <>
      <section aria-labelledby="failed">
        <h2 id="failed">{say("health.failed")}</h2>
        <Answered of={health}>
          {(h) => (
            <>
              <Table
                caption={say("health.failed")}
                file="innlogging"
                rows={h.signInFailures}
                id={(f) => `${f.date} ${f.kind}`}
                empty={<p>{say("health.failed.none")}</p>}
                columns={[
                  { title: say("col.when"), value: (f) => f.date, cell: (f) => fullDay(dayOf(f.date), store.now()) },
                  { title: say("col.why"), value: (f) => sayOf("failure", f.kind) },
                  { title: say("col.count"), value: (f) => f.count },
                ]}
              />
              <h2>{say("health.unsent")}</h2>
              <Table
                caption={say("health.unsent")}
                file="varsler"
                rows={h.deliveryFailures}
                id={(f) => `${f.date} ${f.channel} ${f.reason}`}
                empty={<p>{say("health.unsent.none")}</p>}
                columns={[
                  { title: say("col.when"), value: (f) => f.date, cell: (f) => fullDay(dayOf(f.date), store.now()) },
                  { title: say("col.channel"), value: (f) => sayOf("channel", f.channel) },
                  { title: say("col.why"), value: (f) => sayOf("unsent", f.reason) },
                  { title: say("col.retried"), value: (f) => f.retried },
                  { title: say("col.given_up"), value: (f) => f.givenUp },
                ]}
              />
              <h2>{say("health.apps")}</h2>
              <p class="quiet">{say("health.apps.lead", { app: store.app })}</p>
              <Table
                caption={say("health.apps")}
                file="utgaver"
                rows={h.appVersions}
                id={(a) => `${a.date} ${a.app}`}
                empty={<p>{say("health.apps.none")}</p>}
                columns={[
                  { title: say("col.when"), value: (a) => a.date, cell: (a) => fullDay(dayOf(a.date), store.now()) },
                  { title: say("col.app"), value: (a) => (a.app === "OTHER" ? say("app.OTHER") : a.app), cell: (a) => version(a.app, store.app) },
                  { title: say("col.count"), value: (a) => a.sessions },
                ]}
              />
              <h2>{say("health.storage")}</h2>
              <p>{say("health.bytes", { n: (Number(h.databaseBytes) / 1_000_000).toFixed(0) })}</p>
            </>
          )}
        </Answered>
      </section>
      <section aria-labelledby="last">
        <h2 id="last">{say("health.imports")}</h2>
        <Answered of={imports}>
          {({ imports: list }) => (
            <Table
              caption={say("health.imports")}
              rows={list}
              id={(i) => i.id}
              empty={<p>{say("imports.none")}</p>}
              columns={[
                { title: say("col.when"), value: (i) => dateOf(i.time)!.toISOString(), cell: (i) => when(dateOf(i.time)!, store.now()) },
                { title: say("col.who"), value: (i) => i.importedByName || say("imports.job") },
                { title: say("col.state"), value: (i) => say(i.held ? "imports.held" : i.undoTime ? "imports.undone" : i.oddRows > 0 ? "imports.odd" : "imports.stands", { n: i.oddRows }) },
              ]}
            />
          )}
        </Answered>
      </section>
    </>
  );
}
