// Package tracing reports to a collector how long each call and each of its statements
// took, over OTLP/gRPC, where OTEL_EXPORTER_OTLP_ENDPOINT names one. Where it does not
// there is no tracing, which costs nothing.
//
// A span says which call, which statement and how they ended. What else the libraries would
// report goes nowhere: texts of errors, in which there may be what somebody wrote, and from
// where somebody called. Each call begins a trace of its own: what a caller says about
// traces is not listened to.
//
// No call waits for the collector. Spans that it does not take in time are lost.
package tracing
