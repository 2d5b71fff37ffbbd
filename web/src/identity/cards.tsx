import "../words/later";
import { useState } from "preact/hooks";
import { type IdentityChange, IdentityChangeKind } from "../gen/undring/v1/school_pb";
import { useDoing } from "../parts/call";
import { focusOn } from "../parts/focus";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { newId } from "../store/id";
import en from "../words/identity.en.json";
import nb from "../words/identity.nb.json";
import nn from "../words/identity.nn.json";
import { own } from "../words/own";

const say = own({ nb, nn, en });

/** What would let somebody be taken for me in another way than before: asked until I answer. */
export function IdentityCards() {
  const store = useStore();
  const [said, setSaid] = useState<"said_yes" | "said_no">();
  const open = store.me.value?.identityChanges ?? [];
  return (
    <>
      <p role="status" class={said ? "told" : "hidden"}>
        {said && say(said)}
      </p>
      {open.map((c) => (
        <Card key={c.id} change={c} answered={setSaid} />
      ))}
    </>
  );
}

/** What is asked, in a sentence. */
function question(c: IdentityChange): string {
  const who = c.askedByName || say("someone");
  switch (c.kind) {
    case IdentityChangeKind.MERGE:
      return say("MERGE", { who, other: c.otherName });
    case IdentityChangeKind.RELINK:
      return say("RELINK", { who });
    case IdentityChangeKind.ADDRESS:
      return say(c.oldEmail ? "ADDRESS" : "ADDRESS.first", { old: c.oldEmail, new: c.newEmail });
    default:
      return say("LINK", { issuer: hostOf(c.issuer) });
  }
}

/** The provider as people know it: by its host. */
function hostOf(issuer: string): string {
  try {
    return new URL(issuer).host;
  } catch {
    return issuer;
  }
}

function Card({ change: c, answered }: { change: IdentityChange; answered: (said: "said_yes" | "said_no") => void }) {
  const store = useStore();
  const doing = useDoing();
  const kind = c.kind === IdentityChangeKind.MERGE ? "MERGE." : c.kind === IdentityChangeKind.ADDRESS ? "ADDRESS." : "";
  const answer = (agree: boolean) =>
    void doing
      .run(() => store.call.school.answerIdentityChange({ requestId: newId(), changeId: c.id, agree }))
      .then(async (ok) => {
        if (!ok) return;
        answered(agree ? "said_yes" : "said_no");
        focusOn("main"); // the buttons go with the card
        await store.sync();
      });
  return (
    <section class="card identity" aria-labelledby={`identity-${c.id}`}>
      <div class="card-main">
        <h2 id={`identity-${c.id}`}>{say("title")}</h2>
        <p>{question(c)}</p>
        <small>{say("nothing_yet")}</small>
        <Refused refusal={doing.refusal} />
      </div>
      <div class="two">
        <button type="button" class="primary" disabled={doing.doing} onClick={() => answer(true)}>
          {say(`${kind}yes`)}
        </button>
        <button type="button" disabled={doing.doing} onClick={() => answer(false)}>
          {say(`${kind}no`)}
        </button>
      </div>
    </section>
  );
}
