// The texts of the desk, in catalogues of their own: no phone of a teacher loads them.

import en from "../words/desk.en.json";
import nb from "../words/desk.nb.json";
import nn from "../words/desk.nn.json";
import { own } from "../words/own";

export type DeskKey = keyof typeof nb;

export const say = own({ nb, nn, en });

/** Says a text for a code of the contract: key.CODE, or key.other where nobody has put it into words. */
export const sayOf = (key: string, code: string): string => say((`${key}.${code}` in nb ? `${key}.${code}` : `${key}.other`) as DeskKey);

/** Says a text that counts: key.one or key.many. */
export const count = (key: string, n: number): string => say(`${key}.${n === 1 ? "one" : "many"}` as DeskKey, { n });
