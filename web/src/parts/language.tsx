import { language, type Language, languages, say } from "../words/words";
import { Choice } from "./choice";

export const LanguageChoice = ({ choose }: { choose: (l: Language) => void }) => (
  <Choice
    legend={say("signin.language")}
    class="chips"
    value={language.value}
    choose={choose}
    options={languages.map((l) => ({ value: l, label: <span lang={l}>{say(`lang.${l}`)}</span> }))}
  />
);
