import { signal } from "@preact/signals";
import { language, type Language, languages, say } from "../words/words";
import { Choice } from "./choice";

/** What somebody chose here; it counts for more than what the server remembers. */
export const picked = signal<Language | undefined>(undefined);

export const LanguageChoice = ({ choose = () => {} }: { choose?: (l: Language) => void }) => (
  <Choice
    legend={say("signin.language")}
    class="chips"
    value={language.value}
    choose={(l) => {
      picked.value = l;
      language.value = l;
      choose(l);
    }}
    options={languages.map((l) => ({ value: l, label: <span lang={l}>{say(`lang.${l}`)}</span> }))}
  />
);
