package learning

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
)

// The columns of a learning, as one person, $2, reads it at a time, $3. Who thanked is
// read by the two alone: to others the count is that of their own thanks.
// Answers are fifty at most, by the day; the counts behind them are of all. Each subquery goes
// down the index of its table by the learning.
const sharedColumns = `
	l.id, l.school_id, l.from_visit, l.writer_id, l.other_id, l.team_id, l.focus_area_id, l.text, l.source, l.mark, l.published, l.day,
	l.practice, l.agreed_with, l.decided_by, l.decided_on,
	belongs_to(l.school_id, l.writer_id), belongs_to(l.school_id, l.other_id), ($3::timestamptz at time zone zone_of(l.school_id))::date,
	(select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'person', case when belongs_to(l.school_id, r.person_id) then r.person_id end,
			'kind', r.kind, 'text', r.text, 'day', r.day)), '[]')
		from (select * from learning_response r where r.owner_id = l.owner_id and r.learning_id = l.id order by r.day, r.id limit 50) r),
	(select count(distinct r.person_id) filter (where r.kind = 'TRIED') from learning_response r
		where r.owner_id = l.owner_id and r.learning_id = l.id and r.person_id not in (l.writer_id, l.other_id)),
	exists (select from learning_response r where r.owner_id = l.owner_id and r.learning_id = l.id and r.person_id not in (l.writer_id, l.other_id)),
	(select count(*) from learning_response r where r.owner_id = l.owner_id and r.learning_id = l.id and r.person_id = $2),
	(select count(*) from learning_thanks t where t.owner_id = l.owner_id and t.learning_id = l.id and $2 in (l.writer_id, l.other_id)),
	exists (select from learning_thanks t where t.owner_id = l.owner_id and t.learning_id = l.id and t.person_id = $2)`

const (
	sharedByID = `select ` + sharedColumns + ` from learning l where l.owner_id = $1 and l.id = $4`

	// What the caller may not read (another team's, one that waits) row level security leaves out
	// before the limit is counted, so a page is full where there is more.
	sharedOfSchool = `
		select ` + sharedColumns + ` from learning l
		where l.owner_id = $1 and l.school_id = $4 and (l.day, l.id) < ($5, $6)
		order by l.day desc, l.id desc
		limit $7`

	sharedOnPhones = `
		select ` + sharedColumns + ` from unnest($4::uuid[]) s (id), lateral (
			select * from learning where owner_id = $1 and school_id = s.id order by day desc, id desc limit $5) l`

	// A word of the one language may be a word of another: each is asked.
	sharedByWords = `
		select ` + sharedColumns + ` from learning l,
			(select websearch_to_tsquery('pg_catalog.norwegian', $5) || websearch_to_tsquery('pg_catalog.english', $5) as q) w
		where l.owner_id = $1 and l.school_id = $4 and l.published and l.words @@ w.q
		order by ts_rank(l.words, w.q) desc, l.day desc, l.id
		limit $6`

	// The audience follows from the team here, and is what row level security reads.
	insertShared = `
		insert into learning (owner_id, id, school_id, from_visit, writer_id, other_id, team_id, focus_area_id, text, source, mark, day, audience)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, case when $7::uuid is null then 'SCHOOL'::audience else 'TEAM' end)`

	publishShared = `update learning set published = true, day = $3 where owner_id = $1 and id = $2 and other_id = $4 and not published`

	decideShared = `update learning set practice = $3, agreed_with = $4, decided_by = $5, decided_on = $6 where owner_id = $1 and id = $2`

	withdrawShared = `delete from learning where owner_id = $1 and id = $2 and $3 in (writer_id, other_id)`

	insertAnswer = `
		insert into learning_response (owner_id, id, learning_id, school_id, person_id, kind, text, day) values ($1, $2, $3, $4, $5, $6, $7, $8)`

	insertThanks = `
		insert into learning_thanks (owner_id, learning_id, person_id, school_id) values ($1, $2, $3, $4) on conflict do nothing`

	removeThanks = `delete from learning_thanks where owner_id = $1 and learning_id = $2 and person_id = $3`
)

// queueShared reads one learning; nil where there is none that the person reads.
func queueShared(b *pgx.Batch, owner, person, id uuid.UUID, now time.Time, into **Shared) {
	b.Queue(sharedByID, owner, person, now, id).Query(func(rows pgx.Rows) error {
		return eachShared(rows, func(l Shared) { *into = &l })
	})
}

func eachShared(rows pgx.Rows, take func(Shared)) error {
	for rows.Next() {
		var l Shared
		var decided *time.Time
		err := rows.Scan(&l.ID, &l.School, &l.Visit, &l.Writer, &l.Other, &l.Team, &l.Area, &l.Text, &l.Source, &l.Mark, &l.Published, &l.Day,
			&l.Practice, &l.AgreedWith, &l.DecidedBy, &decided, &l.WriterHere, &l.OtherHere, &l.Today,
			&l.Answers, &l.Tried, &l.Dialogue, &l.MineAnswers, &l.Thanks, &l.Thanked)
		if err != nil {
			return err
		}
		l.DecidedOn = postgres.TimeOf(decided)
		take(l)
	}
	return rows.Err()
}

// insert keeps a learning that waits for the other one's yes.
func (l *Shared) insert(w once.Writer, owner uuid.UUID) {
	w.Queue(insertShared, owner, l.ID, l.School, l.Visit, l.Writer, l.Other, l.Team, l.Area, l.Text, l.Source, l.Mark, l.Day)
}
