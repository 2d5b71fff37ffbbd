import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icons";

export interface Option<T> {
  value: T;
  label: ComponentChildren;
  hint?: string;
  class?: string;
}

/** A choice of one, as big buttons; under them radio buttons of the browser's own. */
export function Choice<T extends string | number>(p: {
  legend: string;
  hideLegend?: boolean;
  options: Option<T>[];
  value: T | undefined;
  choose: (v: T) => void;
  class?: string;
  /** Finds the first of them, to give it the focus. */
  id?: string;
  /** That none is chosen, where one has to be. */
  wrong?: string | undefined;
}) {
  const name = useId();
  const about = p.wrong ? { "aria-invalid": true, "aria-describedby": `${name}-wrong` } : {};
  return (
    <fieldset role="radiogroup" class={`choice ${p.class ?? ""}`} {...about}>
      <legend class={p.hideLegend ? "hidden" : ""}>{p.legend}</legend>
      {p.wrong && (
        <p class="wrong" id={`${name}-wrong`}>
          <Icon of="warn" />
          {p.wrong}
        </p>
      )}
      <div class="options">
        {p.options.map((o, i) => (
          <label key={o.value} class={`option ${o.class ?? ""}`}>
            <input type="radio" id={i === 0 ? p.id : undefined} name={name} checked={o.value === p.value} onChange={() => p.choose(o.value)} />
            <span class="option-text">
              <span>{o.label}</span>
              {o.hint && <small>{o.hint}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A yes or no. */
export function Switch(p: { label: ComponentChildren; hint?: string; on: boolean; set: (on: boolean) => void; class?: string }) {
  return (
    <label class={`switch ${p.class ?? ""}`}>
      <input type="checkbox" checked={p.on} onChange={(e) => p.set(e.currentTarget.checked)} />
      <span class="option-text">
        <span>{p.label}</span>
        {p.hint && <small>{p.hint}</small>}
      </span>
    </label>
  );
}
