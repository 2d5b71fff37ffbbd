// Sentences to begin with that the staff of a school have added: which, at what moment, and
// who may change them.

import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { FeedbackService, type Prompt, PromptMoment } from "../gen/undring/v1/feedback_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Field } from "../parts/field";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import { language } from "../words/words";
import { WayBack } from "./back";
import type { At } from "./desk";
import { Table } from "./table";
import { say, sayOf } from "./words";

const moments = [
  PromptMoment.CARD,
  PromptMoment.WARM_UP,
  PromptMoment.DURING,
  PromptMoment.OWN_VIEW,
  PromptMoment.FEEDBACK,
  PromptMoment.QUESTION,
  PromptMoment.ANSWER,
  PromptMoment.ASK_BACK,
  PromptMoment.TAKE_AWAY,
  PromptMoment.ACTION,
  PromptMoment.REPORT,
];

interface Row {
  moment: PromptMoment;
  prompt: Prompt;
}

const momentWords = (m: PromptMoment): string => sayOf("moment", PromptMoment[m]!);

export function PromptsDesk({ at }: { at: At }) {
  const store = useStore();
  const call = store.call.of(FeedbackService);
  const answer = useAnswer(async () => {
    const lists = await Promise.all(moments.map((moment) => call.listPrompts({ moment, language: language.value })));
    return lists.flatMap((l, i) => l.prompts.filter((p) => p.schoolId === at.id).map((prompt): Row => ({ moment: moments[i]!, prompt })));
  }, [at.id, language.value]);
  const doing = useDoing();
  const [text, setText] = useState("");
  const [moment, setMoment] = useState(PromptMoment.QUESTION);
  const [taken, setTaken] = useState<Row>();
  const done = () => {
    answer.again();
    void store.sync();
  };
  const save = (m: PromptMoment, words: string, kind = "") =>
    doing.run(() => call.savePrompt({ requestId: newId(), schoolId: at.id, moment: m, kind, language: language.value, text: words }));
  return (
    <section aria-labelledby="prompts">
      <h2 id="prompts">{say("prompts.title")}</h2>
      <p class="quiet">{say("prompts.lead")}</p>
      <Answered of={answer}>
        {(rows) => (
          <Table
            caption={say("prompts.title")}
            file="setninger"
            rows={rows}
            id={(r) => r.prompt.id}
            empty={<p>{say("prompts.none")}</p>}
            columns={[
              { title: say("prompts.text"), value: (r) => r.prompt.text },
              { title: say("prompts.moment"), value: (r) => momentWords(r.moment) },
              { title: say("prompts.editors"), value: (r) => r.prompt.editors },
            ]}
            act={(r) =>
              r.prompt.deletable && (
                <button
                  type="button"
                  class="small"
                  disabled={doing.doing}
                  aria-label={say("prompts.remove", { text: r.prompt.text })}
                  onClick={() =>
                    void doing.run(() => call.deletePrompt({ requestId: newId(), promptId: r.prompt.id })).then((ok) => {
                      if (!ok) return;
                      setTaken(r);
                      done();
                    })
                  }
                >
                  {say("remove")}
                </button>
              )
            }
          />
        )}
      </Answered>
      <WayBack
        said={taken && say("prompts.removed", { text: taken.prompt.text })}
        undo={
          taken &&
          (() =>
            void save(taken.moment, taken.prompt.text, taken.prompt.kind).then((ok) => {
              if (!ok) return;
              setTaken(undefined);
              done();
            }))
        }
      />
      <form
        class="desk-form"
        onSubmit={(e) => {
          e.preventDefault();
          void save(moment, text.trim()).then((ok) => {
            if (!ok) return;
            setText("");
            setTaken(undefined);
            done();
          });
        }}
      >
        <Field id="prompt-text" single required label={say("prompts.new")} sees="who.school" max={limits.savePrompt.text} value={text} input={setText} />
        <label>
          {say("prompts.moment")}
          <select value={moment} onChange={(e) => setMoment(Number(e.currentTarget.value))}>
            {moments.map((m) => (
              <option key={m} value={m}>
                {momentWords(m)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary" disabled={doing.doing || text.trim() === ""}>
          {say("prompts.add")}
        </button>
      </form>
      <Refused refusal={doing.refusal} />
    </section>
  );
}
