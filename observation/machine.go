package observation

import (
	"slices"

	"undring/refusal"
)

// State is where a visit stands.
type State string

// The states of a visit, in the order of its life.
const (
	// None is the state of a visit that is not there yet.
	None State = "NONE"
	// Proposed: one has asked, the other has not answered.
	Proposed State = "PROPOSED"
	// Agreed: both have said yes, and the focus is set.
	Agreed State = "AGREED"
	// Observed: the visit took place.
	Observed State = "OBSERVED"
	// FeedbackGiven: the observer has given feedback and asked.
	FeedbackGiven State = "FEEDBACK_GIVEN"
	// Answered: every question is settled, a wondering one by words.
	Answered State = "ANSWERED"
	// Closed: both have written what they take with them.
	Closed State = "CLOSED"
	// ClosedWithoutExchange: the honest exit, which both have taken.
	ClosedWithoutExchange State = "CLOSED_WITHOUT_EXCHANGE"
	// Declined: the other one said no.
	Declined State = "DECLINED"
	// Cancelled: one of the two called it off.
	Cancelled State = "CANCELLED"
	// Expired: nobody went.
	Expired State = "EXPIRED"
	// Withdrawn: one of the two withdrew, or the months are over for which the school
	// keeps words; no word is left.
	Withdrawn State = "WITHDRAWN"
)

// States lists every state that a visit can be found in.
func States() []State {
	return []State{Proposed, Agreed, Observed, FeedbackGiven, Answered, Closed,
		ClosedWithoutExchange, Declined, Cancelled, Expired, Withdrawn}
}

// Event is what moves a visit.
type Event string

// The events.
const (
	Propose  Event = "PROPOSE"
	Counter  Event = "COUNTER"
	Accept   Event = "ACCEPT"
	Decline  Event = "DECLINE"
	Cancel   Event = "CANCEL"
	Expire   Event = "EXPIRE"
	Observe  Event = "OBSERVE"
	Give     Event = "GIVE"
	Settle   Event = "SETTLE"
	AskBack  Event = "ASK_BACK"
	Close    Event = "CLOSE"
	Exit     Event = "EXIT"
	Reopen   Event = "REOPEN"
	Withdraw Event = "WITHDRAW"
	Forget   Event = "FORGET"
	Moved    Event = "MOVE"
	// EndAlone and CloseAlone are of whom the other one has left.
	EndAlone   Event = "END_ALONE"
	CloseAlone Event = "CLOSE_ALONE"
)

// Role is what someone is in one visit.
type Role string

// The two of a visit. Nobody else has a role in it.
const (
	AsObserver Role = "OBSERVER"
	AsObserved Role = "OBSERVED"
)

// Other is the other one of the two.
func (r Role) Other() Role {
	if r == AsObserver {
		return AsObserved
	}
	return AsObserver
}

// Mover says whose move an event is.
type Mover string

// Whose move an event can be.
const (
	ByObserver Mover = "OBSERVER"
	ByObserved Mover = "OBSERVED"
	ByAwaited  Mover = "AWAITED" // the one whom the proposal waits for
	ByEither   Mover = "EITHER"
	ByHouse    Mover = "HOUSE" // nobody's: time did it
)

// Need is something that must hold before an event, with the reason that its
// absence is refused with.
type Need refusal.Reason

// What an event can need. [Facts] says what is missing.
const (
	NeedFree      = Need(refusal.DoubleBooked)
	NeedNoDebt    = Need(refusal.ExchangeOverdue)
	NeedFocus     = Need(refusal.FocusMissing)
	NeedNotBegun  = Need(refusal.LessonStarted)
	NeedItsTime   = Need(refusal.TooEarly)
	NeedPoint     = Need(refusal.FeedbackPointMissing)
	NeedEvidence  = Need(refusal.EvidenceMissing)
	NeedWondering = Need(refusal.WonderingQuestionMissing)
	NeedSettled   = Need(refusal.QuestionOpen)
	NeedTakeaways = Need(refusal.TakeawayMissing)
	NeedOwnView   = Need(refusal.OwnViewMissing)
	NeedOther     = Need(refusal.PersonLeft)
	NeedAlone     = Need(refusal.OtherIsThere)
)

// Arrow is one way on.
type Arrow struct {
	From  State
	Event Event
	To    State
	By    Mover
	Needs []Need
}

var arrows = []Arrow{
	{None, Propose, Proposed, ByEither, []Need{NeedFree, NeedNoDebt}},
	{Proposed, Counter, Proposed, ByAwaited, []Need{NeedOther, NeedFree, NeedNoDebt}},
	{Proposed, Accept, Agreed, ByAwaited, []Need{NeedOther, NeedFocus, NeedFree, NeedNoDebt}},
	{Proposed, Decline, Declined, ByAwaited, nil},
	{Proposed, Cancel, Cancelled, ByEither, nil},
	{Proposed, Expire, Expired, ByHouse, nil},
	{Agreed, Moved, Agreed, ByAwaited, []Need{NeedOther, NeedFree}},
	{Agreed, Cancel, Cancelled, ByEither, []Need{NeedNotBegun}},
	{Agreed, Expire, Expired, ByHouse, nil},
	{Agreed, Observe, Observed, ByObserver, []Need{NeedItsTime}},
	{Observed, Give, FeedbackGiven, ByObserver, []Need{NeedPoint, NeedEvidence, NeedWondering}},
	{Observed, Exit, ClosedWithoutExchange, ByEither, nil},
	{FeedbackGiven, Exit, ClosedWithoutExchange, ByEither, nil},
	{FeedbackGiven, Settle, Answered, ByEither, []Need{NeedSettled}},
	{Answered, AskBack, FeedbackGiven, ByObserved, []Need{NeedOwnView}},
	{Answered, Close, Closed, ByEither, []Need{NeedTakeaways}},
	{Closed, Reopen, Answered, ByEither, nil},
	{Proposed, EndAlone, Cancelled, ByEither, []Need{NeedAlone}},
	{Agreed, EndAlone, Cancelled, ByEither, []Need{NeedAlone}},
	{Observed, EndAlone, ClosedWithoutExchange, ByEither, []Need{NeedAlone}},
	{FeedbackGiven, EndAlone, ClosedWithoutExchange, ByEither, []Need{NeedAlone}},
	{Answered, EndAlone, ClosedWithoutExchange, ByEither, []Need{NeedAlone}},
	{Answered, CloseAlone, Closed, ByEither, []Need{NeedAlone}},
	{Proposed, Withdraw, Withdrawn, ByEither, nil},
	{Agreed, Withdraw, Withdrawn, ByEither, nil},
	{Observed, Withdraw, Withdrawn, ByEither, nil},
	{FeedbackGiven, Withdraw, Withdrawn, ByEither, nil},
	{Answered, Withdraw, Withdrawn, ByEither, nil},
	{Closed, Withdraw, Withdrawn, ByEither, nil},
	{ClosedWithoutExchange, Withdraw, Withdrawn, ByEither, nil},
	{Declined, Withdraw, Withdrawn, ByEither, nil},
	{Cancelled, Withdraw, Withdrawn, ByEither, nil},
	{Expired, Withdraw, Withdrawn, ByEither, nil},
	{Proposed, Forget, Withdrawn, ByHouse, nil},
	{Agreed, Forget, Withdrawn, ByHouse, nil},
	{Observed, Forget, Withdrawn, ByHouse, nil},
	{FeedbackGiven, Forget, Withdrawn, ByHouse, nil},
	{Answered, Forget, Withdrawn, ByHouse, nil},
	{Closed, Forget, Withdrawn, ByHouse, nil},
	{ClosedWithoutExchange, Forget, Withdrawn, ByHouse, nil},
	{Declined, Forget, Withdrawn, ByHouse, nil},
	{Cancelled, Forget, Withdrawn, ByHouse, nil},
	{Expired, Forget, Withdrawn, ByHouse, nil},
}

// Arrows lists every way on.
func Arrows() []Arrow { return slices.Clone(arrows) }

// Act is something that one of the two does within a state: it writes, and
// moves nothing by itself.
type Act string

// The acts.
const (
	WriteCard           Act = "WRITE_CARD"
	WriteNote           Act = "WRITE_NOTE"
	KeepMoment          Act = "KEEP_MOMENT"
	WriteDraft          Act = "WRITE_DRAFT"
	WishExit            Act = "WISH_EXIT"
	WishReopen          Act = "WISH_REOPEN"
	WriteOwnView        Act = "WRITE_OWN_VIEW"
	Acknowledge         Act = "ACKNOWLEDGE"
	Answer              Act = "ANSWER"
	AskingBack          Act = "ASK_BACK" // within a state; the event is [AskBack]
	AddReply            Act = "ADD_REPLY"
	AddConversation     Act = "ADD_CONVERSATION"
	ConfirmConversation Act = "CONFIRM_CONVERSATION"
	CorrectNote         Act = "CORRECT_NOTE"
	Resolve             Act = "RESOLVE_CORRECTION"
	WriteTakeaway       Act = "WRITE_TAKEAWAY"
	SayOpening          Act = "SAY_OPENING"
	AgreeToAction       Act = "AGREE_TO_ACTION"
	ReportOnAction      Act = "REPORT_ON_ACTION"
	AnsweringWish       Act = "ANSWER_WISH"
	SeeingChange        Act = "SEE_CHANGE"
	WriteMove           Act = "PROPOSE_MOVE"
	TakingOutName       Act = "TAKE_OUT_NAME"
)

// Permission says who may do something, and in which states.
type Permission struct {
	Act    Act
	By     Mover
	In     []State
	Closed refusal.Reason // what a state outside In is refused with
}

var permissions = []Permission{
	{WriteCard, ByObserved, []State{Proposed, Agreed}, refusal.WrongState},
	{WriteNote, ByObserver, []State{Agreed, Observed}, refusal.NotesClosed},
	{KeepMoment, ByEither, []State{Agreed, Observed, FeedbackGiven, Answered}, refusal.WrongState},
	{WriteDraft, ByObserver, []State{Agreed, Observed}, refusal.WrongState},
	{WishExit, ByEither, []State{Observed, FeedbackGiven}, refusal.WrongState},
	{WishReopen, ByEither, []State{Closed}, refusal.WrongState},
	{WriteOwnView, ByObserved, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{Acknowledge, ByObserved, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{Answer, ByEither, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{AskingBack, ByObserved, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{AddReply, ByEither, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{AddConversation, ByEither, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{ConfirmConversation, ByEither, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{CorrectNote, ByObserved, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{Resolve, ByObserver, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{WriteTakeaway, ByEither, []State{FeedbackGiven, Answered}, refusal.WrongState},
	{SayOpening, ByObserved, []State{FeedbackGiven, Answered, Closed}, refusal.WrongState},
	{AgreeToAction, ByEither, []State{FeedbackGiven, Answered, Closed}, refusal.WrongState},
	{ReportOnAction, ByEither, []State{FeedbackGiven, Answered, Closed}, refusal.WrongState},
	{AnsweringWish, ByEither, []State{Observed, FeedbackGiven, Closed}, refusal.NothingToAnswer},
	{WriteMove, ByEither, []State{Agreed}, refusal.WrongState},
	{SeeingChange, ByEither, States(), refusal.WrongState},
	{TakingOutName, ByEither, []State{Proposed, Agreed, Observed, FeedbackGiven, Answered, Closed, ClosedWithoutExchange, Declined, Cancelled, Expired}, refusal.WrongState},
}

// Permissions lists every act.
func Permissions() []Permission { return slices.Clone(permissions) }

// Facts says what is missing for each need; a need that is not in it holds. The
// room that knows fills it: hours and focus here, the exchange in feedback.
// Subjects are the ids that the lack concerns.
type Facts map[Need][]string

// Lack notes that something is missing, about the subjects; about none of them,
// it concerns the visit itself.
func (f Facts) Lack(n Need, subjects ...string) {
	if len(subjects) == 0 {
		subjects = []string{""}
	}
	f[n] = append(f[n], subjects...)
}

// Who is the person that moves a visit.
type Who struct {
	Role    Role
	Awaited bool // the proposal waits for them
}

// may says whether somebody is the one, or one of the two, whose move an arrow is.
// What the house does by itself, such as ending a visit that nobody went to, is no
// person's to do.
func (w Who) may(by Mover) bool {
	switch by {
	case ByObserver:
		return w.Role == AsObserver
	case ByObserved:
		return w.Role == AsObserved
	case ByAwaited:
		return w.Awaited
	case ByEither:
		return w.Role == AsObserver || w.Role == AsObserved
	default: // ByHouse: no person
		return false
	}
}

// Next says where an event leads, or refuses it: with WRONG_STATE or
// NOT_YOUR_MOVE, or with everything that is missing, never only the first.
func Next(from State, event Event, who Who, facts Facts) (State, error) {
	var known, mine bool // does the event exist for this person in any state?
	for _, a := range arrows {
		if a.Event != event {
			continue
		}
		known = true
		mine = mine || who.may(a.By) || a.By == ByAwaited
		if a.From != from {
			continue
		}
		if !who.may(a.By) {
			return from, refusal.New(refusal.NotYourMove)
		}
		var missing []refusal.Missing
		for _, n := range a.Needs {
			for _, subject := range facts[n] {
				missing = append(missing, refusal.Missing{Reason: refusal.Reason(n), Subject: subject})
			}
		}
		if err := refusal.All(missing); err != nil {
			return from, err
		}
		return a.To, nil
	}
	if known && !mine {
		return from, refusal.New(refusal.NotYourMove)
	}
	return from, wrongState(from)
}

// May says whether one of the two may do something in a state, or refuses it: with
// NOT_YOUR_MOVE, or with the reason that it is closed.
func May(act Act, state State, who Who) error {
	for _, l := range permissions {
		if l.Act != act {
			continue
		}
		if !who.may(l.By) {
			return refusal.New(refusal.NotYourMove)
		}
		if slices.Contains(l.In, state) {
			return nil
		}
		if l.Closed == refusal.NotesClosed && !slices.Contains([]State{FeedbackGiven, Answered, Closed}, state) {
			break // there never were notes to close
		}
		return refusal.New(l.Closed).With("state", string(state))
	}
	return wrongState(state)
}

// wrongState refuses a move from where the visit stands. The state is among the facts,
// since the usual cause is a phone that has not heard of the last move.
func wrongState(s State) error {
	return refusal.New(refusal.WrongState).With("state", string(s))
}
