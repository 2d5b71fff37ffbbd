// Sentences to begin with, on the phone from the start; those of the school's
// own staff come with its rules.

import { rulesFor } from "./rules";

export type Moment =
  | "card"
  | "warm_up"
  | "during"
  | "own_view"
  | "feedback"
  | "question"
  | "answer"
  | "ask_back"
  | "take_away"
  | "action"
  | "report"
  | "guide";

export interface Prompt {
  kind: string;
  text: string;
}

export const promptsFor = (moment: Moment, language: string): Prompt[] => rulesFor(language).file.prompts[moment] ?? [];
