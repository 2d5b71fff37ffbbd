package server_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/town"
)

// counter counts the flights to the database.
type counter struct{ trips atomic.Int64 }

func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.trips.Add(1)
	return ctx
}
func (c *counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.trips.Add(1)
	return ctx
}
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// A read is one round trip, a change at most two; who calls is known already.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for name, story := range town.Stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := new(counter)
			w := town.NewWith(t, postgres.Options{MaxConns: 1, Tracer: c})
			call := story(w)
			_ = w.VisitsOf(call.By) // they are known, and the connection has prepared what it can
			before := c.trips.Load()
			_ = w.VisitsOf(call.By)
			if n := c.trips.Load() - before; n != 1 {
				t.Errorf("a list took %d round trips, want 1", n)
			}
			before = c.trips.Load()
			call.Send(t, name)
			allowed := int64(2)
			switch name {
			case "undring.v1.SchoolService.ImportLessons":
				allowed = 4 // a file: it is read by the school's days, then by the names in it
			case "undring.v1.ObservationService.AskForPlace":
				allowed = 3 // whose hours are asked about stands in the offer
			case "undring.v1.PrivacyService.EraseMe":
				allowed = 6 // how fresh the sign-in is; the beginning; then some visits each time
			case "undring.v1.SchoolService.MergePeople", "undring.v1.AdminService.EndSessions":
				allowed = 3 // what became of it is known once it is written
			}
			if n := c.trips.Load() - before; n > allowed {
				t.Errorf("took %d round trips, at most %d are allowed", n, allowed)
			}
		})
	}
}
