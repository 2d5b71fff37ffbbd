package timetable

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

// maxEvents bounds one file: the parser takes 0.15 ms for an event.
const maxEvents = 5_000

func (f *file) calendar(content []byte) ([]*ics.VEvent, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) {
		return nil, invalid("NOT_UTF8", nil)
	}
	if !bytes.HasPrefix(bytes.ToUpper(bytes.TrimSpace(content)), []byte("BEGIN:VCALENDAR")) {
		return nil, invalid("NO_ICALENDAR", nil)
	}
	if len(content) > maxEvents*1000 || bytes.Count(bytes.ToUpper(content), []byte("BEGIN:")) > maxEvents {
		return nil, invalid("TOO_LARGE", nil)
	}
	c, err := ics.ParseCalendar(bytes.NewReader(content))
	if err != nil {
		return nil, invalid("UNREADABLE", err)
	}
	return c.Events(), nil
}

// holidays reads events that last whole days.
func (f *file) holidays(content []byte) ([]span, error) {
	events, err := f.calendar(content)
	if err != nil {
		return nil, err
	}
	var out []span
	for i, e := range events {
		first, whole, ok := f.moment(e.GetProperty(ics.ComponentPropertyDtStart))
		if !ok {
			f.say(i+1, BrokenDate)
			continue
		}
		if !whole {
			continue // a meeting; no day without school
		}
		s := span{line: i + 1, first: dateOf(first)}
		if summary := e.GetProperty(ics.ComponentPropertySummary); summary != nil {
			s.name = clip(summary.Value)
		}
		s.last = s.first
		if end := e.GetProperty(ics.ComponentPropertyDtEnd); end != nil {
			after, _, ok := f.moment(end)
			if !ok {
				f.say(i+1, BrokenDate)
				continue
			}
			s.last = dateOf(after).AddDate(0, 0, -1) // the end is the day after (RFC 5545, 3.6.1)
		}
		out = append(out, s)
	}
	return out, nil
}

func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// events reads events that last hours.
// Complex because an event can be broken, moved, excepted or repeated, and each is one
// case of the same pass through the file.
func (f *file) events(content []byte, isSchoolDay func(time.Time) bool) ([]Lesson, error) {
	events, err := f.calendar(content)
	if err != nil {
		return nil, err
	}
	// An event that takes the place of one repetition of another's.
	moved := map[string]map[time.Time]bool{}
	for _, e := range events {
		if at, _, ok := f.moment(e.GetProperty(ics.ComponentPropertyRecurrenceId)); ok {
			if moved[e.Id()] == nil {
				moved[e.Id()] = map[time.Time]bool{}
			}
			moved[e.Id()][at.UTC()] = true
		}
	}
	var out []Lesson
	for i, e := range events {
		start, whole, ok := f.moment(e.GetProperty(ics.ComponentPropertyDtStart))
		end, _, ok2 := f.moment(e.GetProperty(ics.ComponentPropertyDtEnd))
		switch {
		case whole:
			continue // a day is not a lesson
		case !ok || !ok2:
			f.say(i+1, BrokenTime)
			continue
		case !end.After(start):
			f.say(i+1, Backwards)
			continue
		case end.Sub(start) > maxLesson:
			f.say(i+1, TooLong)
			continue
		}
		starts := []time.Time{start}
		if rule := e.GetProperty(ics.ComponentPropertyRrule); rule != nil && e.GetProperty(ics.ComponentPropertyRecurrenceId) == nil {
			if starts, ok = f.repeat(rule.Value, start); !ok {
				f.say(i+1, RuleNotFollowed)
				continue
			}
			except := f.exceptions(e)
			kept := starts[:0]
			for _, at := range starts {
				if !except[at.UTC()] && !moved[e.Id()][at.UTC()] && isSchoolDay(at) {
					kept = append(kept, at)
				}
			}
			starts = kept
		}
		for _, at := range starts {
			if len(out) >= MaxLessons {
				f.say(i+1, TooMany)
				return out, nil
			}
			out = append(out, Lesson{Line: i + 1, Start: at, End: at.Add(end.Sub(start))})
		}
	}
	return out, nil
}

// repeat follows a rule by day or week from a start, as far as [Horizon] from
// now. Other rules are not followed: no timetable needs them, and some never
// find a day and never end.
func (f *file) repeat(rule string, start time.Time) ([]time.Time, bool) {
	o, err := rrule.StrToROptionInLocation(rule, f.zone)
	if err != nil || o.Freq != rrule.DAILY && o.Freq != rrule.WEEKLY || o.Interval > 60 ||
		len(o.Bysetpos)+len(o.Bymonth)+len(o.Bymonthday)+len(o.Byyearday)+len(o.Byweekno)+len(o.Byhour)+len(o.Byminute)+len(o.Bysecond)+len(o.Byeaster) > 0 {
		return nil, false
	}
	for _, day := range o.Byweekday {
		if day.N() != 0 {
			return nil, false // "the second Tuesday" is a rule of months
		}
	}
	from, limit := f.now.Add(-Horizon), f.now.Add(Horizon)
	if start.Before(from.Add(-10*Horizon)) || start.After(limit) {
		return nil, true // repeats from too long ago to be anybody's timetable
	}
	if o.Until.IsZero() || o.Until.After(limit) {
		o.Until = limit
	}
	o.Dtstart = start
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, false
	}
	return r.Between(from, limit, true), true
}

// exceptions are the repetitions that an event leaves out.
func (f *file) exceptions(e *ics.VEvent) map[time.Time]bool {
	out := map[time.Time]bool{}
	for i := range e.Properties {
		p := e.Properties[i]
		if p.IANAToken != string(ics.ComponentPropertyExdate) {
			continue
		}
		for _, value := range strings.Split(p.Value, ",") {
			one := p
			one.Value = value
			if at, _, ok := f.moment(&one); ok {
				out[at.UTC()] = true
			}
		}
	}
	return out
}

// moment reads a date, or a date with a time: in UTC, in the zone that it names,
// or by the school's clock.
func (f *file) moment(p *ics.IANAProperty) (at time.Time, whole, ok bool) {
	if p == nil {
		return at, false, false
	}
	value, zone := strings.TrimSpace(p.Value), f.zone
	if day, err := time.ParseInLocation("20060102", value, f.zone); err == nil {
		return day, true, sensible(day)
	}
	if bare, utc := strings.CutSuffix(value, "Z"); utc {
		value, zone = bare, time.UTC
	} else if names := p.ICalParameters["TZID"]; len(names) > 0 {
		if named, err := time.LoadLocation(strings.Trim(names[0], `"`)); err == nil && names[0] != "Local" {
			zone = named // a name that is not known is read by the school's clock
		}
	}
	at, err := time.ParseInLocation("20060102T150405", value, zone)
	return at, false, err == nil && sensible(at)
}

// sensible keeps out times that a mistyped year makes: a repetition from the year 1
// would be unrolled for two thousand years.
func sensible(t time.Time) bool { return t.Year() >= 2000 && t.Year() <= 2100 }
