/**
 * The stages from notes to feedback, a screen each; also the last part of their address.
 * A step is something else: what a visit waits for next, as the contract has it.
 */
export const stages = ["notes", "points", "questions", "give"] as const;
export type Stage = (typeof stages)[number];

export const isStage = (of: string): of is Stage => (stages as readonly string[]).includes(of);
