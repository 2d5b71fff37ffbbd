// Every screen of the app, and whose phone shows it: what axe looks at, and what
// docs/screens shows. Those people have a visit in the state that is wanted.

export interface Screen {
  name: string;
  /** In docs/screens.md. */
  title: string;
  /** One of the demo's people; empty: nobody is signed in. */
  person: string;
  /** Where; V stands for the first visit on their first screen. */
  path: string;
}

const of = (person: string, list: [name: string, title: string, path: string][]): Screen[] =>
  list.map(([name, title, path]) => ({ name, title, path, person }));

export const screens: Screen[] = [
  ...of("", [["sign-in", "Sign in", "/"]]),
  ...of("Gunn Haugland", [
    ["home-empty", "My next steps, before the first visit", "/"],
    ["propose", "Propose a visit: whom?", "/new"],
    ["actions-none", "Actions, none yet", "/actions"],
    ["open-lessons", "Open lessons", "/open"],
    ["plan", "The half-year's plan", "/plan"],
    ["needs", "What one needs in one's everyday work", "/needs"],
    ["library", "What two have learned, shared", "/library"],
    ["trying", "What a team tries together", "/trying"],
    ["meetings", "Learning meetings", "/meetings"],
    ["trace", "From a need to what the school does", "/trace"],
    ["rounds", "Rounds", "/rounds"],
    ["guide", "Asking with wonder, two minutes", "/guide"],
    ["sync", "What is sent and what is not", "/sync"],
    ["mine", "What is mine", "/mine"],
    ["devices", "Devices", "/devices"],
    ["told", "What one is told", "/told"],
    ["calendar", "One's visits in one's own calendar", "/calendar"],
    ["settings", "Settings", "/settings"],
    ["more", "Everything else", "/more"],
    ["policy", "What we have agreed on", "/policy"],
    ["who-sees", "Who sees this?", "/who-sees"],
    ["hours", "Time set aside", "/hours"],
    ["balance", "My balance", "/balance"],
  ]),
  ...of("Astrid Holm", [
    ["proposal", "A proposal, received", "/v/V"],
    ["card", "The visit card", "/v/V/card"],
    ["another-time", "Another time", "/v/V/time"],
  ]),
  ...of("Tone Bakke", [["agreed", "A visit that is agreed", "/v/V"]]),
  ...of("Ulrik Hagen", [
    ["home", "My next steps", "/"],
    ["noting", "Noting", "/v/V/note"],
    ["feedback-notes", "Feedback: which notes to share", "/v/V/feedback/notes"],
    ["feedback-points", "Feedback: points", "/v/V/feedback/points"],
    ["feedback-questions", "Feedback: questions", "/v/V/feedback/questions"],
    ["feedback-give", "Feedback: give it", "/v/V/feedback/give"],
    ["leave", "Ways out", "/v/V/leave"],
  ]),
  ...of("Eva Lindberg", [["own-lines", "Two lines of one's own first", "/v/V/exchange"]]),
  ...of("Finn Skogen", [
    ["exchange", "The exchange, to be answered", "/v/V/exchange"],
    ["talk", "We have talked", "/v/V/talk"],
    ["name", "A child's name goes out", "/v/V/name"],
  ]),
  ...of("Guro Tangen", [["take-away", "What you take with you", "/v/V/take"]]),
  ...of("Ida Sæther", [
    ["closed", "A visit that is complete", "/v/V"],
    ["exchange-closed", "The exchange, complete", "/v/V/exchange"],
    ["actions", "Actions", "/actions"],
  ]),
  ...of("Silje Kirkeby", [["home-administrator", "The first screen of an administrator", "/"]]),
];
