// The store of this page.

import { language, type Language } from "../words/words";
import { browser } from "./around";
import { Phone } from "./phone";

export const store = new Phone(
  browser(
    () => language.value,
    (to) => (language.value = to as Language),
  ),
);
