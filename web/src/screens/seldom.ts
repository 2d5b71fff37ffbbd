// Screens that one does not begin with. They come by themselves, so that the app
// begins sooner; the worker keeps them on the phone like all the rest.

export { Actions, Report } from "./actions";
export { Balance } from "./balance";
export { Counter } from "./counter";
export { Devices } from "./devices";
export { Guide } from "./guide";
export { Hours } from "./hours";
export { Leave } from "./leave";
export { Policy } from "./policy";
export { Rounds } from "./rounds";
export { Sees } from "./sees";
export { Settings } from "./settings";
export { Sync } from "./sync";
export { TakeAway } from "./takeaway";
export { TalkScreen } from "./talk";
