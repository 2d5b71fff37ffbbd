package culture

import (
	"time"

	"undring/school"
)

// publishAfter is how many days after the end of a half-year its sheet comes: for
// those who were offline.
const publishAfter = 14

// oslo is the clock of sheets and pulses: one for all schools of an owner, so that
// all read at the same moment.
var oslo = mustLoad("Europe/Oslo")

// mustLoad loads a time zone that is built into the program.
func mustLoad(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zones are built in
	}
	return zone
}

// Now is the half-year that is under way, or in July the one that comes.
func termOf(now time.Time) school.Term { return school.TermOf(now, oslo) }

// PublishAt is when the sheet of a half-year comes.
func PublishAt(t school.Term) time.Time {
	_, end := t.Span(oslo)
	return end.AddDate(0, 0, publishAfter)
}

// RoundOf is when the pulse of a half-year opens and closes: November, May.
func RoundOf(t school.Term) (opens, closes time.Time) {
	month := time.May
	if t.Half == 2 {
		month = time.November
	}
	opens = time.Date(t.Year, month, 1, 0, 0, 0, 0, oslo)
	return opens, opens.AddDate(0, 1, 0)
}

// nextSheet is the first half-year whose sheet is still to come.
func nextSheet(now time.Time) school.Term {
	t := termOf(now)
	for now.Before(PublishAt(t.Before())) {
		t = t.Before()
	}
	return t
}

// nextRound is the half-year whose pulse is open, or comes next.
func nextRound(now time.Time) school.Term {
	t := termOf(now)
	if _, closes := RoundOf(t); !now.Before(closes) {
		return t.Next()
	}
	return t
}
