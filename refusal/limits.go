package refusal

// Limit names a limit of a field that a person can run into. Each has words in every
// language, under "limit."; what only a program can get wrong has none.
type Limit string

// Every limit. Some have a number, which the words say: see [Beyond].
const (
	TooLong       Limit = "TOO_LONG" // at most so many characters
	Empty         Limit = "EMPTY"
	TooMany       Limit = "TOO_MANY"  // at most so many in a list
	TooLarge      Limit = "TOO_LARGE" // of a whole request: at most so many KiB
	OutOfRange    Limit = "OUT_OF_RANGE"
	Oneself       Limit = "ONESELF"
	SameTime      Limit = "SAME_TIME"
	Span          Limit = "SPAN"          // from its beginning to its end at most so many hours
	TooFarBack    Limit = "TOO_FAR_BACK"  // at most so many hours
	TooFarAhead   Limit = "TOO_FAR_AHEAD" // at most so many days
	Past          Limit = "PAST"
	Future        Limit = "FUTURE"
	OutsideTerm   Limit = "OUTSIDE_TERM"
	WhenMissing   Limit = "WHEN_MISSING"
	SaysNothing   Limit = "SAYS_NOTHING" // neither a letter nor a digit
	MostNotes     Limit = "MOST_NOTES"
	MostMoments   Limit = "MOST_MOMENTS"
	MostQuestions Limit = "MOST_QUESTIONS"
	MostEntries   Limit = "MOST_ENTRIES"
	MostTalks     Limit = "MOST_TALKS"
	MostActions   Limit = "MOST_ACTIONS"
	MostPrompts   Limit = "MOST_PROMPTS"
	PolicyThere   Limit = "POLICY_THERE"
	AnswerEach    Limit = "ANSWER_EACH"
	OwnRole       Limit = "OWN_ROLE"
	NoTerm        Limit = "NO_TERM"
	TeamThere     Limit = "TEAM_THERE"
	Address       Limit = "ADDRESS"   // of a calendar, on the internet and by https
	BusyDays      Limit = "BUSY_DAYS" // from the first to the last at most so many days
)

// Limits lists every limit.
func Limits() []Limit {
	return []Limit{
		TooLong, Empty, TooMany, TooLarge, OutOfRange, Oneself, SameTime, Span, TooFarBack, TooFarAhead, Past, Future, OutsideTerm, WhenMissing, SaysNothing,
		MostNotes, MostQuestions, MostEntries, MostTalks, MostActions, MostPrompts, PolicyThere, AnswerEach, OwnRole, NoTerm, TeamThere, Address, BusyDays, MostMoments,
	}
}

// Beyond returns an INVALID_FIELD refusal of one field that goes beyond a limit.
// number is the limit's, where it has one, and otherwise 0.
func Beyond(field string, limit Limit, number int) *Refusal {
	return &Refusal{Reason: InvalidField, Fields: []Field{{Name: field, Limit: limit, Number: number}}}
}
