package learning

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
)

// The columns of a meeting, as one person, $2, reads it at a time, $3. Whoever has left has
// no role any more, and what they were to do is a former colleague's.
// The functions in it (belongs_to, takes_part, leads) ask for the caller's own rights or for
// places that everybody of the school may read. Decisions ride along as JSON, so that a
// meeting is one row.
const meetingColumns = `
	m.id, m.school_id, m.team_id, m.start_at, m.place, m.form,
	case when belongs_to(m.school_id, m.leader_id) then m.leader_id end, case when belongs_to(m.school_id, m.timekeeper_id) then m.timekeeper_id end,
	case when belongs_to(m.school_id, m.questioner_id) then m.questioner_id end,
	m.reading, m.reading_why, m.items, m.parked, m.at_item, m.item_at, m.ended_at, m.revision,
	takes_part(m.school_id, m.team_id, $2) or leads(m.school_id), ($3::timestamptz at time zone zone_of(m.school_id))::date,
	(select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'text', d.text, 'person', case when belongs_to(d.school_id, d.person_id) then d.person_id end,
			'due', d.due_on, 'done', d.done)), '[]')
		from (select * from meeting_decision d where d.owner_id = m.owner_id and d.meeting_id = m.id order by d.due_on, d.id limit 30) d)`

const normsColumns = `n.school_id, n.team_id, n.norms, n.agreed_with, n.agreed_on, ($2::timestamptz at time zone zone_of(n.school_id))::date`

const (
	meetingByID = `select ` + meetingColumns + ` from meeting m where m.owner_id = $1 and m.id = $4`

	// A lateral query for each school, so that each has its own limit and goes down the index
	// meetings_of_school from the newest; sorted together, a large school would push out a small.
	meetingsOnPhones = `
		select ` + meetingColumns + ` from unnest($4::uuid[]) s (id), lateral (
			select * from meeting where owner_id = $1 and school_id = s.id order by start_at desc, id desc limit $5) m`

	normsOfSchools = `
		select ` + normsColumns + ` from unnest($3::uuid[]) s (id), lateral (
			select * from meeting_norms where owner_id = $1 and school_id = s.id order by team_id limit 100) n`

	// Those of the meeting's team, or else those of all.
	normsOfMeeting = `
		select ` + normsColumns + ` from meeting m
		join meeting_norms n on n.owner_id = m.owner_id and n.school_id = m.school_id and (n.team_id is null or n.team_id = m.team_id)
		where m.owner_id = $1 and m.id = $3
		order by n.team_id nulls last
		limit 1`

	insertMeeting = `
		insert into meeting (owner_id, id, school_id, team_id, planned_by, start_at, place, form, leader_id, timekeeper_id, questioner_id, reading, reading_why, items)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

	// The revision decides between two who plan at once. A meeting that has ended is not there for
	// an update, by its policy, which reads like a change by somebody else.
	replanMeeting = `
		update meeting set start_at = $3, place = $4, form = $5, leader_id = $6, timekeeper_id = $7, questioner_id = $8, reading = $9, reading_why = $10,
			items = $11, revision = $12, at_item = least(at_item, jsonb_array_length($11))
		where owner_id = $1 and id = $2 and revision = $12 - 1`

	// Whichever of two phones ends it first has ended it; the other's writes nothing.
	runMeeting = `update meeting set at_item = $3, item_at = $4, ended_at = $5 where owner_id = $1 and id = $2 and ended_at is null`

	// What two phones park at the same moment is both there.
	parkPoint = `
		update meeting set parked = parked || jsonb_build_object('id', $3::uuid, 'text', $4::text)
		where owner_id = $1 and id = $2 and ended_at is null and jsonb_array_length(parked) < $5`

	saveDecision = `
		insert into meeting_decision (owner_id, id, meeting_id, school_id, text, person_id, due_on, done) values ($1, $2, $3, $4, $5, $6, $7, $8)`

	changeDecision = `
		update meeting_decision set text = $4, person_id = $5, due_on = $6, done = $7 where owner_id = $1 and id = $2 and meeting_id = $3`

	// The constraint takes "no team" for one value (nulls not distinct): the norms of all are one
	// row, too.
	saveNorms = `
		insert into meeting_norms (owner_id, id, school_id, team_id, norms, agreed_with, agreed_on, set_by) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict on constraint norms_of_team do update set norms = $5, agreed_with = $6, agreed_on = $7, set_by = $8`

	mayRun = `select takes_part($1, $2, $3) or leads($1)`

	// What a person took on and has not done: row level security leaves out the schools that
	// they have left.
	decisionsToDo = `
		select d.meeting_id, d.school_id, d.due_on, zone_of(d.school_id)
		from meeting_decision d
		where d.owner_id = $1 and d.person_id = $2 and not d.done
		order by d.due_on desc, d.id
		limit 100`
)

// queueMeeting reads one meeting; nil where there is none that the person reads.
func queueMeeting(b *pgx.Batch, owner, person, id uuid.UUID, now time.Time, into **Meeting) {
	b.Queue(meetingByID, owner, person, now, id).Query(func(rows pgx.Rows) error {
		return eachMeeting(rows, func(m Meeting) { *into = &m })
	})
}

// The JSON columns are scanned into slices; their field names are those of the queries above.
func eachMeeting(rows pgx.Rows, take func(Meeting)) error {
	for rows.Next() {
		var m Meeting
		var since, ended *time.Time
		err := rows.Scan(&m.ID, &m.School, &m.Team, &m.Start, &m.Place, &m.Form, &m.Leader, &m.Timekeeper, &m.Questioner,
			&m.Reading, &m.ReadingWhy, &m.Items, &m.Parked, &m.At, &since, &ended, &m.Revision, &m.Runs, &m.Today, &m.Decided)
		if err != nil {
			return err
		}
		m.Since, m.Ended = postgres.TimeOf(since), postgres.TimeOf(ended)
		take(m)
	}
	return rows.Err()
}

func eachNorms(rows pgx.Rows, take func(Norms)) error {
	for rows.Next() {
		var n Norms
		if err := rows.Scan(&n.School, &n.Team, &n.Norms, &n.AgreedWith, &n.Agreed, &n.Today); err != nil {
			return err
		}
		take(n)
	}
	return rows.Err()
}

func (m *Meeting) insert(w once.Writer, owner, person uuid.UUID) {
	w.Queue(insertMeeting, owner, m.ID, m.School, m.Team, person, m.Start, m.Place, m.Form, m.Leader, m.Timekeeper, m.Questioner, m.Reading, m.ReadingWhy, m.Items)
}

// STALE_REVISION where another plan came in between, found out when the writes go out.
func (m *Meeting) saveReplan(w once.Writer, owner uuid.UUID) {
	w.Queue(replanMeeting, owner, m.ID, m.Start, m.Place, m.Form, m.Leader, m.Timekeeper, m.Questioner, m.Reading, m.ReadingWhy, m.Items, m.Revision).
		Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 { // somebody was quicker
				return refusal.ChangedSince(m.Revision)
			}
			return nil
		})
}

// The row appends to what is there by then, instead of writing the list that was read.
// WRONG_STATE where the meeting has ended, or its list has filled up, since it was read: what
// is told as parked is there.
func (m *Meeting) savePark(w once.Writer, owner uuid.UUID, p Parked) {
	w.Queue(parkPoint, owner, m.ID, p.ID, p.Text, MostParked).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() == 0 {
			return refusal.New(refusal.WrongState).With("state", "ENDED")
		}
		return nil
	})
}

func (m *Meeting) saveRun(w once.Writer, owner uuid.UUID) {
	w.Queue(runMeeting, owner, m.ID, m.At, postgres.OrNull(m.Since), postgres.OrNull(m.Ended))
}

// QueueDecisionsDue reads what a person took on in learning meetings and has not done: in which
// one, at which school, and from when on it is due, which is when its date begins.
func QueueDecisionsDue(b *pgx.Batch, owner, person uuid.UUID, take func(meeting, school uuid.UUID, due time.Time)) {
	b.Queue(decisionsToDo, owner, person).Query(eachDay(take))
}
