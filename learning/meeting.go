package learning

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"undring/refusal"
)

const (
	// MostParked and MostDecisions are how many points a meeting leaves for later, and how
	// many decisions it makes, at most: more is no decision.
	MostParked    = 30
	MostDecisions = 30
	// MostMeetingsOnPhone is how many meetings of a school a phone keeps, the latest first.
	MostMeetingsOnPhone = 20
	// furthestDecision is how many days ahead a decision is due at most: a school year.
	furthestDecision = 400
)

// Item is one item of an agenda.
// It is kept as JSON in the meeting's row, and read and written as a whole: an agenda has
// twelve items at most, and nobody asks for one by itself.
type Item struct {
	Kind    string `json:"kind"`
	About   string `json:"about"` // an id; empty: nothing that is stored
	Title   string `json:"title"`
	Minutes int    `json:"minutes"`
}

// Parked is what a meeting left for later.
type Parked struct {
	ID   uuid.UUID `json:"id"`
	Text string    `json:"text"`
}

// Decision is what was decided in a meeting: somebody does something by a date.
type Decision struct {
	ID     uuid.UUID     `json:"id"`
	Text   string        `json:"text"`
	Person uuid.NullUUID `json:"person"` // nobody: a former colleague
	Due    string        `json:"due"`
	Done   bool          `json:"done"`
}

// Plan is what is planned of a meeting.
// Leader, timekeeper and questioner are roles that go round (F11), each of them somebody who
// works at the school, or nobody. Form is one of the contract's, such as WALK.
type Plan struct {
	Start      time.Time
	Place      string
	Form       string
	Leader     uuid.NullUUID
	Timekeeper uuid.NullUUID
	Questioner uuid.NullUUID
	Reading    string
	ReadingWhy string
	Items      []Item
}

// Meeting is a learning meeting of a team, or of all who work at a school.
// Everybody who works at the school reads it; who takes part, or leads the school, runs it.
type Meeting struct {
	ID     uuid.UUID
	School uuid.UUID
	Team   uuid.NullUUID
	Plan
	At       int       // the item it is at, from 1; 0: it has not begun
	Since    time.Time // when that began
	Ended    time.Time // zero: it has not
	Parked   []Parked
	Decided  []Decision
	Revision int64
	Runs     bool      // the reader takes part, or leads the school
	Today    time.Time // the date at the school when it was read
}

// may refuses what is not the reader's, and what comes too late.
// The same is said by the policies on meeting, in which a meeting that has ended changes no more.
func (m *Meeting) may() error {
	switch {
	case !m.Runs:
		return refusal.New(refusal.NotYourMove)
	case !m.Ended.IsZero():
		return refusal.New(refusal.WrongState).With("state", "ENDED")
	}
	return nil
}

// replan plans the meeting anew. revision is the one that was seen.
func (m *Meeting) replan(revision int64, p Plan) error {
	if err := m.may(); err != nil {
		return err
	}
	if revision != m.Revision {
		return refusal.ChangedSince(m.Revision)
	}
	m.Plan = p
	// A meeting that runs may lose the item that it is at; it is at the last one then.
	m.At = min(m.At, len(p.Items))
	m.Revision++
	return nil
}

// run goes to an item, whose time begins, or ends the meeting with item 0. Where it is
// there already, its time goes on: two phones that both go on go one step.
// It is no change of the plan, so the revision stays: whoever plans meanwhile is not refused
// because the clock has moved on.
func (m *Meeting) run(item int, now time.Time) error {
	if err := m.may(); err != nil {
		return err
	}
	switch {
	case item > len(m.Items):
		return refusal.Beyond("item", refusal.OutOfRange, len(m.Items))
	// At and Since stay, and tell which item the meeting ended with.
	case item == 0:
		m.Ended = now
	case item != m.At:
		m.At, m.Since = item, now
	}
	return nil
}

// park leaves a point for later.
func (m *Meeting) park(p Parked) error {
	if err := m.may(); err != nil {
		return err
	}
	if len(m.Parked) >= MostParked {
		return refusal.Beyond("text", refusal.TooMany, MostParked)
	}
	m.Parked = append(m.Parked, p)
	return nil
}

// decide takes a decision, or corrects one: by those who run the meeting, also after it,
// and of what somebody is to do, by them.
func (m *Meeting) decide(d Decision, due time.Time, person uuid.UUID) error {
	i := slices.IndexFunc(m.Decided, func(o Decision) bool { return o.ID == d.ID })
	switch {
	// Whoever has been given something to do may say that it is done, without having been there.
	case !m.Runs && (i < 0 || m.Decided[i].Person.UUID != person):
		return refusal.New(refusal.NotYourMove)
	case due.After(m.Today.AddDate(0, 0, furthestDecision)):
		return refusal.Beyond("due_date", refusal.TooFarAhead, furthestDecision)
	case i < 0 && len(m.Decided) >= MostDecisions:
		return refusal.Beyond("text", refusal.TooMany, MostDecisions)
	// A correction counts against no limit: there are as many afterwards as before.
	case i >= 0:
		m.Decided[i] = d
	default:
		m.Decided = append(m.Decided, d)
	}
	return nil
}

// Norms are how a team, or all, want to meet.
type Norms struct {
	School     uuid.UUID
	Team       uuid.NullUUID
	Norms      []string
	AgreedWith string
	Agreed     time.Time // a date
	Today      time.Time
}

// lookAgain says whether the norms are of an earlier half-year: they are agreed anew in each.
// They hold on until then: nothing is taken away because a date has come.
func (n *Norms) lookAgain() bool { return half(n.Agreed) != half(n.Today) }

// half numbers half-years, which begin in January and in August.
// July belongs to the half-year that is over, since norms are agreed when people are
// back; [school.TermOf] counts it to the one that comes.
func half(day time.Time) int {
	h := 2 * day.Year()
	if day.Month() >= time.August {
		h++
	}
	return h
}
