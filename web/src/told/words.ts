// The texts of how one is told, in catalogues of their own: the first load carries none.

import en from "../words/told.en.json";
import nb from "../words/told.nb.json";
import nn from "../words/told.nn.json";
import { own } from "../words/own";

export const say = own({ nb, nn, en });
