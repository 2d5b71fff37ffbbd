// The record of what was done about access and rules: an administrator reads all of the
// owner's, everybody else what concerns themselves.

import { AdminService, type AdministrativeAct, AdministrativeActKind } from "../gen/undring/v1/admin_pb";
import { Answered, useAnswer } from "../parts/call";
import { useStore } from "../parts/store";
import { dateOf, when } from "../words/time";
import { Table } from "./table";
import { say, sayOf } from "./words";

const pages = 5; // of 200: more than anybody looks through, and the sheet has them all

export function Acts() {
  const store = useStore();
  const acts = useAnswer(async () => {
    const out: AdministrativeAct[] = [];
    let pageToken = "";
    for (let n = 0; n < pages; n++) {
      const page = await store.call.of(AdminService).listAdministrativeActs({ pageSize: 200, pageToken });
      out.push(...page.acts);
      pageToken = page.nextPageToken;
      if (!pageToken) break;
    }
    return out;
  });
  return (
    <>
      <p class="lead">{say("acts.lead")}</p>
      <Answered of={acts}>
        {(list) => (
          <Table
            caption={say("acts.title")}
            file="endringer"
            rows={list}
            id={(a) => a.id}
            empty={<p>{say("acts.none")}</p>}
            columns={[
              { title: say("col.when"), value: (a) => dateOf(a.time)!.toISOString(), cell: (a) => when(dateOf(a.time)!, store.now()) },
              { title: say("col.what"), value: (a) => [sayOf("act", AdministrativeActKind[a.kind]!), a.role ? sayOf("role", a.role) : ""].filter(Boolean).join(": ") },
              { title: say("col.about"), value: (a) => [a.aboutName, a.schoolName].filter(Boolean).join(", ") || (a.people > 0 ? say("acts.people", { n: a.people }) : "") },
              { title: say("col.who"), value: (a) => a.byName || say("imports.job") },
            ]}
          />
        )}
      </Answered>
    </>
  );
}
