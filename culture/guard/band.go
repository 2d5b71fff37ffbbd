package guard

// The limits. They are constants; no setting lowers them.
const (
	// Least is how many people stand behind every figure at least.
	Least = 8
	// Accomplices tell a reader what they know of themselves; so many may.
	Accomplices = 2
	// SignInDays are the days on which an account has been signed in by the person whose it
	// is, and RosterDays those for which it has been in the roster, before it is one of the
	// people who stand behind a figure. The database counts no further than the former.
	SignInDays = 3
	RosterDays = 30
	// leastEnd is how many an end hides at least.
	leastEnd = Accomplices + 1
)

// Form is how a school is told its figures.
type Form int

// The forms: numbers with closed ends; or few, some, most.
const (
	Numbers Form = iota
	Words
)

// Kind is what is told of a count.
type Kind string

// The kinds. The last ones tell nothing, and why.
const (
	Number      Kind = "NUMBER"
	LowEnd      Kind = "LOW_END"
	HighEnd     Kind = "HIGH_END"
	Between     Kind = "BETWEEN"
	TooFew      Kind = "TOO_FEW"
	TooFewAmong Kind = "TOO_FEW_AMONG"
)

// Kinds are all that can be told.
func Kinds() []Kind { return []Kind{Number, LowEnd, HighEnd, Between, TooFew, TooFewAmong} }

// Band is what is told of one figure of one group. Where nothing is told, the
// limits are 0.
type Band struct {
	Kind      Kind
	Low, High int // the count is at least, at most
	// People are those among whom is counted, at least and at most.
	PeopleLow, PeopleHigh int
}

// Shown says whether anything is told.
func (b Band) Shown() bool { return b.Kind != TooFew && b.Kind != TooFewAmong }

// rules are those that hold. Tests leave one out at a time.
type rules struct {
	noAmong bool // without P2: every figure counts among everybody
	noEnds  bool // without P4: ends are exact
	noParts bool // without P12: a part of a figure counts among the people of the first one
	noSums  bool // without P12 over groups: a whole is told besides its parts
	byValue bool // without P3: what would be at an end is held back
	least   int
}

// strict are the rules, all of them.
var strict = rules{least: Least}

// ends is how many an end hides in a group of so many.
func (r rules) ends(n int, f Form) int {
	if r.noEnds {
		return 0
	}
	share := 10
	if f == Words {
		share = 4
	}
	return max(leastEnd, (n+share-1)/share)
}

// close says a count among people of whom low to high is known.
func (r rules) close(low, high, count int, f Form) Band {
	b := Band{PeopleLow: low, PeopleHigh: high}
	e := r.ends(low, f)
	switch {
	case r.byValue && (count <= e || count >= low-e):
		return Band{Kind: TooFew}
	case r.noEnds:
		b.Kind, b.Low, b.High = Number, count, count
	case count >= low-e:
		b.Kind, b.Low, b.High = HighEnd, low-e, high
	case count <= e:
		b.Kind, b.Low, b.High = LowEnd, 0, e
	case f == Words:
		b.Kind, b.Low, b.High = Between, e+1, low-e-1
	default:
		b.Kind, b.Low, b.High = Number, count, count
	}
	return b
}

// everybody says a count among all of a group. How many they are is said in steps.
func (r rules) everybody(n, count int, f Form) Band {
	if n < r.least {
		return Band{Kind: TooFew}
	}
	b := r.close(n, n, count, f)
	if !b.Shown() {
		return b
	}
	b.PeopleLow, b.PeopleHigh = step(n)
	if b.Kind == HighEnd {
		b.Low, b.High = b.PeopleLow-r.ends(n, f), b.PeopleHigh
	}
	return b
}

// Alone tells a count among all of a group that stands on no sheet, once, such as how many
// of a team took part in something: there is no whole and no part to compare it with.
func Alone(n, count int) Band { return strict.everybody(n, count, Numbers) }

// among tells a count among the people of other figures.
func (r rules) among(bases []Band, count int, f Form) Band {
	low, high, shown := least(bases)
	if !shown || low < r.least {
		return Band{Kind: TooFewAmong}
	}
	return r.close(low, high, count, f)
}

// least is what is known of people who have a yes in each of some figures: at most
// as many as in the smallest of them.
func least(bases []Band) (low, high int, shown bool) {
	for i, b := range bases {
		if !b.Shown() {
			return 0, 0, false
		}
		if i == 0 {
			low, high = b.Low, b.High
		}
		low, high = min(low, b.Low), min(high, b.High)
	}
	return low, high, true
}

// steps of sizes: the last people of one step and the first of the next are told
// apart, those within are not.
var steps = []int{1, 8, 12, 16, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 4000, 5000, 7500, 10_000, 15_000, 20_000, 50_000, 100_000, 1_000_000}

// step is the step that a size is in.
func step(n int) (low, high int) {
	for i := len(steps) - 2; i >= 0; i-- {
		if n >= steps[i] {
			return steps[i], steps[i+1] - 1
		}
	}
	return 0, 0
}
