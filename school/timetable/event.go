package timetable

import (
	"cmp"
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// event is one event of a calendar, or what takes the place of one repetition of
// another's.
// The length may be nothing, or less: whether that can be is for lessons and holidays to say.
type event struct {
	*component
	zones    *zones
	start    moment
	length   time.Duration // of time; of whole days, in days of 24 hours
	replaces *moment       // which repetition; nil for an event of its own
	onwards  bool          // and all after that one
	off      bool          // cancelled
}

// uid is the event's name, by which a moved lesson finds its series.
func (e *event) uid() string { return e.first("UID").text() }

// title is what the event is called, cut to what we store.
func (e *event) title() string { return clip(e.first("SUMMARY").text()) }

// is compares a property's value, whose letters programs write in either size.
func (e *event) is(name, value string) bool {
	return strings.EqualFold(e.first(name).text(), value)
}

// calledOff is what Outlook, Teams, Google and people write before the name of what they have
// called off, or in brackets before or behind it, or in capitals, while the event stays as it was.
var calledOff = regexp.MustCompile(`^(?i:avlyst|avbrutt|kansellert|innstilt|innstilla|utgår|canceled|cancelled|entfällt)(?i: (hendelse|hending|arrangement|møte|time|event|meeting|lesson))?( ?[:–—-]| *$|! )|` +
	`^(AVLYST|KANSELLERT|INNSTILT|INNSTILLA|CANCELED|CANCELLED) |` +
	`(?i)^[\[(](avlyst|avbrutt|kansellert|innstilt|innstilla|utgår|canceled|cancelled|entfällt)[\])]|[\[(](avlyst|avbrutt|kansellert|innstilt|innstilla|utgår|canceled|cancelled|entfällt)[\])]$`)

// eventsOf reads the events of a file. Those whose times can't be read are named.
func (f *file) eventsOf(ctx context.Context, content []byte, broken Reason) ([]*event, error) {
	calendars, err := f.calendars(content)
	if err != nil {
		return nil, err
	}
	var out []*event
	for _, calendar := range calendars {
		z := f.zonesOf(calendar)
		// A file that is the cancelling mail of a meeting cancels all that is in it (RFC 5546, 3.2.5).
		cancels := strings.EqualFold(calendar.first("METHOD").text(), "CANCEL")
		for _, c := range calendar.parts {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if c.name != "VEVENT" {
				continue
			}
			e := &event{component: c, zones: z}
			if reason := f.timesOf(e, broken); reason != "" {
				f.sayEvent(e, reason)
				continue
			}
			e.off = cancels || e.is("STATUS", "CANCELLED") || calledOff.MatchString(e.title())
			out = append(out, e)
		}
	}
	return latest(out), nil
}

// latest leaves out what has been written anew: of events of one name and place,
// only those of the highest SEQUENCE count.
// Exports that were put together have an event in every version that it had. Of those without
// a name (UID is a must, and is left out) nobody can tell, so all of them stay.
func latest(events []*event) []*event {
	key := func(e *event) string {
		if e.replaces == nil {
			return e.uid()
		}
		return e.uid() + "\x00" + strconv.FormatInt(e.replaces.at().Unix(), 10)
	}
	sequence := func(e *event) int {
		n, _ := strconv.Atoi(e.first("SEQUENCE").text()) // none is 0
		return n
	}
	newest := map[string]int{}
	for _, e := range events {
		newest[key(e)] = max(newest[key(e)], sequence(e))
	}
	kept := events[:0]
	for _, e := range events {
		if e.uid() == "" || sequence(e) == newest[key(e)] {
			kept = append(kept, e)
		}
	}
	return kept
}

// timesOf reads when an event is.
func (f *file) timesOf(e *event, broken Reason) (reason Reason) {
	if e.start, reason = e.zones.read(e.first("DTSTART"), e.zones.own, broken); reason != "" {
		return reason
	}
	if p := e.first("RECURRENCE-ID"); p != nil {
		at, reason := e.zones.read(p, e.start.zone, broken)
		if reason != "" {
			return reason
		}
		// It is the time that the repetition would have had, by which the series leaves it out.
		e.replaces = &at
		for _, value := range p.params["RANGE"] {
			e.onwards = e.onwards || strings.EqualFold(value, "THISANDFUTURE")
		}
	}
	if reason := f.lengthOf(e, broken); reason != "" {
		return reason
	}
	f.wholeDays(e)
	// In UTC, a lesson each week would leave its hour when the clock changes. A
	// calendar that names a clock of its own means that one.
	// This is what Google's export looks like: UTC times, and X-WR-TIMEZONE for the whole.
	if e.start.zone == time.UTC && e.zones.wr && e.first("RRULE") != nil {
		e.start = e.start.in(e.zones.own)
	}
	return ""
}

// lengthOf reads how long an event is: by its end, by a duration, or by the rule for those
// that have neither. An end that lies before the start is odd.
func (f *file) lengthOf(e *event, broken Reason) Reason {
	if p := e.first("DTEND"); p != nil {
		end, reason := e.zones.read(p, e.start.zone, broken)
		if reason != "" {
			return reason
		}
		// One of both as a date makes days of it: programs mix them where they should not.
		if e.start.whole || end.whole {
			e.length = end.wall.Sub(dateOf(e.start.wall))
		} else {
			e.length = end.at().Sub(e.start.at())
		}
		return ""
	}
	if p := e.first("DURATION"); p != nil {
		length, ok := readDuration(p.text())
		if !ok {
			return broken
		}
		e.length = length
		return ""
	}
	if e.start.whole {
		e.length = 24 * time.Hour // a date without an end is that day (RFC 5545, 3.6.1)
	}
	return ""
}

// wholeDays makes an event from midnight to midnight what it means: days. The
// midnights are those of the event's own clock, or of the school's.
func (f *file) wholeDays(e *event) {
	const day = 24 * time.Hour
	if e.start.whole {
		return
	}
	// Outlook and Funambol (SyncML) write whole days as times, and say so beside it.
	flagged := e.is("X-MICROSOFT-CDO-ALLDAYEVENT", "TRUE") || e.is("X-FUNAMBOL-ALLDAY", "TRUE") || e.is("X-FUNAMBOL-ALLDAY", "1")
	for _, zone := range []*time.Location{e.start.zone, f.here.Zone} {
		first := wallOf(e.start.at(), zone)
		after := wallOf(e.start.at().Add(e.length), zone)
		// "Until 23:59" is how people enter a whole day by hand.
		if h, m, _ := after.Clock(); h == 23 && m == 59 {
			after = dateOf(after).AddDate(0, 0, 1)
		}
		if flagged || midnight(first) && midnight(after) && after.After(first) {
			e.start = moment{dateOf(first), e.start.zone, true}
			e.length = max(dateOf(after).Sub(dateOf(first)), day)
			return
		}
	}
}

// occurrence is one time at which an event is.
type occurrence struct {
	start  moment
	length time.Duration
}

// series are the events of a file by what they repeat.
type series struct {
	file     *file
	replaced map[string][]*event // by UID: what takes the place of repetitions
}

// seriesOf gathers the events that replace a single lesson of a series.
func (f *file) seriesOf(events []*event) *series {
	s := &series{f, map[string][]*event{}}
	for _, e := range events {
		if e.replaces != nil && e.uid() != "" {
			s.replaced[e.uid()] = append(s.replaced[e.uid()], e)
		}
	}
	return s
}

// repeats says whether an event is a rule or has dates of its own.
func (e *event) repeats() bool {
	return e.replaces == nil && (e.first("RRULE") != nil || e.first("RDATE") != nil)
}

// of are the occurrences of an event, without those that it leaves out and those
// of which another event takes the place; of rules, those within [Horizon].
// The order matters: what another event takes the place of is left out before anything is
// moved, since RECURRENCE-ID names the time of before.
func (s *series) of(e *event) ([]occurrence, Reason) {
	if !e.repeats() {
		return []occurrence{{e.start, e.length}}, ""
	}
	out, reason := s.file.repetitions(e)
	if reason != "" {
		return nil, reason
	}
	left := s.file.leftOut(e)
	later := (*event)(nil)
	for _, other := range s.replaced[e.uid()] {
		left.add(s.file.asDate(e, e.byItsClock(*other.replaces)))
		if other.onwards {
			later = other
		}
	}
	kept, seen := out[:0], map[int64]bool{}
	for _, o := range out {
		// A rule and a list of dates may name one time twice.
		if left.has(o.start) || seen[o.start.at().Unix()] {
			continue
		}
		seen[o.start.at().Unix()] = true
		if later != nil && o.start.at().After(later.replaces.at()) {
			if later.off {
				continue
			}
			o = moved(o, later, e)
		}
		kept = append(kept, o)
	}
	return kept, ""
}

// moved is an occurrence that comes after one which was moved with all that follow.
func moved(o occurrence, by, of *event) occurrence {
	// By the wall clock: a lesson that was moved from nine to ten is at ten in winter, too.
	shift := by.start.in(of.start.zone).wall.Sub(by.replaces.in(of.start.zone).wall)
	start := o.start
	start.wall = start.wall.Add(shift)
	return occurrence{start, by.length}
}

// repetitions are the start, the dates of an event's own, and those of its rules.
func (f *file) repetitions(e *event) ([]occurrence, Reason) {
	from, limit := wallOf(f.now.Add(-Horizon), e.start.zone), wallOf(f.now.Add(Horizon), e.start.zone)
	var walls []time.Time
	ended := false // the start counts, unless its rule had ended before
	for _, p := range e.all("RRULE") {
		found, last, ok := f.follow(e, p.value, from, limit)
		if !ok {
			return nil, RuleNotFollowed
		}
		walls, ended = append(walls, found...), ended || last.Before(e.start.wall)
	}
	// The start counts as the first repetition (RFC 5545, 3.8.5.3).
	if !ended && !e.start.wall.Before(from) {
		walls = append([]time.Time{e.start.wall}, walls...)
	}
	out := make([]occurrence, 0, len(walls))
	for _, wall := range walls {
		out = append(out, occurrence{moment{wall, e.start.zone, e.start.whole}, e.length})
	}
	return append(out, f.datesOf(e)...), ""
}

// follow follows one rule of an event.
func (f *file) follow(e *event, text string, from, limit time.Time) (walls []time.Time, last time.Time, ok bool) {
	// Counted for the whole file: each rule is bounded, and a thousand of them are, too.
	if f.rules++; f.rules > maxRules {
		return nil, limit, false
	}
	r, ok := readRule(text)
	if !ok || r.tooOld(e.start.wall, from) {
		return nil, limit, false
	}
	last = r.last(e.start, limit)
	return r.walls(e.start.wall, from, last), last, true
}

// datesOf are the dates of an event's own (RDATE): dates, times, or periods.
func (f *file) datesOf(e *event) []occurrence {
	var out []occurrence
	each(e, "RDATE", func(p *property) {
		// A period is a start and an end or a length (RFC 5545, 3.3.9); a date or a time has no "/".
		begin, end, _ := strings.Cut(p.value, "/")
		one := *p
		one.value = begin
		at, reason := e.zones.read(&one, e.start.zone, BrokenDate)
		if reason != "" {
			f.sayEvent(e, reason)
			return
		}
		o := occurrence{at.in(e.start.zone), e.length}
		switch {
		case e.start.whole:
			o.start = moment{dateOf(o.start.wall), e.start.zone, true}
		case at.whole: // the hour is that of the start
			o.start = moment{at.wall.Add(e.start.wall.Sub(dateOf(e.start.wall))), e.start.zone, false}
		}
		if length, ok := readDuration(end); ok {
			o.length = length
		} else if one.value = end; end != "" {
			if until, reason := e.zones.read(&one, e.start.zone, BrokenDate); reason == "" {
				o.length = until.at().Sub(at.at())
			}
		}
		out = append(out, o)
	})
	return out
}

// each goes through the values of a property that may have several, and be there
// several times.
func each(e *event, name string, do func(*property)) {
	for _, p := range e.all(name) {
		for value := range strings.SplitSeq(p.value, ",") {
			one := p
			if one.value = strings.TrimSpace(value); one.value != "" {
				do(&one)
			}
		}
	}
}

// exceptions are the repetitions that are left out: moments, and whole dates.
type exceptions struct {
	moments map[int64]bool
	dates   map[string]bool
}

// add takes note of a lesson that doesn't happen. A date alone excepts all of that day's.
func (x exceptions) add(m moment) {
	if m.whole {
		x.dates[m.wall.Format(time.DateOnly)] = true
	} else {
		x.moments[m.at().Unix()] = true
	}
}

// has is true for a lesson that was excepted, by its date or by its moment.
func (x exceptions) has(m moment) bool {
	return x.dates[m.wall.Format(time.DateOnly)] || !m.whole && x.moments[m.at().Unix()]
}

// leftOut are the repetitions that an event leaves out (EXDATE, and EXRULE as it
// once was). Written as a date, or as midnight where the event isn't at midnight,
// it is the whole date.
func (f *file) leftOut(e *event) exceptions {
	x := exceptions{map[int64]bool{}, map[string]bool{}}
	each(e, "EXDATE", func(p *property) {
		at, reason := e.zones.read(p, e.start.zone, BrokenDate)
		if reason != "" {
			f.sayEvent(e, reason)
			return
		}
		x.add(f.asDate(e, e.byItsClock(at)))
	})
	for i, other := range e.all("EXRULE") {
		from, limit := wallOf(f.now.Add(-Horizon), e.start.zone), wallOf(f.now.Add(Horizon), e.start.zone)
		walls, _, ok := f.follow(e, other.value, from, limit)
		// One is enough: EXRULE was taken out of the standard in 2009, and two of them are no calendar.
		if !ok || i > 0 {
			f.sayEvent(e, RuleNotFollowed)
			continue
		}
		for _, wall := range walls {
			x.add(moment{wall, e.start.zone, e.start.whole})
		}
	}
	return x
}

// byItsClock is a repetition that is told in UTC of an event which has no zone, as programs tell it
// that write a Z behind every time: by the event's clock, where it is its hour by that alone.
func (e *event) byItsClock(m moment) moment {
	p := e.first("DTSTART")
	if m.whole || m.zone != time.UTC || e.start.whole || strings.HasSuffix(strings.ToUpper(p.text()), "Z") || len(p.params["TZID"]) > 0 {
		return m
	}
	hour := func(wall time.Time) time.Duration { return wall.Sub(dateOf(wall)) }
	if its := hour(e.start.wall); hour(m.wall) == its && hour(m.in(e.start.zone).wall) != its {
		return moment{m.wall, e.start.zone, false}
	}
	return m
}

// asDate makes a date of what is left out of whole days, whatever it is written as.
func (f *file) asDate(e *event, m moment) moment {
	switch {
	case m.whole:
	// A holiday of which one day is left out at 22:00 or 23:00 UTC: midnight in Norway.
	case e.start.whole && m.zone == time.UTC:
		m = m.in(f.here.Zone) // somebody's midnight
		m = moment{dateOf(m.wall), m.zone, true}
	case e.start.whole, midnight(m.wall) && !midnight(e.start.wall):
		m = moment{dateOf(m.wall), m.zone, true}
	}
	return m
}

// Lessons of iCalendar: events that last hours.
func (f *file) lessonEvents(ctx context.Context, content []byte) ([]Lesson, error) {
	events, err := f.eventsOf(ctx, content, BrokenTime)
	if err != nil {
		return nil, err
	}
	s := f.seriesOf(events)
	var out []Lesson
	for _, e := range events {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, reason := s.lessons(e)
		if reason == "" && len(out)+len(found) > MaxLessons {
			reason = TooMany
		}
		if reason != "" {
			f.sayEvent(e, reason)
			continue
		}
		out = append(out, found...)
	}
	return out, nil
}

// lessons are the lessons of an event, or the reason why it isn't one.
// Complex because each way in which an event is no lesson is a case with a reason of its own.
func (s *series) lessons(e *event) ([]Lesson, Reason) {
	// "?" where the file doesn't say, and then Outlook's own word counts.
	busy := cmp.Or(e.first("TRANSP").text(), "?")
	switch {
	case e.off:
		return nil, Cancelled
	case strings.EqualFold(busy, "TRANSPARENT"), busy == "?" && e.is("X-MICROSOFT-CDO-BUSYSTATUS", "FREE"):
		return nil, FreeTime
	case e.start.whole:
		return nil, WholeDay
	// A time without an end is a reminder, and takes no hour (RFC 5545, 3.6.1).
	case e.first("DTEND") == nil && e.first("DURATION") == nil:
		return nil, BrokenTime
	case e.length <= 0:
		return nil, Backwards
	case e.length > maxLesson:
		return nil, TooLong
	}
	found, reason := s.of(e)
	if reason != "" {
		return nil, reason
	}
	var out []Lesson
	for _, o := range found {
		start := o.start.at()
		// Only what repeats falls on days without school without meaning to.
		if o.length <= 0 || o.length > maxLesson || e.repeats() && !s.file.here.IsSchoolDay(start) {
			continue
		}
		out = append(out, Lesson{Line: e.event, Start: start, End: start.Add(o.length)})
	}
	if len(out) == 0 {
		return nil, NoDay
	}
	return out, ""
}
