// When a note may be written. The mirror of observation/note.go, mayNote; both are
// held to spec/rules/notes.tsv.

import * as limits from "../gen/limits";
import { ObservationState as State, type Observation } from "../gen/undring/v1/observation_pb";
import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { may, noting } from "./may";

const ms = (t: Timestamp | undefined): number => (t ? timestampMs(t) : 0);

/** From when on a visit that is agreed can be noted in. */
export const notesOpenAt = (visit: Observation): Date => new Date(ms(visit.startTime) - limits.notesOpen);

/** Somebody may write notes now. In a visit that is noted in, the hour has come already. */
export const mayNote = (visit: Observation, person: string, now: Date): boolean =>
  may({ by: "observer", in: noting }, visit, person) && (visit.state === State.OBSERVED || now >= notesOpenAt(visit));

/** The lesson is on, or begins and ended within minutes: either of the two may mark a moment. */
export const isOn = (visit: Observation, now: Date): boolean =>
  noting.includes(visit.state) && now >= notesOpenAt(visit) && now.getTime() <= ms(visit.endTime ?? visit.startTime) + limits.notesOpen;

/** The lesson is on, or as good as: noting is one tap away. */
export const isNow = (visit: Observation, person: string, now: Date): boolean =>
  mayNote(visit, person, now) && now >= notesOpenAt(visit) && now.getTime() <= (visit.endTime ? ms(visit.endTime) : ms(visit.startTime)) + limits.notesOpen;
