package learning

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"undring/culture/guard"
	"undring/refusal"
	"undring/school"
)

const (
	// MostRounds is how many open rounds somebody has started at most: a school that tries
	// everything at once follows nothing up.
	MostRounds = 10
	// MostRoundsOnPhone is how many rounds of a school a phone keeps.
	MostRoundsOnPhone = 20
	// furthestRound is how many days ahead the date of a round lies at most: a half-year.
	furthestRound = 200
)

// RoundReport is how a round's action went for one who takes part.
// Each of those who take part has one at most, by the key of the table.
type RoundReport struct {
	Person     uuid.UUID `json:"person"`
	Did        string    `json:"did"`
	Happened   string    `json:"happened"`
	Questioned string    `json:"questioned"`
	Learning   string    `json:"learning"`
	Day        string    `json:"day"`
}

// Round is one action that a team, or all who teach at a school, try by a date.
// Whoever works at the school reads what was asked; the reports are read by those who take
// part alone, which row level security holds as well.
type Round struct {
	ID       uuid.UUID
	School   uuid.UUID
	Team     uuid.NullUUID // nobody: all who teach there
	Area     uuid.NullUUID
	Starter  uuid.UUID
	Here     bool // the starter still works there
	Question string
	Action   string
	Due      time.Time // a date
	Day      time.Time // a date
	Ended    time.Time // a date; zero: it is open

	NowDifferently string
	Count          guard.Band // told once it has ended

	Reports []RoundReport // as far as the reader takes part
	Takes   bool          // the reader takes part
	Today   time.Time     // the date at the school when it was read
}

// startable refuses a round that is not somebody's to start, or whose date can't be.
// A leader may start one without taking part; then they read no report of it.
func (r *Round) startable(teaches, leads bool, open int) error {
	switch {
	case !teaches && !leads:
		return refusal.New(refusal.RoleRequired).With("role", string(school.Teacher))
	// Today is early enough: a question may be tried in this afternoon's lesson.
	case r.Due.Before(r.Today):
		return refusal.Beyond("due_date", refusal.Past, 0)
	case r.Due.After(r.Today.AddDate(0, 0, furthestRound)):
		return refusal.Beyond("due_date", refusal.TooFarAhead, furthestRound)
	case open >= MostRounds:
		return refusal.Beyond("action", refusal.TooMany, MostRounds)
	}
	return nil
}

// report takes what somebody tells. Told again, the newer report stands.
// The day is one of the school's, since that is how the others read it.
func (r *Round) report(p RoundReport) error {
	switch {
	case !r.Takes:
		return refusal.New(refusal.NotYourMove)
	case !r.Ended.IsZero():
		return refusal.New(refusal.WrongState).With("state", "ENDED")
	}
	p.Day = r.Today.Format(time.DateOnly)
	r.Reports = append(slices.DeleteFunc(r.Reports, func(o RoundReport) bool { return o.Person == p.Person }), p)
	return nil
}

// mayEnd says whether somebody may end the round: whoever started it, and once its date
// is over any who take part, so that none is left open when its starter has left.
func (r *Round) mayEnd(person uuid.UUID) bool {
	return r.Ended.IsZero() && (person == r.Starter || r.Takes && r.Due.Before(r.Today))
}

// end ends the round. Of how many have told, among how many, that is kept which all may
// know: see package guard.
// people and told come from the database, which counts past row level security, and only
// for those who may end the round ([roundCount]).
func (r *Round) end(person uuid.UUID, differently string, people, told int) error {
	switch {
	case !r.Ended.IsZero():
		return refusal.New(refusal.WrongState).With("state", "ENDED")
	case !r.mayEnd(person):
		return refusal.New(refusal.NotYourMove)
	}
	r.Ended, r.NowDifferently, r.Count = r.Today, differently, guard.Alone(people, told)
	return nil
}
