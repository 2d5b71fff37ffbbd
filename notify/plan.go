package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Notice is one telling of a step, as it is kept.
// It is kept by ids and codes; what it says is made when it is read or sent.
type Notice struct {
	ID uuid.UUID
	Step
	Nth  int
	At   time.Time // since when it is in the list
	Told time.Time // when it went out, or was found to be told no more; zero: not yet
	Read time.Time // zero: unread
}

// Kept is how long notices are kept. That the other one of a visit has left is told once and
// remembered for longer: nothing else says since when that is so.
const Kept = 90 * 24 * time.Hour

// Plan is what is to be done for a person at a moment.
type Plan struct {
	New  []Notice  // for the list
	Out  []Notice  // go out now, by the channels that are chosen
	Over []Notice  // are told no more, and read by themselves: done, or told anew
	Next time.Time // when to look again; zero: nothing is ahead
}

// Years says by which year each school goes. What belongs to a school that is not among
// them is not told: whoever has left hears nothing more.
type Years map[uuid.UUID]Year

// MakePlan says what is to be done at a moment for somebody whose steps are these, and
// who has been told so much. A step that is not among them is done with.
// It reads no clock and writes nothing, so a year of it can be tried in a test.
func MakePlan(now time.Time, steps []Step, kept []Notice, c Choice, years Years, newID func() uuid.UUID) Plan {
	p := planning{now: now, c: c, years: years, steps: map[key]Step{}, there: map[key]map[int]bool{}}
	seen := map[key]time.Time{}
	for _, n := range kept {
		k := n.key()
		if n.Nth == 0 {
			// A step that names no time of its own began when it was first told of.
			seen[k] = n.At
		}
		if p.there[k] == nil {
			p.there[k] = map[int]bool{}
		}
		p.there[k][n.Nth] = true
	}
	for _, s := range steps {
		if _, twice := p.steps[s.key()]; twice {
			continue // two actions of a visit with one date are asked for once
		}
		if s.Since.IsZero() {
			if s.Since = now; !seen[s.key()].IsZero() {
				s.Since = seen[s.key()]
			}
		}
		if year, there := years[s.School]; there {
			p.steps[s.key()] = s
			p.begin(s, year, newID)
		}
	}
	for _, n := range slices.Concat(kept, p.New) {
		p.follow(n)
	}
	byTime := func(a, b Notice) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Subject.String(), b.Subject.String()))
	}
	slices.SortFunc(p.New, byTime)
	slices.SortFunc(p.Out, byTime)
	return p.Plan
}

type planning struct {
	Plan
	now   time.Time
	c     Choice
	years Years
	steps map[key]Step
	there map[key]map[int]bool
	// The occasion that counts now, by step; -1: none has come yet.
	last map[key]int
}

// begin adds the notice of a step that is due by now. Of several that nobody was there
// to make, only the last one is.
func (p *planning) begin(s Step, year Year, newID func() uuid.UUID) {
	var due *Occasion
	for _, o := range s.Occasions(p.c, year) {
		if o.At.After(p.now) {
			p.lookAt(o.At)
			break
		}
		due = &o
	}
	if p.last == nil {
		p.last = map[key]int{}
	}
	if due == nil {
		p.last[s.key()] = -1
		return
	}
	p.last[s.key()] = due.Nth
	// Told already, perhaps by another server; or their own doing, which is no news to them.
	if p.there[s.key()][due.Nth] || s.Own && due.Came {
		return
	}
	at := due.At
	if !due.Came && !at.After(p.now.Add(-Kept)) {
		return // it was told, and is forgotten by now
	}
	if due.Came {
		at = p.now // a step may be older than its being this person's
	}
	p.New = append(p.New, Notice{ID: newID(), Step: s, Nth: due.Nth, At: at})
}

// follow says what becomes of a notice.
func (p *planning) follow(n Notice) {
	s, on := p.steps[n.key()]
	switch {
	case p.isOver(n, on):
		p.Over = append(p.Over, n)
	case on && n.Told.IsZero():
		p.send(n, s)
	}
}

// isOver says whether a notice is told no more: its step is done (not on), or a later notice
// of the step has come. News that went out is left for its reader, also when the step is gone.
func (p *planning) isOver(n Notice, on bool) bool {
	if on {
		return n.Nth < p.last[n.key()] && (n.Told.IsZero() || n.Read.IsZero())
	}
	return n.Told.IsZero() || n.Read.IsZero() && !n.Kind.IsNews()
}

// send lets a notice that has not gone out go out now, or says when to look at it again.
func (p *planning) send(n Notice, s Step) {
	year := p.years[s.School]
	when, urgent := s.Tell(n.At, p.c, year)
	if !when.After(p.now) && !urgent && !p.c.Open(year, p.now) {
		when = p.c.slot(year, p.now, false) // its moment was missed, and this is none
	}
	switch {
	case when.IsZero():
	case when.After(p.now):
		p.lookAt(when)
	default:
		p.Out = append(p.Out, n)
	}
}

// lookAt brings the next look forward; it never moves it back.
func (p *planning) lookAt(t time.Time) {
	if p.Next.IsZero() || t.Before(p.Next) {
		p.Next = t
	}
}
