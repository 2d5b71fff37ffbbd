package school

import (
	"fmt"
	"time"
)

// DayEnd is when a school day ends, after midnight by the school's clock.
const DayEnd = 16 * time.Hour

// A date is a day of the school's calendar.
// A time would carry a clock and a zone, and two of the same day need not be equal as keys.
type date struct {
	year  int
	month time.Month
	day   int
}

// Calendar tells school days from days without school.
type Calendar struct {
	zone *time.Location
	free map[date]bool
	// Local days replace the usual ones: a county whose winter holiday is in week 9 has school
	// in week 8, without saying so.
	told map[partOfYear]bool // parts of the usual year for which others are told
	// Days of periods that run, lie ahead, or ended within the last sixty days ([schoolByID]).
	busy map[date]bool // school days on which nothing falls due
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

// WithBusy is the same calendar with busy days, of which only the date counts: there is
// school on them, and nothing falls due.
// It doesn't copy the free days, which both share and neither changes.
func (c Calendar) WithBusy(days []time.Time) Calendar {
	c.busy = make(map[date]bool, len(days))
	for _, day := range days {
		y, m, d := day.Date()
		c.busy[date{y, m, d}] = true
	}
	return c
}

// fallsDue says whether something can be due on the day of t: a school day that is not
// busy.
func (c Calendar) fallsDue(t time.Time) bool {
	y, m, d := t.In(c.zone).Date()
	return c.IsSchoolDay(t) && !c.busy[date{y, m, d}]
}

// IsBusy says whether the day of t lies in a busy period: reminders rest on it.
func (c Calendar) IsBusy(t time.Time) bool {
	y, m, d := t.In(c.zone).Date()
	return c.busy[date{y, m, d}]
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
	// A public holiday is free whatever was told: its part has no name.
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
// year without one, and no more than [mostBusyDays] are busy.
const longestBreak = 400 + mostBusyDays

// NextSchoolDay is the end of the n-th school day after the day of t. Busy days are
// passed over: due times stretch in them.
// For n = 0 it is the end of the day of t itself, whatever day that is; [Calendar.SameDay]
// asks first whether anything can be due on it.
func (c Calendar) NextSchoolDay(t time.Time, n int) time.Time {
	day := c.EndOfDay(t)
	for range longestBreak {
		if n == 0 {
			break
		}
		y, m, d := day.Date()
		// By the calendar and not by 24 hours: on the days when the clock changes, those would be
		// 15:00 or 17:00. time.Date carries the 32nd over into the next month.
		day = time.Date(y, m, d+1, int(DayEnd/time.Hour), 0, 0, 0, c.zone)
		if c.fallsDue(day) {
			n--
		}
	}
	return day
}

// SameDay is when what follows a moment is due "the same school day": at the end
// of that day or, if the moment comes later or on a day without school, at the
// end of the next one; n school days later for n > 0. A busy day is passed over as one
// without school.
func (c Calendar) SameDay(t time.Time, n int) time.Time {
	end := c.EndOfDay(t)
	if !c.fallsDue(t) || t.After(end) {
		end = c.NextSchoolDay(t, 1)
	}
	return c.NextSchoolDay(end, n)
}
