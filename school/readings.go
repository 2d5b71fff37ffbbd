package school

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
)

// Reading is what somebody is about to be sent of visits.
// Their own words are no reading: a list without visits of others' writes nothing down.
type Reading struct {
	Visits []uuid.UUID
	// Notes says that it is notes alone: the observer's own, unless the reader is the
	// observed.
	Notes bool
}

// Readings writes down what people are sent of another's, so that the other one can read
// of it. Package privacy has one; a room that was given none keeps no record.
type Readings interface {
	// Note gives what has to be written in the flight that reads, and what is to be
	// called once it is; nil and nil: it has been written down already.
	Note(a Actor, r Reading, now time.Time) (write func(*pgx.Batch), written func())
}

// Read reads as [postgres.DB.Read] does, and lets the reading be written down in the same
// round trip: nobody is sent another's words unless the other can read of it.
func (r Reading) Read(ctx context.Context, db *postgres.DB, all Readings, a Actor, now time.Time, fill func(*pgx.Batch)) error {
	write, written := r.note(all, a, now)
	if write == nil {
		return db.Read(ctx, a.As(), fill)
	}
	err := db.ReadThen(ctx, a.As(), fill, write)
	if err == nil {
		written()
	}
	return err
}

// Told writes the reading down before the answer goes out, for a list of which nobody
// knows the visits until it is read. It costs a round trip where there is anything new.
// The empty fill makes it a write of its own; a list of which all is known already costs none.
func (r Reading) Told(ctx context.Context, db *postgres.DB, all Readings, a Actor, now time.Time) error {
	if write, _ := r.note(all, a, now); write == nil {
		return nil
	}
	return r.Read(ctx, db, all, a, now, func(*pgx.Batch) {})
}

// note is what has to be written of the reading; nil where there is nothing to write, or
// nobody keeps a record.
func (r Reading) note(all Readings, a Actor, now time.Time) (write func(*pgx.Batch), written func()) {
	if all == nil || len(r.Visits) == 0 {
		return nil, nil
	}
	return all.Note(a, r, now)
}
