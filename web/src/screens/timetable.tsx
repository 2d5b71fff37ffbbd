// One's own timetable, from the file that a timetable program or a calendar hands out.

import { useState } from "preact/hooks";
import { CalendarFormat, type ImportLessonsResponse } from "../gen/undring/v1/school_pb";
import { useDoing } from "../parts/call";
import { Refused, Sure } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import en from "../words/timetable.en.json";
import nb from "../words/timetable.nb.json";
import nn from "../words/timetable.nn.json";
import { own } from "../words/own";
import { Feed, NotUnderstood } from "./feed";

const say = own({ nb, nn, en });
const most = 4 * 1_048_576; // bytes of a file, as the contract has it

/** Takes in one's own lessons: first what would be taken, then, when one has looked, that it is. */
export function Timetable({ schoolId }: { schoolId: string }) {
  const store = useStore();
  const doing = useDoing();
  const [file, setFile] = useState<{ name: string; content: Uint8Array<ArrayBuffer> }>();
  const [told, setTold] = useState<ImportLessonsResponse>();
  const [words, setWords] = useState("");
  const call = (content: Uint8Array<ArrayBuffer>, o: { dryRun?: boolean; clear?: boolean }) =>
    store.call.school.importLessons({ requestId: newId(), schoolId, content, format: CalendarFormat.ICALENDAR, ...o });
  async function look(f: File | undefined) {
    setTold(undefined);
    setWords("");
    if (!f) return;
    if (f.size > most) return setWords(say("large", { name: f.name }));
    const content = new Uint8Array(await f.arrayBuffer());
    setFile({ name: f.name, content });
    await doing.run(async () => setTold(await call(content, { dryRun: true })));
  }
  return (
    <section aria-labelledby="timetable">
      <h2 id="timetable">{say("title")}</h2>
      <p class="quiet">{say("lead")}</p>
      <label class="inline">
        {say("file")}
        <input
          type="file"
          accept=".ics,text/calendar"
          onChange={(e) => {
            const input = e.currentTarget;
            void look(input.files?.[0]).finally(() => (input.value = "")); // the same file can be chosen again
          }}
        />
      </label>
      <Refused refusal={doing.refusal} />
      {file && told && (
        <div class="told" aria-live="polite">
          <p>
            <b>{say("would", { name: file.name, n: told.lessons, replaced: told.replaced })}</b>
          </p>
          {told.ownAddresses > 0 && <p>{say("own")}</p>}
          {told.leftOut > 0 && <p>{say("left_out", { n: told.leftOut })}</p>}
          <NotUnderstood rows={told.rowErrors} more={told.moreRowErrors} />
          <div class="two">
            <button type="button" onClick={() => setTold(undefined)}>
              {say("leave")}
            </button>
            <button
              type="button"
              class="primary"
              disabled={doing.doing}
              onClick={() =>
                void doing.run(async () => {
                  const r = await call(file.content, {});
                  setTold(undefined);
                  setWords(say("done", { n: r.lessons }));
                })
              }
            >
              {say("run")}
            </button>
          </div>
        </div>
      )}
      <p role="status" class={words ? "told" : "hidden"}>
        {words}
      </p>
      <Feed schoolId={schoolId} />
      <Sure
        label={say("clear")}
        ask={say("clear.what")}
        yes={say("clear")}
        do={() =>
          void doing.run(async () => {
            await call(new Uint8Array(), { clear: true });
            setTold(undefined);
            setWords(say("cleared"));
          })
        }
      />
    </section>
  );
}
