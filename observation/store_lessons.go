package observation

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
)

const lessonColumns = `id, school_id, person_id, start_at, end_at, place, title, focus_question, wanted_feedback, taken, created_at, audience`

const (
	lessonByID = `select ` + lessonColumns + ` from open_lesson where owner_id = $1 and id = $2`

	// Those that have not begun, the next ones of each school.
	lessonsOfSchools = `
		select l.* from unnest($2::uuid[]) s (id), lateral (
			select ` + lessonColumns + ` from open_lesson
			where owner_id = $1 and school_id = s.id and start_at > $3
			order by start_at, id
			limit $4) l`

	// Whether the hour is taken, and how many offers there are.
	roomForLesson = `
		select is_busy($2, tstzrange($3, $4), $5, false),
			(select count(*) from open_lesson where owner_id = $1 and person_id = $2 and start_at > $6)`

	askedBefore = `
		select exists (
			select from visit
			where owner_id = $1 and observer_id = $2 and observed_id = $3 and start_at < $5 and end_at > $4
				and state in ('PROPOSED', 'AGREED'))`

	insertLesson = `
		insert into open_lesson (owner_id, id, school_id, person_id, start_at, end_at, place, title, focus_question, wanted_feedback, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

	// Its words go with it.
	withdrawLesson = `delete from open_lesson where owner_id = $1 and id = $2 and person_id = $3`

	// What is long over is nobody's to read any more.
	forgetLessons = `delete from open_lesson where owner_id = $1 and person_id = $2 and end_at < $3`

	cardOfLesson = `select card_of_lesson($1, $2)`
)

// queueLesson reads one open lesson; nil where there is none at a school of the
// person's.
func queueLesson(b *pgx.Batch, owner, lesson uuid.UUID, into **Lesson) {
	b.Queue(lessonByID, owner, lesson).Query(func(rows pgx.Rows) error {
		return eachLesson(rows, func(l Lesson) { *into = &l })
	})
}

// queueLessons reads the open lessons to come of some schools.
func queueLessons(b *pgx.Batch, owner uuid.UUID, schools []uuid.UUID, now time.Time, take func(Lesson)) {
	b.Queue(lessonsOfSchools, owner, schools, now, ShownLessons).Query(func(rows pgx.Rows) error { return eachLesson(rows, take) })
}

// eachLesson reads open lessons from rows.
func eachLesson(rows pgx.Rows, take func(Lesson)) error {
	for rows.Next() {
		var l Lesson
		err := rows.Scan(&l.ID, &l.School, &l.Person, &l.Start, &l.End, &l.Place, &l.Title, &l.Focus, &l.Wanted, &l.Taken, &l.Created, &l.Readers)
		if err != nil {
			return err
		}
		take(l)
	}
	return rows.Err()
}

// insert queues the offer, and forgets those of the person that are long over.
func (l *Lesson) insert(w once.Writer, owner uuid.UUID) {
	w.Queue(forgetLessons, owner, l.Person, l.Created.Add(-Patience))
	w.Queue(insertLesson, owner, l.ID, l.School, l.Person, l.Start, l.End, l.Place, l.Title, l.Focus, l.Wanted, l.Created)
}
