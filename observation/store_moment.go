package observation

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
)

const (
	ownMoments = `select id, visit_id, marked_at from moment where owner_id = $1 and id = any ($2) and person_id = $3`

	countMoments = `select count(*) from moment where owner_id = $1 and visit_id = $2 and person_id = $3`

	insertMoment = `
		insert into moment (owner_id, id, visit_id, person_id, observer_id, observed_id, marked_at, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`

	deleteMoment = `delete from moment where owner_id = $1 and id = $2 and person_id = $3`
)

// queueMoments queues the question for moments of the person's own; somebody else's are
// not there.
func queueMoments(b *pgx.Batch, owner, person uuid.UUID, ids []uuid.UUID, take func(Moment)) {
	b.Queue(ownMoments, owner, ids, person).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var m Moment
			if err := rows.Scan(&m.ID, &m.Visit, &m.At); err != nil {
				return err
			}
			take(m)
		}
		return rows.Err()
	})
}

// read queues all that the change depends on, in one flight.
func (c *marking) read(b *pgx.Batch, call once.Call, m Moment) {
	owner, person := call.As.Owner, call.As.Person
	QueueLock(b, owner, person, m.Visit)
	QueueVisit(b, owner, person, m.Visit, &c.visit)
	queueMoments(b, owner, person, []uuid.UUID{m.ID}, func(there Moment) { c.there = &there })
	b.Queue(countMoments, owner, m.Visit, person).QueryRow(func(row pgx.Row) error { return row.Scan(&c.count) })
}
