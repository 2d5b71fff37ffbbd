// The servers that the tests play: one for each school that the page is shown for.

import { create, type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import {
  ExportCultureReportResponseSchema,
  GetCultureReportRequestSchema,
  GetCultureReportResponseSchema,
  GetLivePageResponseSchema,
  GetPulseRequestSchema,
  GetPulseResponseSchema,
  ListCultureReportsResponseSchema,
  PulseState,
  SubmitPulseResponseSchema,
} from "../../src/gen/undring/v1/culture_pb";
import type { Language } from "../../src/words/words";
import * as example from "./example";

/** A reply to a call. */
export interface Reply {
  schema: DescMessage;
  message: MessageShape<DescMessage>;
}

/** Answers calls by their name, given the raw request. */
export type Server = (call: string, request: Buffer) => Reply;

/** Which school. */
export type Case = "large" | "small" | "fresh" | "words" | "first";

/** The file that the server exports, in the examples. */
export const file = "\ufeffhalvår;gruppe\r\n2026-1;Fjordvik skole\r\n";

/** A server for a school, in a language. May the reader answer the pulse? */
export function serve(of: Case, l: Language, o: { may?: boolean; counts?: example.Counts[] } = {}): Server {
  let answered = false;
  const replies: Record<string, (request: Buffer) => Reply> = {
    GetCultureReport(request) {
      const asked = fromBinary(GetCultureReportRequestSchema, request);
      const report = asked.of.case === "schoolOwnerId" ? example.report("owner", l) : example.report(of, l, o.counts);
      return { schema: GetCultureReportResponseSchema, message: create(GetCultureReportResponseSchema, { report }) };
    },
    ListCultureReports: () => ({ schema: ListCultureReportsResponseSchema, message: example.list(of === "small" || of === "fresh" ? of : "large") }),
    GetLivePage: () => ({ schema: GetLivePageResponseSchema, message: example.live(l, of === "fresh" ? 0 : 5430) }),
    GetPulse(request) {
      const past = fromBinary(GetPulseRequestSchema, request).term === "2026-1";
      const may = (o.may ?? false) && !answered;
      return { schema: GetPulseResponseSchema, message: example.round(past ? PulseState.PUBLISHED : PulseState.OPEN, l, { may: !past && may, answered: !past && !may }) };
    },
    SubmitPulse() {
      answered = true;
      return { schema: SubmitPulseResponseSchema, message: create(SubmitPulseResponseSchema) };
    },
    ExportCultureReport: () => ({
      schema: ExportCultureReportResponseSchema,
      message: create(ExportCultureReportResponseSchema, { content: new TextEncoder().encode(file), fileName: "culture-2026-1.csv", contentType: "text/csv; charset=utf-8" }),
    }),
  };
  return (call, request) => replies[call]!(request);
}
