package school

import (
	"fmt"
	"time"
)

// DayEnd is when a school day ends, after midnight by the school's clock.
const DayEnd = 16 * time.Hour

// A date is a day of the school's calendar.
type date struct {
	year  int
	month time.Month
	day   int
}

// Calendar tells school days from days without school.
type Calendar struct {
	zone *time.Location
	free map[date]bool
	told map[partOfYear]bool // parts of the usual year for which others are told
}

// NewCalendar makes the calendar of a school in a time zone (an IANA name),
// with its days without school besides Saturdays and Sundays. Of a free day
// only the date counts. A Norwegian school has the days of the usual year, too,
// but for the parts of it for which it tells others.
func NewCalendar(zone string, free []time.Time) (Calendar, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return Calendar{}, fmt.Errorf("time zone of the school: %w", err)
	}
	c := Calendar{zone: loc, free: make(map[date]bool, len(free))}
	for _, day := range free {
		y, m, d := day.Date()
		c.free[date{y, m, d}] = true
	}
	c.told = partsTold(c.free)
	return c, nil
}

// Zone is the school's time zone.
func (c Calendar) Zone() *time.Location { return c.zone }

// IsSchoolDay says whether there is school on the day of t, by the school's clock.
func (c Calendar) IsSchoolDay(t time.Time) bool { return c.isSchoolDate(t.In(c.zone)) }

// isSchoolDate is the same for a date, whatever the clock.
func (c Calendar) isSchoolDate(t time.Time) bool {
	y, m, d := t.Date()
	day := date{y, m, d}
	switch {
	case t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || c.free[day]:
		return false
	case c.zone.String() != norway:
		return true
	}
	part, free := day.usuallyFree()
	return !free || part.name != "" && c.told[part]
}

// norway is where schools have the usual year.
const norway = "Europe/Oslo"

// EndOfDay is when the school day of t ends. It stays at 16:00 on the days when
// the clock changes.
func (c Calendar) EndOfDay(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d, int(DayEnd/time.Hour), 0, 0, 0, c.zone)
}

// longestBreak bounds the search for the next school day: no calendar has a
// year without one.
const longestBreak = 400

// NextSchoolDay is the end of the n-th school day after the day of t.
func (c Calendar) NextSchoolDay(t time.Time, n int) time.Time {
	day := c.EndOfDay(t)
	for range longestBreak {
		if n == 0 {
			break
		}
		y, m, d := day.Date()
		day = time.Date(y, m, d+1, int(DayEnd/time.Hour), 0, 0, 0, c.zone)
		if c.IsSchoolDay(day) {
			n--
		}
	}
	return day
}

// SameDay is when what follows a moment is due "the same school day": at the end
// of that day or, if the moment comes later or on a day without school, at the
// end of the next one; n school days later for n > 0.
func (c Calendar) SameDay(t time.Time, n int) time.Time {
	end := c.EndOfDay(t)
	if !c.IsSchoolDay(t) || t.After(end) {
		end = c.NextSchoolDay(t, 1)
	}
	return c.NextSchoolDay(end, n)
}
