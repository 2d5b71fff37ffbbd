package observation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"undring/observation"
)

var noon = time.Date(2026, 11, 10, 11, 0, 0, 0, time.UTC)

func TestPartnersAreRankedByWhatTheTwoShare(t *testing.T) {
	t.Parallel()
	asker := uuid.New()
	long := noon.AddDate(-3, 0, 0)
	free := []observation.Slot{{Start: noon.Add(time.Hour), End: noon.Add(2 * time.Hour)}}
	owed := observation.Colleague{Person: uuid.New(), Name: "came to me", SameTeam: true, Since: long, Received: 1, Happened: true}
	hours := observation.Colleague{Person: uuid.New(), Name: "has time", SameTeam: true, Since: long, Free: free}
	focus := observation.Colleague{Person: uuid.New(), Name: "same focus", SameTeam: true, Since: long, SharedFocus: true}
	planned := observation.Colleague{Person: uuid.New(), Name: "is planned", SameTeam: true, Since: long, Received: 1, Paid: 1, Happened: true}
	teaches := observation.Colleague{Person: uuid.New(), Name: "teaches when I am free", SameTeam: true, Since: long, Hours: 2, Teaches: free, SharedFocus: true}
	fresh := observation.Colleague{Person: uuid.New(), Name: "is new", SameTeam: true, Since: noon.AddDate(0, -1, 0)}

	got := observation.Partners(asker, []observation.Colleague{planned, fresh, focus, hours, owed, teaches}, noon, 6)
	var names []string
	for _, s := range got {
		names = append(names, s.Name)
	}
	want := []string{"came to me", "teaches when I am free", "has time", "same focus", "is new", "is planned"}
	if !slices.Equal(names, want) {
		t.Errorf("order %v, want %v", names, want)
	}
	if got[0].ReturnRole != observation.AsObserver {
		t.Errorf("the return visit is mine to pay, got %q", got[0].ReturnRole)
	}
	if got[5].ReturnRole != "" {
		t.Error("a return visit that is planned is suggested again")
	}
}

// Practice travels: somebody of another team is among them, where there is one.
func TestPartnersReachAcrossTeams(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all []observation.Colleague
		across := false
		for i := range rapid.IntRange(0, 12).Draw(t, "colleagues") {
			c := observation.Colleague{
				Person: uuid.New(), Name: fmt.Sprint(i), Since: noon.AddDate(-1, 0, 0),
				SameTeam: rapid.Bool().Draw(t, "same team"), Happened: rapid.Bool().Draw(t, "happened"),
				Paid: rapid.IntRange(0, 2).Draw(t, "paid"), SharedFocus: rapid.Bool().Draw(t, "focus"),
			}
			across = across || !c.SameTeam
			all = append(all, c)
		}
		most := rapid.IntRange(1, 6).Draw(t, "most")
		got := observation.Partners(uuid.New(), all, noon, most)
		if len(got) != min(most, len(all)) {
			t.Fatalf("%d suggestions of %d, at most %d", len(got), len(all), most)
		}
		if across && !slices.ContainsFunc(got, func(s observation.Suggestion) bool { return !s.SameTeam }) {
			t.Fatal("nobody of another team is suggested")
		}
		seen := map[uuid.UUID]bool{}
		for _, s := range got {
			if seen[s.Person] {
				t.Fatal("somebody is suggested twice")
			}
			seen[s.Person] = true
		}
	})
}

// D57: somebody newly hired is suggested within their first weeks, ahead of colleagues of whom no
// more is known, to every one of them and on every day; and is one of them when the term is over.
func TestD57TheNewlyHiredAreSuggested(t *testing.T) {
	t.Parallel()
	fresh := observation.Colleague{Person: uuid.New(), Name: "is new", SameTeam: true, Since: noon}
	all := []observation.Colleague{fresh}
	for i := range 40 {
		all = append(all, observation.Colleague{Person: uuid.New(), Name: fmt.Sprint(i), SameTeam: true, Since: noon.AddDate(-2, 0, 0)})
	}
	first := func(day int) (n int) {
		for range 20 {
			got := observation.Partners(uuid.New(), all, noon.AddDate(0, 0, day), 5)
			if got[0].Person == fresh.Person && slices.Equal(got[0].Grounds, []observation.Ground{observation.NewColleague}) {
				n++
			}
		}
		return n
	}
	for _, day := range []int{0, 1, 7, 21, 60} {
		if n := first(day); n != 20 {
			t.Errorf("%d days after they came, they come first for %d of 20 colleagues", day, n)
		}
	}
	if n := first(130); n > 0 {
		t.Errorf("130 days after they came, they are still suggested as new to %d of 20", n)
	}
}

func TestSlotsAreMerged(t *testing.T) {
	t.Parallel()
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	got := observation.Merge([]observation.Slot{{Start: at(5), End: at(6)}, {Start: at(1), End: at(3)}, {Start: at(2), End: at(4)}, {Start: at(4), End: at(5)}})
	want := []observation.Slot{{Start: at(1), End: at(6)}}
	if !slices.Equal(got, want) {
		t.Errorf("merged to %v, want %v", got, want)
	}
}

func TestARoundIsCompleteWhenAllHaveGivenAndReceived(t *testing.T) {
	t.Parallel()
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	r := observation.Round{Members: []uuid.UUID{a, b, c}, Joined: []uuid.UUID{a, b}}
	if r.Takes(a, b) {
		t.Error("a visit counts for a round that not all have joined")
	}
	r.Joined = append(r.Joined, c)
	if !r.Takes(c, a) || r.Takes(a, c) {
		t.Error("the last visits the first, and nobody the other way")
	}
	r.Done = []uuid.UUID{a, b}
	if r.Complete() {
		t.Error("complete though one has not given")
	}
	r.Done = append(r.Done, c)
	if !r.Complete() {
		t.Error("not complete though all have given and received")
	}
	r.Ended = noon
	if r.Takes(c, a) {
		t.Error("a visit counts for a round that has ended")
	}
}
