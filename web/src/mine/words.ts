// The texts of what is mine, in catalogues of their own: the first load carries none.

import en from "../words/mine.en.json";
import nb from "../words/mine.nb.json";
import nn from "../words/mine.nn.json";
import { own } from "../words/own";

export const say = own({ nb, nn, en });
