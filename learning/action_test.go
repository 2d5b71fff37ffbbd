package learning

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/observation"
	"undring/refusal"
)

var noon = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)

// counting is a writer that counts what is written.
type counting struct{ writes int }

func (c *counting) Queue(string, ...any) *pgx.QueuedQuery {
	c.writes++
	return new(pgx.QueuedQuery)
}

// Each of the two, in every state of an action and of its visit: either it is written,
// or the refusal names the action or the visit, and nothing is written.
func TestWhoDoesWhatWithAnAction(t *testing.T) {
	t.Parallel()
	observer, observed := uuid.New(), uuid.New()
	for _, visit := range observation.States() {
		for _, state := range []State{Proposed, Agreed, Reported} {
			for person, is := range map[uuid.UUID]string{observer: "its owner", observed: "the other one", uuid.New(): "a stranger"} {
				v := observation.Visit{ID: uuid.New(), Observer: observer, Observed: observed, State: visit}
				on := visit == observation.FeedbackGiven || visit == observation.Answered || visit == observation.Closed
				for deed, do := range map[string]func(*Action, *observation.Change) error{
					"agree":  (*Action).Agree,
					"report": func(a *Action, c *observation.Change) error { return a.tell(c, Report{At: noon}) },
				} {
					w := new(counting)
					c := observation.NewChange(w, uuid.New(), person, noon, &v)
					a := Action{ID: uuid.New(), Owner: observer, State: state}
					err := do(&a, &c)
					may := on && (deed == "agree" && person == observed || deed == "report" && person == observer && state != Proposed)
					var r *refusal.Refusal
					switch {
					case may != (err == nil):
						t.Errorf("%s: %s, of an action %s in a visit %s: %v", deed, is, state, visit, err)
					case err != nil && (!errors.As(err, &r) || r.Meta["observation_id"] != v.ID.String()):
						t.Errorf("%s: %s, of an action %s in a visit %s: %v says %v, not the visit", deed, is, state, visit, err, r.Meta)
					case err != nil && w.writes > 0:
						t.Errorf("%s: %s: refused after %d writes", deed, is, w.writes)
					case err == nil && w.writes == 0 && (deed == "report" || state == Proposed):
						t.Errorf("%s: %s: nothing was written", deed, is)
					}
				}
			}
		}
	}
}

// Two open actions of a visit at most; one that is reported makes room.
func TestFreeSlot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		have []Action
		want int // 0: refused
	}{
		{"none", nil, 1},
		{"one", []Action{{Slot: 1, State: Proposed}}, 2},
		{"the second alone", []Action{{Slot: 2, State: Agreed}}, 1},
		{"two", []Action{{Slot: 1, State: Proposed}, {Slot: 2, State: Agreed}}, 0},
		{"two, one reported", []Action{{Slot: 1, State: Reported}, {Slot: 2, State: Agreed}}, 1},
	} {
		slot, err := FreeSlot(c.have)
		if slot != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%s: slot %d, %v; want %d", c.name, slot, err, c.want)
		}
	}
}

// The owner of an agreed action is asked about it once its day is over where the
// school is, or a week after it was made.
func TestWhenAnActionIsAskedAbout(t *testing.T) {
	t.Parallel()
	owner, other := uuid.New(), uuid.New()
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		action Action
		person uuid.UUID
		now    time.Time
		want   bool
	}{
		{"on its day", Action{State: Agreed, Due: day}, owner, time.Date(2026, 11, 25, 22, 59, 59, 0, time.UTC), false},
		{"the day after, which begins in Oslo", Action{State: Agreed, Due: day}, owner, time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC), true},
		{"the other one", Action{State: Agreed, Due: day}, other, day.AddDate(0, 0, 9), false},
		{"not agreed", Action{State: Proposed, Due: day}, owner, day.AddDate(0, 0, 9), false},
		{"reported", Action{State: Reported, Due: day}, owner, day.AddDate(0, 0, 9), false},
		{"a lesson, a week ago", Action{State: Agreed, Created: noon}, owner, noon.Add(AskedAfter), false},
		{"a lesson, longer ago", Action{State: Agreed, Created: noon}, owner, noon.Add(AskedAfter + time.Second), true},
	} {
		c.action.Owner = owner
		if got := c.action.asksFor(c.person, c.now.In(oslo)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
