// Screens that one does not begin with. They come by themselves, and with them the
// rules of the question review, so that the app begins sooner; the worker keeps them
// on the phone like all the rest.

import "../words/later";
export { Actions, Report } from "./actions";
export { Balance } from "./balance";
export { Calendar } from "./calendar";
export { CardScreen } from "./card";
export { ConversationScreen } from "./conversation";
export { Counter } from "./counter";
export { Devices } from "./devices";
export { Ending } from "./ending";
export { ExchangeScreen } from "./exchange";
export { Feedback } from "./feedback";
export { Guide } from "./guide";
export { Hours } from "./hours";
export { Mine } from "../mine/page";
export { NameOut } from "./name";
export { Noting } from "./noting";
export { OpenLessons } from "./open";
export { Policy } from "./policy";
export { Propose } from "./propose";
export { Rounds } from "./rounds";
export { Sees } from "./sees";
export { Settings } from "./settings";
export { Sync } from "./sync";
export { TakeAway } from "./takeaway";
export { Told } from "./told";
export { Visit } from "./visit";
