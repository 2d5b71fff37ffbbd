import { useState } from "preact/hooks";
import * as limits from "../gen/limits";
import { ReplyRequestSchema, type ThreadReply } from "../gen/undring/v1/feedback_pb";
import { promptsFor } from "../review/prompts";
import { says } from "../rules/says";
import { count, language, say } from "../words/words";
import { Field } from "./field";
import { useMissing } from "./missing";
import { FromWhom } from "./next";
import { RefusedAbout } from "./notices";
import { useOpening } from "./focus";
import { useStore, useTyped } from "./store";

/** The short thread of a point or a question. */
export function Thread({ about, replies, open }: { about: string; replies: ThreadReply[]; open: boolean }) {
  const store = useStore();
  const text = useTyped(`reply/${about}`);
  const missing = useMissing();
  const [writing, setWriting] = useState(text.value !== "");
  useOpening(writing, `reply-${about}`, `reply-open-${about}`);
  const follow = promptsFor("question", language.value).filter((p) => p.kind === "say_more" || p.kind === "meaning");
  return (
    <>
      {replies.length > 0 && (
        <ul class="thread" aria-label={count("ex.thread", replies.length)}>
          {replies.map((r) => (
            <li key={r.id}>
              <small>
                <FromWhom id={r.authorId} />
              </small>
              <p>{r.text}</p>
            </li>
          ))}
        </ul>
      )}
      <RefusedAbout id={about} only={["Reply"]} />
      {open && !writing && (
        <button type="button" id={`reply-open-${about}`} class="quiet-button" onClick={() => setWriting(true)}>
          {say("ex.reply")}
        </button>
      )}
      {open && writing && (
        <form
          class="inline-form"
          onSubmit={(e) => {
            e.preventDefault();
            if (missing.found(!says(text.value) && { id: `reply-${about}`, words: say("ex.reply.missing") })) return;
            store.do(ReplyRequestSchema, { aboutId: about, text: text.value.trim() }, { words: [text.key] });
            text.clear();
            setWriting(false);
          }}
        >
          <Field id={`reply-${about}`} label={say("ex.reply.text")} sees="who.two" max={limits.reply.text} value={text.value} wrong={missing.of(`reply-${about}`, says(text.value))} input={(t) => text.set(t)} />
          <div class="chips-row">
            {follow.map((p) => (
              <button key={p.text} type="button" class="mark" onClick={() => text.append(p.text)}>
                {p.text}
              </button>
            ))}
          </div>
          <div class="two">
            <button type="button" onClick={() => setWriting(false)}>
              {say("do.cancel")}
            </button>
            <button class="primary">{say("ex.reply.send")}</button>
          </div>
        </form>
      )}
    </>
  );
}
