package observation

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
)

const noteColumns = `n.id, n.visit_id, n.kind, n.text, n.observed_at, n.tag, n.about_focus, n.revision, n.shared, n.created_at, n.updated_at, n.audience`

const (
	// The observer's own; a note of somebody else's is not there.
	ownNote = `select ` + noteColumns + ` from note n
		where n.owner_id = $1 and n.id = $2 and n.observer_id = $3`

	ownNotes = `select ` + noteColumns + ` from note n
		where n.owner_id = $1 and n.id = any ($2) and n.observer_id = $3`

	notesOfVisit = `select ` + noteColumns + ` from note n
		where n.owner_id = $1 and n.visit_id = $2 and (n.observer_id = $3 or n.observed_id = $3 and n.shared and n.opened)
			and (n.observed_at, n.id) > ($4, $5)
		order by n.observed_at, n.id
		limit $6`

	// Those of an exchange: what was shared, and with $6 all of the observer's own.
	exchangedNotes = `select ` + noteColumns + ` from note n
		where n.owner_id = $1 and n.` + OfVisits + ` and (n.observer_id = $2 and (n.shared or $6) or n.observed_id = $2 and n.shared and n.opened)
		order by n.observed_at, n.id`

	shareNotes = `update note set shared = true where owner_id = $1 and visit_id = $2 and id = any ($3)`

	countNotes = `select count(*) from note where owner_id = $1 and visit_id = $2 and observer_id = $3`

	lockVisitOfNote = `
		select from visit v
		where v.owner_id = $1 and v.id = (select visit_id from note where owner_id = $1 and id = $2 and observer_id = $3)
		for no key update`

	visitOfNote = `select ` + visitColumns + ` from visit v ` + openExchange + `
		where v.owner_id = $1 and v.observer_id = $3
			and v.id = (select visit_id from note where owner_id = $1 and id = $2 and observer_id = $3)`

	insertNote = `
		insert into note (owner_id, id, visit_id, observer_id, observed_id, kind, text, observed_at, tag, about_focus, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`

	// A note in a lesson that is on. Anything else leaves observed_id null, which
	// the table refuses. Room is left below the most that a visit has for those who
	// write at the same moment.
	insertNoteInLesson = `
		insert into note (owner_id, id, visit_id, observer_id, observed_id, kind, text, observed_at, tag, about_focus, created_at, updated_at)
		values ($1, $2, $3, $4, (
			select v.observed_id from visit v
			where v.owner_id = $1 and v.id = $3 and v.observer_id = $4 and v.state = 'OBSERVED' and v.start_at <= $10
				and (select count(*) from note n where n.owner_id = $1 and n.visit_id = $3 and n.observer_id = $4) < $11
		), $5, $6, $7, $8, $9, $10, $10)`

	updateNote = `
		update note set kind = $3, text = $4, observed_at = $5, tag = $6, about_focus = $7, revision = $8, updated_at = $9
		where owner_id = $1 and id = $2`

	deleteNote = `delete from note where owner_id = $1 and id = $2`
)

// queueNote queues the question for a note of the person's own. Where there is none,
// or it is somebody else's, into stays nil.
func queueNote(b *pgx.Batch, owner, person, note uuid.UUID, into **Note) {
	b.Queue(ownNote, owner, note, person).Query(func(rows pgx.Rows) error {
		return eachNote(rows, func(n Note) { *into = &n })
	})
}

// QueueNotes reads the notes of a visit that a person may read, by the visit's
// clock, behind a time and an id, at most so many.
func QueueNotes(b *pgx.Batch, owner, person, visit uuid.UUID, after time.Time, behind uuid.UUID, most int, into *[]Note) {
	b.Queue(notesOfVisit, owner, visit, person, after, behind, most).Query(func(rows pgx.Rows) error {
		return eachNote(rows, func(n Note) { *into = append(*into, n) })
	})
}

// QueueExchangedNotes reads the notes of some visits that belong to their exchange: to
// the observer those that they shared, or all of theirs, to the observed those that
// were shared and that they have opened.
func QueueExchangedNotes(b *pgx.Batch, owner, person uuid.UUID, about Ref, all bool, take func(Note)) {
	b.Queue(exchangedNotes, owner, person, about.Kind, about.ID, about.Visits, all).Query(func(rows pgx.Rows) error { return eachNote(rows, take) })
}

// ShareNotes shares notes of the visit with the observed.
func (c *Change) ShareNotes(w once.Writer, notes []uuid.UUID) {
	if len(notes) > 0 {
		w.Queue(shareNotes, c.Owner, c.Visit.ID, notes)
	}
}

// eachNote reads rows of notes, whoever's they are: which ones come is the statement's
// to say.
func eachNote(rows pgx.Rows, take func(Note)) error {
	for rows.Next() {
		var n Note
		err := rows.Scan(&n.ID, &n.Visit, &n.Kind, &n.Text, &n.ObservedAt, &n.Tag, &n.AboutFocus, &n.Revision, &n.Shared, &n.Created, &n.Updated, &n.Readers)
		if err != nil {
			return err
		}
		take(n)
	}
	return rows.Err()
}

// insert queues a new note behind a look at its visit.
func (n *Note) insert(w once.Writer, owner uuid.UUID, v *Visit) {
	w.Queue(insertNote, owner, n.ID, v.ID, v.Observer, v.Observed, n.Kind, n.Text, n.ObservedAt, n.Tag, n.AboutFocus, n.Created)
}

// insertInLesson queues a note without having looked at its visit: the statement
// itself asks whether it is open, and how many notes there are. Some room is kept
// below the limit, since several of these may be under way at once.
func (n *Note) insertInLesson(w once.Writer, owner, observer uuid.UUID) {
	w.Queue(insertNoteInLesson, owner, n.ID, n.Visit, observer, n.Kind, n.Text, n.ObservedAt, n.Tag, n.AboutFocus, n.Created, MaxNotes-roomForOthers)
}

// save queues the new wording. The statement goes by id alone: that the revision is
// the one that was read has been checked under the visit's lock.
func (n *Note) save(w once.Writer, owner uuid.UUID) {
	w.Queue(updateNote, owner, n.ID, n.Kind, n.Text, n.ObservedAt, n.Tag, n.AboutFocus, n.Revision, n.Updated)
}
