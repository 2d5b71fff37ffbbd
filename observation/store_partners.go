package observation

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
)

const (
	colleagues = `
		select person_id, name, same_team, since, paid, received, happened, shared_focus, free_from, free_to
		from partner_facts($1, $2)`

	// A function as well: the timetables of others are not there to be read.
	teachingHours = `select person_id, hours, start_at, end_at from teaching_hours($1, $2)`

	keptFromSuggestions = `
		select coalesce(array_agg(other_id order by other_id), '{}')
		from kept_from_suggestions
		where owner_id = $1 and person_id = $2`

	// Two devices may say so: said twice, it stands once.
	keepFromSuggestions = `
		insert into kept_from_suggestions (owner_id, person_id, other_id)
		values ($1, $2, $3)
		on conflict do nothing`

	suggestAgain = `delete from kept_from_suggestions where owner_id = $1 and person_id = $2 and other_id = $3`

	// Free time is said as a whole, and replaces what was said before.
	forgetAvailability = `delete from availability where owner_id = $1 and person_id = $2`

	// The spans are part of the key; they don't overlap, since [Merge] has joined those that did.
	setAvailability = `
		insert into availability (owner_id, person_id, span)
		select $1, $2, tstzrange(f, t) from unnest($3::timestamptz[], $4::timestamptz[]) s (f, t)`

	// Counts of the caller's own visits that took place.
	balance = `
		select count(*) filter (where observer_id = $2), count(*) filter (where observed_id = $2),
			count(*) filter (where observer_id = $2 and point_id is not null),
			count(*) filter (where observed_id = $2 and answered_id is not null)
		from visit
		where owner_id = $1 and $2 in (observer_id, observed_id)
			and state in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED', 'CLOSED_WITHOUT_EXCHANGE')`

	roundColumns = `id, school_id, first_id, second_id, third_id, joined_ids, done_ids, ended_at, created_at`

	insertRound = `
		insert into round (owner_id, id, school_id, first_id, second_id, third_id, joined_ids, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`

	roundByID = `select ` + roundColumns + ` from round
		where owner_id = $1 and id = $2 and $3 in (first_id, second_id, third_id)`

	roundsByID = `select ` + roundColumns + ` from round
		where owner_id = $1 and id = any ($2) and $3 in (first_id, second_id, third_id)`

	// Joining and ending change one row: two members at once go one after the other.
	lockRound = roundByID + ` for update`

	// With "or" and not "in": each place in a round has an index of its own to go by.
	roundsOfPerson = `select ` + roundColumns + ` from round
		where owner_id = $1 and (first_id = $2 or second_id = $2 or third_id = $2)
		order by created_at desc, id desc
		limit 100`

	joinRound = `update round set joined_ids = array_append(joined_ids, $3) where owner_id = $1 and id = $2`
	endRound  = `update round set ended_at = $3 where owner_id = $1 and id = $2`
)

// queueColleagues queues the question for everybody whom the caller could visit at a
// school. A function of the database answers, because it looks at visits of others, of
// which the caller sees no more than the counts that come back.
func queueColleagues(b *pgx.Batch, school uuid.UUID, now time.Time, into *[]Colleague) {
	b.Queue(colleagues, school, now).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var c Colleague
			var from, to []time.Time
			err := rows.Scan(&c.Person, &c.Name, &c.SameTeam, &c.Since, &c.Paid, &c.Received, &c.Happened, &c.SharedFocus, &from, &to)
			if err != nil {
				return err
			}
			for i := range from {
				c.Free = append(c.Free, Slot{Start: from[i], End: to[i]})
			}
			*into = append(*into, c)
		}
		return rows.Err()
	})
}

// queueTeaching queues the question at which hours of the coming week these people teach
// while the caller is free, and notes it with them: they have been read before.
func queueTeaching(b *pgx.Batch, school uuid.UUID, now time.Time, into *[]Colleague) {
	b.Queue(teachingHours, school, now).Query(func(rows pgx.Rows) error {
		// Pointers into the slice that the query before has filled: batches answer in their order, so
		// nothing is appended to it any more.
		at := map[uuid.UUID]*Colleague{}
		for i := range *into {
			at[(*into)[i].Person] = &(*into)[i]
		}
		for rows.Next() {
			var person uuid.UUID
			var hours int
			var from, to []time.Time
			if err := rows.Scan(&person, &hours, &from, &to); err != nil {
				return err
			}
			c := at[person]
			if c == nil {
				continue // whom the caller keeps from being suggested
			}
			c.Hours = hours
			for i := range from {
				c.Teaches = append(c.Teaches, Slot{Start: from[i], End: to[i]})
			}
		}
		return rows.Err()
	})
}

// queueRound queues the question for a round; NOT_FOUND for those who are not in it.
func queueRound(b *pgx.Batch, sql string, owner, person, round uuid.UUID, into *Round) {
	b.Queue(sql, owner, round, person).Query(func(rows pgx.Rows) error {
		found := false
		err := eachRound(rows, func(r Round) {
			*into = r
			found = true
		})
		if err == nil && !found {
			return refusal.New(refusal.NotThere)
		}
		return err
	})
}

// eachRound reads rounds from rows. Two or three are in one.
func eachRound(rows pgx.Rows, take func(Round)) error {
	for rows.Next() {
		var r Round
		var first, second uuid.UUID
		var third uuid.NullUUID
		var ended *time.Time
		if err := rows.Scan(&r.ID, &r.School, &first, &second, &third, &r.Joined, &r.Done, &ended, &r.Created); err != nil {
			return err
		}
		r.Members = []uuid.UUID{first, second}
		if third.Valid {
			r.Members = append(r.Members, third.UUID)
		}
		r.Ended = postgres.TimeOf(ended)
		take(r)
	}
	return rows.Err()
}

// insert writes a new round.
func (r *Round) insert(w once.Writer, owner uuid.UUID) {
	var third uuid.NullUUID
	// Two or three: the contract takes no other number.
	if len(r.Members) == 3 {
		third = uuid.NullUUID{UUID: r.Members[2], Valid: true}
	}
	w.Queue(insertRound, owner, r.ID, r.School, r.Members[0], r.Members[1], third, r.Joined, r.Created)
}

// writeAvailability puts the free hours of somebody in the place of those that stood.
func writeAvailability(w once.Writer, owner, person uuid.UUID, slots []Slot) {
	// In columns: one statement, however many times there are.
	from, to := make([]pgtype.Timestamptz, len(slots)), make([]pgtype.Timestamptz, len(slots))
	for i, s := range slots {
		from[i] = pgtype.Timestamptz{Time: s.Start, Valid: true}
		to[i] = pgtype.Timestamptz{Time: s.End, Valid: true}
	}
	w.Queue(forgetAvailability, owner, person)
	w.Queue(setAvailability, owner, person, from, to)
}
