package school

import (
	"fmt"
	"strconv"
	"time"

	"github.com/rickar/cal/v2/no"
)

// Term is a half-year: August to December, or January to June, by the school's
// clock. July belongs to none.
type Term struct {
	Year int
	Half int // 1: January to June, 2: August to December
}

// TermOf is the half-year of a moment; in July the one that comes.
func TermOf(t time.Time, zone *time.Location) Term {
	t = t.In(zone)
	if t.Month() <= time.June {
		return Term{t.Year(), 1}
	}
	return Term{t.Year(), 2}
}

// ParseTerm reads what String writes; false for what is not a half-year.
func ParseTerm(text string) (Term, bool) {
	if len(text) != 6 || text[4] != '-' {
		return Term{}, false
	}
	year, err := strconv.Atoi(text[:4])
	half := int(text[5] - '0')
	return Term{year, half}, err == nil && year >= 2000 && year <= 2100 && (half == 1 || half == 2)
}

// String is such as 2026-2.
func (t Term) String() string { return fmt.Sprintf("%04d-%d", t.Year, t.Half) }

// Next is the half-year after this one.
func (t Term) Next() Term {
	if t.Half == 1 {
		return Term{t.Year, 2}
	}
	return Term{t.Year + 1, 1}
}

// Before is the half-year before this one.
func (t Term) Before() Term {
	if t.Half == 2 {
		return Term{t.Year, 1}
	}
	return Term{t.Year - 1, 2}
}

// Span is when it begins, and when it has ended.
func (t Term) Span(zone *time.Location) (start, end time.Time) {
	if t.Half == 1 {
		return time.Date(t.Year, time.January, 1, 0, 0, 0, 0, zone), time.Date(t.Year, time.July, 1, 0, 0, 0, 0, zone)
	}
	return time.Date(t.Year, time.August, 1, 0, 0, 0, 0, zone), time.Date(t.Year+1, time.January, 1, 0, 0, 0, 0, zone)
}

// SchoolDays counts the school days of a half-year.
func (c Calendar) SchoolDays(t Term) int {
	start, end := t.Span(c.zone)
	n := 0
	for day := start.Add(12 * time.Hour); day.Before(end); day = day.AddDate(0, 0, 1) {
		if c.IsSchoolDay(day) {
			n++
		}
	}
	return n
}

// schoolYear is the year in which the school year of a date began, in August.
func (d date) schoolYear() int {
	if d.month < time.August {
		return d.year - 1
	}
	return d.year
}

// usuallyFree says whether a date is without school in the Norwegian school year
// as most counties have it: public holidays; the summer from Midsummer to the
// middle of August; week 40; from 22 December to the New Year's second; week 8;
// the week before Easter. A school that tells its own days has those instead.
func (d date) usuallyFree() bool {
	t := time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC)
	for _, h := range no.Holidays {
		if actual, _ := h.Calc(d.year); sameDate(actual, t) {
			return true
		}
	}
	_, week := t.ISOWeek()
	easter := easterSunday(d.year)
	switch {
	case d.month == time.July, d.month == time.June && d.day >= 20, d.month == time.August && d.day < 16:
		return true
	case week == 40 && d.month >= time.September, week == 8:
		return true
	case d.month == time.December && d.day >= 22, d.month == time.January && d.day <= 2:
		return true
	}
	return !t.Before(easter.AddDate(0, 0, -6)) && !t.After(easter.AddDate(0, 0, 1))
}

// easterSunday is found by the library's second day of Easter.
func easterSunday(year int) time.Time {
	monday, _ := no.AndrePaaskedag.Calc(year)
	y, m, d := monday.Date()
	return time.Date(y, m, d-1, 12, 0, 0, 0, time.UTC)
}

// sameDate says whether two times have the same date; the zero time has none.
func sameDate(a, b time.Time) bool {
	y, m, d := a.Date()
	y2, m2, d2 := b.Date()
	return !a.IsZero() && y == y2 && m == m2 && d == d2
}
