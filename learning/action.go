package learning

import (
	"time"

	"github.com/google/uuid"

	"undring/refusal"
)

const (
	// MaxOpen is how many actions of a visit are open at most: what is agreed
	// and never followed up is what people told of most.
	MaxOpen = 2
	// AskedAfter is how long after it was made an action that names a lesson but
	// no date is asked for.
	AskedAfter = 7 * 24 * time.Hour
)

// State is how an action stands.
type State string

// The states of an action.
const (
	Proposed State = "PROPOSED" // its owner has committed to it
	Agreed   State = "AGREED"   // so has the other one agreed
	Reported State = "REPORTED" // its owner has told how it went
)

// Report tells how an action went.
type Report struct {
	Did        string
	Happened   string
	Questioned string
	Next       string
	Learning   string // ADJUSTED_PRACTICE, QUESTIONED_ASSUMPTION or NOTHING_NEW
	At         time.Time
}

// Action is something that one of the two of a visit will try.
type Action struct {
	ID        uuid.UUID
	Visit     uuid.UUID
	Owner     uuid.UUID // who will do it
	Slot      int       // 1 or 2 among the open ones of the visit
	Text      string
	Lesson    string
	Due       time.Time // a date, at midnight UTC; zero: a lesson says when
	FocusArea uuid.NullUUID
	State     State
	Agreer    uuid.NullUUID
	Report    Report
	Created   time.Time
	ReportDue bool // it is time to ask its owner how it went
}

// FreeSlot finds the place of one more action among those of a visit, or refuses
// it: there are two open ones at most.
func FreeSlot(actions []Action) (int, error) {
	taken := map[int]bool{}
	for _, a := range actions {
		if a.State != Reported {
			taken[a.Slot] = true
		}
	}
	for slot := 1; slot <= MaxOpen; slot++ {
		if !taken[slot] {
			return slot, nil
		}
	}
	return 0, refusal.Beyond("action", refusal.MostActions, MaxOpen)
}

// Agree is the other one's yes. It reports false where it was given before.
func (a *Action) Agree(person uuid.UUID) (bool, error) {
	switch {
	case person == a.Owner:
		return false, refusal.New(refusal.NotYourMove).With("action_id", a.ID.String())
	case a.State != Proposed:
		return false, nil
	}
	a.State = Agreed
	a.Agreer = uuid.NullUUID{UUID: person, Valid: true}
	return true, nil
}

// Tell reports how the action went; told again, the newer report stands.
func (a *Action) Tell(person uuid.UUID, r Report) error {
	switch {
	case person != a.Owner:
		return refusal.New(refusal.NotYourMove).With("action_id", a.ID.String())
	case a.State == Proposed:
		return refusal.New(refusal.WrongState).With("action_id", a.ID.String()).With("state", string(a.State))
	}
	a.State, a.Report, a.ReportDue = Reported, r, false
	return nil
}
