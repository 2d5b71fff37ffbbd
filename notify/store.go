package notify

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
)

const (
	// Two that look after one person come one after the other: each sees what the other
	// has told.
	lockPerson = `select pg_advisory_xact_lock(hashtextextended('look ' || $1::text, 0))`

	choiceOfPerson = `
		select revision, channels, quiet_from, quiet_to, quiet_free_days, digest, pause_in_holidays, paused_until, show_name
		from notice_choice
		where owner_id = $1 and person_id = $2`

	setChoice = `
		insert into notice_choice (owner_id, person_id, revision, channels, quiet_from, quiet_to, quiet_free_days, digest, pause_in_holidays, paused_until, show_name, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (owner_id, person_id) do update
		set revision = excluded.revision, channels = excluded.channels, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,
			quiet_free_days = excluded.quiet_free_days, digest = excluded.digest, pause_in_holidays = excluded.pause_in_holidays,
			paused_until = excluded.paused_until, show_name = excluded.show_name, updated_at = excluded.updated_at`

	noticeColumns = `id, school_id, kind, subject_id, due_at, nth, todo, start_at, at, told_at, read_at`

	// That the other one has left ("END_ALONE") stands for a year: see [Kept].
	noticesSince = `select ` + noticeColumns + ` from notice where owner_id = $1 and person_id = $2 and (at > $3 or todo = 'END_ALONE')`

	noticesByID = `select ` + noticeColumns + ` from notice where owner_id = $1 and person_id = $2 and id = any ($3)`

	// By the message's own list, in the order in which they were made; a notice that was forgotten
	// is missing.
	noticesOfMessage = `select ` + noticeColumns + ` from notice
		where owner_id = $1 and person_id = $2 and id = any ((select notice_ids from message where owner_id = $1 and person_id = $2 and id = $3)::uuid[])
		order by at, id`

	// Newest first.
	pageOfNotices = `
		select ` + noticeColumns + ` from notice
		where owner_id = $1 and person_id = $2 and (at, id) < ($3, $4)
		order by at desc, id desc
		limit $5`

	// An index over the unread alone (notice_unread) counts them.
	unreadNotices = `select count(*) from notice where owner_id = $1 and person_id = $2 and read_at is null`

	// The constraint is the key of the package comment: whoever works, a notice is made once.
	insertNotice = `
		insert into notice (owner_id, person_id, id, school_id, kind, subject_id, due_at, nth, todo, start_at, at, told_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict on constraint notice_once do nothing`

	// The first time stands, so that a job that is done again changes nothing.
	noticesTold = `update notice set told_at = $4 where owner_id = $1 and person_id = $2 and id = any ($3) and told_at is null`

	noticesRead = `update notice set read_at = $4 where owner_id = $1 and person_id = $2 and id = any ($3) and read_at is null`

	// A job that waits is brought forward by it, never back.
	lookAt = `select look_at($1)`

	forgetNotices = `
		with gone as (
			delete from notice n using (
				select person_id, id from notice
				where owner_id = $1 and at < $2 and (todo <> 'END_ALONE' or at < $2 - interval '1 year') limit $3) old
			where n.owner_id = $1 and n.person_id = old.person_id and n.id = old.id
			returning 1)
		select count(*) from gone`
)

// queueChoice reads what a person has chosen, or what everybody begins with.
func queueChoice(b *pgx.Batch, owner, person uuid.UUID, into *Choice) {
	*into = DefaultChoice()
	b.Queue(choiceOfPerson, owner, person).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var codes []string
			var paused *time.Time
			err := rows.Scan(&into.Revision, &codes, &into.QuietFrom, &into.QuietTo, &into.QuietFreeDays, &into.Digest, &into.PauseInHolidays, &paused, &into.ShowName)
			if err != nil {
				return err
			}
			into.Chosen, into.PausedUntil = nil, postgres.TimeOf(paused)
			into.readCodes(codes)
		}
		return rows.Err()
	})
}

// save keeps a choice. The job that waits for the person is brought forward with it.
// A trigger of the table does that, as with all that changes when somebody is told.
func (c Choice) save(w once.Writer, owner, person uuid.UUID, now time.Time) {
	w.Queue(setChoice, owner, person, c.Revision, c.codes(), c.QuietFrom, c.QuietTo, c.QuietFreeDays, c.Digest, c.PauseInHolidays,
		postgres.OrNull(c.PausedUntil), c.ShowName, now)
}

// End, Other and Own are not kept with a notice: they come from the step, as long as there is one.
func eachNotice(take func(Notice)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var n Notice
			var start, told, read *time.Time
			err := rows.Scan(&n.ID, &n.School, &n.Kind, &n.Subject, &n.Due, &n.Nth, &n.Todo, &start, &n.At, &told, &read)
			if err != nil {
				return err
			}
			n.Start, n.Told, n.Read = postgres.TimeOf(start), postgres.TimeOf(told), postgres.TimeOf(read)
			take(n)
		}
		return rows.Err()
	}
}

// insert keeps a notice; one that is there already stands.
func (n Notice) insert(w once.Writer, owner, person uuid.UUID) {
	w.Queue(insertNotice, owner, person, n.ID, n.School, n.Kind, n.Subject, n.Due, n.Nth, n.Todo, postgres.OrNull(n.Start), n.At, postgres.OrNull(n.Told))
}

func idsOf(notices []Notice) []uuid.UUID {
	ids := make([]uuid.UUID, len(notices))
	for i, n := range notices {
		ids[i] = n.ID
	}
	return ids
}
