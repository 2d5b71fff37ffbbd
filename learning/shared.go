package learning

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"undring/observation"
	"undring/refusal"
	"undring/school"
)

const (
	// HaveTried is how many others have to tell that they tried a learning before it can
	// become the practice of a school: one keen colleague is no practice.
	HaveTried = 3
	// MostAnswers is how many answers to a learning are shown, and how many one person
	// gives at most.
	MostAnswers = 50
	// MostShared is how many learnings a phone keeps of a school, and a search finds.
	MostShared = 50
)

// AnswerKind says what somebody answers a learning with.
// A question and a trial are what makes sharing a dialogue (F3); an answer of the two alone
// would leave it a monologue.
type AnswerKind string

// The kinds of answers. Question and Tried are others', FromTwo is by one of the two.
const (
	Question AnswerKind = "QUESTION"
	Tried    AnswerKind = "TRIED"
	FromTwo  AnswerKind = "ANSWER"
)

// Answer is what somebody answered a learning with.
type Answer struct {
	ID     uuid.UUID     `json:"id"`
	Person uuid.NullUUID `json:"person"` // nobody: a former colleague
	Kind   AnswerKind    `json:"kind"`
	Text   string        `json:"text"`
	Day    string        `json:"day"`
}

// Shared is what the two of a visit learned and share.
// It stands by itself: nothing of it points into the visit but its id, of which no reader
// learns, so that it can stay when the visit is withdrawn.
type Shared struct {
	ID        uuid.UUID
	School    uuid.UUID
	Visit     uuid.UUID
	Writer    uuid.UUID
	Other     uuid.UUID
	Team      uuid.NullUUID // nobody: the school
	Area      uuid.NullUUID
	Text      string
	Source    string
	Mark      string // WORKED_HERE or LET_US_TRY
	Published bool
	Day       time.Time

	Practice   string
	AgreedWith string
	DecidedBy  uuid.NullUUID
	DecidedOn  time.Time // a date; zero: it is no practice

	Answers     []Answer
	Tried       int // others who have told that they tried it
	Dialogue    bool
	Thanks      int  // as far as the reader may know
	Thanked     bool // by the reader
	WriterHere  bool // they still work at the school
	OtherHere   bool
	Today       time.Time // the date at the school when it was read
	MineAnswers int       // the reader's own
}

// ofTwo says whether somebody is one of the two.
func (l *Shared) ofTwo(person uuid.UUID) bool { return person == l.Writer || person == l.Other }

// from fills in what comes of the visit: refused before all was answered.
// Before that there is nothing learned to share: the answer is the half of the exchange that
// the observer didn't have.
func (l *Shared) from(v *observation.Visit, writer uuid.UUID) error {
	if v.State != observation.Answered && v.State != observation.Closed {
		return refusal.New(refusal.WrongState).With("state", string(v.State)).With("observation_id", v.ID.String())
	}
	l.School, l.Visit, l.Writer, l.Other = v.School, v.ID, writer, v.Observer
	if writer == v.Observer {
		l.Other = v.Observed
	}
	// What the visit was about, unless the writer names another area.
	if !l.Area.Valid {
		l.Area = v.Card.FocusArea
	}
	return nil
}

// approve is the yes of the other one; one that was given before stands.
// The writer has said yes by writing it. There is no "no": until the other one has said yes
// nobody else reads it, and either may take it back.
func (l *Shared) approve(person uuid.UUID) error {
	if person != l.Other {
		return refusal.New(refusal.NotYourMove)
	}
	if !l.Published {
		l.Published, l.Day = true, l.Today
	}
	return nil
}

// answer refuses an answer that is not somebody's to give.
// Each of the two may only answer, and nobody else may: so the count of those who tried it is
// of others, without asking who they are.
func (l *Shared) answer(person uuid.UUID, kind AnswerKind) error {
	switch {
	case !l.Published:
		return refusal.New(refusal.WrongState)
	case l.ofTwo(person) != (kind == FromTwo):
		return refusal.New(refusal.NotYourMove)
	case l.MineAnswers >= MostAnswers:
		return refusal.Beyond("text", refusal.TooMany, MostAnswers)
	}
	return nil
}

// thank refuses thanks to oneself, and for what is not published.
func (l *Shared) thank(person uuid.UUID) error {
	switch {
	case !l.Published:
		return refusal.New(refusal.WrongState)
	case l.ofTwo(person):
		return refusal.New(refusal.NotYourMove)
	}
	return nil
}

// decide makes the learning the practice of the school, where enough others have tried it.
// Decided again, the newer wording stands; who decided, and with whom it was agreed, go along.
func (l *Shared) decide(person uuid.UUID, leads bool, practice, agreedWith string) error {
	switch {
	case !leads:
		return refusal.New(refusal.RoleRequired).With("role", string(school.Leader))
	case !l.Published:
		return refusal.New(refusal.WrongState)
	case l.Tried < HaveTried:
		return refusal.New(refusal.TooFewHaveTried).With("tried", strconv.Itoa(l.Tried))
	}
	l.Practice, l.AgreedWith, l.DecidedBy, l.DecidedOn = practice, agreedWith, uuid.NullUUID{UUID: person, Valid: true}, l.Today
	return nil
}
