// The app: which screen an address leads to.

import { useSignalEffect } from "@preact/signals";
import { Component, type ComponentChildren, Fragment, type VNode } from "preact";
import "./style/app.css";
import { type Observation, ObservationState } from "./gen/undring/v1/observation_pb";
import { picked } from "./parts/language";
import { RefusedAbout } from "./parts/notices";
import { Page } from "./parts/page";
import { Answered, Progress, useAnswer } from "./parts/call";
import { isStage } from "./parts/stages";
import { runsSchool } from "./parts/people";
import { StoreContext, useStore } from "./parts/store";
import { match, path } from "./route";
import { Culture } from "./screens/culture";
import { Desk } from "./screens/desk";
import { Home } from "./screens/home";
import { More } from "./screens/more";
import { SignIn } from "./screens/signin";
import { Together } from "./screens/together";
import type { Store } from "./store/store";
import { zone } from "./words/time";
import { asLanguage, language, say, spoken } from "./words/words";

type LaterScreens = typeof import("./screens/later");
let later: LaterScreens | undefined;

const fetchLater = async () => (later ??= await import("./screens/later"));

/**
 * A screen that comes later. It stands in one place of the tree, fetched or not: one
 * that moved would be made anew, and who types in it would type into nothing.
 */
function Later({ draw }: { draw: (s: LaterScreens) => VNode }) {
  const answer = useAnswer(fetchLater);
  if (later) return draw(later);
  return (
    <Page title={say("app.name")} back="/">
      <Answered of={answer}>{() => null}</Answered>
    </Page>
  );
}

/** Screens by themselves. */
const screens: Record<string, () => VNode> = {
  "/": () => <Home />,
  "/new": () => <Later draw={(s) => <s.Propose />} />,
  "/actions": () => <Later draw={(s) => <s.Actions />} />,
  "/open": () => <Later draw={(s) => <s.OpenLessons />} />,
  "/plan": () => <Together draw={(p) => <p.Plan />} />,
  "/library": () => <Together draw={(p) => <p.Library />} />,
  "/trying": () => <Together draw={(p) => <p.Trying />} />,
  "/meetings": () => <Together draw={(p) => <p.Meetings />} />,
  "/needs": () => <Together draw={(p) => <p.Needs />} />,
  "/trace": () => <Together draw={(p) => <p.Trace />} />,
  "/rounds": () => <Later draw={(s) => <s.Rounds />} />,
  "/balance": () => <Later draw={(s) => <s.Balance />} />,
  "/policy": () => <Later draw={(s) => <s.Policy />} />,
  "/who-sees": () => <Later draw={(s) => <s.Sees />} />,
  "/hours": () => <Later draw={(s) => <s.Hours />} />,
  "/guide": () => <Later draw={(s) => <s.Guide />} />,
  "/sync": () => <Later draw={(s) => <s.Sync />} />,
  "/mine": () => <Later draw={(s) => <s.Mine />} />,
  "/devices": () => <Later draw={(s) => <s.Devices />} />,
  "/calendar": () => <Later draw={(s) => <s.Calendar />} />,
  "/told": () => <Later draw={(s) => <s.Told />} />,
  "/settings": () => <Later draw={(s) => <s.Settings />} />,
  "/more": () => <More />,
  "/culture": () => <Culture />,
  "/sign-in": () => <SignIn />,
};

/** Screens of a visit. */
const ofVisit: Record<string, (visit: Observation) => VNode> = {
  "/v/:id": (v) => <Later draw={(s) => <s.Visit visit={v} />} />,
  "/v/:id/card": (v) => <Later draw={(s) => <s.CardScreen visit={v} />} />,
  "/v/:id/time": (v) => <Later draw={(s) => <s.Counter visit={v} />} />,
  "/v/:id/note": (v) => <Later draw={(s) => <s.Noting visit={v} />} />,
  "/v/:id/guide": (v) => <Later draw={(s) => <s.Guide visit={v} />} />,
  "/v/:id/exchange": (v) => <Later draw={(s) => <s.ExchangeScreen visit={v} />} />,
  "/v/:id/talk": (v) => <Later draw={(s) => <s.ConversationScreen visit={v} />} />,
  "/v/:id/take": (v) => <Later draw={(s) => <s.TakeAway visit={v} />} />,
  "/v/:id/name": (v) => <Later draw={(s) => <s.NameOut visit={v} />} />,
  "/v/:id/leave": (v) => <Later draw={(s) => <s.Ending visit={v} />} />,
};

export function App({ store }: { store: Store }) {
  useSignalEffect(() => {
    const school = store.schools.value[0]?.school;
    if (school?.timeZone) zone.value = school.timeZone;
  });
  useSignalEffect(() => {
    const wished = asLanguage(store.me.value?.locale ?? "");
    if (!wished || picked.value || wished === language.peek()) return;
    language.value = wished;
    void store.sync(); // what the server has told so far is in the language that the phone spoke until now
  });
  // Before they are wanted, and after what is on the screen now.
  useSignalEffect(() => {
    if (store.ready.value) void fetchLater().catch(() => {});
  });
  return (
    <StoreContext.Provider value={store}>
      <Net>
        <Screen key={store.takenBack.value} />
      </Net>
    </StoreContext.Provider>
  );
}

function Screen() {
  const store = useStore();
  const at = path();
  const as = match("/as/:person", at)?.["person"];
  if (!spoken.value) return null;
  if (store.blocked.value) return <Blocked />;
  if (!store.ready.value || store.standing.value === "starting") return <Waiting />;
  if (as) return <SignIn key={as} as={as} />;
  if (!store.me.value) return store.standing.value === "signed-in" ? <Waiting /> : <SignIn />;
  // Back from a provider, and signed in before: an administrator has tried the sign-in.
  if (location.pathname === "/sign-in" && runsSchool(store)) return <Desk />;
  const screen = screens[at];
  if (screen) return <Fragment key={at}>{screen()}</Fragment>;
  if (at === "/desk" || at.startsWith("/desk/")) return <Desk />;
  return <OfVisit at={at} />;
}

function OfVisit({ at }: { at: string }) {
  const store = useStore();
  const report = match("/actions/:id", at);
  const action = store.actions.value.find((a) => a.id === report?.["id"]);
  if (action) return <Later key={at} draw={(s) => <s.Report action={action} />} />;
  const id = match("/v/:id", at.split("/").slice(0, 3).join("/"))?.["id"];
  const visit = id ? store.visit(id) : undefined;
  if (id && !visit) {
    const refused = store.refusals(id).length > 0; // its proposal, perhaps while one looked at it
    return (
      <Page title={say("app.name")} back="/">
        {refused ? <RefusedAbout id={id} /> : <p class="lead">{say("visit.unknown")}</p>}
      </Page>
    );
  }
  // Of a withdrawn visit there is nothing but that, and what became of the notes.
  if (visit?.state === ObservationState.WITHDRAWN && !match("/v/:id/note", at)) return <Later key={at} draw={(s) => <s.Visit visit={visit} />} />;
  if (visit) {
    const stage = match("/v/:id/feedback", at) ? "notes" : match("/v/:id/feedback/:stage", at)?.["stage"];
    if (stage && isStage(stage)) return <Later key={`feedback ${visit.id}`} draw={(s) => <s.Feedback visit={visit} stage={stage} />} />;
    for (const [pattern, screen] of Object.entries(ofVisit)) {
      if (match(pattern, at)) return <Fragment key={at}>{screen(visit)}</Fragment>;
    }
  }
  return (
    <Page title={say("app.name")} back="/">
      <p class="lead">{say("app.not_found")}</p>
    </Page>
  );
}

/** The browser lets the app keep nothing: it would take words, and lose them. */
const Blocked = () => (
  <div class="page">
    <main id="main" class="broke">
      <h1>{say("app.name")}</h1>
      <p class="lead">{say("app.blocked")}</p>
      <p>{say("app.blocked.how")}</p>
      <button type="button" class="primary" onClick={() => location.reload()}>
        {say("app.reload")}
      </button>
    </main>
  </div>
);

const Waiting = () => (
  <div class="page">
    <main id="main">
      <Progress />
    </main>
  </div>
);

/** Catches what breaks on a screen: what was typed is on the disk, and said to be. */
class Net extends Component<{ children: ComponentChildren }, { broke: boolean }> {
  override state = { broke: false };
  override componentDidCatch(err: unknown) {
    console.error(err);
    this.setState({ broke: true });
  }
  override render() {
    if (!this.state.broke) return this.props.children;
    return (
      <div class="page">
        <main id="main" class="broke">
          <h1>{say("app.name")}</h1>
          <p>{say("app.broke")}</p>
          <button type="button" class="primary" onClick={() => location.reload()}>
            {say("app.reload")}
          </button>
          <a href="#/" onClick={() => this.setState({ broke: false })}>
            {say("nav.home")}
          </a>
        </main>
      </div>
    );
  }
}
