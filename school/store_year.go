package school

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Where somebody works now. Whoever represents others alone is in no visit.
const schoolsServed = `
	select distinct m.school_id
	from membership m
	join person p on p.owner_id = m.owner_id and p.id = m.person_id
	where m.owner_id = $1 and m.person_id = $2 and m.active and p.active and m.role <> 'REPRESENTATIVE'`

// QueueCalendars reads the calendars of those of some schools at which a person works now.
// What it returns gives them once the batch is back.
func QueueCalendars(b *pgx.Batch, owner, person uuid.UUID, schools []uuid.UUID, now time.Time) func() map[uuid.UUID]Calendar {
	// Which of them are theirs comes back in the same flight, so all are read and some dropped:
	// a second flight would cost more than a calendar too many.
	served := map[uuid.UUID]bool{}
	b.Queue(schoolsServed, owner, person).Query(func(rows pgx.Rows) error {
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		for _, id := range ids {
			served[id] = true
		}
		return err
	})
	found := make([]School, len(schools))
	for i, id := range schools {
		queueSchool(b, owner, id, now, &found[i])
	}
	return func() map[uuid.UUID]Calendar {
		out := map[uuid.UUID]Calendar{}
		for i, id := range schools {
			if served[id] {
				out[id] = found[i].Rules.Calendar
			}
		}
		return out
	}
}
