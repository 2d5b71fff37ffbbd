package refusal

import (
	"maps"
	"slices"
)

// Reason names one rule that a request breaks. It goes over the wire as it stands here;
// reasons.proto says what each means, with an example.
type Reason string

// Every reason. Each has a line in kinds, an entry in reasons.proto and words
// in every language; tests hold the four against each other.
const (
	NotSignedIn              Reason = "NOT_SIGNED_IN"
	TokenExpired             Reason = "TOKEN_EXPIRED"
	SessionRevoked           Reason = "SESSION_REVOKED"
	NotYourMove              Reason = "NOT_YOUR_MOVE"
	RoleRequired             Reason = "ROLE_REQUIRED"
	NotThere                 Reason = "NOT_FOUND"
	InvalidField             Reason = "INVALID_FIELD"
	StaleRevision            Reason = "STALE_REVISION"
	RequestIDReused          Reason = "REQUEST_ID_REUSED"
	IDTaken                  Reason = "ID_TAKEN"
	WrongState               Reason = "WRONG_STATE"
	NotPeers                 Reason = "NOT_PEERS"
	FocusMissing             Reason = "FOCUS_MISSING"
	DoubleBooked             Reason = "DOUBLE_BOOKED"
	LessonStarted            Reason = "LESSON_STARTED"
	TooEarly                 Reason = "TOO_EARLY"
	NotesClosed              Reason = "NOTES_CLOSED"
	EvidenceMissing          Reason = "EVIDENCE_MISSING"
	FeedbackPointMissing     Reason = "FEEDBACK_POINT_MISSING"
	WonderingQuestionMissing Reason = "WONDERING_QUESTION_MISSING"
	OwnViewMissing           Reason = "OWN_VIEW_MISSING"
	QuestionOpen             Reason = "QUESTION_OPEN"
	TakeawayMissing          Reason = "TAKEAWAY_MISSING"
	ExchangeOverdue          Reason = "EXCHANGE_OVERDUE"
	RoundNotJoined           Reason = "ROUND_NOT_JOINED"
	TooFewPeople             Reason = "TOO_FEW_PEOPLE"
	RosterInvalid            Reason = "ROSTER_INVALID"
	ApprovalNeeded           Reason = "APPROVAL_NEEDED"
	Overloaded               Reason = "OVERLOADED"
	CalendarInvalid          Reason = "CALENDAR_INVALID"
	TimeTaken                Reason = "TIME_TAKEN"
	PulseClosed              Reason = "PULSE_CLOSED"
	BuildsOn                 Reason = "BUILDS_ON"
	Internal                 Reason = "INTERNAL"
	NoticeTooShort           Reason = "NOTICE_TOO_SHORT"
	AnswerEmpty              Reason = "ANSWER_EMPTY"
	SignInAgain              Reason = "SIGN_IN_AGAIN"
	NothingToAnswer          Reason = "NOTHING_TO_ANSWER"
	PersonLeft               Reason = "PERSON_LEFT"
	OtherIsThere             Reason = "OTHER_IS_THERE"
	HearingMissing           Reason = "HEARING_MISSING"
	TooManyAreas             Reason = "TOO_MANY_AREAS"
	TooFewHaveTried          Reason = "TOO_FEW_HAVE_TRIED"
)

var kinds = map[Reason]Kind{
	NotSignedIn:              Unauthenticated,
	TokenExpired:             Unauthenticated,
	SessionRevoked:           Unauthenticated,
	NotYourMove:              Forbidden,
	RoleRequired:             Forbidden,
	NotThere:                 NotFound,
	InvalidField:             Invalid,
	StaleRevision:            Stale,
	RequestIDReused:          Exists,
	IDTaken:                  Exists,
	WrongState:               Precondition,
	NotPeers:                 Precondition,
	FocusMissing:             Precondition,
	DoubleBooked:             Precondition,
	LessonStarted:            Precondition,
	TooEarly:                 Precondition,
	NotesClosed:              Precondition,
	EvidenceMissing:          Precondition,
	FeedbackPointMissing:     Precondition,
	WonderingQuestionMissing: Precondition,
	OwnViewMissing:           Precondition,
	QuestionOpen:             Precondition,
	TakeawayMissing:          Precondition,
	ExchangeOverdue:          Precondition,
	RoundNotJoined:           Precondition,
	TooFewPeople:             Precondition,
	RosterInvalid:            Invalid,
	ApprovalNeeded:           Precondition,
	Overloaded:               Busy,
	CalendarInvalid:          Invalid,
	TimeTaken:                Precondition,
	PulseClosed:              Precondition,
	BuildsOn:                 Precondition,
	SignInAgain:              Precondition,
	Internal:                 Ours,
	NoticeTooShort:           Precondition,
	AnswerEmpty:              Precondition,
	NothingToAnswer:          Precondition,
	PersonLeft:               Precondition,
	OtherIsThere:             Precondition,
	HearingMissing:           Precondition,
	TooManyAreas:             Precondition,
	TooFewHaveTried:          Precondition,
}

// Reasons lists every reason, sorted.
func Reasons() []Reason { return slices.Sorted(maps.Keys(kinds)) }

// Kind is the class that the reason belongs to; 0 for a word that is not a reason.
func (r Reason) Kind() Kind { return kinds[r] }
