package guard

import "strings"

// Figure is one of the things that are counted.
type Figure int

// The figures, in the order in which they are read. A new one has its line in the
// manifest at the same place, or the package does not compile.
const (
	Visited Figure = iota
	Gave
	Hosted
	Answered
	InTime
	AskedBack
	Adjusted
	Questioned
	CarriedOut
	Reached
	OnArea
	Leaders

	// The pulse has a page of its own: its answers belong to no person, so that no
	// figure of the sheet can be held against them.
	PulseResponse
	PulseSafe
	PulseUseful
	PulseChoice
	PulseHeard
	PulseTogether
	LeadersPulseResponse
	LeadersPulseSafe
	LeadersPulseUseful
	LeadersPulseChoice
	LeadersPulseHeard
	LeadersPulseTogether

	// Figures is how many there are.
	Figures
)

// Budget is how many figures a page has at most (P14).
const Budget = 12

// Staff is whom a figure is about.
type Staff int

// Whom a figure is about: those who teach; those who lead. Whoever does both counts as
// a teacher in the figures of teachers, and as a leader in those of leaders.
const (
	Teaching Staff = iota
	Leading
	staffs
)

// Page is where a figure is told.
type Page int

// The pages.
const (
	Sheet Page = iota
	Pulse
)

// Line is what the manifest says of a figure.
type Line struct {
	Figure Figure
	Name   string // the same for ever: rows and clients know the figure by it
	Page   Page
	Staff  Staff
	// Among are the figures of which this one is a part, the nearest ones: whoever
	// has a yes here has one there. None: it counts among everybody.
	Among []Figure
	// InWords is told as few, some or most whatever the school chose.
	InWords bool
}

var manifest = [...]Line{
	{Visited, "VISITED", Sheet, Teaching, nil, false},
	{Gave, "GAVE", Sheet, Teaching, []Figure{Visited}, false},
	{Hosted, "HOSTED", Sheet, Teaching, nil, false},
	{Answered, "ANSWERED", Sheet, Teaching, []Figure{Hosted}, false},
	{InTime, "IN_TIME", Sheet, Teaching, []Figure{Gave}, false},
	{AskedBack, "ASKED_BACK", Sheet, Teaching, []Figure{Hosted}, false},
	{Adjusted, "ADJUSTED", Sheet, Teaching, []Figure{Hosted}, false},
	{Questioned, "QUESTIONED", Sheet, Teaching, []Figure{Hosted}, false},
	{CarriedOut, "CARRIED_OUT", Sheet, Teaching, []Figure{Hosted}, false},
	{Reached, "REACHED", Sheet, Teaching, []Figure{Visited}, false},
	{OnArea, "ON_AREA", Sheet, Teaching, []Figure{Visited}, false},
	{Leaders, "LEADERS", Sheet, Leading, nil, false},

	{PulseResponse, "PULSE_RESPONSE", Pulse, Teaching, nil, true},
	{PulseSafe, "PULSE_SAFE", Pulse, Teaching, []Figure{PulseResponse}, false},
	{PulseUseful, "PULSE_USEFUL", Pulse, Teaching, []Figure{PulseResponse}, false},
	{PulseChoice, "PULSE_CHOICE", Pulse, Teaching, []Figure{PulseResponse}, false},
	{PulseHeard, "PULSE_HEARD", Pulse, Teaching, []Figure{PulseResponse}, false},
	{PulseTogether, "PULSE_TOGETHER", Pulse, Teaching, []Figure{PulseResponse}, false},
	{LeadersPulseResponse, "LEADERS_PULSE_RESPONSE", Pulse, Leading, nil, true},
	{LeadersPulseSafe, "LEADERS_PULSE_SAFE", Pulse, Leading, []Figure{LeadersPulseResponse}, false},
	{LeadersPulseUseful, "LEADERS_PULSE_USEFUL", Pulse, Leading, []Figure{LeadersPulseResponse}, false},
	{LeadersPulseChoice, "LEADERS_PULSE_CHOICE", Pulse, Leading, []Figure{LeadersPulseResponse}, false},
	{LeadersPulseHeard, "LEADERS_PULSE_HEARD", Pulse, Leading, []Figure{LeadersPulseResponse}, false},
	{LeadersPulseTogether, "LEADERS_PULSE_TOGETHER", Pulse, Leading, []Figure{LeadersPulseResponse}, false},
}

// A figure without its line makes this not compile.
var _ [Figures]Line = manifest

// Manifest lists the figures of a page, in the order in which they are read.
func Manifest(p Page) []Line {
	var out []Line
	for _, l := range manifest {
		if l.Page == p {
			out = append(out, l)
		}
	}
	return out
}

// ByName finds a figure's line by its name.
func ByName(name string) (Line, bool) {
	for _, l := range manifest {
		if l.Name == name {
			return l, true
		}
	}
	return Line{}, false
}

// Line is what the manifest says of the figure.
func (f Figure) Line() Line { return manifest[f] }

// Named is the figure without whom it is about: the leaders' answers to the pulse
// are to the same statements.
func (l Line) Named() string {
	if l.Figure == Leaders {
		return l.Name
	}
	return strings.TrimPrefix(l.Name, "LEADERS_")
}
