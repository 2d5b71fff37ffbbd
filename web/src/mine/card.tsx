import "../words/later";
import { timestampDate, timestampMs } from "@bufbuild/protobuf/wkt";
import { useKept } from "../parts/kept";
import { useStore } from "../parts/store";
import { day, when } from "../words/time";
import { goesSoon } from "./going";
import { say } from "./words";

/** How many visits the first screen names; all stand under what is mine. */
const named = 3;

/** That words go soon, with the way to a copy beside it. Stands until it was seen, and anew when another visit's turn comes. */
export function GoingCard() {
  const store = useStore();
  const seen = useKept("mine/going-seen", { visits: [] as string[] });
  const soon = goesSoon(store);
  if (soon.every(({ visit }) => seen.value.visits.includes(visit.id))) return null;
  return (
    <section class="card" aria-labelledby="going-told">
      <div class="card-main">
        <h2 id="going-told">{say("going.title")}</h2>
        <p>{say("going.text")}</p>
        <ul>
          {soon.slice(0, named).map(({ visit, on }) => (
            <li key={visit.id}>{say("going.visit", { visit: day(timestampDate(visit.startTime!), store.now()), day: day(on, store.now()) })}</li>
          ))}
        </ul>
        {soon.length > named && <p>{say("going.more", { n: soon.length - named })}</p>}
      </div>
      <div class="two">
        <a class="button primary" href="#/mine">
          {say("copy.title")}
        </a>
        <button type="button" onClick={() => seen.set({ visits: soon.map(({ visit }) => visit.id) })}>
          {say("going.seen")}
        </button>
      </div>
    </section>
  );
}

/** That a copy of all that is mine was taken: for whoever did not take it. Stands until it was seen. */
export function ExportCard() {
  const store = useStore();
  const seen = useKept("mine/export-seen", { at: 0 });
  const at = store.me.value?.lastExportTime;
  if (!at || timestampMs(at) <= seen.value.at) return null;
  return (
    <section class="card" aria-labelledby="export-told">
      <div class="card-main">
        <h2 id="export-told">{say("told.title")}</h2>
        <p>{say("told.text", { when: when(timestampDate(at), store.now()) })}</p>
      </div>
      <div class="two">
        <button type="button" class="primary" onClick={() => seen.set({ at: timestampMs(at) })}>
          {say("told.me")}
        </button>
        <a class="button" href="#/devices">
          {say("told.not_me")}
        </a>
      </div>
    </section>
  );
}
