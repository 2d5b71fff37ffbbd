// Package server puts the rooms together: it listens, finds out who calls, holds
// the rule of access against each call, turns a refusal into a status and into
// the reader's words, and ends in order.
//
// Every call passes the same chain, whether it came as gRPC or, over the web
// port, as gRPC-Web, Connect or JSON: recovery, request id and log line,
// deadline, identity, limits, access, validation. A call without a line in the
// table of access keeps the server from starting.
//
// The log holds methods, codes, reasons, durations and ids of requests: no word
// that a person wrote, and no person.
package server
