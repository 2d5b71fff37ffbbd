// The texts of the screens that come later, in all languages: whoever imports a screen that
// says one of them imports this too.

import en from "./later.en.json";
import nb from "./later.nb.json";
import nn from "./later.nn.json";
import { addLater } from "./words";

addLater({ nb, nn, en });
