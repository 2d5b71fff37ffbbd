import { Icon } from "../parts/icons";
import { Page } from "../parts/page";
import { hasVisits, onlyRepresents, runsSchool } from "../parts/people";
import { useStore } from "../parts/store";
import { type Key, say } from "../words/words";

/** Everything else, in three groups. */
export function More() {
  const store = useStore();
  const visits = hasVisits(store);
  const groups: [Key, [string, Key][]][] = [
    [
      "more.visits",
      visits
        ? [
            ["/actions", "act.title"],
            ["/open", "open.title"],
            ["/rounds", "round.title"],
            ["/balance", "balance.title"],
            ["/guide", "guide.title"],
          ]
        : [],
    ],
    [
      "more.school",
      [
        ...(runsSchool(store) ? ([["/desk", "desk.title"]] as [string, Key][]) : []),
        ...(onlyRepresents(store)
          ? []
          : ([
              ["/plan", "more.plan"],
              ["/needs", "more.needs"],
              ["/trying", "more.trying"],
              ["/meetings", "more.meetings"],
              ["/library", "more.library"],
              ["/hours", "hours.title"],
            ] as [string, Key][])),
        ["/policy", "policy.title"],
        ["/who-sees", "sees.title"],
      ],
    ],
    [
      "more.me",
      [
        ...(onlyRepresents(store) ? [] : ([["/sync", "sync.title"]] as [string, Key][])), // nothing of theirs is ever sent
        ["/mine", "more.mine"],
        ...(onlyRepresents(store) ? [] : ([["/told", "told.title"]] as [string, Key][])),
        ...(visits ? ([["/calendar", "cal.title"]] as [string, Key][]) : []),
        ["/devices", "dev.title"],
        ["/settings", "set.title"],
      ],
    ],
  ];
  return (
    <Page title={say("more.title")} over={store.me.value?.person?.name}>
      {groups
        .filter(([, places]) => places.length > 0)
        .map(([title, places]) => (
          <section key={title} aria-labelledby={title}>
            <h2 id={title}>{say(title)}</h2>
            <ul class="rows">
              {places.map(([to, words]) => (
                <li key={to}>
                  <a class="row" href={`#${to}`}>
                    <span class="row-text">{say(words)}</span>
                    <Icon of="on" />
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      <p class="quiet">{say("more.about")}</p>
    </Page>
  );
}
