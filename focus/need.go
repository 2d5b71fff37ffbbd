package focus

import (
	"crypto/md5"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"undring/refusal"
	"undring/school"
)

const (
	// AnswerDays is within how many school days a need gets a status: the staff of the
	// study waited months, and stopped asking.
	AnswerDays = 10
	// MostStories is how many stories of a need are shown.
	MostStories = 20
	// MostNeedsOnPhone is how many needs of a school a phone keeps.
	MostNeedsOnPhone = 100
	// answeredOnPhone is for how many days a phone keeps what is settled.
	answeredOnPhone = 90
	// MostOpenNeeds is how many open needs somebody has at a school in their own name at
	// most: a box that one person fills is nobody else's.
	MostOpenNeeds = 30
)

// Status says what becomes of a need. Each but the first comes with a leader's
// reason.
type Status string

// Open is the status of a need that nobody has answered. The others a leader chooses:
// CONSIDERED, TAKEN_UP, DONE and NOT_NOW.
const Open Status = "OPEN"

// Story is what somebody tells of a need from their practice. It always bears its teller's
// name: an anonymous story from a classroom is easily traced.
type Story struct {
	Person uuid.UUID `json:"person"`
	Text   string    `json:"text"`
	Day    string    `json:"day"`
}

// Need is something that somebody needs in their everyday work.
type Need struct {
	ID         uuid.UUID
	School     uuid.UUID
	Text       string
	Person     uuid.NullUUID // nobody: anonymous
	Day        time.Time     // a date, at midnight UTC
	Due        time.Time     // the date by which a leader is to have answered
	Today      time.Time     // the date at the school when it was read
	Status     Status
	Answer     string
	AnsweredBy uuid.NullUUID
	AnsweredOn time.Time // a date; zero: open
	Supporters int
	Supported  bool // by the reader
	Stories    []Story
	Revision   int64
}

// due is the date by which a need of some day is to be answered: ten school days later.
// Counted from noon, which is the same day in every zone and on the days on which clocks are
// changed.
func due(day time.Time, c school.Calendar) time.Time {
	y, m, d := day.Date()
	return c.DateOf(c.NextSchoolDay(time.Date(y, m, d, 12, 0, 0, 0, c.Zone()), AnswerDays))
}

// Overdue says whether that date is over, and nobody has answered.
func (n *Need) Overdue() bool { return n.Status == Open && n.Due.Before(n.Today) }

// answer lets a leader say what becomes of the need. revision is the one that they have seen.
// It may be answered again: what was considered is taken up, or was not possible after all.
func (n *Need) answer(leads bool, by uuid.UUID, revision int64, status Status, why string) error {
	switch {
	case !leads:
		return refusal.New(refusal.RoleRequired).With("role", string(school.Leader))
	case revision != n.Revision:
		return refusal.ChangedSince(n.Revision)
	}
	n.Status, n.Answer, n.AnsweredBy, n.AnsweredOn = status, why, uuid.NullUUID{UUID: by, Valid: true}, n.Today
	n.Revision++
	return nil
}

// digest is by what needs of one day are sorted: it says nothing of when one was written. It
// hides nothing, so a short and quick sum will do; the database sorts by the same one.
func digest(id uuid.UUID) string {
	sum := md5.Sum([]byte(id.String()))
	return hex.EncodeToString(sum[:])
}
