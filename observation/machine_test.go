package observation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"undring/observation"
	"undring/postgres/pgtest"
	"undring/refusal"
)

// who are all standings that someone can have in a visit.
var who = map[string]observation.Who{
	"the observer":               {Role: observation.AsObserver},
	"the observed":               {Role: observation.AsObserved},
	"the observer, awaited":      {Role: observation.AsObserver, Awaited: true},
	"the observed, awaited":      {Role: observation.AsObserved, Awaited: true},
	"somebody who is of neither": {},
}

// The table in Go and the one in the database are the same.
func TestTheArrowsOfGoAndSQLAreTheSame(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rows, err := db.Owner.Query(context.Background(), "select from_state, event, to_state, mover from visit_arrow")
	if err != nil {
		t.Fatal(err)
	}
	inSQL := map[string]bool{}
	for rows.Next() {
		var from, event, to, mover string
		if err := rows.Scan(&from, &event, &to, &mover); err != nil {
			t.Fatal(err)
		}
		inSQL[fmt.Sprint(from, event, to, mover)] = true
	}
	for _, a := range observation.Arrows() {
		key := fmt.Sprint(a.From, a.Event, a.To, a.By)
		if !inSQL[key] {
			t.Errorf("the database has no arrow %s -%s-> %s by %s", a.From, a.Event, a.To, a.By)
		}
		delete(inSQL, key)
	}
	for key := range inSQL {
		t.Errorf("the database has an arrow that the code has not: %s", key)
	}
}

// Every state, event and standing: an arrow, or a refusal that says why.
func TestEveryStepIsAnArrowOrRefused(t *testing.T) {
	t.Parallel()
	events := map[observation.Event]bool{}
	for _, a := range observation.Arrows() {
		events[a.Event] = true
	}
	for _, from := range append(observation.States(), observation.None) {
		for event := range events {
			i := slices.IndexFunc(observation.Arrows(), func(a observation.Arrow) bool { return a.From == from && a.Event == event })
			for name, w := range who {
				to, err := observation.Next(from, event, w, nil)
				switch {
				case err == nil && i < 0:
					t.Errorf("%s -%s-> %s by %s: there is no such arrow", from, event, to, name)
				case err == nil && to != observation.Arrows()[i].To:
					t.Errorf("%s -%s-> %s by %s, want %s", from, event, to, name, observation.Arrows()[i].To)
				case err != nil && to != from:
					t.Errorf("%s -%s by %s is refused and yet leads to %s", from, event, name, to)
				case err != nil && refusal.ReasonOf(err) != refusal.WrongState && refusal.ReasonOf(err) != refusal.NotYourMove:
					t.Errorf("%s -%s by %s: %v", from, event, name, err)
				}
				if w.Role == "" && err == nil {
					t.Errorf("%s -%s-> %s by somebody who is of neither", from, event, to)
				}
			}
		}
	}
}

// A step says everything that is missing, never only the first.
func TestAStepNamesEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	for _, a := range observation.Arrows() {
		if a.By == observation.ByHouse {
			continue
		}
		facts := observation.Facts{}
		for i, n := range a.Needs {
			facts.Lack(n, fmt.Sprint("subject ", i))
		}
		_, err := observation.Next(a.From, a.Event, everyone(a.By), facts)
		if len(a.Needs) == 0 {
			if err != nil {
				t.Errorf("%s -%s: %v", a.From, a.Event, err)
			}
			continue
		}
		var r *refusal.Refusal
		if !errors.As(err, &r) || len(r.Missing) != len(a.Needs) {
			t.Errorf("%s -%s with everything missing: %v, want %v", a.From, a.Event, err, a.Needs)
			continue
		}
		for i, n := range a.Needs {
			if r.Missing[i].Reason != refusal.Reason(n) {
				t.Errorf("%s -%s: missing %v, want %v in this order", a.From, a.Event, r.Missing, a.Needs)
			}
		}
	}
}

func everyone(by observation.Mover) observation.Who {
	w := observation.Who{Role: observation.AsObserver, Awaited: true}
	if by == observation.ByObserved {
		w.Role = observation.AsObserved
	}
	return w
}

func TestAnActIsDoneByItsOwnInItsStates(t *testing.T) {
	t.Parallel()
	for _, l := range observation.Permissions() {
		for _, s := range observation.States() {
			for name, w := range who {
				err := observation.May(l.Act, s, w)
				mine := l.By == observation.ByEither && w.Role != "" ||
					l.By == observation.ByObserver && w.Role == observation.AsObserver ||
					l.By == observation.ByObserved && w.Role == observation.AsObserved
				if want := mine && slices.Contains(l.In, s); (err == nil) != want {
					t.Errorf("%s in %s by %s: %v, want may: %t", l.Act, s, name, err, want)
				}
				if !mine && refusal.ReasonOf(err) != refusal.NotYourMove {
					t.Errorf("%s in %s by %s: %v, want NOT_YOUR_MOVE", l.Act, s, name, err)
				}
			}
		}
	}
}
