import type { Hint } from "../review/hints";
import { Icon } from "./icons";

/** Advice on what is written. It stops nothing. */
export const Hints = ({ hints }: { hints: Hint[] }) =>
  hints.length === 0 ? null : (
    <ul class="hints">
      {hints.map((h) => (
        <li key={h.id}>
          <Icon of="think" />
          {h.text}
        </li>
      ))}
    </ul>
  );
