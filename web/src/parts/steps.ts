/** The steps from notes to feedback; also the last part of their address. */
export const steps = ["notes", "points", "questions", "give"] as const;
export type Step = (typeof steps)[number];

export const isStep = (of: string): of is Step => (steps as readonly string[]).includes(of);
