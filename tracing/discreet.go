package tracing

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// told are the attributes that a span keeps. None holds anything of a person's, or
// anything that a caller chooses.
var told = map[attribute.Key]bool{
	"rpc.system.name": true, "rpc.method": true, "rpc.response.status_code": true,
	"db.system.name": true, "db.query.text": true, "db.operation.name": true, "db.operation.batch.size": true,
	"pgx.rows_affected": true, "pgx.sql_state": true, "pgx.prepare_stmt.name": true,
}

// discreet lets out of spans what is [told], and that something failed, but no text
// of an error: PostgreSQL quotes values there.
type discreet struct {
	sdk.SpanExporter
	log     *slog.Logger
	failing bool // one batch goes out after the other
}

// ExportSpans sends spans on, stripped. That a collector is away is logged once, and again
// when it is back: each batch would otherwise say it, every five seconds.
func (d *discreet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	out := make([]sdk.ReadOnlySpan, len(spans))
	for i, s := range spans {
		out[i] = span{s}
	}
	err := d.SpanExporter.ExportSpans(ctx, out)
	switch {
	case err != nil && !d.failing:
		d.log.Warn("traces are lost: the collector does not take them", "error", err.Error())
	case err == nil && d.failing:
		d.log.Info("the collector takes traces again")
	}
	d.failing = err != nil
	return nil // it is told
}

// span is one without what nobody should read.
type span struct{ sdk.ReadOnlySpan }

// Attributes are those on the list of what may be told.
func (s span) Attributes() []attribute.KeyValue {
	var out []attribute.KeyValue
	for _, a := range s.ReadOnlySpan.Attributes() {
		if told[a.Key] {
			out = append(out, a)
		}
	}
	return out
}

// Events are left out: an error's event quotes its message, which may quote a row.
func (s span) Events() []sdk.Event { return nil }

func (s span) Links() []sdk.Link { return nil }

// Status is whether it went well, without the description, which may hold words.
func (s span) Status() sdk.Status { return sdk.Status{Code: s.ReadOnlySpan.Status().Code} }
