package feedback

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/observation"
	"undring/school"
)

// counting is a writer that counts what is written.
type counting struct{ writes int }

func (c *counting) Queue(string, ...any) *pgx.QueuedQuery {
	c.writes++
	return new(pgx.QueuedQuery)
}

// Nothing of a gift is written before the rule has spoken: in every state, by everybody,
// and with everything that can be missing from it.
func TestARefusedGiftWritesNothing(t *testing.T) {
	t.Parallel()
	oslo, err := school.NewCalendar("Europe/Oslo", nil)
	if err != nil {
		t.Fatal(err)
	}
	saw, thought := uuid.New(), uuid.New()
	notes := []observation.Note{{ID: saw, Kind: observation.Saw}, {ID: thought, Kind: observation.Interpretation}}
	point := func(rests ...uuid.UUID) Point { return Point{ID: uuid.New(), Text: "Fem hender.", Notes: rests} }
	wondering := Question{ID: uuid.New(), Text: "Hva tenkte du da det ble stille?", Language: "nb"}
	closed := Question{ID: uuid.New(), Text: "Når begynner timen?", Language: "nb"}
	gifts := map[string]struct {
		gift  Gift
		whole bool
	}{
		"whole":               {Gift{Points: []Point{point(saw)}, Questions: []Question{wondering}}, true},
		"empty":               {Gift{}, false},
		"no point":            {Gift{Questions: []Question{wondering}}, false},
		"no evidence":         {Gift{Points: []Point{point(thought)}, Questions: []Question{wondering}}, false},
		"one of two rests":    {Gift{Points: []Point{point(saw), point()}, Questions: []Question{wondering}}, false},
		"no question":         {Gift{Points: []Point{point(saw)}}, false},
		"nothing wonders":     {Gift{Points: []Point{point(saw)}, Questions: []Question{closed}}, false},
		"a stranger's note":   {Gift{Points: []Point{point(saw, uuid.New())}, Questions: []Question{wondering}}, false},
		"a note that is gone": {Gift{Points: []Point{point(saw)}, Questions: []Question{wondering}, Shared: []uuid.UUID{uuid.New()}}, false},
	}
	for _, state := range observation.States() {
		for _, person := range []uuid.UUID{watcher, teacher, uuid.New()} {
			for name, g := range gifts {
				w := new(counting)
				c := &change{rules: school.Rules{Policy: school.DefaultPolicy(noon), Calendar: oslo}, Exchange: Exchange{Visit: plainVisit(state), Notes: notes}}
				c.Change = observation.NewChange(w, uuid.New(), person, noon, c.visit())
				err := c.give(g.gift.fresh())
				may := g.whole && state == observation.Observed && person == watcher
				if (err == nil) != may || (w.writes > 0) != may {
					t.Errorf("%s, %s, by the observer: %t: %v after %d writes", name, state, person == watcher, err, w.writes)
				}
			}
		}
	}
}
