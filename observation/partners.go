package observation

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"

	"github.com/google/uuid"
)

// What a suggestion can rest on, and how much each weighs. Never seniority,
// never quality: nothing here knows how anybody teaches.
type Ground string

// The grounds.
const (
	ReturnVisit     Ground = "RETURN_VISIT"
	FreeTime        Ground = "FREE_TIME"
	SharedFocus     Ground = "SHARED_FOCUS"
	OtherTeam       Ground = "OTHER_TEAM"
	NewColleague    Ground = "NEW_COLLEAGUE"
	TeachesWhenFree Ground = "TEACHES_WHEN_FREE"
)

var weights = []struct {
	ground Ground
	weight int
}{
	{ReturnVisit, 8},
	{FreeTime, 4},
	{TeachesWhenFree, 4},
	{SharedFocus, 3},
	{OtherTeam, 2},
	{NewColleague, 1},
}

const (
	// StillNew is how long a colleague counts as new: about the first term.
	StillNew = 120 * 24 * time.Hour
	// MaxPartners is how many colleagues are suggested at most.
	MaxPartners = 20
	// MaxSlots is how many hours stand in a person's availability at most.
	MaxSlots = 200
	// LongestSlot is how long one of them is at most.
	LongestSlot = 24 * time.Hour
)

// Slot is a span of time, half open.
type Slot struct{ Start, End time.Time }

// Colleague is one who could be visited, or visit, with what is known of the
// two of them.
type Colleague struct {
	Person      uuid.UUID
	Name        string
	SameTeam    bool
	Since       time.Time // at the school
	Paid        int       // visits of the asker to them, planned ones among them
	Received    int       // and the other way
	Happened    bool      // one of these took place
	SharedFocus bool
	Free        []Slot // that both have
	Hours       int    // of theirs in the coming week, while the asker is free
	Teaches     []Slot // the first of these
}

// Suggestion is a colleague with the grounds for suggesting them.
type Suggestion struct {
	Colleague
	Grounds []Ground // the weightiest first
	// ReturnRole is what the asker would be in the return visit; empty: none is
	// open.
	ReturnRole Role
}

// returnRole is what the asker would be in the return visit: they went there
// more often than the other came, or the other way.
func (c Colleague) returnRole() Role {
	switch {
	case !c.Happened || c.Paid == c.Received:
		return ""
	case c.Paid > c.Received:
		return AsObserved
	default:
		return AsObserver
	}
}

// has says whether a ground for a suggestion holds. Each is a fact that the asker
// could find out alone; none says anything about how somebody teaches or how often
// they are visited.
func (c Colleague) has(g Ground, now time.Time) bool {
	switch g {
	case ReturnVisit:
		return c.returnRole() != ""
	case FreeTime:
		return len(c.Free) > 0
	case SharedFocus:
		return c.SharedFocus
	case OtherTeam:
		return !c.SameTeam
	case TeachesWhenFree:
		return c.Hours > 0
	case NewColleague:
		return now.Sub(c.Since) < StillNew
	}
	return false
}

// Partners ranks colleagues for the asker, the best first, at most so many, and
// with at least one of another team where there is one. Between equals the order
// changes from day to day, so that no name always comes first.
func Partners(asker uuid.UUID, colleagues []Colleague, now time.Time, most int) []Suggestion {
	type ranked struct {
		Suggestion
		weight int
		lot    uint64
	}
	all := make([]ranked, 0, len(colleagues))
	for _, c := range colleagues {
		r := ranked{Suggestion: Suggestion{Colleague: c, ReturnRole: c.returnRole()}, lot: lot(asker, c.Person, now)}
		for _, w := range weights {
			if c.has(w.ground, now) {
				r.Grounds = append(r.Grounds, w.ground)
				r.weight += w.weight
			}
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.lot, b.lot))
	})
	most = min(most, len(all))
	across := func(r ranked) bool { return !r.SameTeam }
	if most > 0 && !slices.ContainsFunc(all[:most], across) {
		if i := slices.IndexFunc(all, across); i >= 0 {
			all[most-1] = all[i]
		}
	}
	out := make([]Suggestion, most)
	for i, r := range all[:most] {
		out[i] = r.Suggestion
	}
	return out
}

// lot orders those who are equally good to suggest. It is the same all day, so that a
// list does not jump while it is read, and another one each day and for each asker, so
// that nobody is always first.
func lot(asker, other uuid.UUID, now time.Time) uint64 {
	h := fnv.New64a()
	h.Write(asker[:])
	h.Write(other[:])
	h.Write([]byte(now.UTC().Format(time.DateOnly)))
	return h.Sum64()
}

// Merge puts slots in order and joins those that touch.
func Merge(slots []Slot) []Slot {
	sorted := slices.SortedFunc(slices.Values(slots), func(a, b Slot) int { return a.Start.Compare(b.Start) })
	var out []Slot
	for _, s := range sorted {
		if n := len(out); n > 0 && !s.Start.After(out[n-1].End) {
			if s.End.After(out[n-1].End) {
				out[n-1].End = s.End
			}
			continue
		}
		out = append(out, s)
	}
	return out
}
