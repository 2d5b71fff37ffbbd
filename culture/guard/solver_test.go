package guard_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// class is what somebody did: the figures in which they have a yes.
type class struct {
	yes   []bool // by attribute of the scene
	known int    // what a reader knows of the person anyway; people with the same can't be told apart
}

// scene is all that could have happened among some people, and what is seen of it.
// People of one cell who did the same can't be told apart, so a world is how many of
// each cell are in each class.
type scene struct {
	cells   []int // sizes
	classes []class
	// secret are the attributes that nobody may be found out about.
	secret []int
	// noAccomplices leaves out readers to whom somebody tells of themselves.
	noAccomplices bool
	// view is everything that is published in a world.
	view func(world [][]int) string
	// possible rules worlds out; nil: none.
	possible func(world [][]int) bool
}

// leak is somebody of whom something is certain.
type leak struct {
	world      [][]int
	accomplice []place
	cell       int
	attribute  int
	value      bool
}

type place struct{ cell, class int }

func (l *leak) String() string {
	if l == nil {
		return "no leak"
	}
	return fmt.Sprintf("in a world of %v, with accomplices %v, everybody left in cell %d has %t in attribute %d", l.world, l.accomplice, l.cell, l.value, l.attribute)
}

// solve looks for a leak: worlds that look the same, by what is published and what
// is known anyway, are what a reader holds possible; with accomplices, those of them
// in which these did what they did. Somebody is found out about when all that are
// left in a cell, and known to be alike, did or did not in every such world.
func (s scene) solve() *leak {
	alike := map[string][][][]int{}
	for world := range s.worlds() {
		if s.possible == nil || s.possible(world) {
			key := s.view(world) + s.knownOf(world)
			alike[key] = append(alike[key], world)
		}
	}
	coalitions := s.coalitions()
	if s.noAccomplices {
		coalitions = coalitions[:1] // of nobody
	}
	for _, key := range slices.Sorted(maps.Keys(alike)) {
		for _, c := range coalitions {
			if l := s.attack(alike[key], c); l != nil {
				return l
			}
		}
	}
	return nil
}

// knownOf is how many of each cell are known to be of each kind.
func (s scene) knownOf(world [][]int) string {
	var b strings.Builder
	for _, counts := range world {
		for k := range s.kinds() {
			n := 0
			for i, c := range s.classes {
				if c.known == k {
					n += counts[i]
				}
			}
			fmt.Fprintf(&b, "|%d", n)
		}
	}
	return b.String()
}

func (s scene) kinds() int {
	most := 0
	for _, c := range s.classes {
		most = max(most, c.known)
	}
	return most + 1
}

func (s scene) coalitions() [][]place {
	var one []place
	for c := range s.cells {
		for i := range s.classes {
			one = append(one, place{c, i})
		}
	}
	out := [][]place{nil}
	for i, a := range one {
		out = append(out, []place{a})
		for _, b := range one[i:] {
			out = append(out, []place{a, b})
		}
	}
	return out
}

// attack holds worlds that look the same against what a coalition knows.
func (s scene) attack(worlds [][][]int, coalition []place) *leak {
	kinds := s.kinds()
	type bounds struct{ left, least, most int }
	found := make([]bounds, len(s.cells)*kinds*len(s.secret))
	var example [][]int
	for _, world := range worlds {
		consistent := true
		for i, p := range coalition {
			need := 1
			if i > 0 && coalition[0] == p {
				need = 2
			}
			consistent = consistent && world[p.cell][p.class] >= need
		}
		if !consistent {
			continue
		}
		for cell, counts := range world {
			for kind := range kinds {
				for a, attribute := range s.secret {
					left, yes := 0, 0
					for i, c := range s.classes {
						if c.known != kind {
							continue
						}
						n := counts[i]
						for _, p := range coalition {
							if p.cell == cell && p.class == i {
								n--
							}
						}
						left += n
						if c.yes[attribute] {
							yes += n
						}
					}
					b := &found[(cell*kinds+kind)*len(s.secret)+a]
					if example == nil {
						*b = bounds{left, yes, yes}
					}
					b.left, b.least, b.most = left, min(b.least, yes), max(b.most, yes)
				}
			}
		}
		if example == nil {
			example = world
		}
	}
	if example == nil {
		return nil
	}
	for i, b := range found {
		cell, kind, attribute := i/(kinds*len(s.secret)), i/len(s.secret)%kinds, s.secret[i%len(s.secret)]
		if b.left == 0 || s.given(kind, attribute) {
			continue
		}
		if b.most == 0 || b.least == b.left {
			return &leak{example, coalition, cell, attribute, b.most > 0}
		}
	}
	return nil
}

// given says whether an attribute is part of what is known of a kind of people.
func (s scene) given(kind, attribute int) bool {
	var seen []bool
	for _, c := range s.classes {
		if c.known == kind && !slices.Contains(seen, c.yes[attribute]) {
			seen = append(seen, c.yes[attribute])
		}
	}
	return len(seen) < 2
}

// worlds goes through every way to put the people of each cell into classes.
func (s scene) worlds() func(func([][]int) bool) {
	per := make([][][]int, len(s.cells))
	for i, n := range s.cells {
		per[i] = splits(n, len(s.classes))
	}
	return func(yield func([][]int) bool) {
		world := make([][]int, len(s.cells))
		var fill func(int) bool
		fill = func(i int) bool {
			if i == len(per) {
				return yield(slices.Clone(world))
			}
			for _, counts := range per[i] {
				world[i] = counts
				if !fill(i + 1) {
					return false
				}
			}
			return true
		}
		fill(0)
	}
}

// splits are the ways to share n people among so many classes.
func splits(n, classes int) [][]int {
	if classes == 1 {
		return [][]int{{n}}
	}
	var out [][]int
	for first := range n + 1 {
		for _, rest := range splits(n-first, classes-1) {
			out = append(out, append([]int{first}, rest...))
		}
	}
	return out
}

// partitions are the ways to split n people into teams, by their sizes.
func partitions(n, most int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for first := min(n, most); first > 0; first-- {
		for _, rest := range partitions(n-first, first) {
			out = append(out, append([]int{first}, rest...))
		}
	}
	return out
}
