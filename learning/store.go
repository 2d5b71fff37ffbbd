package learning

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/observation"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
)

// The columns of an action, and the time zone in which its day ends.
const actionColumns = `
	select a.id, a.visit_id, a.person_id, a.slot, a.text, a.lesson, a.due_on, a.focus_area_id, a.state, a.agreed_by,
		a.did, a.happened, a.questioned, a.next, a.outcome, a.learning, a.reported_at, a.created_at, a.audience, zone_of(school_of_visit(a.visit_id))
	from action a `

const (
	// The person stands in the condition beside row level security, as in every query of a room.
	actionsOfVisit = actionColumns + `
		where a.owner_id = $1 and a.` + observation.OfVisits + ` and $2 in (a.observer_id, a.observed_id)
		order by a.created_at, a.id`

	// Both roles have their index on the visit; an action is found by its own.
	actionsOfPerson = actionColumns + `
		where a.owner_id = $1 and $2 in (a.observer_id, a.observed_id) and (not $3 or a.state <> 'REPORTED')
		order by a.due_on nulls last, a.created_at, a.id
		limit 200`

	insertAction = `
		insert into action (owner_id, id, visit_id, observer_id, observed_id, person_id, slot, text, lesson, due_on, focus_area_id, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

	// What was committed to (text, lesson, date) is never written again: the other one agreed to it.
	updateAction = `
		update action set state = $3, agreed_by = $4, did = $5, happened = $6, questioned = $7, next = $8, learning = $9, reported_at = $10, outcome = $11
		where owner_id = $1 and id = $2`
)

// QueueActions reads the actions of the visits that something is about, those of each
// in the order in which they were made.
func QueueActions(b *pgx.Batch, owner, person uuid.UUID, about observation.Ref, now time.Time, take func(Action)) {
	b.Queue(actionsOfVisit, owner, person, about.Kind, about.ID, about.Visits).Query(eachAction(person, now, take))
}

// queueAction reads one action by its own id. To everybody but the two of its visit:
// NOT_FOUND.
// The reference leads to the visit of the action, and with it to all of its actions: at most
// two that are open, and those that have been told of. The one that was asked for is taken.
func queueAction(b *pgx.Batch, owner, person uuid.UUID, about observation.Ref, now time.Time, into *Action) {
	found := false
	b.Queue(actionsOfVisit, owner, person, about.Kind, about.ID, about.Visits).Query(func(rows pgx.Rows) error {
		err := eachAction(person, now, func(a Action) {
			if a.ID == about.ID {
				*into, found = a, true
			}
		})(rows)
		if err == nil && !found {
			err = refusal.New(refusal.NotThere)
		}
		return err
	})
}

// queueActionsOfPerson reads the actions of the person's visits, the nearest due first.
func queueActionsOfPerson(b *pgx.Batch, owner, person uuid.UUID, openOnly bool, now time.Time, into *[]Action) {
	b.Queue(actionsOfPerson, owner, person, openOnly).Query(eachAction(person, now, func(a Action) { *into = append(*into, a) }))
}

// eachAction reads rows of actions. Whether one asks for a report depends on who reads
// it and on the date at the school, which is why both come in.
func eachAction(reader uuid.UUID, now time.Time, take func(Action)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var a Action
			var due, reported *time.Time
			var zone string
			err := rows.Scan(&a.ID, &a.Visit, &a.Owner, &a.Slot, &a.Text, &a.Lesson, &due, &a.FocusArea, &a.State, &a.Agreer,
				&a.Report.Did, &a.Report.Happened, &a.Report.Questioned, &a.Report.Next, &a.Report.Outcome, &a.Report.Learning, &reported, &a.Created, &a.Readers,
				&zone)
			if err != nil {
				return err
			}
			if due != nil {
				a.Due = *due
			}
			if reported != nil {
				a.Report.At = *reported
			}
			at, err := time.LoadLocation(zone)
			if err != nil {
				return err
			}
			a.ReportDue = a.asksFor(reader, now.In(at))
			take(a)
		}
		return rows.Err()
	}
}

// Insert keeps an action that was made in a visit.
func (a *Action) Insert(w once.Writer, owner uuid.UUID, v *observation.Visit) {
	w.Queue(insertAction, owner, a.ID, v.ID, v.Observer, v.Observed, a.Owner, a.Slot, a.Text, a.Lesson, postgres.OrNull(a.Due), a.FocusArea, a.Created)
}

// save writes how the action stands.
func (a *Action) save(w once.Writer, owner uuid.UUID) {
	r := a.Report
	w.Queue(updateAction, owner, a.ID, a.State, a.Agreer, r.Did, r.Happened, r.Questioned, r.Next, r.Learning, postgres.OrNull(r.At), r.Outcome)
}

// What a person has agreed to do and has not reported on, with the school of its visit.
// The person stands twice: the pair is what row level security looks at, the owner of the
// action what the index action_of_person is by.
const actionsToReport = `
	select a.visit_id, school_of_visit(a.visit_id), a.due_on, a.created_at, zone_of(school_of_visit(a.visit_id))
	from action a
	where a.owner_id = $1 and $2 in (a.observer_id, a.observed_id) and a.person_id = $2 and a.state = 'AGREED'
	limit 100`

// QueueReportsDue reads when a person's agreed actions ask for a report: of which visit, at which
// school, and from when on.
func QueueReportsDue(b *pgx.Batch, owner, person uuid.UUID, take func(visit, school uuid.UUID, due time.Time)) {
	b.Queue(actionsToReport, owner, person).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var visit, school uuid.UUID
			var on *time.Time
			var created time.Time
			var zone string
			if err := rows.Scan(&visit, &school, &on, &created, &zone); err != nil {
				return err
			}
			at, err := time.LoadLocation(zone)
			if err != nil {
				return err
			}
			take(visit, school, reportDue(on, created, at))
		}
		return rows.Err()
	})
}
