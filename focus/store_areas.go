package focus

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
)

// The columns of an area at a time, $2, with what was said of it and done with it.
const areaColumns = `
	a.id, a.school_id, a.state, a.origin, a.proposed_by, a.named, a.title, a.background, a.source, a.goal, a.steps, a.need_ids,
	a.responsible_id, a.hearing_until, a.slot, a.agreed_with, a.result, a.revision, ($2::timestamptz at time zone zone_of(a.school_id))::date,
	(select coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'person', v.person_id, 'text', v.text, 'day', v.day)), '[]')
		from (select * from hearing_voice v where v.owner_id = a.owner_id and v.area_id = a.id order by v.day, v.id limit 100) v),
	(select coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'reason', c.reason, 'person', c.person_id, 'day', c.day)), '[]')
		from (select * from focus_change c where c.owner_id = a.owner_id and c.area_id = a.id order by c.revision desc limit 20) c)`

const (
	areaByID = `select ` + areaColumns + ` from focus_area a where a.owner_id = $1 and a.id = $3`

	// Of each school: the plan, hearings, drafts, and where it is wished what has ended,
	// the latest first.
	areasOfSchools = `
		select ` + areaColumns + ` from unnest($3::uuid[]) s (id), lateral (
			select * from focus_area
			where owner_id = $1 and school_id = s.id and ($4 or state <> 'ENDED')
			order by array_position(array['ADOPTED', 'HEARING', 'DRAFT', 'ENDED'], state), slot, created_on desc, id
			limit 100) a`

	placesTaken = `
		select coalesce(array_agg(p.slot), '{}') from focus_area p
		join focus_area a on a.owner_id = p.owner_id and a.school_id = p.school_id
		where a.owner_id = $1 and a.id = $2 and p.slot is not null`

	openNeedsOfSchool = `select count(*) from need where owner_id = $1 and school_id = $2 and status = 'OPEN'`

	insertArea = `
		insert into focus_area (owner_id, id, school_id, origin, proposed_by, named, title, background, source, goal, steps, need_ids, responsible_id, created_on)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

	saveArea = `
		update focus_area set state = $3, title = $4, background = $5, source = $6, goal = $7, steps = $8, need_ids = $9,
			responsible_id = $10, hearing_until = $11, slot = $12, agreed_with = $13, result = $14, revision = $15
		where owner_id = $1 and id = $2 and revision = $15 - 1`

	insertChange = `
		insert into focus_change (owner_id, area_id, revision, kind, reason, person_id, day) values ($1, $2, $3, $4, $5, $6, $7)`

	insertVoice = `
		insert into hearing_voice (owner_id, id, area_id, school_id, person_id, text, day) values ($1, $2, $3, $4, $5, $6, $7)`
)

// queueArea reads one area; nil where there is none that the person reads.
func queueArea(b *pgx.Batch, owner, id uuid.UUID, now time.Time, into **Area) {
	b.Queue(areaByID, owner, now, id).Query(func(rows pgx.Rows) error {
		return eachArea(rows, func(a Area) { *into = &a })
	})
}

// queueAreas reads the areas of some schools that the person reads.
func queueAreas(b *pgx.Batch, owner uuid.UUID, schools []uuid.UUID, ended bool, now time.Time, take func(Area)) {
	b.Queue(areasOfSchools, owner, now, schools, ended).Query(func(rows pgx.Rows) error { return eachArea(rows, take) })
}

func eachArea(rows pgx.Rows, take func(Area)) error {
	for rows.Next() {
		var a Area
		var until *time.Time
		err := rows.Scan(&a.ID, &a.School, &a.State, &a.Origin, &a.ProposedBy, &a.Named, &a.Title, &a.Background, &a.Source, &a.Goal, &a.Steps, &a.Needs,
			&a.Responsible, &until, &a.Slot, &a.AgreedWith, &a.Result, &a.Revision, &a.Today, &a.Voices, &a.Changes)
		if err != nil {
			return err
		}
		a.HearingUntil = postgres.TimeOf(until)
		take(a)
	}
	return rows.Err()
}

// insert keeps a new draft.
func (a *Area) insert(w once.Writer, owner uuid.UUID) {
	w.Queue(insertArea, owner, a.ID, a.School, a.Origin, a.ProposedBy, a.Named, a.Title, a.Background, a.Source, a.Goal, steps(a.Steps), ids(a.Needs), a.Responsible, a.Today)
}

// save writes the area, and what was done with it and why: of a draft, nothing is said.
func (a *Area) save(w once.Writer, owner, person uuid.UUID, kind, reason string) {
	if a.State != Draft {
		w.Queue(insertChange, owner, a.ID, a.Revision, kind, reason, person, a.Today)
		a.Changes = append([]AreaChange{{kind, reason, person, a.Today.Format(time.DateOnly)}}, a.Changes...)
	}
	w.Queue(saveArea, owner, a.ID, a.State, a.Title, a.Background, a.Source, a.Goal, steps(a.Steps), ids(a.Needs), a.Responsible, postgres.OrNull(a.HearingUntil), a.Slot, a.AgreedWith, a.Result, a.Revision).
		Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 { // somebody was quicker
				return refusal.ChangedSince(a.Revision)
			}
			return nil
		})
}

// steps and ids are lists as the database has them: none is an empty one.
func steps(s []Step) []Step { return append([]Step{}, s...) }

func ids(list []uuid.UUID) []uuid.UUID { return append([]uuid.UUID{}, list...) }
