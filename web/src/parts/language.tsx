import { signal } from "@preact/signals";
import { asLanguage, keeping, language, type Language, languages, say } from "../words/words";
import { Choice } from "./choice";

const kept = "undring.picked";

/**
 * What somebody chose here, in this tab, as a way in may lead by another page. It
 * counts for more than what the server remembers of them; what the app happens to
 * speak does not.
 */
export const picked = signal<Language | undefined>(asLanguage(keeping(() => globalThis.sessionStorage.getItem(kept)) ?? ""));

/** Somebody chooses; undefined: they leave, and the next one has chosen nothing. */
export function pick(l: Language | undefined): void {
  picked.value = l;
  if (l) {
    language.value = l;
    keeping(() => globalThis.sessionStorage.setItem(kept, l));
  } else keeping(() => globalThis.sessionStorage.removeItem(kept));
}

export const LanguageChoice = ({ choose = () => {} }: { choose?: (l: Language) => void }) => (
  <Choice
    legend={say("signin.language")}
    class="chips"
    value={language.value}
    choose={(l) => {
      pick(l);
      choose(l);
    }}
    options={languages.map((l) => ({ value: l, label: <span lang={l}>{say(`lang.${l}`)}</span> }))}
  />
);
