// Screens of what a school works on together. They come by themselves.

import "../words/later";
import "./together.css";
export { Library } from "./library";
export { Meetings } from "./meetings";
export { Needs } from "./needs";
export { Plan } from "./plan";
export { Trace } from "./trace";
export { Trying } from "./trying";
