package load

import (
	"math"
	"time"

	"github.com/google/uuid"
)

// Size says how much [Fill] makes. All of it belongs to one school owner. Every number but
// the notes' is exact; a test holds the rows against the schema's rules.
type Size struct {
	Owner    uuid.UUID
	Schools  int
	Teachers int // of all schools together; at least four a school
	Visits   int
	// NotesEach is how many notes each visit has that came as far as notes, and
	// still has them (four in five); at most 32.
	NotesEach int
	// Now is where the generated past ends: the newest visits are under way.
	Now time.Time
}

// notesEach is more than a page of ListNotes. A page has 20, and reading it has to find
// more.
const notesEach = 24

// OfNotes is the size at which there are about so many notes, with visits and
// people in proportion; ten thousand at least. Ten visits a teacher, 25 teachers a school;
// about four in five visits still have their notes, by the shares in chosenVisits.
func OfNotes(notes int, owner uuid.UUID, now time.Time) Size {
	const withNotes, visitsEach, teachersEach, fewest = 0.79, 10, 25, 50
	teachers := max(int(float64(notes)/notesEach/withNotes/visitsEach), fewest)
	return Size{Owner: owner, Schools: teachers / teachersEach, Teachers: teachers, Visits: visitsEach * teachers, NotesEach: notesEach, Now: now}
}

// rounds is how many visits each teacher pays, one a week. Rounded up: the last one may be
// short.
func (s Size) rounds() int { return (s.Visits + s.Teachers - 1) / s.Teachers }

// smallest is how many teachers a school has at least.
const smallest = 4

// staffs deals the teachers out to the schools as Norwegian ones are spread: log
// normal, so that a quarter are small (27 % of primary schools have under 100
// pupils, and some eleven teachers) and a few have a hundred teachers.
func (s Size) staffs() []int32 {
	const spread = 0.87
	weights, sum := make([]float64, s.Schools), 0.0
	for i := range weights {
		p := (float64(i) + 0.5) / float64(s.Schools)
		weights[i] = math.Exp(spread * math.Sqrt2 * math.Erfinv(2*p-1))
		sum += weights[i]
	}
	staffs, left := make([]int32, s.Schools), s.Teachers
	for i, w := range weights {
		n := max(int(math.Round(w/sum*float64(s.Teachers))), smallest)
		if i == len(weights)-1 { // the largest takes what rounding left
			n = max(left, smallest)
		}
		staffs[i] = int32(n)
		left -= n
	}
	return staffs
}

// recentWeeks is how many of the newest weeks have to follow one another.
const recentWeeks = 5

// mondays are the first days of the weeks that visits happen in, newest first: the
// five days until now, then the school weeks before them, without the holidays of
// summer and Christmas. The older half come before the end of the newest half-year that has a
// sheet, so that the sheet has something to count.
func (s Size) mondays(weeks int) []time.Time {
	day := s.Now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -5)
	_, closed := s.closedTerm().Span(time.UTC)
	out := []time.Time{day}
	for monday := mondayBefore(day); len(out) < weeks; monday = monday.AddDate(0, 0, -7) {
		if len(out) == max(weeks/2, recentWeeks) && monday.After(closed) {
			monday = mondayBefore(closed)
		}
		if _, week := monday.ISOWeek(); week > 1 && week < 25 || week > 33 && week < 52 {
			out = append(out, monday)
		}
	}
	return out
}

// mondayBefore is the first day of the week before a day's.
func mondayBefore(day time.Time) time.Time { return day.AddDate(0, 0, -7-(int(day.Weekday())+6)%7) }

// Kinds of generated ids. The kind stands within the id, so ids of two kinds never meet.
const (
	personID = 1 + iota
	visitID
	noteID
	occasionID
	pointID
	questionID
	schoolID
	teamID
	sessionID
)

// epoch is where the time within generated ids begins. It is long before now: an id that is
// made while it is measured sorts behind every generated one, by which tidy knows it.
var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// id is the n-th id of a kind: a UUIDv7, so that ids sort as they were made, that
// SQL computes as well (see generatedID).
func id(kind, n int) uuid.UUID {
	var u uuid.UUID
	put := func(at, bytes int, v uint64) {
		for i := bytes - 1; i >= 0; i-- {
			u[at+i] = byte(v)
			v >>= 8
		}
	}
	put(0, 6, uint64(epoch+int64(n)))
	put(6, 2, uint64(0x7000+kind))
	put(8, 2, 0x8000)
	put(10, 6, uint64(n))
	return u
}

// Teacher is the id of the n-th teacher, and Session that of their session.
func (s Size) Teacher(n int) uuid.UUID { return id(personID, n) }

// Session is the id of the session of the n-th teacher.
func (s Size) Session(n int) uuid.UUID { return id(sessionID, n) }

// School is the id of the n-th school, the smallest first.
func (s Size) School(n int) uuid.UUID { return id(schoolID, n) }

// Leader is the id of the leader of the n-th school.
func (s Size) Leader(n int) uuid.UUID { return id(personID, s.Teachers+n) }

// Visit is the id of the n-th visit, the oldest first.
func (s Size) Visit(n int) uuid.UUID { return id(visitID, n) }
