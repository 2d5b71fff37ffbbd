// Screens that one does not begin with. They come by themselves, and with them the
// rules of the question review, so that the app begins sooner; the worker keeps them
// on the phone like all the rest.

export { Actions, Report } from "./actions";
export { Balance } from "./balance";
export { CardScreen } from "./card";
export { Counter } from "./counter";
export { Devices } from "./devices";
export { ExchangeScreen } from "./exchange";
export { Feedback } from "./feedback";
export { Guide } from "./guide";
export { Hours } from "./hours";
export { Leave } from "./leave";
export { Noting } from "./noting";
export { OpenLessons } from "./open";
export { Policy } from "./policy";
export { Propose } from "./propose";
export { Rounds } from "./rounds";
export { Sees } from "./sees";
export { Settings } from "./settings";
export { Sync } from "./sync";
export { TakeAway } from "./takeaway";
export { TalkScreen } from "./talk";
