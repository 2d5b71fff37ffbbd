// What one may want to know before one proposes a time: told while it is chosen, not
// once it is sent. Without a network nothing is told here; the server answers later.

import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "preact/hooks";
import { NextTodo, type ProposalWarning, ProposalWarningKind } from "../gen/undring/v1/observation_pb";
import { say } from "../words/words";
import { Icon } from "./icons";
import { firstNameOf } from "./people";
import { useStore } from "./store";
import { nextPlace, otherId, type Seat, seatOf, todoWords } from "./visit";
import { endAt, startAt, type Span } from "./when";

interface Of {
  schoolId: string;
  observerId: string;
  observedId: string;
  coTaught: boolean;
  mutual?: boolean;
  observationId?: string;
}

/** How long after the last change of the time it is asked, in milliseconds. */
const pause = 400;

/** The server's warnings of a time, besides what is late: that is told before, see [Late]. */
export function Warnings({ of, span }: { of: Of; span: Span }) {
  const store = useStore();
  const asked = JSON.stringify([of, span]);
  const [told, setTold] = useState<{ asked: string; warnings: ProposalWarning[] }>({ asked: "", warnings: [] });
  useEffect(() => {
    let gone = false;
    const wait = setTimeout(() => {
      const times = { startTime: timestampFromDate(startAt(span)), endTime: timestampFromDate(endAt(span)) };
      store.call.observation.checkProposal({ ...of, ...times }).then(
        ({ warnings }) => gone || setTold({ asked, warnings }),
        () => {}, // without a network, or of a time that can't be: sending it says so
      );
    }, pause);
    return () => {
      gone = true;
      clearTimeout(wait);
    };
  }, [asked]);
  const warnings = told.asked === asked ? told.warnings.filter((w) => w.kind !== ProposalWarningKind.OVERDUE) : [];
  return (
    <div role="status" class={warnings.length > 0 ? "told" : ""} data-warnings={told.asked === asked ? warnings.length : undefined}>
      {warnings.map((w) => (
        <p key={w.kind}>
          <Icon of="warn" /> {w.text}
        </p>
      ))}
    </div>
  );
}

/** An exchange that is late on my side, in the role that I would propose in, with the way there: told before anything is filled in. */
export function Late({ seat }: { seat: Seat }) {
  const store = useStore();
  const late = store.visits.value.find((v) => store.myMove(v) && v.nextStep?.overdue && v.nextStep.todo !== NextTodo.ANSWER_WISH && seatOf(store, v) === seat);
  if (!late) return null;
  return (
    <div class="told" role="status" data-late={late.id}>
      <p>
        <Icon of="warn" /> {say("new.late", { name: firstNameOf(store, otherId(store, late)) })}
      </p>
      <a class="button" href={`#${nextPlace(store, late)}`}>
        {todoWords(store, late)}
      </a>
    </div>
  );
}
