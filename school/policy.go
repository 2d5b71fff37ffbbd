package school

import (
	"strings"
	"time"

	"undring/refusal"
)

// Policy is what the staff of a school have agreed on for the exchange.
// A change never alters a row; it adds one with a later Since. So what was agreed when a visit
// took place can be read for as long as the school is there.
type Policy struct {
	// Bounds of all three stand in the contract and in checks of the table: 0 or 1 to 20 days.
	FeedbackDue int // school days after the lesson; 0: the same day
	AnswerDue   int // school days after the feedback
	TakeawayDue int // school days after the answers
	// The mild obligation of F8 in domain.md: not an order, and yet nobody is left waiting.
	Gate  bool // who is late agrees to no other visit in that role
	Since time.Time

	Purpose         string // what visits are for here, in the school's own words
	RetentionMonths int    // after which the words of visits go
	FiguresInWords  bool   // few, some, most in place of numbers, in half-years that begin while it holds
	Reason          string // why it was changed
	AgreedWith      string // whom the change was discussed with, and when
	SetBy           string // name of who wrote it down; empty: what a school begins with
	Set             time.Time
}

// DefaultPolicy is what a school begins with: feedback the same day (Udir's
// guidance), answers within three school days, take-aways within five, and the
// gate.
// Since is when it begins to hold; the zero time: always has.
func DefaultPolicy(since time.Time) Policy {
	return Policy{FeedbackDue: 0, AnswerDue: 3, TakeawayDue: 5, Gate: true, Since: since, RetentionMonths: 12}
}

// Notice is how many days everybody can read of a change of the rules before it
// holds, unless somebody of the staff agreed otherwise. Days are those of the
// school's clock: what is written down on a Monday holds on the next one.
const Notice = 7

// earliestChange is when a change that is written down now can hold, with the notice.
func earliestChange(now time.Time, zone *time.Location) time.Time {
	y, m, d := now.In(zone).Date()
	// Midnight, so that one day has one set of rules.
	return time.Date(y, m, d+Notice, 0, 0, 0, 0, zone).UTC()
}

// CheckNotice says whether a policy that is written down now may hold from its
// Since on, or is refused with NOTICE_TOO_SHORT. Whose agreement shortens the notice
// is told to everybody of the school, in the log.
// The refusal carries the earliest moment, as earliest_time.
func (p Policy) CheckNotice(now time.Time, zone *time.Location) error {
	if earliest := earliestChange(now, zone); p.Since.Before(earliest) && strings.TrimSpace(p.AgreedWith) == "" {
		return refusal.New(refusal.NoticeTooShort).With("earliest_time", earliest.Format(time.RFC3339))
	}
	return nil
}

// Rules are the policy and the calendar of a school together: what is due when.
type Rules struct {
	Policy   Policy
	Calendar Calendar
}

// FeedbackDue is when feedback on a lesson is due.
// Each is reckoned once and written beside the visit: a policy that changes later moves
// nothing that was promised.
func (r Rules) FeedbackDue(lessonEnd time.Time) time.Time {
	return r.Calendar.SameDay(lessonEnd, r.Policy.FeedbackDue)
}

// AnswerDue is when answers to what was asked at a time are due.
// At least one school day: nobody is asked to answer within the hour.
func (r Rules) AnswerDue(asked time.Time) time.Time {
	return r.Calendar.NextSchoolDay(asked, r.Policy.AnswerDue)
}

// TakeawayDue is when take-aways are due, once all was answered at a time.
func (r Rules) TakeawayDue(answered time.Time) time.Time {
	return r.Calendar.NextSchoolDay(answered, r.Policy.TakeawayDue)
}
