import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { say } from "./words";

/** A place to drop a file on, or to choose one: the same by mouse, touch and keyboard. */
export function Drop(p: { label: string; hint: ComponentChildren; accept: string; most: number; take: (file: File, content: Uint8Array<ArrayBuffer>) => void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const [wrong, setWrong] = useState("");
  async function take(file: File | null | undefined) {
    setOver(false);
    if (!file) return;
    if (file.size > p.most) return setWrong(say("drop.large", { name: file.name, n: Math.floor(p.most / 1_048_576) }));
    if (file.size === 0) return setWrong(say("drop.empty", { name: file.name }));
    setWrong("");
    p.take(file, new Uint8Array(await file.arrayBuffer()));
  }
  return (
    <div
      class={`drop ${over ? "over" : ""}`}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        void take(e.dataTransfer?.files[0]);
      }}
    >
      <label for={id}>{p.label}</label>
      <p class="hint" id={`${id}-hint`}>
        {p.hint}
      </p>
      <input
        id={id}
        type="file"
        accept={p.accept}
        aria-describedby={`${id}-hint`}
        {...(wrong ? { "aria-invalid": true } : {})}
        onChange={(e) => {
          const input = e.currentTarget;
          void take(input.files?.[0]).finally(() => (input.value = "")); // the same file can be chosen again
        }}
      />
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
