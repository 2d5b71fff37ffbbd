package load

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"undring/culture"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
)

// schoolYears is how long the people have been at their schools. It is long enough for a
// trend over several half-years.
const schoolYears = 3

// Publish lets the house do what it did while the generated past went by: write
// down who belonged to each half-year, count the visits, and publish the sheets that
// are due. Counting is the database for the role undring_culture. It may be called
// again: each thing is done once. It goes by the house's own job rather than writing sheets
// itself: those of generated schools are then what real ones are, rules and all.
func Publish(ctx context.Context, counting *postgres.DB, s Size) error {
	var clock time.Time
	house := culture.NewService(culture.Options{
		Culture: counting, Now: func() time.Time { return clock }, Secrets: [][]byte{make([]byte, 32)}, // of pulses that nobody answered
		Log: slog.New(slog.DiscardHandler),
	})
	// The clock of the house jumps from one moment to the next, in order: a sheet is
	// published from what was counted before it.
	for _, clock = range s.sweeps() {
		if err := sweep(ctx, house, s.Owner); err != nil {
			return fmt.Errorf("publishing the sheets of %s: %w", clock.Format(time.DateOnly), err)
		}
	}
	return nil
}

// mostSweeps is how often a sweep is tried that has to wait too long for another one.
const mostSweeps = 10

// sweep sweeps once. A server that runs meanwhile may be counting the same owner's visits: then
// the sweep is refused after two seconds, and comes again.
func sweep(ctx context.Context, house *culture.Service, owner uuid.UUID) (err error) {
	for range mostSweeps {
		var busy *refusal.Refusal
		if err = house.Sweep(ctx, owner); !errors.As(err, &busy) || busy.Reason != refusal.Overloaded {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busy.RetryAfter):
		}
	}
	return err
}

// sweeps are the moments at which something was due: the first day of each half-year
// that the people were there for, and the day of its sheet. No visit is paid at
// midnight, so the clock may be that of Greenwich.
func (s Size) sweeps() []time.Time {
	var days []time.Time
	for t := school.TermOf(s.since(), time.UTC).Next(); ; t = t.Next() {
		start, _ := t.Span(time.UTC)
		if !start.Before(s.Now) {
			break
		}
		days = append(days, start)
		if sheet := culture.PublishAt(t); !sheet.After(s.Now) {
			days = append(days, sheet)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return days
}

// since is when the schools and their people came.
func (s Size) since() time.Time { return s.Now.AddDate(-schoolYears, 0, 0) }

// closedTerm is the newest half-year whose sheet is out.
func (s Size) closedTerm() school.Term {
	t := school.TermOf(s.Now, time.UTC)
	for culture.PublishAt(t).After(s.Now) {
		t = t.Before()
	}
	return t
}
