package observation

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Round is a promise of two or three to visit each other in turn: each visits
// the next, the last the first. It binds to no visit; each is agreed to by its
// two.
type Round struct {
	ID      uuid.UUID
	School  uuid.UUID
	Members []uuid.UUID // in the order of visiting
	Joined  []uuid.UUID
	Done    []uuid.UUID // those whose visit of the round has been answered
	Ended   time.Time   // zero: it is on
	Created time.Time
}

// Leg is one visit of a round.
type Leg struct {
	Observer, Observed uuid.UUID
	Done               bool
}

// Legs are the visits to be made.
func (r *Round) Legs() []Leg {
	legs := make([]Leg, len(r.Members))
	for i, m := range r.Members {
		legs[i] = Leg{Observer: m, Observed: r.Members[(i+1)%len(r.Members)], Done: slices.Contains(r.Done, m)}
	}
	return legs
}

// Complete says whether all have given and received.
func (r *Round) Complete() bool {
	return !slices.ContainsFunc(r.Legs(), func(l Leg) bool { return !l.Done })
}

// Takes says whether a visit of one to the other is one of the round's, and all
// have joined it.
func (r *Round) Takes(observer, observed uuid.UUID) bool {
	if !r.Ended.IsZero() || len(r.Joined) != len(r.Members) {
		return false
	}
	return slices.ContainsFunc(r.Legs(), func(l Leg) bool { return l.Observer == observer && l.Observed == observed })
}
