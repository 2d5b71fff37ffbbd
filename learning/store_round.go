package learning

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
)

// The columns of a round, as one person, $2, reads it at a time, $3. Reports are there for
// whoever takes part: the database shows them to nobody else.
// A reader who takes no part gets an empty list instead of an error, and the round all the same.
const roundColumns = `
	r.id, r.school_id, r.team_id, r.focus_area_id, r.starter_id, belongs_to(r.school_id, r.starter_id), r.question, r.action, r.due_on, r.created_on,
	r.ended_on, r.now_differently, r.counted, r.low, r.high, r.people_low, r.people_high,
	takes_part(r.school_id, r.team_id, $2), ($3::timestamptz at time zone zone_of(r.school_id))::date,
	(select coalesce(jsonb_agg(jsonb_build_object('person', p.person_id, 'did', p.did, 'happened', p.happened, 'questioned', p.questioned,
			'learning', p.learning, 'day', p.day)), '[]')
		from (select * from round_report p where p.owner_id = r.owner_id and p.round_id = r.id order by p.day, p.person_id limit 200) p)`

const (
	roundByID = `select ` + roundColumns + ` from action_round r where r.owner_id = $1 and r.id = $4`

	// The open ones first, the date that is furthest ahead at the top. The triple that sorts is the
	// one that the page compares with, so no round is told twice or left out between two pages.
	roundsOfSchool = `
		select ` + roundColumns + ` from action_round r
		where r.owner_id = $1 and r.school_id = $4 and ((r.ended_on is null)::int, r.due_on, r.id) < ($5, $6, $7)
		order by (r.ended_on is null)::int desc, r.due_on desc, r.id desc
		limit $8`

	roundsOnPhones = `
		select ` + roundColumns + ` from unnest($4::uuid[]) s (id), lateral (
			select * from action_round
			where owner_id = $1 and school_id = s.id and (ended_on is null or ended_on > $5)
			order by (ended_on is null) desc, due_on desc, id desc limit $6) r`

	openRoundsOf = `select count(*) from action_round where owner_id = $1 and school_id = $2 and starter_id = $3 and ended_on is null`

	// The function knows who takes part, as the reminder and the round itself do: one rule.
	roundsToTell = `select r.id, r.school_id, r.due_on, zone_of(r.school_id) from rounds_to_tell($1) r limit 100`

	// It counts those who taught there when the round began, past row level security, and has no
	// row for anybody who may not end the round.
	roundCount = `select people, told from round_count($1)`

	insertRound = `
		insert into action_round (owner_id, id, school_id, team_id, focus_area_id, starter_id, question, action, due_on, created_on)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	// School and team stand in it once more, so that its policy reads them from the row.
	saveReport = `
		insert into round_report (owner_id, round_id, person_id, school_id, team_id, did, happened, questioned, learning, day)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (owner_id, round_id, person_id) do update set did = $6, happened = $7, questioned = $8, learning = $9, day = $10`

	// Of two who end it at once the first has: the other finds it ended.
	endRound = `
		update action_round set now_differently = $3, ended_on = $4, counted = $5, low = $6, high = $7, people_low = $8, people_high = $9
		where owner_id = $1 and id = $2 and ended_on is null`
)

// queueRound reads one round; nil where there is none that the person reads.
func queueRound(b *pgx.Batch, owner, person, id uuid.UUID, now time.Time, into **Round) {
	b.Queue(roundByID, owner, person, now, id).Query(func(rows pgx.Rows) error {
		return eachRound(rows, func(r Round) { *into = &r })
	})
}

func eachRound(rows pgx.Rows, take func(Round)) error {
	for rows.Next() {
		var r Round
		var ended *time.Time
		err := rows.Scan(&r.ID, &r.School, &r.Team, &r.Area, &r.Starter, &r.Here, &r.Question, &r.Action, &r.Due, &r.Day,
			&ended, &r.NowDifferently, &r.Count.Kind, &r.Count.Low, &r.Count.High, &r.Count.PeopleLow, &r.Count.PeopleHigh,
			&r.Takes, &r.Today, &r.Reports)
		if err != nil {
			return err
		}
		r.Ended = postgres.TimeOf(ended)
		take(r)
	}
	return rows.Err()
}

func (r *Round) insert(w once.Writer, owner uuid.UUID) {
	w.Queue(insertRound, owner, r.ID, r.School, r.Team, r.Area, r.Starter, r.Question, r.Action, r.Due, r.Day)
}

func (p *RoundReport) save(w once.Writer, owner uuid.UUID, r *Round) {
	w.Queue(saveReport, owner, r.ID, p.Person, r.School, r.Team, p.Did, p.Happened, p.Questioned, p.Learning, r.Today)
}

func (r *Round) saveEnd(w once.Writer, owner uuid.UUID) {
	w.Queue(endRound, owner, r.ID, r.NowDifferently, r.Ended, r.Count.Kind, r.Count.Low, r.Count.High, r.Count.PeopleLow, r.Count.PeopleHigh)
}

// QueueRoundsDue reads of which open rounds a person has not told yet: at which school, and
// from when on, which is when the round's date begins.
// Midnight by the school's clock: on that day the round is on the list of what is to be done.
func QueueRoundsDue(b *pgx.Batch, person uuid.UUID, take func(round, school uuid.UUID, due time.Time)) {
	b.Queue(roundsToTell, person).Query(eachDay(take))
}

// eachDay reads what is due at a school on a day: since when that is, by the school's clock.
func eachDay(take func(what, school uuid.UUID, since time.Time)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var what, school uuid.UUID
			var on time.Time
			var zone string
			if err := rows.Scan(&what, &school, &on, &zone); err != nil {
				return err
			}
			at, err := time.LoadLocation(zone)
			if err != nil {
				return err
			}
			take(what, school, time.Date(on.Year(), on.Month(), on.Day(), 0, 0, 0, 0, at))
		}
		return rows.Err()
	}
}
