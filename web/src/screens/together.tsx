import type { VNode } from "preact";
import { Answered, useAnswer } from "../parts/call";
import { Page } from "../parts/page";
import { say } from "../words/words";

type Pages = typeof import("../together/pages");
let pages: Pages | undefined;

const fetchPages = async () => (pages ??= await import("../together/pages"));

/** The place of a screen of what a school works on together. They come by themselves, so that the app can begin without them. */
export function Together({ draw }: { draw: (p: Pages) => VNode }) {
  const answer = useAnswer(fetchPages);
  if (pages) return draw(pages);
  return (
    <Page title={say("app.name")} back="/more">
      <Answered of={answer}>{() => null}</Answered>
    </Page>
  );
}
