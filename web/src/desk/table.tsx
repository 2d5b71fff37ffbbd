// A table that sorts, filters and can be taken along as a sheet. On a phone each row is
// a card with the headings beside its cells.

import type { ComponentChildren } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { csv, download } from "./csv";
import { count, say } from "./words";

export interface Column<R> {
  title: string;
  /** What it sorts and filters by, and what stands in the sheet. */
  value: (row: R) => string | number;
  /** What is shown, where that is something else. */
  cell?: (row: R) => ComponentChildren;
}

const mostShown = 200; // rows that are drawn before one asks for more

export function Table<R>(p: {
  caption: string;
  columns: Column<R>[];
  rows: R[];
  id: (row: R) => string;
  /** The name of the sheet, without an ending; none: it can't be taken along. */
  file?: string;
  /** What stands there when there is no row: what to do. */
  empty: ComponentChildren;
  /** What can be done with a row. */
  act?: (row: R) => ComponentChildren;
}) {
  const [by, setBy] = useState<{ column: number; down: boolean }>();
  const [search, setSearch] = useState("");
  const [all, setAll] = useState(false);
  const field = useId();
  const rows = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const found = p.rows.filter((r) => {
      const text = p.columns.map((c) => String(c.value(r))).join(" ").toLowerCase();
      return words.every((w) => text.includes(w));
    });
    if (!by) return found;
    const value = p.columns[by.column]!.value;
    const order = (a: R, b: R) => {
      const [x, y] = [value(a), value(b)];
      return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "nb", { numeric: true });
    };
    return found.toSorted((a, b) => (by.down ? order(b, a) : order(a, b)));
  }, [p.rows, p.columns, search, by]);
  if (p.rows.length === 0) return <div class="desk-empty">{p.empty}</div>;
  const shown = all ? rows : rows.slice(0, mostShown);
  return (
    <div class="desk-table">
      <div class="desk-tools no-print">
        {p.rows.length > 5 && (
          <label for={field} class="desk-search">
            <span class="hidden">{say("table.search", { what: p.caption })}</span>
            <input id={field} type="search" autocomplete="off" placeholder={say("table.filter")} value={search} onInput={(e) => setSearch(e.currentTarget.value)} />
          </label>
        )}
        <span role="status" class="quiet">
          {count("table.rows", rows.length)}
        </span>
        {p.file && (
          <button
            type="button"
            class="small"
            onClick={() => download(`${p.file}.csv`, csv([p.columns.map((c) => c.title), ...rows.map((r) => p.columns.map((c) => c.value(r)))]))}
          >
            {say("table.csv")}
          </button>
        )}
      </div>
      <table>
        <caption class="hidden">{p.caption}</caption>
        <thead>
          <tr>
            {p.columns.map((c, i) => (
              <th key={c.title} scope="col" {...(by?.column === i ? { "aria-sort": by.down ? ("descending" as const) : ("ascending" as const) } : {})}>
                <button type="button" class="sorts" onClick={() => setBy({ column: i, down: by?.column === i && !by.down })}>
                  {c.title}
                  <span aria-hidden="true">{by?.column === i ? (by.down ? " ↓" : " ↑") : ""}</span>
                </button>
              </th>
            ))}
            {p.act && (
              <th scope="col">
                <span class="hidden">{say("table.acts")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map((r) => (
            <tr key={p.id(r)}>
              {p.columns.map((c, i) =>
                i === 0 ? (
                  <th key={c.title} scope="row">
                    {c.cell ? c.cell(r) : c.value(r)}
                  </th>
                ) : (
                  <td key={c.title} data-label={c.title}>
                    {c.cell ? c.cell(r) : c.value(r)}
                  </td>
                ),
              )}
              {p.act && <td class="acts">{p.act(r)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <button type="button" class="quiet-button" onClick={() => setAll(true)}>
          {say("table.all", { n: rows.length })}
        </button>
      )}
      {rows.length === 0 && <p class="quiet">{say("table.none")}</p>}
    </div>
  );
}
