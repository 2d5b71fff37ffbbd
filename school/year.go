package school

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/rickar/cal/v2/no"
)

// Term is a half-year: August to December, or January to June, by the school's
// clock. July belongs to none.
// The contract and the tables write it as text, such as 2026-2, which sorts by time.
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
	// Strict, since the text becomes a key: "2026-02" would be another half-year than 2026-2.
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
// July is outside: it begins the half-year that comes, and has no school days to count.
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
	// From noon to noon: a step of a day never lands on the wrong side of midnight.
	for day := start.Add(12 * time.Hour); day.Before(end); day = day.AddDate(0, 0, 1) {
		if c.IsSchoolDay(day) {
			n++
		}
	}
	return n
}

// partOfYear is a part of the usual school year that pupils have off, in a year: the
// one in which it begins. A public holiday is of none.
type partOfYear struct {
	name string
	year int
}

// usuallyFree says whether a date is without school in the Norwegian school year
// as most counties have it, and in which part of it: the summer from Midsummer to
// the middle of August; week 40; from 22 December to the New Year's second; week
// 8; the week before Easter. Public holidays are of no part.
// It is a guess, which holds part by part until a school tells its own days.
func (d date) usuallyFree() (partOfYear, bool) {
	t := d.noon()
	for _, h := range no.Holidays {
		if actual, _ := h.Calc(d.year); sameDate(actual, t) {
			return partOfYear{}, true
		}
	}
	_, week := t.ISOWeek()
	easter := easterSunday(d.year)
	switch {
	case d.month == time.July, d.month == time.June && d.day >= 20, d.month == time.August && d.day < 16:
		return partOfYear{"summer", d.year}, true
	case week == 40 && d.month >= time.September:
		return partOfYear{"autumn", d.year}, true
	case week == 8:
		return partOfYear{"winter", d.year}, true
	case d.month == time.December && d.day >= 22:
		return partOfYear{"christmas", d.year}, true
	case d.month == time.January && d.day <= 2:
		return partOfYear{"christmas", d.year - 1}, true
	// From the Monday of Holy Week to Easter Monday.
	case !t.Before(easter.AddDate(0, 0, -6)) && !t.After(easter.AddDate(0, 0, 1)):
		return partOfYear{"easter", d.year}, true
	}
	return partOfYear{}, false
}

// DaysOff are days in a row without school, by who tells them.
type DaysOff struct {
	First, Last time.Time // dates, at midnight UTC
	Name        string    // empty: nobody has said
	Source      string    // empty: nobody was named
	Usual       bool      // of the usual year, or a public holiday
}

// daysOff are the days without school from a date until before another, weekends aside:
// those that are told, in the order of their sources, and those of the usual year that
// nobody has told.
func (c Calendar) daysOff(told told, from, until time.Time) []DaysOff {
	var out []DaysOff
	for source, days := range told {
		out = append(out, inRows(from, until, func(day time.Time) (DaysOff, bool) {
			name, there := days[day]
			return DaysOff{Name: name, Source: source}, there
		})...)
	}
	if c.zone.String() == norway {
		out = append(out, inRows(from, until, func(day time.Time) (DaysOff, bool) {
			d := date{day.Year(), day.Month(), day.Day()}
			if c.free[d] {
				return DaysOff{}, false
			}
			part, free := d.usuallyFree()
			return DaysOff{Usual: true}, free && (part.name == "" || !c.told[part])
		})...)
	}
	slices.SortFunc(out, func(a, b DaysOff) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// inRows puts days that are alike and follow each other, weekends between them aside,
// together.
func inRows(from, until time.Time, of func(time.Time) (DaysOff, bool)) []DaysOff {
	var out []DaysOff
	var last time.Time // the working day before
	for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue
		}
		if off, free := of(day); free {
			n := len(out) - 1
			// The row goes on where the day off before it was the working day just before this one.
			if n >= 0 && out[n].Last.Equal(last) && out[n].Name == off.Name {
				out[n].Last = day
			} else {
				off.First, off.Last = day, day
				out = append(out, off)
			}
		}
		last = day
	}
	return out
}

// noon is the middle of the day: adding days to it never lands on another one when the clock
// changes.
func (d date) noon() time.Time { return time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC) }

// couldBe is the part of the usual year that days off around a date are told for,
// and how many of them in a row it takes: a planning day or two beside a holiday
// are not that holiday. None in the months when nobody has one.
// The windows are wider than the parts themselves: counties put the winter holiday into week 7,
// 8, 9 or 10, and the autumn one into 40 or 41.
func (d date) couldBe() (part partOfYear, days int) {
	t, easter := d.noon(), easterSunday(d.year)
	switch {
	case !t.Before(easter.AddDate(0, 0, -9)) && !t.After(easter.AddDate(0, 0, 8)):
		return partOfYear{"easter", d.year}, 3
	case d.month >= time.June && d.month <= time.August:
		return partOfYear{"summer", d.year}, 15
	case d.month == time.September && d.day >= 15, d.month == time.October, d.month == time.November && d.day <= 7:
		return partOfYear{"autumn", d.year}, 3
	case d.month == time.December && d.day >= 10:
		return partOfYear{"christmas", d.year}, 4
	case d.month == time.January && d.day <= 15:
		return partOfYear{"christmas", d.year - 1}, 4
	case d.month == time.January && d.day >= 25, d.month == time.February, d.month == time.March:
		return partOfYear{"winter", d.year}, 3
	}
	return partOfYear{}, 0
}

// partsTold are the parts of the usual year for which a school tells days of its
// own: so many in a row, weekends and public holidays between them aside.
func partsTold(free map[date]bool) map[partOfYear]bool {
	told := map[partOfYear]bool{}
	for day := range free {
		part, needed := day.couldBe()
		if needed == 0 || told[part] || free[day.dayBefore(free)] {
			continue // in the middle of a row, which is counted from its first day
		}
		row := 0
		for next := day; free[next]; next = next.dayAfter(free) {
			if row++; row >= needed {
				told[part] = true
				break
			}
		}
	}
	return told
}

// dayAfter is the next date, past what is free anyway and not told.
func (d date) dayAfter(free map[date]bool) date { return d.next(free, 1) }

// dayBefore is the last school day before.
func (d date) dayBefore(free map[date]bool) date { return d.next(free, -1) }

// longestGap is how many days in a row are free anyway: Easter with its weekend.
const longestGap = 6

// next is the next school day in steps of one day, forwards or back. Beyond the longest gap of
// a year it stops: a calendar in which every day is free must not go on for ever.
func (d date) next(free map[date]bool, step int) date {
	next := d
	for range longestGap {
		t := next.noon().AddDate(0, 0, step)
		next = date{t.Year(), t.Month(), t.Day()}
		part, usually := next.usuallyFree()
		holiday := usually && part.name == ""
		if free[next] || t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && !holiday {
			break
		}
	}
	return next
}

// easterSunday is found by the library's second day of Easter.
// The library names no Easter Sunday, only the Monday after it.
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
