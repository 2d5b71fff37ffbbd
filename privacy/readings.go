package privacy

import (
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/school"
)

// mostRemembered bounds what a server remembers of readings: some 10 MB. Beyond it all
// is forgotten, which costs a write for each reading once more, and nothing else.
const mostRemembered = 100_000

// reading is one that is written down: whose device, which visit, in which hour. The
// database counts days by the school's clock; an hour never lies in two days of any
// place whose clock goes by whole hours, so that none is taken for another day's.
type reading struct {
	owner, reader, visit uuid.UUID
	notes                bool
	hour                 int64
}

// Readings remembers which readings have been written down. It is [school.Readings].
type Readings struct {
	mu   sync.Mutex
	seen map[reading]struct{}
}

// NewReadings makes a memory of readings, which has nothing in it.
func NewReadings() *Readings { return &Readings{seen: map[reading]struct{}{}} }

// Note gives the statement that writes down the readings of this hour that have not been.
func (r *Readings) Note(a school.Actor, sent school.Reading, now time.Time) (func(*pgx.Batch), func()) {
	hour := now.Unix() / 3600
	var fresh []uuid.UUID
	r.mu.Lock()
	for _, v := range sent.Visits {
		if _, known := r.seen[reading{a.Owner, a.Person, v, sent.Notes, hour}]; !known {
			fresh = append(fresh, v)
		}
	}
	r.mu.Unlock()
	if len(fresh) == 0 {
		return nil, nil
	}
	write := func(b *pgx.Batch) { b.Queue(noteReadings, fresh, sent.Notes, now) }
	return write, func() { r.remember(a, school.Reading{Visits: fresh, Notes: sent.Notes}, hour) }
}

// remember keeps what has been written down.
func (r *Readings) remember(a school.Actor, sent school.Reading, hour int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen)+len(sent.Visits) > mostRemembered {
		clear(r.seen)
	}
	for _, v := range sent.Visits {
		r.seen[reading{a.Owner, a.Person, v, sent.Notes, hour}] = struct{}{}
	}
}
