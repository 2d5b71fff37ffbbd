package notify

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"undring/school"
)

// Kind is what a notice is about. Each can be chosen by itself.
type Kind string

// The kinds.
const (
	Proposal    Kind = "PROPOSAL"     // a proposal came, and waits for an answer or the card
	VisitAhead  Kind = "VISIT_AHEAD"  // a lesson to visit
	FeedbackDue Kind = "FEEDBACK_DUE" // feedback to give
	AnswerDue   Kind = "ANSWER_DUE"   // feedback to open, questions to answer, a talk to confirm
	TakeawayDue Kind = "TAKEAWAY_DUE" // all is answered: what one takes along
	ActionDue   Kind = "ACTION_DUE"   // how did an action go, or what a meeting decided?
	Wish        Kind = "WISH"         // the other one would like to end, to reopen, or to take a name out
	Changed     Kind = "CHANGED"      // called off, declined, expired, ended
	ReturnVisit Kind = "RETURN_VISIT" // the way back
	OpenLesson  Kind = "OPEN_LESSON"  // a colleague has opened a lesson
)

// ReportOnRound is what is to be done of a step of kind [ActionDue] whose subject is no
// visit, but an action round.
const ReportOnRound = "REPORT_ON_ROUND"

// DoDecision is the same of what somebody took on in a learning meeting, which is the subject.
const DoDecision = "DO_DECISION"

// Kinds lists every kind. Their order stays: links in mails count by it.
func Kinds() []Kind {
	return []Kind{Proposal, VisitAhead, FeedbackDue, AnswerDue, TakeawayDue, ActionDue, Wish, Changed, ReturnVisit, OpenLesson}
}

// IsNews says whether a notice of the kind tells what happened. All others ask for
// something, and are done with when that is.
func (k Kind) IsNews() bool { return k == Changed || k == ReturnVisit || k == OpenLesson }

const (
	// Afternoon is the second moment of a day, after midnight: when lessons are over, and an
	// hour before what is due the same day.
	Afternoon = 15 * time.Hour
	// Rush is how long before a lesson one has to know of it at the latest.
	Rush = 30 * time.Minute
	// Holiday is how many days without school in a row are a holiday: more than a long
	// weekend.
	Holiday = 5
	// Fresh is for how long news is worth telling: what happened on the last evening before
	// Christmas is told on the first morning after it.
	Fresh = 21 * 24 * time.Hour
	// furthest bounds the search for a moment, in days: no calendar has a year without a school
	// day, nor more busy days than a third of one.
	furthest = 400 + 130
)

// reminders are when what is overdue is reminded of, in school days after the due time. Then
// it is left alone: who did not do it after three reminders knows.
// Three, in growing distance: F10 asks that somebody follows up, F8 that nobody is pushed. The
// gate of the school's policy does the rest.
var reminders = []int{1, 3, 8}

// Year is when a school can be told anything: its days without school, and the busy
// periods that leaders set ahead, in which reminders stop.
type Year struct{ Calendar school.Calendar }

// busy says whether reminders stop at a time.
func (y Year) busy(t time.Time) bool { return y.Calendar.IsBusy(t) }

// Step is something that waits for one person, or news for them.
// It comes from the room that knows it, each time it is asked for, and is kept nowhere.
type Step struct {
	Kind    Kind
	Subject uuid.UUID // the visit; of [OpenLesson], the lesson; of [ReportOnRound], the round; of [DoDecision], the meeting
	School  uuid.UUID
	Other   uuid.UUID // who it is about besides the person; nil: nobody. Is not kept with a notice
	Todo    string    // what is to be done, or what happened
	Since   time.Time // since when it is this person's; zero: since it was first seen
	Due     time.Time // by when; of news, when it happened. Tells two steps of a kind apart
	Start   time.Time // of the lesson; zero: none is ahead
	End     time.Time
	Own     bool // the person brought it about, and need not be told of it; only reminded
}

// key tells a step from every other of the person's.
type key struct {
	Kind    Kind
	Subject uuid.UUID
	// A new due time makes a new step: what was told of the old one does not count for it.
	Due int64
}

// Microseconds, since a time that has been in the database has no more.
func (s Step) key() key { return key{s.Kind, s.Subject, s.Due.UnixMicro()} }

// Occasion is one time that a step is told: which one of the step's, and from when on it
// is in the list.
type Occasion struct {
	Nth  int
	At   time.Time
	Came bool // it is what begins the step, and no reminder
}

// Occasions are all times at which a step that nobody does is told, in their order.
// What begins it is told when it comes; reminders come at moments of the day, and none
// in a busy period.
func (s Step) Occasions(c Choice, y Year) []Occasion {
	return c.notBefore(y, s.Since, s.occasions(c, y))
}

// notBefore leaves out reminders from before a step was this person's. Whoever comes by what is
// overdue already is reminded of it once, at the next moment.
func (c Choice) notBefore(y Year, since time.Time, all []Occasion) []Occasion {
	var out []Occasion
	var missed *Occasion
	for _, o := range all {
		if o.Came || !o.At.Before(since) {
			out = append(out, o)
		} else {
			// Several reminders of before Since are one.
			missed = &o
		}
	}
	if missed == nil {
		return all
	}
	missed.At = c.slot(y, since, true)
	// A later occasion that falls on that moment, or before it, tells the same.
	if missed.At.IsZero() || slices.ContainsFunc(out, func(o Occasion) bool { return !o.At.After(missed.At) }) {
		return out
	}
	return append([]Occasion{*missed}, out...)
}

// occasions are the same by the times that the step names.
// l.nth numbers occasions by what they are for, not by how many there are: an occasion that is
// left out today (a pause, a busy period) must not give its number to the next one, or the
// notice that is kept under it would keep that one from being told.
func (s Step) occasions(c Choice, y Year) []Occasion {
	l := &list{c: c, y: y}
	switch s.Kind {
	case Proposal:
		l.came(s.Since)
		l.remind(c.slot(y, startOfDay(y.Calendar.NextSchoolDay(s.Since, 2)), true))
		// The evening before the lesson is the last moment at which a yes still helps.
		l.remind(c.eve(y, s.Start))
		return l.before(s.Start)
	case VisitAhead:
		if eve := c.eve(y, s.Start); eve.After(s.Since) {
			l.remind(eve)
		} else {
			l.remind(c.slot(y, s.Since, true))
		}
		// What would come later than half an hour before the lesson is left out; what follows the
		// lesson (nobody has said yet whether it took place) has to stay, so it is added behind.
		ahead := l.before(s.Start.Add(-Rush))
		l.all = ahead
		l.nth = 1
		over := s.End
		if s.Since.After(over) { // it was agreed on when the lesson was over
			over = s.Since
		}
		l.remind(c.slot(y, over, true))
		l.remind(c.slot(y, startOfDay(y.Calendar.NextSchoolDay(over, 3)), true))
		return l.all
	case FeedbackDue:
		from := s.Since
		if s.End.After(from) {
			from = s.End // one may begin to note before the lesson
		}
		// As late as it is still in time: feedback on the same day is the rule, and this is its nudge.
		l.remind(c.lastSlot(y, from, s.Due))
		l.nth = 1
	case AnswerDue, TakeawayDue:
		l.came(s.Since)
		// On the day itself, before the hour.
		l.remind(c.slotBefore(y, startOfDay(s.Due.In(y.Calendar.Zone())), s.Due))
		// came was 0, the day itself 1, whether or not it was left out.
		l.nth = 2
	// Asked for twice and then left alone: it is the person's own plan, with no gate behind it.
	case ActionDue:
		l.remind(c.slot(y, s.Due, true))
		l.nth = 1
		l.remind(c.slot(y, startOfDay(y.Calendar.NextSchoolDay(s.Due, 5)), true))
		return l.all
	case Wish:
		l.came(s.Since)
		l.remind(c.slot(y, startOfDay(y.Calendar.NextSchoolDay(s.Since, 3)), true))
		return l.all
	default: // news
		l.came(s.Since)
		return l.all
	}
	for _, days := range reminders {
		l.remind(c.slot(y, startOfDay(y.Calendar.NextSchoolDay(s.Due, days)), true))
	}
	return l.all
}

// Tell is when what is in the list since a time goes out by push and mail. Urgent: it
// may go out in quiet hours.
// The zero time: never, as things stand (a pause without a moment behind it in sight).
func (s Step) Tell(at time.Time, c Choice, y Year) (when time.Time, urgent bool) {
	when = c.slot(y, at, false)
	if s.Kind != Changed && s.Kind != Proposal || s.Start.IsZero() || !s.Start.After(at) || !when.After(s.Start.Add(-Rush)) {
		return when, false
	}
	// Nobody shall stand before a locked door. A proposal can be told of only where the
	// person is at work.
	if s.Kind == Changed || c.Open(y, at) {
		return at, s.Kind == Changed
	}
	return when, false
}

// list collects occasions.
type list struct {
	c   Choice
	y   Year
	all []Occasion
	nth int
}

// came adds what begins a step.
func (l *list) came(at time.Time) {
	l.all = append(l.all, Occasion{l.nth, at, true})
	l.nth++
}

// remind adds a reminder, unless there is none at a time (zero) or one that late was there
// already: what a holiday has pushed together is told once.
func (l *list) remind(at time.Time) {
	nth := l.nth
	l.nth++
	if at.IsZero() || len(l.all) > 0 && !at.After(l.all[len(l.all)-1].At) {
		return
	}
	// What came since the last moment goes out at this one, too, and needs no second notice.
	if n := len(l.all); n > 0 && l.c.slot(l.y, l.all[n-1].At, false).Equal(at) {
		return
	}
	l.all = append(l.all, Occasion{nth, at, false})
}

// before leaves out what would come too late.
func (l *list) before(end time.Time) []Occasion {
	return slices.DeleteFunc(l.all, func(o Occasion) bool { return !o.At.Before(end) })
}

// startOfDay is midnight by the clock that t is in, never 24 hours before or after another.
func startOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// Open says whether the person may be interrupted at a time.
func (c Choice) Open(y Year, t time.Time) bool {
	t = t.In(y.Calendar.Zone())
	return c.openDay(y, t) && !c.quiet(t)
}

// quiet says whether a time lies in the quiet hours.
// t is in the school's zone already.
func (c Choice) quiet(t time.Time) bool {
	at := t.Hour()*60 + t.Minute()
	switch {
	case c.QuietFrom == c.QuietTo:
		return false
	case c.QuietFrom < c.QuietTo:
		return at >= c.QuietFrom && at < c.QuietTo
	default: // over midnight
		return at >= c.QuietFrom || at < c.QuietTo
	}
}

// openDay says whether anything may go out on a day.
// A pause comes before everything else, then school days, then what the person has chosen of
// the rest.
func (c Choice) openDay(y Year, t time.Time) bool {
	year, month, day := t.Date()
	if time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Before(c.PausedUntil) {
		return false
	}
	if y.Calendar.IsSchoolDay(t) {
		return true
	}
	return !c.QuietFreeDays && !(c.PauseInHolidays && y.holiday(t))
}

// holiday says whether a day without school is one of [Holiday] or more in a row.
// It stops counting at [Holiday], in either direction, so a summer costs no more.
func (y Year) holiday(t time.Time) bool {
	n := 1
	for _, step := range []int{-1, 1} {
		for d := t.AddDate(0, 0, step); n < Holiday && !y.Calendar.IsSchoolDay(d); d = d.AddDate(0, 0, step) {
			n++
		}
	}
	return n >= Holiday
}

// morning is the default of the first moment, where there are no quiet hours.
const morning = 7 * 60

// slots are the moments of a day, in their order: none on a day that is not open.
func (c Choice) slots(y Year, t time.Time) []time.Time {
	if !c.openDay(y, t) {
		return nil
	}
	year, month, day := t.Date()
	at := func(minutes int) time.Time {
		return time.Date(year, month, day, minutes/60, minutes%60, 0, 0, y.Calendar.Zone())
	}
	first := at(morning)
	if c.QuietFrom != c.QuietTo {
		first = at(c.QuietTo)
	}
	second := at(int(Afternoon / time.Minute))
	switch {
	case c.quiet(second) || !second.After(first): // who has other hours has one moment
		return []time.Time{first}
	case c.Digest:
		return []time.Time{second}
	}
	return []time.Time{first, second}
}

// slot is the first moment at or after a time; for a reminder, outside of busy periods.
// The zero time: none within [furthest] days. News may go out in a busy period, a reminder not.
func (c Choice) slot(y Year, from time.Time, reminder bool) time.Time {
	day := startOfDay(from.In(y.Calendar.Zone()))
	if year, month, d := c.PausedUntil.Date(); !c.PausedUntil.IsZero() {
		if end := time.Date(year, month, d, 0, 0, 0, 0, y.Calendar.Zone()); end.After(day) {
			day = end
		}
	}
	for range furthest {
		for _, at := range c.slots(y, day) {
			if !at.Before(from) && !(reminder && y.busy(at)) {
				return at
			}
		}
		day = startOfDay(day.AddDate(0, 0, 1))
	}
	return time.Time{}
}

// slotBefore is the first moment for a reminder at or after a time, where it comes before an end; zero
// otherwise.
func (c Choice) slotBefore(y Year, from, end time.Time) time.Time {
	if at := c.slot(y, from, true); at.Before(end) {
		return at
	}
	return time.Time{}
}

// lastSlot is the last moment for a reminder from a time on, before an end; zero: none.
// It walks back from the end to the day of from.
func (c Choice) lastSlot(y Year, from, end time.Time) time.Time {
	for day := startOfDay(end.In(y.Calendar.Zone())); !day.AddDate(0, 0, 1).Before(from); day = startOfDay(day.AddDate(0, 0, -1)) {
		for _, at := range slices.Backward(c.slots(y, day)) {
			if at.Before(end) && !at.Before(from) && !y.busy(at) {
				return at
			}
		}
	}
	return time.Time{}
}

// eve is the last moment before the day of a lesson, at most two weeks back: then there is
// time to prepare, and to move what is in the way.
func (c Choice) eve(y Year, start time.Time) time.Time {
	day := startOfDay(start.In(y.Calendar.Zone()))
	return c.lastSlot(y, day.AddDate(0, 0, -14), day)
}
