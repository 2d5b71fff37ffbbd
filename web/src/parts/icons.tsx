// The few pictures of the app, drawn by lines in the colour of the text beside
// them. None stands without words.

const lines = {
  home: "M4 11.5 12 5l8 6.5M6 10v9h12v-9",
  plus: "M12 5v14M5 12h14",
  chart: "M4 20h16M7 16v-4M12 16V7M17 16v-7",
  more: "M4 7h16M4 12h16M4 17h16",
  back: "M14.5 5 8 12l6.5 7",
  on: "M9.5 5 16 12l-6.5 7",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  think: "M5 14.5A5 5 0 0 1 7 5.6a5.5 5.5 0 0 1 10.3 1.2 4.3 4.3 0 0 1-.8 8.4H8.2L5 14.5ZM7 18.5h.01M5 21h.01",
  wonder: "M8.5 9a3.5 3.5 0 1 1 5.4 2.9c-1.3.9-1.9 1.6-1.9 3.1M12 19h.01",
  focus: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  check: "m5 12.5 4.5 4.5L19 7.5",
  circle: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16Z",
  off: "m3 3 18 18M8 18h10a4 4 0 0 0 1.8-7.5A6 6 0 0 0 9.4 7M6 9.6A4.5 4.5 0 0 0 7 18",
  send: "M4 12 20 5l-5 15-3.5-6.5L4 12Z",
  lock: "M6.5 11h11v8.5h-11zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  clock: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM12 8v4.5l3 1.5",
  talk: "M4 6h16v10H11l-4 3.5V16H4z",
  here: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11ZM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  warn: "M12 4 2.5 20h19L12 4ZM12 10v4.5M12 17.5h.01",
  both: "M4 9h13l-3-3M20 15H7l3 3",
} as const;

export type IconName = keyof typeof lines;

export const Icon = ({ of }: { of: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={lines[of]} />
  </svg>
);
