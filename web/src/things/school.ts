// The person and their schools: the kinds, and what is set for oneself or a school.

import { DeletePromptRequestSchema, SavePromptRequestSchema } from "../gen/undring/v1/feedback_pb";
import { KeepFromSuggestionsRequestSchema, SetAvailabilityRequestSchema } from "../gen/undring/v1/observation_pb";
import { MeSchema, SchoolOnPhoneSchema, Thing } from "../gen/undring/v1/sync_pb";
import type { Deed } from "./deed";
import { kindOf } from "./kind";

/** Whoever is here. */
export const people = kindOf<"me">({
  case: "me",
  thing: Thing.ME,
  schema: MeSchema,
  id: (me) => me.person?.id ?? "",
  stays: true,
});

/** The caller's schools. */
export const schools = kindOf<"school">({
  case: "school",
  thing: Thing.SCHOOL,
  schema: SchoolOnPhoneSchema,
  id: (s) => s.school?.id ?? "",
});

// Nothing of these is on the phone before the server has answered.

/** Keeps somebody out of what is suggested, or no longer. */
export const keepFromSuggestions: Deed<typeof KeepFromSuggestionsRequestSchema> = { request: KeepFromSuggestionsRequestSchema };

/** Says when one is free. */
export const setAvailability: Deed<typeof SetAvailabilityRequestSchema> = { request: SetAvailabilityRequestSchema };

/** Writes a prompt of the school's. */
export const savePrompt: Deed<typeof SavePromptRequestSchema> = { request: SavePromptRequestSchema };

/** Takes a prompt away. */
export const deletePrompt: Deed<typeof DeletePromptRequestSchema> = { request: DeletePromptRequestSchema };
