package culture

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"undring/culture/guard"
	"undring/school"
)

// Kind is what kind of group a cell is.
type Kind string

// The kinds of cells.
const (
	OfSchool Kind = "SCHOOL"
	OfTeam   Kind = "TEAM"
	OfOwner  Kind = "OWNER"
)

// Cell is what is published of one group.
type Cell struct {
	Term      school.Term
	ID        uuid.UUID
	Kind      Kind
	School    uuid.UUID // of a team
	Name      string
	Shown     bool // large enough for figures of its own
	InWords   bool
	Late      bool // the half-year had begun before Undring came
	Published time.Time
	Bands     map[guard.Figure]guard.Band
}

// Group is what was counted of some of a school's people: a team's, or of all who
// are in no team, or in several.
type Group struct {
	Team  uuid.UUID // nil: none
	Name  string
	Began int // teachers on the first day
	Count guard.Count
}

// Counted is a school with what was counted.
type Counted struct {
	ID      uuid.UUID
	Name    string
	InWords bool
	Groups  []Group
}

// Build makes the cells of a page, for an owner and all its schools. What is shown
// is decided by the sizes of the first day, and once more by those of the last:
// everybody at a school knows both.
func Build(page guard.Page, owner uuid.UUID, name string, schools []Counted) []Cell {
	// By their ids: what is shown must not depend on the order in which the database lists
	// them.
	slices.SortFunc(schools, func(a, b Counted) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	var cells []Cell
	told := make([]guard.Told, len(schools))
	for i, s := range schools {
		began := 0
		for _, g := range s.Groups {
			began += g.Began
		}
		all := s.all()
		shown := began >= guard.Least && all.People[guard.Teaching] >= guard.Least
		bands, teams := s.tell(page)
		told[i] = guard.Told{Count: all, Bands: bands, Shown: shown}
		cell := Cell{ID: s.ID, Kind: OfSchool, Name: s.Name, InWords: s.InWords, Shown: shown}
		// Of a school that is too small nothing is said, and of its teams neither.
		if shown {
			cell.Bands = of(page, bands, func(guard.Line) bool { return true })
			cells = append(cells, teams...)
		}
		cells = append(cells, cell)
	}
	whole := guard.Owner(page, told)
	cells = append(cells, Cell{ID: owner, Kind: OfOwner, Name: name, Shown: true, Bands: of(page, whole, func(guard.Line) bool { return true })})
	return cells
}

// planTwice plans by the sizes of the first day and then, of what that shows, by
// those of the last. Only a part may be shown.
func planTwice(began, stayed []int, part func(int) bool) []bool {
	first := planOnce(began, part)
	return planOnce(stayed, func(i int) bool { return first[i] })
}

// planOnce chooses which parts of a whole are shown at all, by their sizes, so that none can
// be told as what is left of the others.
func planOnce(sizes []int, part func(int) bool) []bool {
	whole, parts := 0, make([]int, len(sizes))
	for i, n := range sizes {
		whole += n
		if part(i) {
			parts[i] = n
		}
	}
	return guard.Plan(whole, parts)
}

// all counts the groups of a school together.
func (s Counted) all() guard.Count {
	var c guard.Count
	for _, g := range s.Groups {
		c.Add(g.Count)
	}
	return c
}

// tell are the bands of a school, and the cells of its teams.
func (s Counted) tell(page guard.Page) (guard.Bands, []Cell) {
	form := guard.Numbers
	if s.InWords {
		form = guard.Words
	}
	slices.SortFunc(s.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), bytes.Compare(a.Team[:], b.Team[:]))
	})
	began, stayed := make([]int, len(s.Groups)), make([]int, len(s.Groups))
	for i, g := range s.Groups {
		began[i], stayed[i] = g.Began, g.Count.People[guard.Teaching]
	}
	shown := planTwice(began, stayed, func(i int) bool { return s.Groups[i].Team != uuid.Nil })
	var teams []guard.Count
	var rest guard.Count
	var cells []Cell
	if page == guard.Pulse {
		return first(guard.School(page, form, nil, s.all())), nil
	}
	for i, g := range s.Groups {
		if !shown[i] {
			// Whoever is in no team that is shown is counted together: whoever subtracts the
			// teams from the school is left with a group.
			rest.Add(g.Count)
			continue
		}
		teams = append(teams, g.Count)
		cells = append(cells, Cell{ID: g.Team, Kind: OfTeam, School: s.ID, Name: g.Name, Shown: true, InWords: s.InWords})
	}
	if len(teams) == 1 && rest.People[guard.Teaching] == 0 {
		cells = nil // the team is the school
	}
	bands, ofTeams := guard.School(page, form, teams, rest)
	for i := range cells {
		cells[i].Bands = of(page, ofTeams[i], func(l guard.Line) bool { return l.Staff == guard.Teaching && len(l.Among) == 0 })
	}
	return bands, cells
}

func first(b guard.Bands, _ []guard.Bands) guard.Bands { return b }

// of picks the bands of the figures that are wanted on a page.
func of(page guard.Page, b guard.Bands, want func(guard.Line) bool) map[guard.Figure]guard.Band {
	out := map[guard.Figure]guard.Band{}
	for _, l := range guard.Manifest(page) {
		if want(l) {
			out[l.Figure] = b[l.Figure]
		}
	}
	return out
}
