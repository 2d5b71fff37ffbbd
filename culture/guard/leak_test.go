package guard_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"undring/culture"
	"undring/culture/guard"
	"undring/school"
)

var half = school.Term{Year: 2026, Half: 2}

// shown is what is published, as everybody reads it: the bytes of the reply and of
// the CSV file. The page is made of the former alone.
type shown struct{ known, ids map[string]string }

func newShown() *shown { return &shown{map[string]string{}, map[string]string{}} }

func yesNo(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// read renders cells, the same ones once, and gives a number to what came of it.
func (s *shown) read(cells ...culture.Cell) string {
	key := make([]byte, 0, 256)
	for _, c := range cells {
		key = append(key, c.Kind[0], byte(c.Term.Half), byte(c.Term.Year), yesNo(c.Shown), yesNo(c.InWords))
		for f := range guard.Figures {
			if b, there := c.Bands[f]; there {
				key = append(append(key, byte(f)), b.Kind...)
				for _, n := range []int{b.Low, b.High, b.PeopleLow, b.PeopleHigh} {
					key = binary.AppendUvarint(key, uint64(n))
				}
			}
		}
	}
	if out, known := s.known[string(key)]; known {
		return out
	}
	out := rendered(cells)
	// Different bytes, a different number: the bytes themselves need not be held
	// against each other a million times.
	id, known := s.ids[out]
	if !known {
		id = strconv.Itoa(len(s.ids))
		s.ids[out] = id
	}
	s.known[string(key)] = id
	return id
}

// rendered is what everybody reads of cells, byte by byte.
func rendered(cells []culture.Cell) string {
	var out strings.Builder
	for i := 0; i < len(cells); i++ {
		r := culture.Report{Term: cells[i].Term, State: culture.Published, Own: cells[i]}
		if !cells[i].Shown {
			r.State = culture.OwnerOnly
		}
		for i+1 < len(cells) && cells[i+1].Kind == culture.OfTeam {
			i++
			r.Teams = append(r.Teams, cells[i])
		}
		for _, c := range cells {
			if c.Term != r.Term && c.ID == r.Own.ID {
				r.Before = append(r.Before, c)
			}
		}
		report := r.Encode("nb")
		raw, err := proto.Marshal(report)
		if err != nil {
			panic(err)
		}
		out.Write(raw)
		out.Write(culture.CSV(report, "nb"))
	}
	return out.String()
}

// part is a cell of a scene: so many people, of whom so many have a yes.
func part(n int, counts []int, classes []class, figures []guard.Figure) guard.Count {
	var c guard.Count
	c.People[guard.Teaching] = n
	for i, f := range figures {
		for j, cl := range classes {
			if cl.yes[i] {
				c.Yes[f] += counts[j]
			}
		}
	}
	return c
}

// asPublished is what the program publishes of a school in a world, its teams the
// cells of the scene: the way of the job, by Build.
func (s *shown) asPublished(sizes []int, teams bool, classes []class, figures []guard.Figure, inWords bool) func([][]int) string {
	return func(world [][]int) string {
		one := culture.Counted{ID: uuid.UUID{1}, InWords: inWords}
		for i, counts := range world {
			g := culture.Group{Began: sizes[i], Count: part(sizes[i], counts, classes, figures)}
			if teams {
				g.Team, g.Name = uuid.UUID{2, byte(i)}, fmt.Sprintf("Team %02d", i)
			}
			one.Groups = append(one.Groups, g)
		}
		return s.read(inOrder(culture.Build(guard.Sheet, uuid.UUID{9}, "", []culture.Counted{one}))...)
	}
}

// inOrder puts the cells of teams behind their school's, and each into the half-year.
func inOrder(cells []culture.Cell) []culture.Cell {
	var out, teams []culture.Cell
	for _, c := range cells {
		c.Term = half
		switch c.Kind {
		case culture.OfTeam:
			teams = append(teams, c)
		case culture.OfSchool:
			out = append(append(out, c), teams...)
			teams = nil
		default:
			out = append(out, c)
		}
	}
	return out
}

// by is what would be published of one school by some rules.
func (s *shown) by(r guard.Rules, sizes []int, classes []class, figures []guard.Figure) func([][]int) string {
	whole := 0
	for _, n := range sizes {
		whole += n
	}
	plan := guard.PlanBy(r, whole, sizes)
	if len(sizes) == 1 {
		plan[0] = false
	}
	return func(world [][]int) string {
		var teams []guard.Count
		var rest guard.Count
		for i, counts := range world {
			c := part(sizes[i], counts, classes, figures)
			if plan[i] {
				teams = append(teams, c)
			} else {
				rest.Add(c)
			}
		}
		bands, ofTeams := guard.SchoolBy(r, guard.Sheet, guard.Numbers, teams, rest)
		cells := []culture.Cell{{Term: half, Kind: culture.OfSchool, Shown: true, Bands: bandsOf(bands, figures)}}
		for _, b := range ofTeams {
			cells = append(cells, culture.Cell{Term: half, Kind: culture.OfTeam, Shown: true, Bands: bandsOf(b, figures)})
		}
		return s.read(cells...)
	}
}

func bandsOf(b guard.Bands, figures []guard.Figure) map[guard.Figure]guard.Band {
	out := map[guard.Figure]guard.Band{}
	for _, f := range figures {
		out[f] = b[f]
	}
	return out
}

// The classes of linked figures. Who visited and who was visited is known to leaders
// (cover is booked), so that it must not help them to find out what came of it.
var (
	visitedOnly = []class{{[]bool{false}, 0}, {[]bool{true}, 0}}
	visitedFig  = []guard.Figure{guard.Visited}
	// The last attribute is the difference: gave, and not in time.
	chain       = []class{{[]bool{false, false, false, false}, 0}, {[]bool{true, false, false, false}, 1}, {[]bool{true, true, false, true}, 1}, {[]bool{true, true, true, false}, 1}}
	chainFig    = []guard.Figure{guard.Visited, guard.Gave, guard.InTime}
	siblings    = []class{{[]bool{false, false, false}, 0}, {[]bool{true, false, false}, 1}, {[]bool{true, true, false}, 1}, {[]bool{true, false, true}, 1}, {[]bool{true, true, true}, 1}}
	siblingsFig = []guard.Figure{guard.Hosted, guard.Adjusted, guard.Questioned}
	// Whether a visit was on a focus area stands in its card, and is not known as the visit is.
	onAreaFig    = []guard.Figure{guard.Visited, guard.Gave, guard.OnArea}
	pulseClasses = []class{{[]bool{false, false}, 0}, {[]bool{true, false}, 1}, {[]bool{true, true}, 1}}
)

// unknowing takes away what is known anyway: a reader who knows nothing else.
func unknowing(classes []class) []class {
	out := make([]class, len(classes))
	for i, c := range classes {
		out[i] = class{c.yes, 0}
	}
	return out
}

func all(figures []guard.Figure) []int {
	var out []int
	for i := range figures {
		out = append(out, i)
	}
	return out
}

// G10 (R22): of no school of 3 to 12 people, however it is split into teams, does
// what is published tell anything certain of anybody, with up to two accomplices.
func TestG10NoSchoolOfTwelveLeaks(t *testing.T) {
	t.Parallel()
	structures := 0
	view := newShown()
	for n := 3; n <= 12; n++ {
		for _, teams := range partitions(n, n) {
			structures++
			for _, inWords := range []bool{false, true} {
				s := scene{cells: teams, classes: visitedOnly, secret: []int{0}, view: view.asPublished(teams, true, visitedOnly, visitedFig, inWords)}
				if l := s.solve(); l != nil {
					t.Errorf("teams %v, in words %t: %s", teams, inWords, l)
				}
			}
		}
	}
	if structures != 268 {
		t.Errorf("%d structures, want 268", structures)
	}
}

// The same of figures that hang together, of what came of visits that are known.
func TestG10LinkedFiguresDontLeak(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]struct {
		classes []class
		figures []guard.Figure
		secret  []int
		upTo    int
	}{
		"visited, gave, in time":         {chain, chainFig, []int{0, 1, 2, 3}, 18},
		"visited, adjusted, questioned":  {siblings, siblingsFig, all(siblingsFig), 13},
		"visited, gave, on a focus area": {siblings, onAreaFig, all(onAreaFig), 13},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			view := newShown()
			for n := 3; n <= link.upTo; n++ {
				for _, classes := range [][]class{link.classes, unknowing(link.classes)} {
					s := scene{cells: []int{n}, classes: classes, secret: link.secret, view: view.asPublished([]int{n}, false, classes, link.figures, n%2 == 0 && n > 12)}
					if l := s.solve(); l != nil {
						t.Errorf("%d people: %s", n, l)
					}
				}
			}
		})
	}
}

// Schools that are large enough for teams of their own, and owners of several schools.
func TestG10LargerOnesDontLeak(t *testing.T) {
	t.Parallel()
	view := newShown()
	for _, teams := range [][]int{{8, 8}, {9, 8}, {12, 8}, {8, 8, 8}, {10, 9, 5}, {8, 7, 4}, {16, 14, 12}, {30, 9, 8}, {20, 20, 20}, {8, 8, 7, 3}} {
		s := scene{cells: teams, classes: visitedOnly, secret: []int{0}, view: view.asPublished(teams, true, visitedOnly, visitedFig, false)}
		if l := s.solve(); l != nil {
			t.Errorf("teams %v: %s", teams, l)
		}
	}
	two, figures := []class{chain[0], chain[1], chain[2]}, []guard.Figure{guard.Visited, guard.Gave}
	for _, schools := range [][]int{{8, 8}, {12, 5}, {9, 6, 3}, {12, 12}, {8, 6, 3}, {5, 5}, {14, 4}} {
		s := scene{cells: schools, classes: two, secret: all(figures), view: view.ofOwner(schools, two, figures)}
		if l := s.solve(); l != nil {
			t.Errorf("schools %v of an owner: %s", schools, l)
		}
	}
}

// Whoever does not count is in no size and in no figure, and a reader may know from
// elsewhere who that is, or not. Neither tells anything of anybody: to be left out is
// no less private than to have done nothing.
func TestG10WhoDoesNotCountIsNotFoundOut(t *testing.T) {
	t.Parallel()
	view := newShown()
	hidden := []class{{[]bool{false}, 0}, {[]bool{false}, 0}, {[]bool{true}, 0}} // the first are not counted
	known := []class{{[]bool{false}, 0}, {[]bool{false}, 1}, {[]bool{true}, 1}}
	counted := func(classes []class) func([][]int) string {
		return func(world [][]int) string {
			one := culture.Counted{ID: uuid.UUID{1}}
			for i, counts := range world {
				n := counts[1] + counts[2]
				g := culture.Group{Began: n, Count: part(n, counts, classes, visitedFig)}
				if len(world) > 1 {
					g.Team, g.Name = uuid.UUID{2, byte(i)}, fmt.Sprintf("Team %02d", i)
				}
				one.Groups = append(one.Groups, g)
			}
			return view.read(inOrder(culture.Build(guard.Sheet, uuid.UUID{9}, "", []culture.Counted{one}))...)
		}
	}
	teams := [][]int{{8, 8}, {9, 8}, {12, 4}, {10, 9}}
	for n := 3; n <= 20; n++ {
		teams = append(teams, []int{n})
	}
	for _, cells := range teams {
		for name, classes := range map[string][]class{"unknown": hidden, "known": known} {
			s := scene{cells: cells, classes: classes, secret: []int{0}, view: counted(classes)}
			if l := s.solve(); l != nil {
				t.Errorf("teams %v, of whom some don't count, which is %s: %s", cells, name, l)
			}
		}
	}
}

// withAccounts is what is published of a school to whose first team somebody added
// accounts that count, so many of them with a yes.
func (s *shown) withAccounts(sizes []int, accounts, yes int) func([][]int) string {
	return func(world [][]int) string {
		one := culture.Counted{ID: uuid.UUID{1}}
		for i, counts := range world {
			n, c := sizes[i], part(sizes[i], counts, visitedOnly, visitedFig)
			if i == 0 {
				n += accounts
				c.People[guard.Teaching] += accounts
				c.Yes[guard.Visited] += yes
			}
			one.Groups = append(one.Groups, culture.Group{Began: n, Count: c, Team: uuid.UUID{2, byte(i)}, Name: fmt.Sprintf("Team %02d", i)})
		}
		return s.read(inOrder(culture.Build(guard.Sheet, uuid.UUID{9}, "", []culture.Counted{one}))...)
	}
}

// An account that counts is one accomplice more, whose yes or no its maker chooses, and
// one fewer of the eight. So the rule bears two of them where nobody else tells of
// themselves, and three break it: which is why none counts that nobody uses.
func TestG10AnAccountThatCountsIsAnAccomplice(t *testing.T) {
	t.Parallel()
	view := newShown()
	for people := 1; people <= 12; people++ {
		for accounts := range 8 {
			found := false
			for yes := range accounts + 1 {
				s := scene{cells: []int{people}, classes: visitedOnly, secret: []int{0}, noAccomplices: true, view: view.withAccounts([]int{people}, accounts, yes)}
				l := s.solve()
				found = found || l != nil
				if l != nil && accounts <= guard.Accomplices {
					t.Errorf("%d people and %d accounts: %s", people, accounts, l)
				}
			}
			if !found && accounts > guard.Accomplices && people+accounts >= guard.Least {
				t.Errorf("%d people and %d accounts that count: nobody is found out, so that the rule asks for more than it has to", people, accounts)
			}
		}
	}
}

// A whole that is told as the sum of its parts, of 13 to 28 people in every way to show
// teams; UNDRING_PEOPLE=40 takes seven minutes. Teams of fewer than 8 are told of as one group with whoever is in none, so that
// they are one cell here.
func TestG10SumsOfPartsDontLeak(t *testing.T) {
	t.Parallel()
	most := 28
	if n, err := strconv.Atoi(os.Getenv("UNDRING_PEOPLE")); err == nil && n > 0 {
		most = n
	}
	view := newShown()
	wholes := 0
	for n := 13; n <= most; n++ {
		for rest := 0; rest <= n-guard.Least; rest++ {
			for _, teams := range partitions(n-rest, n-rest) {
				if teams[len(teams)-1] < guard.Least {
					continue
				}
				cells := teams
				if rest > 0 {
					cells = append(append([]int{}, teams...), rest)
				}
				if len(cells) > 4 { // 10⁴ worlds
					continue
				}
				wholes++
				s := scene{cells: cells, classes: visitedOnly, secret: []int{0}, view: view.asPublished(cells, true, visitedOnly, visitedFig, false)}
				if l := s.solve(); l != nil {
					t.Errorf("teams %v: %s", cells, l)
				}
			}
		}
	}
	if wholes < 100 {
		t.Errorf("%d wholes of parts: the test looks past them", wholes)
	}
	two, figures := []class{chain[0], chain[1], chain[2]}, []guard.Figure{guard.Visited, guard.Gave}
	for _, cells := range [][]int{{8, 8}, {9, 8}, {10, 8}, {8, 8, 3}, {12, 9}} {
		for _, classes := range [][]class{two, unknowing(two)} {
			s := scene{cells: cells, classes: classes, secret: all(figures), view: view.asPublished(cells, true, classes, figures, false)}
			if l := s.solve(); l != nil {
				t.Errorf("teams %v, visited and gave: %s", cells, l)
			}
		}
	}
}

// ofOwner is what is published of all schools of an owner, read by one who reads all
// of it.
func (s *shown) ofOwner(sizes []int, classes []class, figures []guard.Figure) func([][]int) string {
	return func(world [][]int) string {
		var schools []culture.Counted
		for i, counts := range world {
			schools = append(schools, culture.Counted{ID: uuid.UUID{1, byte(i)}, Groups: []culture.Group{{Began: sizes[i], Count: part(sizes[i], counts, classes, figures)}}})
		}
		return s.read(inOrder(culture.Build(guard.Sheet, uuid.UUID{9}, "", schools))...)
	}
}

// Histories of half-years: people come and leave, and each half-year's people are
// those who stayed. What they did in one says nothing of another, and all sheets
// together, with their trends, tell nothing certain of anybody in any of them.
func TestG10HistoriesDontLeak(t *testing.T) {
	t.Parallel()
	view := newShown()
	random := rand.New(rand.NewPCG(7, 7))
	for range 40 {
		first := 8 + random.IntN(5)
		sizes := []int{first, max(8, first+random.IntN(5)-2), max(8, first+random.IntN(7)-3)}
		s := scene{cells: sizes, classes: visitedOnly, secret: []int{0}, view: func(world [][]int) string {
			var cells []culture.Cell
			t := half
			for i, counts := range world {
				one := culture.Counted{ID: uuid.UUID{1}, Groups: []culture.Group{{Began: sizes[i] + i, Count: part(sizes[i], counts, visitedOnly, visitedFig)}}}
				for _, c := range culture.Build(guard.Sheet, uuid.UUID{9}, "", []culture.Counted{one}) {
					c.Term = t
					cells = append(cells, c)
				}
				t = t.Next()
			}
			return view.read(cells...)
		}}
		if l := s.solve(); l != nil {
			t.Fatalf("half-years of %v: %s", sizes, l)
		}
	}
}

// The pulse: how many answered is known to nobody exactly, and who did may be.
func TestG10ThePulseDoesntLeak(t *testing.T) {
	t.Parallel()
	figures := []guard.Figure{guard.PulseResponse, guard.PulseSafe}
	for n := 3; n <= 24; n++ {
		s := scene{cells: []int{n}, classes: pulseClasses, secret: []int{1}, view: func(world [][]int) string {
			one := culture.Counted{ID: uuid.UUID{1}, Groups: []culture.Group{{Began: n, Count: part(n, world[0], pulseClasses, figures)}}}
			var key strings.Builder
			for _, c := range culture.Build(guard.Pulse, uuid.UUID{9}, "", []culture.Counted{one}) {
				c.Term = half
				fmt.Fprint(&key, c.Shown, c.Bands)
			}
			return key.String()
		}}
		if l := s.solve(); l != nil {
			t.Errorf("%d people are asked: %s", n, l)
		}
	}
}

// What the staff are asked at the same moment: safe, and how one learns best, as siblings among those
// who answered. Each of them may be known to have answered.
func TestG10TwoStatementsOfThePulseDontLeak(t *testing.T) {
	t.Parallel()
	figures := []guard.Figure{guard.PulseResponse, guard.PulseSafe, guard.PulseTogether}
	for n := 3; n <= 13; n++ {
		s := scene{cells: []int{n}, classes: siblings, secret: []int{1, 2}, view: func(world [][]int) string {
			one := culture.Counted{ID: uuid.UUID{1}, Groups: []culture.Group{{Began: n, Count: part(n, world[0], siblings, figures)}}}
			var key strings.Builder
			for _, c := range culture.Build(guard.Pulse, uuid.UUID{9}, "", []culture.Counted{one}) {
				fmt.Fprint(&key, c.Shown, c.Bands)
			}
			return key.String()
		}}
		if l := s.solve(); l != nil {
			t.Errorf("%d people are asked: %s", n, l)
		}
	}
}

// Figures that were asked for and are not on the sheet, because the solver finds somebody out by them. Who
// was in a visit is known, and a round may have been one team's: so what only they could do can't
// be counted among everybody, and there is no figure of them among whom it could be.
func TestG10FiguresThatWereLeftOutLeak(t *testing.T) {
	t.Parallel()
	among := func(n, count int) string {
		var c guard.Count
		c.People[guard.Teaching], c.Yes[guard.Visited] = n, count
		bands, _ := guard.School(guard.Sheet, guard.Numbers, nil, c)
		return fmt.Sprint(bands[guard.Visited])
	}
	inAVisit := []class{{[]bool{false}, 0}, {[]bool{false}, 1}, {[]bool{true}, 1}}
	for figure, s := range map[string]scene{
		"adjusted, or questioned, of both people of a visit": {cells: []int{8}, classes: inAVisit, secret: []int{0},
			view: func(w [][]int) string { return among(8, w[0][2]) }},
		"tried an action of a round, where one team of eight was asked": {cells: []int{8}, classes: visitedOnly, secret: []int{0},
			view: func(w [][]int) string { return among(20, w[0][1]) }},
	} {
		if s.solve() == nil {
			t.Errorf("%s: nobody is found out by it, so that it could be told", figure)
		}
	}
}

// Each rule holds something: without it, the solver finds somebody out. The first
// rules are left out of the program itself; the others are about what is done with a
// sheet, and the scene is what would be seen.
func TestG10WithoutAnyOneRuleSomebodyIsFoundOut(t *testing.T) {
	t.Parallel()
	view := newShown()
	one, eight := []int{0}, []int{8}
	closed := func(n, count int) string {
		var c guard.Count
		c.People[guard.Teaching], c.Yes[guard.Visited] = n, count
		bands, _ := guard.School(guard.Sheet, guard.Numbers, nil, c)
		return fmt.Sprint(bands[guard.Visited])
	}
	inWords := func(n, count int) string {
		var c guard.Count
		c.People[guard.Teaching], c.Yes[guard.Visited] = n, count
		bands, _ := guard.School(guard.Sheet, guard.Words, nil, c)
		return fmt.Sprint(bands[guard.Visited])
	}
	early := []class{{[]bool{false, false}, 0}, {[]bool{false, true}, 0}, {[]bool{true, false}, 0}} // early; late
	hours := []class{{[]bool{false}, 0}, {[]bool{false}, 0}, {[]bool{true}, 0}}                     // none, few, most of the time
	for rule, s := range map[string]scene{
		"P1: visits are counted, not people": {cells: []int{1, 7}, classes: visitedOnly, secret: one, view: func(w [][]int) string {
			return closed(16, 9*w[0][1]+w[1][1]) // one made nine of sixteen visits
		}},
		"P2: among everybody":     {cells: []int{20}, classes: chain[:3], secret: all(chainFig[:2]), view: view.by(guard.Without("P2"), []int{20}, chain[:3], chainFig[:2])},
		"P3: five are enough":     {cells: []int{5}, classes: visitedOnly, secret: one, view: view.by(guard.Without("P3 sizes"), []int{5}, visitedOnly, visitedFig)},
		"P3: hidden by the value": {cells: []int{16}, classes: visitedOnly, secret: one, view: hiddenWhenUnanimous},
		"P3: accounts that nobody uses are people": {cells: []int{1, 12}, classes: visitedOnly, secret: one, noAccomplices: true,
			view: view.withAccounts([]int{1, 12}, 7, 3)},
		"P4: exact ends": {cells: eight, classes: visitedOnly, secret: one, view: view.by(guard.Without("P4"), eight, visitedOnly, visitedFig)},
		"P5: looked at twice in a half-year": {cells: []int{1, 11}, classes: early, secret: one, view: func(w [][]int) string {
			before := w[1][1] + w[1][2] // the others; then the one in the first cell as well
			return closed(12, before) + closed(12, before+w[0][2])
		}},
		"P6: made anew when somebody is erased": {cells: []int{1, 11}, classes: visitedOnly, secret: one, view: func(w [][]int) string {
			return closed(12, w[0][1]+w[1][1]) + closed(11, w[1][1])
		}},
		"P7: words first, numbers later": {cells: []int{12}, classes: early, secret: []int{0, 1}, view: func(w [][]int) string {
			return inWords(12, w[0][2]) + closed(12, w[0][1]+w[0][2])
		}},
		"P8: a filter": {cells: []int{1, 9}, classes: visitedOnly, secret: one, view: func(w [][]int) string {
			return closed(10, w[0][1]+w[1][1]) + closed(9, w[1][1])
		}},
		"P9: a sheet of their own without oneself": {cells: []int{1, 9}, classes: visitedOnly, secret: one, view: func(w [][]int) string {
			return closed(10, w[0][1]+w[1][1]) + closed(9, w[1][1])
		}},
		"P10: those who came last week": {cells: []int{5}, classes: visitedOnly, secret: one, view: func(w [][]int) string {
			return closed(8, w[0][1]) // three came last week, and everybody knows that they did nothing yet
		}},
		"P11: hours of which one has the most": {cells: []int{1, 7}, classes: hours, secret: one, view: func(w [][]int) string {
			return strconv.Itoa(20*w[0][2] + 2*w[0][1] + w[1][1] + w[1][2])
		}},
		"P12: parts among the first": {cells: []int{16}, classes: chain, secret: []int{3},
			view: view.by(guard.Without("P12 parts"), []int{16}, chain, chainFig)},
		"P12: a whole besides its parts": {cells: []int{8, 8}, classes: visitedOnly, secret: one,
			view: view.by(guard.Without("P12 sums"), []int{8, 8}, visitedOnly, visitedFig)},
		"P13: results while the round is open": {cells: []int{1, 8}, classes: visitedOnly, secret: one, view: func(w [][]int) string {
			return closed(8, w[1][1]) + closed(9, w[0][1]+w[1][1]) // before and after somebody was seen to answer
		}},
		"P14: a figure that is not in the manifest": {cells: []int{12}, classes: chain[:3], secret: all(chainFig[:2]), view: func(w [][]int) string {
			return view.by(guard.Strict, []int{12}, chain[:3], chainFig[:2])(w) + closed(12, w[0][1]) // visited, and gave nothing
		}},
	} {
		t.Run(rule, func(t *testing.T) {
			if s.solve() == nil {
				t.Error("nobody is found out without it: the solver is blind, or the rule is not needed")
			}
		})
	}
}

// hiddenWhenUnanimous holds a number back only where it would say something of
// everybody: which says it.
func hiddenWhenUnanimous(w [][]int) string {
	if w[0][1] == 0 {
		return "held back"
	}
	return fmt.Sprint(min(max(w[0][1], 1), 15))
}
