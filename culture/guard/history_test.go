package guard_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"undring/culture"
	"undring/culture/guard"
)

// half-years of a school: of each of its teams, how many there were on the first
// day, and how many of them stayed.
type staffing struct{ began, stayed []int }

// published are the cells of a half-year in a world, by the way of the job.
func (h staffing) published(world [][]int, classes []class, figures []guard.Figure) []culture.Cell {
	one := culture.Counted{ID: uuid.UUID{1}}
	for i, counts := range world {
		g := culture.Group{Began: h.began[i], Count: part(h.stayed[i], counts, classes, figures)}
		if len(h.stayed) > 1 {
			g.Team, g.Name = uuid.UUID{2, byte(i)}, fmt.Sprintf("Team %02d", i)
		}
		one.Groups = append(one.Groups, g)
	}
	return inOrder(culture.Build(guard.Sheet, uuid.UUID{9}, "", []culture.Counted{one}))
}

// history are four half-years: people come to a team, and leave one while a
// half-year lasts or between two; now and then a team is split or two become one.
func history(random *rand.Rand) []staffing {
	teams := make([]int, 1+random.IntN(3))
	for i := range teams {
		teams[i] = 4 + random.IntN(8)
	}
	var out []staffing
	for range 4 {
		slices.Sort(teams)
		h := staffing{began: slices.Clone(teams)}
		for i := range teams {
			teams[i] = max(1, teams[i]-random.IntN(3)) // left
		}
		h.stayed = slices.Clone(teams)
		out = append(out, h)
		for i := range teams {
			teams[i] = max(2, teams[i]+random.IntN(4)-random.IntN(2))
		}
		switch random.IntN(8) {
		case 0:
			if n := teams[0]; n > 6 && len(teams) < 3 {
				teams = append(teams, n/2)
				teams[0] -= n / 2
			}
		case 1:
			if len(teams) > 1 && teams[0]+teams[1] < 16 {
				teams[1] += teams[0]
				teams = teams[1:]
			}
		}
	}
	return out
}

// R22: histories of four half-years with joiners and leavers. What somebody does in
// one half-year is free of what they do in another, so who is possible is a product:
// of a history somebody is found out exactly when they are in one of its half-years,
// by that half-year's cells. That all of its sheets and trends together tell no more
// than these cells is held against their bytes for each history, and
// TestG10HistoriesDontLeak holds whole products. UNDRING_HISTORIES says how many; the
// full run is 10000.
func TestR22RandomHistoriesDontLeak(t *testing.T) {
	t.Parallel()
	many := 200
	if n, err := strconv.Atoi(os.Getenv("UNDRING_HISTORIES")); err == nil && n > 0 {
		many = n
	}
	random := rand.New(rand.NewPCG(22, 4))
	view := newShown()
	solved := map[string]bool{}
	solve := func(h staffing, classes []class, figures []guard.Figure, secret []int) {
		// What is told of a world hangs on who stayed, and on which groups are shown.
		key := fmt.Sprint(h.stayed, figures)
		for _, c := range h.published(make([][]int, len(h.stayed)), nil, nil) {
			key += fmt.Sprint(c.Kind, c.ID, c.Shown)
		}
		if solved[key] {
			return
		}
		solved[key] = true
		s := scene{cells: h.stayed, classes: classes, secret: secret, view: func(w [][]int) string { return view.read(h.published(w, classes, figures)...) }}
		if l := s.solve(); l != nil {
			t.Fatalf("of teams %v, of whom %v stayed: %s", h.began, h.stayed, l)
		}
	}
	shown := 0
	for range many {
		past := history(random)
		var one, other []culture.Cell
		term := half
		for _, h := range past {
			solve(h, visitedOnly, visitedFig, []int{0})
			if len(h.stayed) == 1 {
				solve(h, chain, chainFig, []int{0, 1, 2, 3})
			}
			a, b := h.twins(random)
			for i := range a {
				a[i].Term, b[i].Term = term, term
			}
			one, other = append(one, a...), append(other, b...)
			if a[len(a)-1].Shown {
				shown++
			}
			term = term.Next()
		}
		if rendered(one) != rendered(other) {
			t.Fatalf("of %v, the sheets of two pasts differ, though each half-year is told alike", past)
		}
	}
	if shown < many {
		t.Errorf("only %d of %d half-years tell anything", shown, 4*many)
	}
	t.Logf("%d histories, %d different half-years solved", many, len(solved))
}

// twins are the cells of two worlds that are told alike, different ones where there
// are such.
func (h staffing) twins(random *rand.Rand) (a, b []culture.Cell) {
	world := func() [][]int {
		var w [][]int
		for _, n := range h.stayed {
			yes := random.IntN(n + 1)
			w = append(w, []int{n - yes, yes})
		}
		return w
	}
	told := func(w [][]int) ([]culture.Cell, string) {
		cells := h.published(w, visitedOnly, visitedFig)
		key := ""
		for _, c := range cells {
			key += fmt.Sprintln(c.Kind, c.Shown, c.Bands[guard.Visited])
		}
		return cells, key
	}
	first := world()
	a, key := told(first)
	for range 20 {
		second := world()
		if b, other := told(second); other == key && fmt.Sprint(first) != fmt.Sprint(second) {
			return a, b
		}
	}
	b, _ = told(first)
	return a, b
}

// Counts of which the same is told make the same bytes, of the reply and the file;
// others make others. So what is solved for bands is solved for what is read.
func TestBytesTellTheBandAndNoMore(t *testing.T) {
	t.Parallel()
	for _, n := range []int{8, 9, 12, 16, 25, 41} {
		h := staffing{began: []int{n}, stayed: []int{n}}
		bytesOf := map[string]string{}
		bandOf := map[string]string{}
		hidden := 0
		for yes := range n + 1 {
			cells := h.published([][]int{{n - yes, yes}}, visitedOnly, visitedFig)
			band, raw := fmt.Sprint(cells[0].Bands, cells[1].Bands), rendered(cells)
			if was, known := bytesOf[band]; known {
				hidden++
				if was != raw {
					t.Errorf("%d of %d make other bytes than a count of which the same is told", yes, n)
				}
			}
			if was, known := bandOf[raw]; known && was != band {
				t.Errorf("%d of %d: the same bytes of different bands", yes, n)
			}
			bytesOf[band], bandOf[raw] = raw, band
		}
		if hidden < 6 { // each end hides at least four
			t.Errorf("of %d people, only %d counts share their bytes", n, hidden)
		}
	}
}
