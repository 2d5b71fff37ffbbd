import { useDoing, Progress } from "../parts/call";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { type Of, whose } from "./reading";
import type { Say } from "./words";

/** Taking the sheet along, on paper or as the server's own file: the same, and no more. */
export function Take({ of, term, say }: { of: Of; term: string; say: Say }) {
  const store = useStore();
  const doing = useDoing();
  const download = () =>
    doing.run(async () => {
      const file = await store.call.culture.exportCultureReport({ of: whose(of), term });
      save(new Blob([file.content as Uint8Array<ArrayBuffer>], { type: file.contentType }), file.fileName);
    });
  return (
    <section class="take no-print">
      <button type="button" onClick={() => print()}>
        {say("print")}
      </button>
      <button type="button" disabled={doing.doing} onClick={download}>
        {say("csv")}
      </button>
      <p class="hint">{say("csv.what")}</p>
      {doing.slow && <Progress />}
      <Refused refusal={doing.refusal} />
    </section>
  );
}

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // some browsers read it later
}
