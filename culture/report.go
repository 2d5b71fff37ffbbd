package culture

import (
	"time"

	"github.com/google/uuid"

	"undring/culture/guard"
	"undring/school"
)

// State is how far a sheet has come.
type State string

// The states of a sheet.
const (
	Published State = "PUBLISHED"
	Coming    State = "COMING"
	OwnerOnly State = "OWNER_ONLY"
	Never     State = "NEVER"
)

// patience is how long after its time a sheet may still come: the server may have
// been down.
const patience = 24 * time.Hour

// Report is a sheet as it is read: what is published of one half-year, and before.
type Report struct {
	Owner, School uuid.UUID // the school is nil in an owner's
	Term          school.Term
	State         State
	At            time.Time // it came, or comes
	Own           Cell
	Teams         []Cell
	Before        []Cell // the same groups in earlier half-years, the oldest first
}

// newReport puts together what is published of a group, and of its teams, in the
// order of half-years.
func newReport(owner, cell uuid.UUID, kind Kind, t school.Term, now time.Time, cells []Cell) Report {
	r := Report{Owner: owner, Term: t, State: Coming, At: PublishAt(t)}
	if kind == OfSchool {
		r.School = cell
	}
	for _, c := range cells {
		switch {
		case c.Term != t:
			r.Before = append(r.Before, c)
		case c.Kind == OfTeam:
			r.Teams = append(r.Teams, c)
		default:
			r.Own, r.At, r.State = c, c.Published, Published
			if !c.Shown {
				r.State = OwnerOnly
			}
		}
	}
	if r.State == Coming && !now.Before(r.At.Add(patience)) {
		r.State = Never
	}
	return r
}

// trend is what is published of a figure of a group, up to this half-year.
func (r Report) trend(c Cell, f guard.Figure) []Cell {
	var out []Cell
	for _, b := range r.Before {
		if _, there := b.Bands[f]; there && b.ID == c.ID {
			out = append(out, b)
		}
	}
	return append(out, c)
}
