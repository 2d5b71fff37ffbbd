// The pictures. Each is drawn from a Bar alone, and stands beside words or a table
// that say the same.

import type { Bar } from "./picture";
import type { Figure, Point } from "./sheet";

const percent = (n: number) => `${n}%`;

/** The hatching of all pictures, once for the page. */
export const Hatch = () => (
  <svg class="culture-defs" aria-hidden="true" focusable="false">
    <defs>
      <pattern id="culture-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-ground" width="6" height="6" />
        <rect class="hatch-line" width="2.4" height="6" />
      </pattern>
    </defs>
  </svg>
);

const high = 22; // pixels, of a bar that lies

/** A bar that lies. What it shows is said by the words beside it. */
export const LyingBar = ({ bar }: { bar: Bar }) => (
  <svg class="lying" width="100%" height={high} aria-hidden="true" focusable="false">
    {bar.amongMost > bar.among && <rect class="among-most" x="0" y="1" width={percent(bar.amongMost)} height={high - 2} />}
    <rect class="among" x="0" y="1" width={percent(bar.among)} height={high - 2} />
    {bar.most > bar.sure && <rect class="most" x={percent(bar.sure)} y="1" width={percent(bar.most - bar.sure)} height={high - 2} />}
    {bar.sure > 0 && <rect class="sure" x="0" y="1" width={percent(bar.sure)} height={high - 2} />}
  </svg>
);

/** From a bar down to the frame of the next: the people among whom it counts. */
export const Link = ({ from }: { from: Bar }) => (
  <svg class="linking" width="100%" height="100%" aria-hidden="true" focusable="false">
    <rect class="link link-most" x="0" y="0" width={percent(from.most)} height="100%" />
    <rect class="link" x="0" y="0" width={percent(from.sure)} height="100%" />
  </svg>
);

const tall = 104; // pixels, of the room that bars stand in
const line = 13; // of a line of words
const roomy = 5; // letters that there is room for below a bar
const fewest = 4; // half-years that there is room for, though there be fewer

/** Bars that stand, one for each half-year, with what is told of it below. */
export function Trend({ figure: f }: { figure: Figure }) {
  const width = 100 / Math.max(f.trend.length, fewest);
  const lines = Math.max(...f.trend.map((p) => linesOf(p).length));
  return (
    <svg class="trend" width="100%" height={tall + 4 + line * (lines + 2)} role="img" aria-label={f.spoken}>
      <line class="ground" x1="0" x2={percent(width * f.trend.length)} y1={tall} y2={tall} />
      {f.trend.map((p, i) => (
        <Standing key={p.term} point={p} left={i * width} width={width} lines={lines} now={i === f.trend.length - 1} />
      ))}
    </svg>
  );
}

/** What stands below a bar: a word on each line, and a range on two where it is long. A number stays with its sign. */
const linesOf = (p: Point): string[] => (p.held ? [""] : p.short.split(p.short.length > roomy ? /(?<=–)| / : " "));

function Standing({ point: p, left, width, lines, now }: { point: Point; left: number; width: number; lines: number; now: boolean }) {
  const y = (n: number) => tall - (n / 100) * (tall - 2);
  const place = { x: percent(left + width * 0.2), width: percent(width * 0.6) };
  const middle = percent(left + width / 2);
  const { sure, most, among, amongMost } = p.bar;
  const part = (name: string, from: number, to: number) =>
    to > from && <rect class={name} {...place} y={y(to)} height={y(from) - y(to)} />;
  return (
    <g class={now ? "standing is-now" : "standing"}>
      {part("among-most", among, amongMost)}
      {part("among", 0, among)}
      {part("most", sure, most)}
      {part("sure", 0, sure)}
      {p.held ? (
        <Lines class="held" of={p.short.split(" ")} x={middle} y={tall - 2 * line} />
      ) : (
        <Lines class="value" of={linesOf(p)} x={middle} y={tall + line} />
      )}
      <Lines class="term" of={p.termShort} x={middle} y={tall + 2 + line * (lines + 1)} />
    </g>
  );
}

const Lines = ({ of, x, y, class: name }: { of: string[]; x: string; y: number; class: string }) => (
  <text class={name} y={y}>
    {of.map((words, i) => (
      <tspan key={words} x={x} dy={i === 0 ? 0 : line}>
        {words}
      </tspan>
    ))}
  </text>
);
