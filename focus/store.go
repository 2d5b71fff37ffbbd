package focus

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
)

// The columns of a need, as one person reads it, $2, at a time, $3. Supporters are counted and
// not named; whether the reader is one of them comes beside. At most twenty stories, the
// earliest first.
const needColumns = `
	n.id, n.school_id, n.day, n.due_on, ($3::timestamptz at time zone zone_of(n.school_id))::date, n.person_id, n.text, n.status, n.answer, n.answered_by, n.answered_on, n.revision,
	(select count(*) from need_support s where s.owner_id = n.owner_id and s.need_id = n.id),
	exists (select from need_support s where s.owner_id = n.owner_id and s.need_id = n.id and s.person_id = $2),
	(select coalesce(jsonb_agg(jsonb_build_object('person', t.person_id, 'text', t.story, 'day', t.day)), '[]')
		from (select * from need_support s where s.owner_id = n.owner_id and s.need_id = n.id and s.story <> ''
			order by s.day, s.person_id limit 20) t)`

const (
	needByID = `select ` + needColumns + ` from need n where n.owner_id = $1 and n.id = $4`

	// Those of one day in no order: that of a digest of their ids, which for the page
	// tokens' sake is always the same.
	needsOfSchool = `
		select ` + needColumns + ` from need n
		where n.owner_id = $1 and n.school_id = $4 and (not $5 or n.status not in ('DONE', 'NOT_NOW'))
			and (n.day, md5(n.id::text)) < ($6, $7)
		order by n.day desc, md5(n.id::text) desc
		limit $8`

	// What waits for something, and what was settled lately.
	needsOnPhones = `
		select ` + needColumns + ` from unnest($4::uuid[]) s (id), lateral (
			select * from need
			where owner_id = $1 and school_id = s.id and (status not in ('DONE', 'NOT_NOW') or answered_on >= $5)
			order by day desc, md5(id::text) desc
			limit $6) n`

	openNeedsOf = `
		select count(*) from need where owner_id = $1 and person_id = $2 and school_id = $3 and status = 'OPEN'`

	insertNeed = `insert into need (owner_id, id, school_id, day, due_on, person_id, text) values ($1, $2, $3, $4, $5, $6, $7)`

	// Without its writer, and without a time.
	dropIntoBox = `insert into need_box (owner_id, id, school_id, day, due_on, text) values ($1, $2, $3, $4, $5, $6)`

	// The revision guards it once more here: two answers that were decided at the same moment
	// do not overwrite each other.
	answerNeed = `
		update need set status = $3, answer = $4, answered_by = $5, answered_on = $6, revision = $7
		where owner_id = $1 and id = $2 and revision = $7 - 1`

	// Said twice, it counts once.
	support = `
		insert into need_support (owner_id, need_id, person_id, school_id, story, day) values ($1, $2, $3, $4, $5, $6)
		on conflict (owner_id, need_id, person_id) do update set story = excluded.story, day = excluded.day
			where need_support.story <> excluded.story`

	noLongerSupport = `delete from need_support where owner_id = $1 and need_id = $2 and person_id = $3`

	withdrawNeed = `delete from need where owner_id = $1 and id = $2 and person_id = $3`

	openBox = `select open_box($1, $2)`
)

// queueNeed reads one need; nil where there is none at a school of the person's.
func queueNeed(b *pgx.Batch, owner, person, id uuid.UUID, now time.Time, into **Need) {
	b.Queue(needByID, owner, person, now, id).Query(func(rows pgx.Rows) error {
		return eachNeed(rows, func(n Need) { *into = &n })
	})
}

func eachNeed(rows pgx.Rows, take func(Need)) error {
	for rows.Next() {
		var n Need
		var answered *time.Time
		err := rows.Scan(&n.ID, &n.School, &n.Day, &n.Due, &n.Today, &n.Person, &n.Text, &n.Status, &n.Answer, &n.AnsweredBy, &answered, &n.Revision,
			&n.Supporters, &n.Supported, &n.Stories)
		if err != nil {
			return err
		}
		n.AnsweredOn = postgres.TimeOf(answered)
		take(n)
	}
	return rows.Err()
}

// insert keeps a need with its writer's name.
func (n *Need) insert(w once.Writer, owner uuid.UUID) {
	w.Queue(insertNeed, owner, n.ID, n.School, n.Day, n.Due, n.Person, n.Text)
}

// drop lets a need fall into the box, by an id that is nobody's. The box has no writer's
// column at all. What lies in it is not read by anybody before the day is over.
func (n *Need) drop(w once.Writer, owner uuid.UUID) {
	w.Queue(dropIntoBox, owner, uuid.New(), n.School, n.Day, n.Due, n.Text)
}

// saveAnswer writes what a leader has said.
func (n *Need) saveAnswer(w once.Writer, owner uuid.UUID) {
	w.Queue(answerNeed, owner, n.ID, n.Status, n.Answer, n.AnsweredBy, n.AnsweredOn, n.Revision).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() == 0 {
			return refusal.ChangedSince(n.Revision)
		}
		return nil
	})
}

// boxMost is how many needs are taken out of the box in one transaction: more than a
// school writes in a day, so that one day's come out together.
const boxMost = 5000

// OpenBox takes anonymous needs of days that are over out of the box, for one owner. A job.
// All of one day come out at once and in no order, so that nobody who watches the list learns
// when one was written.
func (s *Service) OpenBox(ctx context.Context, owner uuid.UUID) error {
	now := s.moment()
	return s.db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(openBox, now, boxMost).QueryRow(func(row pgx.Row) error { return row.Scan(new(int)) })
		})
	})
}
