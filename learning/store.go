package learning

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/observation"
	"undring/once"
	"undring/refusal"
)

// The columns of an action, read by $2 at $3. Who did not commit to it is not
// asked how it went.
const actionColumns = `
	a.id, a.visit_id, a.person_id, a.slot, a.text, a.lesson, a.due_on, a.focus_area_id, a.state, a.agreed_by,
	a.did, a.happened, a.questioned, a.next, a.learning, a.reported_at, a.created_at,
	a.state = 'AGREED' and a.person_id = $2
		and coalesce(a.due_on < ($3::timestamptz at time zone s.time_zone)::date, a.created_at < $3 - interval '7 days')`

const actionTables = ` from action a
	join visit v on v.owner_id = a.owner_id and v.id = a.visit_id
	join school s on s.owner_id = v.owner_id and s.id = v.school_id `

const (
	actionsOfVisit = `select ` + actionColumns + actionTables + `
		where a.owner_id = $1 and a.visit_id = (select visit_about($4, $5)) and $2 in (a.observer_id, a.observed_id)
		order by a.created_at, a.id`

	// Both roles have their index on the visit; an action is found by its own.
	actionsOfPerson = `select ` + actionColumns + actionTables + `
		where a.owner_id = $1 and $2 in (a.observer_id, a.observed_id) and (not $4 or a.state <> 'REPORTED')
		order by a.due_on nulls last, a.created_at, a.id
		limit 200`

	insertAction = `
		insert into action (owner_id, id, visit_id, observer_id, observed_id, person_id, slot, text, lesson, due_on, focus_area_id, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

	updateAction = `
		update action set state = $3, agreed_by = $4, did = $5, happened = $6, questioned = $7, next = $8, learning = $9, reported_at = $10
		where owner_id = $1 and id = $2`
)

// QueueActions reads the actions of the visit that something is about, in the
// order in which they were made.
func QueueActions(b *pgx.Batch, owner, person uuid.UUID, about observation.Ref, now time.Time, into *[]Action) {
	b.Queue(actionsOfVisit, owner, person, now, about.Kind, about.ID).Query(eachAction(into))
}

// queueAction reads one action by its own id. To everybody but the two of its visit:
// NOT_FOUND.
func queueAction(b *pgx.Batch, owner, person uuid.UUID, about observation.Ref, now time.Time, into *Action) {
	b.Queue(actionsOfVisit, owner, person, now, about.Kind, about.ID).Query(func(rows pgx.Rows) error {
		var all []Action
		if err := eachAction(&all)(rows); err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(a Action) bool { return a.ID == about.ID })
		if i < 0 {
			return refusal.New(refusal.NotThere)
		}
		*into = all[i]
		return nil
	})
}

func eachAction(into *[]Action) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var a Action
			var due, reported *time.Time
			err := rows.Scan(&a.ID, &a.Visit, &a.Owner, &a.Slot, &a.Text, &a.Lesson, &due, &a.FocusArea, &a.State, &a.Agreer,
				&a.Report.Did, &a.Report.Happened, &a.Report.Questioned, &a.Report.Next, &a.Report.Learning, &reported, &a.Created,
				&a.ReportDue)
			if err != nil {
				return err
			}
			if due != nil {
				a.Due = *due
			}
			if reported != nil {
				a.Report.At = *reported
			}
			*into = append(*into, a)
		}
		return rows.Err()
	}
}

// Insert keeps an action that was made in a visit.
func (a *Action) Insert(w once.Writer, owner uuid.UUID, v *observation.Visit) {
	w.Queue(insertAction, owner, a.ID, v.ID, v.Observer, v.Observed, a.Owner, a.Slot, a.Text, a.Lesson, orNull(a.Due), a.FocusArea, a.Created)
}

// save writes how the action stands.
func (a *Action) save(w once.Writer, owner uuid.UUID) {
	r := a.Report
	w.Queue(updateAction, owner, a.ID, a.State, a.Agreer, r.Did, r.Happened, r.Questioned, r.Next, r.Learning, orNull(r.At))
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
