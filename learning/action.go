package learning

import (
	"time"

	"github.com/google/uuid"

	"undring/observation"
	"undring/refusal"
	"undring/tables"
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
// It never goes back: a report told anew is another report of the same state. The database
// holds who must have agreed, and what a report consists of, in checks of the table.
type State string

// The states of an action.
const (
	Proposed State = "PROPOSED" // its owner has committed to it
	Agreed   State = "AGREED"   // so has the other one agreed
	Reported State = "REPORTED" // its owner has told how it went
)

// Report tells how an action went.
// Did, Happened and Learning are there in every report; the database refuses one without.
type Report struct {
	Did        string
	Happened   string
	Questioned string
	Next       string
	Outcome    string // TRIED, KEPT or DROPPED; empty: not said
	Learning   string // ADJUSTED_PRACTICE, QUESTIONED_ASSUMPTION or NOTHING_NEW
	At         time.Time
}

// Action is something that one of the two of a visit will try.
// It hangs on its visit: the two are read from the row, which names both, so that row level
// security need not ask for the visit.
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
	Readers   tables.Audience
	ReportDue bool // it is time to ask its owner how it went
}

// asksFor says whether it is time to ask somebody how the action went: its owner alone,
// once the day is over that it is due on, or, where a lesson says when, [AskedAfter] after it
// was made. now is in the zone of the school.
func (a *Action) asksFor(person uuid.UUID, now time.Time) bool {
	// Of an action that the other one has not agreed to nothing is asked: it isn't settled yet.
	if a.State != Agreed || person != a.Owner {
		return false
	}
	// "The next lesson on Tuesday" is known to the two and not to a program; a week has one.
	if a.Due.IsZero() {
		return a.Created.Before(now.Add(-AskedAfter))
	}
	year, month, day := now.Date()
	// Both sides are dates at midnight UTC, compared as dates: the clock in now is left out.
	return a.Due.Before(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// reportDue is from when on an action asks for a report: see [Action.asksFor].
// It gives the moment for a reminder, where asksFor answers for now: the day after the date
// begins by the school's clock, or it would be asked for while the lesson still runs.
func reportDue(on *time.Time, created time.Time, zone *time.Location) time.Time {
	if on == nil {
		return created.Add(AskedAfter)
	}
	y, m, d := on.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// FreeSlot finds the place of one more action among those of a visit, or refuses
// it: there are two open ones at most.
// Two that are made at once get the same slot, and a unique index over the open ones
// (action_slot) refuses the second.
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

// Agree is the other one's yes in a change of the visit; one that was given before
// stands.
func (a *Action) Agree(c *observation.Change) error {
	// May comes first: what the visit's state allows goes before whose move it is, so that both
	// of the two are told the same about a visit that is over.
	w, err := c.May(observation.AgreeToAction)
	switch {
	case err != nil:
		return err
	case c.Person == a.Owner:
		return a.refuse(c, refusal.New(refusal.NotYourMove))
	// Agreed or reported already: a repetition changes nothing, and moves the visit to the front
	// of nobody's feed.
	case a.State != Proposed:
		return nil
	}
	a.State = Agreed
	a.Agreer = uuid.NullUUID{UUID: c.Person, Valid: true}
	a.save(w, c.Owner)
	// The other one's phone hears of an action by its visit.
	c.Touch(w)
	return nil
}

// tell reports how the action went; told again, the newer report stands.
func (a *Action) tell(c *observation.Change, r Report) error {
	w, err := c.May(observation.ReportOnAction)
	switch {
	case err != nil:
		return err
	case c.Person != a.Owner:
		return a.refuse(c, refusal.New(refusal.NotYourMove))
	// Without the other one's yes there is nothing to report on; whose it is to agree may still
	// do so.
	case a.State == Proposed:
		return a.refuse(c, refusal.New(refusal.WrongState).With("state", string(a.State)))
	}
	a.State, a.Report, a.ReportDue = Reported, r, false
	a.save(w, c.Owner)
	return nil
}

// refuse names the action in a refusal, and its visit.
func (a *Action) refuse(c *observation.Change, r *refusal.Refusal) error {
	return c.Refuse(r.With("action_id", a.ID.String()))
}
