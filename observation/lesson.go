package observation

import (
	"time"

	"github.com/google/uuid"

	"undring/refusal"
	"undring/tables"
)

const (
	// MaxLessons is how many open lessons to come somebody has at most.
	MaxLessons = 20
	// ShownLessons is how many of a school are shown at most, the next ones.
	ShownLessons = 200
)

// Lesson is a lesson that somebody has opened to their colleagues. All who work at the
// school read it.
type Lesson struct {
	ID      uuid.UUID
	School  uuid.UUID
	Person  uuid.UUID
	Start   time.Time
	End     time.Time
	Place   string
	Title   string // what there is to see
	Focus   string // what they wonder about
	Wanted  string // which feedback they would like
	Taken   bool   // a visit is agreed for that hour
	Created time.Time
	Readers tables.Audience
}

// check refuses an offer that nobody could come to: the lesson is over or too far off.
func (l *Lesson) check(now time.Time) error {
	if !l.Start.After(now) {
		return refusal.Beyond("start_time", refusal.Past, 0)
	}
	return CheckSpan(l.Start, l.End, now)
}

// offered refuses an offer where there is no room for it: the hour is taken, or
// there are too many already.
func (l *Lesson) offered(busy bool, there int) error {
	switch {
	case busy:
		return refusal.New(refusal.DoubleBooked)
	case there >= MaxLessons:
		return refusal.Beyond("start_time", refusal.TooMany, MaxLessons)
	}
	return nil
}

// proposal is the visit that somebody asks for: an ordinary one, by the observer. What
// it is about is the observed's to say, and comes with the card.
func (l *Lesson) proposal(id, observer uuid.UUID) *Proposal {
	return &Proposal{
		ID: id, School: l.School, Observer: observer, Observed: l.Person,
		Start: l.Start, End: l.End, Place: l.Place, Talk: Talk{Minutes: DefaultTalk},
	}
}

// asked refuses a place in one's own lesson, in one that has begun or is taken, and a
// second place.
func (l *Lesson) asked(by uuid.UUID, before bool, now time.Time) error {
	switch {
	case l.Person == by:
		return refusal.Beyond("open_lesson_id", refusal.Oneself, 0)
	case !now.Before(l.Start):
		return refusal.Beyond("open_lesson_id", refusal.Past, 0)
	case l.Taken:
		return refusal.New(refusal.DoubleBooked)
	case before:
		return wrongState(Proposed)
	}
	return nil
}
