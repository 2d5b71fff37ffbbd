import type { SignInProvider } from "../gen/undring/v1/session_pb";
import { keepWanted } from "../route";
import { say } from "../words/words";
import type { Doing } from "./call";
import { useStore } from "./store";

/** The providers that one can sign in at, a button each; what was asked for is kept for the way back. */
export function Providers({ of, doing, forOwnData }: { of: SignInProvider[]; doing: Doing; forOwnData?: boolean }) {
  const store = useStore();
  return of.map((p) => (
    <button
      key={p.id}
      type="button"
      class="primary wide"
      disabled={doing.doing}
      onClick={() => {
        keepWanted();
        void doing.run(() => store.beginProvider(p, { forOwnData }));
      }}
    >
      {say("signin.with", { name: p.name })}
    </button>
  ));
}
