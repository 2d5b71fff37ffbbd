import type { ComponentChildren } from "preact";
import { say } from "./words";

/** What was just done, told to whoever listens too, and the way back from it. It says nothing
 * while `said` is empty, and stays in the page: what appears in a place that was not there is
 * not read aloud. */
export function WayBack({ said, undo }: { said: ComponentChildren; undo?: (() => unknown) | undefined }) {
  return (
    <p role="status" class={said ? "told" : "hidden"}>
      {said}{" "}
      {undo && (
        <button type="button" class="link" onClick={undo}>
          {say("undo")}
        </button>
      )}
    </p>
  );
}
