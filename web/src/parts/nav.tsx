import { path } from "../route";
import { say } from "../words/words";
import { Icon, type IconName } from "./icons";
import { hasVisits, onlyRepresents } from "./people";
import { useStore } from "./store";

/** The main menu, at the bottom. */
export function Nav() {
  const store = useStore();
  const waiting = store.visits.value.filter((v) => store.myMove(v)).length;
  const places: [string, string, IconName, boolean][] = [
    ["/", say(onlyRepresents(store) ? "nav.start" : "nav.home"), "home", true],
    ["/new", say("nav.new"), "plus", hasVisits(store)],
    ["/culture", say("nav.culture"), "chart", true],
    ["/more", say("nav.more"), "more", true],
  ];
  const at = path();
  return (
    <nav class="nav" aria-label={say("nav.label")}>
      {places
        .filter(([, , , shown]) => shown)
        .map(([to, words, icon]) => (
          <a key={to} href={`#${to}`} {...(at === to ? { "aria-current": "page" as const } : {})}>
            <span class="nav-icon">
              <Icon of={icon} />
              {to === "/" && waiting > 0 && (
                <span class="badge" aria-hidden="true">
                  {waiting}
                </span>
              )}
            </span>
            {words}
          </a>
        ))}
    </nav>
  );
}
