import { say } from "../words/words";

/** What followed from what was seen, apart from it. */
export const Followed = ({ effect }: { effect: string }) =>
  effect === "" ? null : (
    <p class="followed">
      <small>{say("fb.effect.told")}</small>
      <br />
      <span>{effect}</span>
    </p>
  );
