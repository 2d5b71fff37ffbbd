package privacy

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// AccessTime is how long accesses are kept, in months.
const AccessTime = 12

const (
	noteReadings = `select note_readings($1, $2, $3)`

	accessesOfPerson = `
		select a.kind, a.at, a.reader_id, trim(coalesce(person_name(a.reader_id), '')), a.thing_id
		from access a
		where a.owner_id = $1 and a.person_id = $2 and (a.at, a.thing_id) < ($3, $4::uuid)
		order by a.at desc, a.thing_id desc
		limit $5`

	forgetAccesses = `select forget_accesses($1, $2)`

	consentsOfPerson = `
		select 'INFORMATION', c.version, c.agreed, c.at from consent c where c.owner_id = $1 and c.person_id = $2
		union all
		select 'VISIT', a.version, true, a.at from agreements() a
		order by 4 desc
		limit 200`

	insertConsent = `
		insert into consent (owner_id, person_id, subject, version, agreed, at) values ($1, $2, $3, $4, $5, $6)
		on conflict do nothing`
)

// access is a row of the list of accesses.
type access struct {
	kind   string
	at     time.Time
	reader uuid.UUID
	name   string
	thing  uuid.UUID
}

func queueAccesses(b *pgx.Batch, owner, person uuid.UUID, after accessPlace, most int, into *[]access) {
	b.Queue(accessesOfPerson, owner, person, after.At, after.ID, most).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var a access
			if err := rows.Scan(&a.kind, &a.at, &a.reader, &a.name, &a.thing); err != nil {
				return err
			}
			*into = append(*into, a)
		}
		return rows.Err()
	})
}
