// Whose page, of when, and how it is fetched. The last one read is kept on the
// phone, for when there is no network.

import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type CultureReport, CultureReportSchema } from "../gen/undring/v1/culture_pb";
import { type Answer, useAnswer } from "../parts/call";
import { useStore } from "../parts/store";
import { refusalOf } from "../store/refusal";
import type { Store } from "../store/store";
import { language } from "../words/words";

/** Whose figures: a school's, or a school owner's. */
export interface Of {
  kind: "school" | "owner";
  id: string;
}

export interface SchoolName {
  id: string;
  name: string;
}

/** The schools that the person belongs to, each once. */
export function schoolsOf(store: Store): SchoolName[] {
  const byId = new Map((store.me.value?.memberships ?? []).map((m) => [m.schoolId, m.schoolName]));
  return [...byId].map(([id, name]) => ({ id, name }));
}

/** Whose figures an address asks for; else the first school's. */
export function of(q: URLSearchParams, schools: SchoolName[]): Of | undefined {
  const owner = q.get("owner");
  if (owner) return { kind: "owner", id: owner };
  const id = q.get("school") ?? schools[0]?.id;
  return id ? { kind: "school", id } : undefined;
}

export const keyOf = (o: Of): string => `${o.kind}=${o.id}`;

/** The part of a request that says whose. */
export const whose = (o: Of) =>
  o.kind === "school" ? ({ case: "schoolId", value: o.id } as const) : ({ case: "schoolOwnerId", value: o.id } as const);

/** A sheet, and whether it comes from the phone since there is no network. */
export interface Read {
  report: CultureReport;
  kept: boolean;
}

/** Reads a sheet; without a network the one that was kept. */
export function useReport(o: Of, term: string, learned: (r: CultureReport) => void): Answer<Read> {
  const store = useStore();
  const place = `culture/${keyOf(o)}/${term}/${language.value}`;
  return useAnswer(async () => {
    try {
      const { report } = await store.call.culture.getCultureReport({ of: whose(o), term });
      if (!report) throw new Error("a reply without a sheet");
      learned(report);
      store.keep(place, toJsonString(CultureReportSchema, report));
      return { report, kept: false };
    } catch (err) {
      const kept = store.kept(place);
      if (!kept || !refusalOf(err).offline) throw err;
      const report = fromJsonString(CultureReportSchema, kept);
      learned(report);
      return { report, kept: true };
    }
  });
}
