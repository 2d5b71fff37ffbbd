package observation

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"undring/refusal"
	"undring/tables"
)

// Limits of a visit. The contract states them for clients, the database for all.
const (
	// MaxLesson is how long a lesson lasts at most.
	MaxLesson = 4 * time.Hour
	// LongestBack is how long ago a lesson may have begun when it is proposed:
	// two who stood in the same room yesterday can still talk about it.
	LongestBack = 24 * time.Hour
	// FurthestAhead is how far in the future a lesson may be proposed: a school
	// year and its summer.
	FurthestAhead = 400 * 24 * time.Hour
	// NotesOpen is how long before the lesson notes can be written, and the
	// visit be said to take place.
	NotesOpen = 15 * time.Minute
	// Patience is how long after the lesson a visit that nobody went to expires.
	Patience = 14 * 24 * time.Hour
	// DefaultTalk is how long a talk is booked for when nobody says, in minutes;
	// Udir's guidance has 30 to 45.
	DefaultTalk = 30
	// MaxNotes is how many notes a visit has at most.
	MaxNotes = 500
	// MaxMoments is how many moments each of the two keeps of a visit at most.
	MaxMoments = 100
)

// AgreementVersion is the version of the text that both say yes to. A new text
// gets a new version; what was agreed to before keeps its own.
const AgreementVersion = "2026-12"

// Talk is the talk that is booked with a visit.
type Talk struct {
	At      time.Time // zero: when the lesson ends
	Minutes int
	Arena   string // empty: left open
}

// Card is what the observed writes before a visit is agreed.
type Card struct {
	Focus          string    // what they wonder about in their own teaching
	Intention      string    // what they plan, and why they believe that it works
	Expectation    string    // what they expect to happen if it works
	Intended       time.Time // when these two were written; zero: never
	Later          Later     // how they are put since the lesson began
	LookFor        string
	DoNotNote      string
	WantedFeedback string
	FocusArea      uuid.NullUUID
}

// Later is how the observed puts intention and expectation once the lesson has begun.
// It stands beside what was written before and replaces nothing of it.
type Later struct {
	Intention   string
	Expectation string
	At          time.Time // zero: they were left as they are
}

// Consent is one yes to what a visit promises.
type Consent struct {
	At      time.Time // zero: not yet
	Version string
}

// Visit is one visit as it stands, with what is needed to say whose move it is.
// It holds no word of the exchange.
type Visit struct {
	ID        uuid.UUID
	School    uuid.UUID
	Observer  uuid.UUID
	Observed  uuid.UUID
	Peers     string    // TEACHER or LEADER: what both are
	Occasion  uuid.UUID // the lesson: one for the two visits of a mutual one
	Twin      uuid.NullUUID
	Round     uuid.NullUUID
	State     State
	Seq       int
	Awaits    uuid.NullUUID
	Start     time.Time
	End       time.Time
	Place     string
	CoTaught  bool
	Talk      Talk
	Card      Card
	Suggested string // the observer's suggestion of a focus

	ObserverConsent Consent
	ObservedConsent Consent

	FeedbackDue time.Time // zero: not due yet
	AnswerDue   time.Time
	TakeawayDue time.Time

	Opened       bool // the observed has recorded, or skipped, their own view
	Acknowledged time.Time
	ExitWish     uuid.NullUUID
	ReopenWish   uuid.NullUUID
	Edition      int           // counts the reopenings, from 1
	HasAnswer    bool          // words have settled a wondering question
	Takeaways    map[Role]bool // who has written one, of this edition

	Revision int64
	Created  time.Time
	Updated  time.Time
	Readers  tables.Audience // of the card, the place and the suggestion

	Open Open

	// Left are those of the two who have left the school. EndedAlone is who has ended
	// the visit without the other one.
	Left       map[Role]bool
	EndedAlone uuid.NullUUID

	// Move is the other time that is proposed for an agreed visit; nil: none is.
	Move *Move

	// NameWish is a name that one of the two would take out of the texts; nil: nobody would.
	NameWish *NameWish

	// Unseen is what one of the two has not seen yet, the oldest first.
	Unseen []Unseen
}

// Open is what is unsettled in the exchange; counted in FEEDBACK_GIVEN only.
type Open struct {
	ToObserved  int           // questions that wait for the observed
	ToObserver  int           // questions that wait for the observer
	Due         time.Time     // the nearest of their due times
	Unconfirmed int           // settled by "we talked", not confirmed yet
	Recorder    uuid.NullUUID // who recorded the talk that waits to be confirmed
}

// RoleOf says what a person is in the visit; false for everybody else.
func (v *Visit) RoleOf(person uuid.UUID) (Role, bool) {
	switch person {
	case v.Observer:
		return AsObserver, true
	case v.Observed:
		return AsObserved, true
	}
	return "", false
}

// Who says in what standing a person moves the visit.
func (v *Visit) Who(person uuid.UUID) Who {
	role, _ := v.RoleOf(person)
	awaits := v.Awaits
	if v.Move != nil {
		awaits = uuid.NullUUID{UUID: v.otherOf(v.Move.By), Valid: true}
	}
	return Who{Role: role, Awaited: awaits.Valid && awaits.UUID == person}
}

// Person is the one of the two who has the role.
func (v *Visit) Person(r Role) uuid.UUID {
	if r == AsObserver {
		return v.Observer
	}
	return v.Observed
}

// otherOf is the other one of the two.
func (v *Visit) otherOf(person uuid.UUID) uuid.UUID {
	role, _ := v.RoleOf(person)
	return v.Person(role.Other())
}

// tooFarAhead refuses a time that lies further ahead than a school plans.
func tooFarAhead(field string) error {
	return refusal.Beyond(field, refusal.TooFarAhead, int(FurthestAhead/(24*time.Hour)))
}

// CheckSpan refuses a lesson that ends before it starts, lasts too long, or is
// too long ago or too far ahead.
func CheckSpan(start, end, now time.Time) error {
	switch {
	case !end.After(start), end.Sub(start) > MaxLesson:
		return refusal.Beyond("end_time", refusal.Span, int(MaxLesson/time.Hour))
	case start.Before(now.Add(-LongestBack)):
		return refusal.Beyond("start_time", refusal.TooFarBack, int(LongestBack/time.Hour))
	case start.After(now.Add(FurthestAhead)):
		return tooFarAhead("start_time")
	}
	return nil
}

// Todo is what is to be done next.
type Todo string

// What can be to do. Empty: the visit has ended.
const (
	AnswerProposal     Todo = "ANSWER_PROPOSAL"
	SetFocus           Todo = "SET_FOCUS"
	PayVisit           Todo = "VISIT"
	GiveFeedback       Todo = "GIVE_FEEDBACK"
	RecordOwnView      Todo = "RECORD_OWN_VIEW"
	AnswerQuestions    Todo = "ANSWER_QUESTIONS"
	RecordConversation Todo = "RECORD_CONVERSATION"
	Confirm            Todo = "CONFIRM_CONVERSATION"
	RecordTakeaway     Todo = "RECORD_TAKEAWAY"
	AnswerWish         Todo = "ANSWER_WISH"
	AnswerMove         Todo = "ANSWER_MOVE"
	ToEndAlone         Todo = "END_ALONE"
	SeeChange          Todo = "SEE_CHANGE"
)

// Todos lists everything that can be to do.
func Todos() []Todo {
	return []Todo{AnswerProposal, SetFocus, PayVisit, GiveFeedback, RecordOwnView,
		AnswerQuestions, RecordConversation, Confirm, RecordTakeaway, AnswerWish, AnswerMove, ToEndAlone, SeeChange}
}

// NextStep says whose move it is, what is to be done, and by when. Both of the two
// see the same.
type NextStep struct {
	Movers []uuid.UUID // one, both, or nobody once the visit has ended
	Todo   Todo
	Due    time.Time // zero: nothing is due
	// Late: the due time of a promise has passed. What is merely ahead, such as
	// the lesson, is never late.
	Late bool
}

// NextStep says whose move it is at a time.
func (v *Visit) NextStep(now time.Time) NextStep {
	s := v.next()
	ahead := s.Todo == AnswerProposal || s.Todo == SetFocus || s.Todo == PayVisit || s.Todo == AnswerMove || s.Todo == SeeChange
	s.Late = !ahead && !s.Due.IsZero() && s.Due.Before(now)
	return s
}

// next says whose move it is, what there is to do, and until when. Every reply and every
// screen tells it from here.
func (v *Visit) next() NextStep {
	if alone := v.alone(); len(alone) > 0 && underWay(v.State) {
		return NextStep{Movers: alone, Todo: ToEndAlone}
	}
	step := v.nextByState()
	if asked, wished := v.asked(); wished {
		return v.answerTo(asked, step)
	}
	if n := v.NameWish; n != nil && !v.hasLeft(n.By) {
		return v.answerTo(v.otherOf(n.By), step)
	}
	if step.Todo == "" {
		return v.toSee()
	}
	return step
}

// answerTo is the step of somebody whom a wish waits for, in place of what the visit asks
// for by itself. Their own promise stays due: a wish is no way around it.
func (v *Visit) answerTo(asked uuid.UUID, step NextStep) NextStep {
	if !slices.Contains(step.Movers, asked) {
		step.Due = time.Time{}
	}
	return NextStep{Movers: []uuid.UUID{asked}, Todo: AnswerWish, Due: step.Due}
}

// nextByState is the move that the state of the visit asks for.
func (v *Visit) nextByState() NextStep {
	observer, observed := []uuid.UUID{v.Observer}, []uuid.UUID{v.Observed}
	switch v.State {
	case Proposed:
		if !Says(v.Card.Focus) {
			return NextStep{Movers: observed, Todo: SetFocus, Due: v.Start}
		}
		return NextStep{Movers: []uuid.UUID{v.Awaits.UUID}, Todo: AnswerProposal, Due: v.Start}
	case Agreed:
		if v.Move != nil {
			return NextStep{Movers: []uuid.UUID{v.otherOf(v.Move.By)}, Todo: AnswerMove, Due: v.Start}
		}
		return NextStep{Movers: observer, Todo: PayVisit, Due: v.Start}
	case Observed:
		return NextStep{Movers: observer, Todo: GiveFeedback, Due: v.FeedbackDue}
	case FeedbackGiven:
		return v.nextInExchange(observer, observed)
	case Answered:
		var movers []uuid.UUID
		for _, r := range []Role{AsObserver, AsObserved} {
			if !v.Takeaways[r] {
				movers = append(movers, v.Person(r))
			}
		}
		return NextStep{Movers: movers, Todo: RecordTakeaway, Due: v.TakeawayDue}
	default:
		return NextStep{}
	}
}

// nextInExchange is the move between feedback and answer: open the feedback,
// answer what is open, then confirm the talk that has settled the rest.
func (v *Visit) nextInExchange(observer, observed []uuid.UUID) NextStep {
	both := []uuid.UUID{v.Observer, v.Observed}
	switch o := v.Open; {
	case !v.Opened:
		return NextStep{Movers: observed, Todo: RecordOwnView, Due: v.AnswerDue}
	case o.ToObserved > 0 && o.ToObserver > 0:
		return NextStep{Movers: both, Todo: AnswerQuestions, Due: o.Due}
	case o.ToObserved > 0:
		return NextStep{Movers: observed, Todo: AnswerQuestions, Due: o.Due}
	case o.ToObserver > 0:
		return NextStep{Movers: observer, Todo: AnswerQuestions, Due: o.Due}
	case o.Unconfirmed > 0 && !o.Recorder.Valid:
		return NextStep{Movers: both, Todo: RecordConversation, Due: v.AnswerDue}
	case o.Unconfirmed > 0 && o.Recorder.UUID == v.Observer:
		return NextStep{Movers: observed, Todo: Confirm, Due: v.AnswerDue}
	case o.Unconfirmed > 0:
		return NextStep{Movers: observer, Todo: Confirm, Due: v.AnswerDue}
	default: // all is parked: one wondering question still wants words
		return NextStep{Movers: observed, Todo: AnswerQuestions, Due: v.AnswerDue}
	}
}

// itoa writes a revision into a refusal's metadata.
func itoa(n int64) string { return strconv.FormatInt(n, 10) }
