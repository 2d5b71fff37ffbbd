package feedback

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"undring/learning"
	"undring/observation"
	"undring/refusal"
	"undring/review"
	"undring/tables"
)

// Limits of an exchange. The contract states them for clients, the database for
// all.
const (
	MaxPoints        = 20
	MaxQuestions     = 5  // of each of the two
	MaxReplies       = 30 // of one thread: what is longer is a talk
	MaxConversations = 20
)

// Point is one feedback point.
type Point struct {
	ID    uuid.UUID
	Text  string
	Notes []uuid.UUID // that it rests on
	// Effect is what followed from it, as it looked to the observer: kept apart from what
	// was seen, as an interpretation is from a note.
	Effect  string
	Readers tables.Audience
}

// QuestionState is how a question stands.
type QuestionState string

// The states of a question.
const (
	Open              QuestionState = "OPEN"
	Answered          QuestionState = "ANSWERED"
	TalkedUnconfirmed QuestionState = "TALKED_UNCONFIRMED" // until the other one confirms a talk
	Talked            QuestionState = "TALKED"
	Parked            QuestionState = "PARKED"
)

// Question is one question, of either of the two.
type Question struct {
	ID        uuid.UUID
	Asker     uuid.UUID
	Addressee uuid.UUID
	Text      string
	Language  string
	Wondering bool // it counts as wondering
	StandBy   bool // its writer stood by it
	Notes     []uuid.UUID
	Source    string
	State     QuestionState
	Answer    string
	Settled   time.Time
	Due       time.Time
	Opening   *Opening // whether it opened something; nil: not said
	Readers   tables.Audience
}

// Opening is what the observed says of a question: whether it opened something. It is
// said to the one who asked, alone; no figure knows of it.
type Opening struct {
	Opened  bool
	Text    string
	At      time.Time
	Readers tables.Audience
}

// Reply is one entry of a thread.
type Reply struct {
	ID      uuid.UUID
	About   uuid.UUID // a point or a question
	Author  uuid.UUID
	Text    string
	At      time.Time
	Readers tables.Audience
}

// Correction is the observed's wording of a shared note.
type Correction struct {
	Text       string
	Resolution string // empty, ACCEPTED or BOTH_STAND
	At         time.Time
	Readers    tables.Audience
}

// OwnView is the observed's own two lines, held against what they had in mind.
type OwnView struct {
	Text    string
	Skipped bool
	At      time.Time
	Readers tables.Audience
}

// Conversation is a talk of the two.
type Conversation struct {
	ID          uuid.UUID
	RecordedBy  uuid.UUID
	TalkedAt    time.Time
	Minutes     int
	Summary     string
	ConfirmedBy uuid.NullUUID
	Created     time.Time
	Readers     tables.Audience
}

// Takeaway is what one of the two takes along.
type Takeaway struct {
	Edition  int // of the visit; a reopened one gets a new take-away
	Text     string
	Borrowed string
	Learning string
	At       time.Time
	Readers  tables.Audience
}

// Exchange is an exchange as one of the two may read it. Before the observed has
// opened the feedback, points, questions and shared notes are missing for them.
type Exchange struct {
	Visit         observation.Visit
	Points        []Point
	Questions     []Question
	Replies       []Reply
	Notes         []observation.Note // the caller's own, or those that were shared with them
	Corrections   map[uuid.UUID]Correction
	OwnView       *OwnView
	Conversations []Conversation // the oldest first
	Takeaways     []Takeaway     // the caller's own, the latest edition first
	Actions       []learning.Action
}

// mayRead says whether a person may read the feedback: its giver always, its
// receiver once it is opened.
func (e *Exchange) mayRead(person uuid.UUID) bool {
	return person == e.Visit.Observer || e.Visit.Opened
}

// question finds a question of the exchange. A handful of them is read faster in a row
// than by a map.
func (e *Exchange) question(id uuid.UUID) *Question {
	for i := range e.Questions {
		if e.Questions[i].ID == id {
			return &e.Questions[i]
		}
	}
	return nil
}

// note finds a note of the visit; nil for one that the reader may not see, too, since
// it was not read.
func (e *Exchange) note(id uuid.UUID) *observation.Note {
	for i := range e.Notes {
		if e.Notes[i].ID == id {
			return &e.Notes[i]
		}
	}
	return nil
}

// asked counts the questions of one of the two.
func (e *Exchange) asked(person uuid.UUID) int {
	n := 0
	for _, q := range e.Questions {
		if q.Asker == person {
			n++
		}
	}
	return n
}

// talkConfirmed says whether a talk of the two stands for both.
func (e *Exchange) talkConfirmed() bool {
	return slices.ContainsFunc(e.Conversations, func(c Conversation) bool { return c.ConfirmedBy.Valid })
}

// opensAnswer says whether a question can carry the visit: it wonders, and the
// observer asked it.
func (e *Exchange) opensAnswer(q *Question) bool {
	return q.Wondering && q.Asker == e.Visit.Observer
}

// answer is a wondering question of the observer's that words have settled; nil
// where there is none.
func (e *Exchange) answer() *Question {
	for i := range e.Questions {
		if q := &e.Questions[i]; e.opensAnswer(q) && (q.State == Answered || q.State == Talked) {
			return q
		}
	}
	return nil
}

// unsettled says what keeps the visit from being answered.
func (e *Exchange) unsettled() observation.Facts {
	facts := observation.Facts{}
	for _, q := range e.Questions {
		if q.State == Open || q.State == TalkedUnconfirmed {
			facts.Lack(observation.NeedSettled, q.ID.String())
		}
	}
	if len(facts) == 0 && e.answer() == nil {
		facts.Lack(observation.NeedSettled)
	}
	return facts
}

// count refreshes what the visit says of its open questions.
func (e *Exchange) count() {
	v := &e.Visit
	v.HasAnswer = v.HasAnswer || e.answer() != nil
	v.Open = observation.Open{}
	if v.State != observation.FeedbackGiven {
		return
	}
	for _, q := range e.Questions {
		switch {
		case q.State == TalkedUnconfirmed:
			v.Open.Unconfirmed++
			continue
		case q.State != Open:
			continue
		case q.Addressee == v.Observed:
			v.Open.ToObserved++
		default:
			v.Open.ToObserver++
		}
		if v.Open.Due.IsZero() || q.Due.Before(v.Open.Due) {
			v.Open.Due = q.Due
		}
	}
	for _, c := range e.Conversations {
		if !c.ConfirmedBy.Valid {
			v.Open.Recorder = uuid.NullUUID{UUID: c.RecordedBy, Valid: true}
		}
	}
}

// Gift is what the observer hands over, in one step.
type Gift struct {
	Points    []Point
	Questions []Question
	Shared    []uuid.UUID
}

// fresh is a copy that [Gift.check] may work on.
func (g *Gift) fresh() *Gift {
	return &Gift{Points: slices.Clone(g.Points), Questions: slices.Clone(g.Questions), Shared: slices.Clone(g.Shared)}
}

// kindsOf says of what kind each of some notes is.
func kindsOf(notes []observation.Note) map[uuid.UUID]observation.Kind {
	kinds := make(map[uuid.UUID]observation.Kind, len(notes))
	for i := range notes {
		kinds[notes[i].ID] = notes[i].Kind
	}
	return kinds
}

// check judges the questions, adds the notes that the gift rests on to those
// that are shared, and says what is missing. A note that is not the observer's
// own in this visit is not there.
func (g *Gift) check(notes []observation.Note) (observation.Facts, error) {
	kinds := kindsOf(notes)
	facts := observation.Facts{}
	if len(g.Points) == 0 {
		facts.Lack(observation.NeedPoint)
	}
	for _, p := range g.Points {
		if _, ok := p.evidence(kinds); !ok {
			facts.Lack(observation.NeedEvidence, p.ID.String())
		}
		g.Shared = append(g.Shared, p.Notes...)
	}
	wonders := false
	for i := range g.Questions {
		q := &g.Questions[i]
		q.judge()
		wonders = wonders || q.Wondering
		g.Shared = append(g.Shared, q.Notes...)
	}
	if !wonders {
		facts.Lack(observation.NeedWondering)
	}
	slices.SortFunc(g.Shared, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	g.Shared = slices.Compact(g.Shared)
	for _, id := range g.Shared {
		if _, own := kinds[id]; !own {
			return nil, refusal.New(refusal.NotThere).With("note_id", id.String())
		}
	}
	return facts, nil
}

// evidence is a note of the point's that tells of something seen or heard.
func (p *Point) evidence(kinds map[uuid.UUID]observation.Kind) (uuid.UUID, bool) {
	for _, id := range p.Notes {
		if kinds[id] == observation.Saw {
			return id, true
		}
	}
	return uuid.Nil, false
}

// judge says whether a question counts as wondering: the review finds so, or its
// writer stands by one that only does not open far enough; see review.Counts. That
// it was stood by is kept where it decided.
func (q *Question) judge() {
	kind := review.Question(q.Text, review.Language(q.Language)).Kind
	q.Wondering = review.Counts(kind, q.StandBy)
	q.StandBy = q.Wondering && kind != review.Wondering
}
