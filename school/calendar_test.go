package school_test

import (
	"strings"
	"testing"
	"time"

	"undring/school"
)

func oslo(t *testing.T, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestG18DueTimesCountSchoolDays(t *testing.T) {
	t.Parallel()
	// The autumn holiday of 2026 in Oslo: week 40, and Christmas.
	free := []time.Time{}
	for d := 28; d <= 30; d++ {
		free = append(free, time.Date(2026, 9, d, 0, 0, 0, 0, time.UTC))
	}
	free = append(free, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC))
	// By the same clock, but without the usual year of Norwegian schools.
	cal, err := school.NewCalendar("Europe/Berlin", free)
	if err != nil {
		t.Fatal(err)
	}
	rules := school.Rules{Policy: school.DefaultPolicy(time.Time{}), Calendar: cal}

	for _, tc := range []struct {
		name, from, want string
		due              func(time.Time) time.Time
	}{
		{"feedback: the same day", "2026-11-10 09:45", "2026-11-10 16:00", rules.FeedbackDue},
		{"feedback: a lesson that ends as the day does", "2026-11-10 16:00", "2026-11-10 16:00", rules.FeedbackDue},
		{"feedback: a lesson that ends later", "2026-11-10 16:01", "2026-11-11 16:00", rules.FeedbackDue},
		{"feedback: late on a Friday", "2026-11-13 17:00", "2026-11-16 16:00", rules.FeedbackDue},
		{"feedback: a Saturday", "2026-11-14 10:00", "2026-11-16 16:00", rules.FeedbackDue},
		{"feedback: late before the holiday", "2026-09-25 18:00", "2026-10-05 16:00", rules.FeedbackDue},
		{"answers: three school days on", "2026-11-10 15:00", "2026-11-13 16:00", rules.AnswerDue},
		{"answers: over a weekend", "2026-11-13 12:00", "2026-11-18 16:00", rules.AnswerDue},
		{"answers: asked in the evening", "2026-11-10 22:00", "2026-11-13 16:00", rules.AnswerDue},
		{"answers: over the holiday", "2026-09-24 12:00", "2026-10-06 16:00", rules.AnswerDue},
		{"take-aways: five school days on", "2026-11-10 15:00", "2026-11-17 16:00", rules.TakeawayDue},
		{"over the leap day", "2028-02-28 12:00", "2028-03-02 16:00", rules.AnswerDue},
		{"over the edge of the half-year", "2026-12-30 12:00", "2027-01-04 16:00", rules.AnswerDue},
		{"the clock goes back in between", "2026-10-23 12:00", "2026-10-28 16:00", rules.AnswerDue},
		{"the clock goes forward in between", "2026-03-27 12:00", "2026-04-01 16:00", rules.AnswerDue},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, want := tc.due(oslo(t, tc.from)), oslo(t, tc.want); !got.Equal(want) {
				t.Errorf("from %s: due %s, want %s", tc.from, got, want)
			}
		})
	}
}

func TestTheDayIsTheSchoolsOwn(t *testing.T) {
	t.Parallel()
	cal, err := school.NewCalendar("Europe/Oslo", nil)
	if err != nil {
		t.Fatal(err)
	}
	// 23:30 UTC on a Sunday is Monday in Oslo.
	if !cal.IsSchoolDay(time.Date(2026, 11, 15, 23, 30, 0, 0, time.UTC)) {
		t.Error("the day was taken by UTC, not by the school's clock")
	}
	if _, err := school.NewCalendar("Mars/Olympus", nil); err == nil {
		t.Error("a time zone that does not exist was taken")
	}
}

// G18: a school has the usual Norwegian year, and the days that it tells besides.
func TestG18TheUsualNorwegianYear(t *testing.T) {
	t.Parallel()
	usual, err := school.NewCalendar("Europe/Oslo", nil)
	if err != nil {
		t.Fatal(err)
	}
	told, err := school.NewCalendar("Europe/Oslo", []time.Time{time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	abroad, err := school.NewCalendar("Europe/Berlin", nil)
	if err != nil {
		t.Fatal(err)
	}
	for day, free := range map[string]bool{
		"2026-08-14": true, "2026-08-17": false, "2026-09-25": false, "2026-09-28": true, "2026-10-02": true, "2026-10-05": false,
		"2026-12-21": false, "2026-12-22": true, "2027-01-01": true, "2027-01-04": false, "2027-02-22": true, "2027-03-01": false,
		"2027-03-22": true, "2027-03-25": true, "2027-03-29": true, "2027-03-30": false, "2027-05-01": true, "2027-05-06": true, "2027-05-07": false,
		"2027-05-17": true, "2027-06-18": false, "2027-06-21": true, "2027-07-15": true,
	} {
		noon := oslo(t, day+" 12:00")
		if got := !usual.IsSchoolDay(noon); got != free {
			t.Errorf("%s: free %t, want %t", day, got, free)
		}
		weekend := noon.Weekday() == time.Saturday || noon.Weekday() == time.Sunday
		if got := !told.IsSchoolDay(noon); got != free {
			t.Errorf("%s at a school that told a planning day: free %t, want %t", day, got, free)
		}
		if got := abroad.IsSchoolDay(noon); got == weekend {
			t.Errorf("%s abroad: school day %t", day, got)
		}
	}
	if told.IsSchoolDay(oslo(t, "2026-11-20 12:00")) {
		t.Error("the day that was told is a school day")
	}
}

// G18: of the usual year, a part gives way where a school tells its own days for
// that part; public holidays and all else stay.
func TestG18WhatIsToldTakesThePlaceOfAPartOfTheYear(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		told   string // dates, or spans of them
		free   string // of those that are looked at
		school string
	}{
		"nothing":                   {"", "2026-09-28 2026-12-22 2027-02-22 2027-03-22 2027-06-21 2027-07-01", "2026-10-05 2026-12-21 2027-03-01 2027-06-18"},
		"the autumn a week later":   {"2026-10-05/2026-10-09", "2026-10-05 2026-10-09 2026-12-22 2027-02-22", "2026-09-28 2026-10-02"},
		"the winter a week later":   {"2027-03-01/2027-03-05", "2027-03-01 2026-09-28", "2027-02-22 2027-02-26"},
		"Christmas from the 21st":   {"2026-12-21/2027-01-01", "2026-12-21 2026-12-25 2027-01-01 2026-09-28", "2027-01-04"},
		"Christmas until the 20th":  {"2026-12-23/2026-12-31", "2026-12-25 2027-01-01", "2026-12-22"}, // 1 January is a public holiday
		"three days before Easter":  {"2027-03-22/2027-03-24", "2027-03-22 2027-03-25 2027-03-26 2027-03-29", "2027-03-30"},
		"planning days in August":   {"2026-08-17/2026-08-19", "2026-08-17 2026-08-14 2026-07-15", "2026-08-20"},
		"a summer of its own":       {"2027-06-18/2027-08-18", "2027-06-18 2027-07-15 2027-08-18", "2027-08-19 2027-06-17"},
		"planning days in autumn":   {"2026-09-18 2026-11-20", "2026-09-18 2026-11-20 2026-09-28 2026-10-02", "2026-09-25 2026-10-05"},
		"the day after a holiday":   {"2027-01-04 2027-05-07", "2027-01-04 2027-05-07 2026-12-22 2027-01-01 2027-05-06", "2027-01-05"},
		"another year's autumn":     {"2025-10-06/2025-10-10", "2025-10-06 2026-09-28", "2025-09-29"},
		"a week with a day of ours": {"2026-10-05 2026-10-06 2026-10-08 2026-10-09", "2026-09-28 2026-10-05", "2026-10-07"}, // two and two are no week
	} {
		cal, err := school.NewCalendar("Europe/Oslo", days(t, tc.told))
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range days(t, tc.free) {
			if cal.IsSchoolDay(day.Add(11 * time.Hour)) {
				t.Errorf("%s: there is school on %s", name, day.Format(time.DateOnly))
			}
		}
		for _, day := range days(t, tc.school) {
			if !cal.IsSchoolDay(day.Add(11 * time.Hour)) {
				t.Errorf("%s: there is no school on %s", name, day.Format(time.DateOnly))
			}
		}
	}
}

// days reads dates and spans of weekdays.
func days(t *testing.T, text string) []time.Time {
	t.Helper()
	var out []time.Time
	for _, part := range strings.Fields(text) {
		first, last, many := strings.Cut(part, "/")
		if !many {
			last = first
		}
		from, err := time.Parse(time.DateOnly, first)
		to, err2 := time.Parse(time.DateOnly, last)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for ; !from.After(to); from = from.AddDate(0, 0, 1) {
			if wd := from.Weekday(); wd != time.Saturday && wd != time.Sunday {
				out = append(out, from)
			}
		}
	}
	return out
}

// G18: half-years have no hole and no overlap but July.
func TestG18HalfYears(t *testing.T) {
	t.Parallel()
	zone := oslo(t, "2026-01-01 00:00").Location()
	for moment, want := range map[string]string{
		"2026-01-01 00:00": "2026-1", "2026-06-30 23:59": "2026-1", "2026-07-01 00:00": "2026-2", "2026-08-01 00:00": "2026-2",
		"2026-12-31 23:59": "2026-2", "2027-01-01 00:00": "2027-1",
	} {
		term := school.TermOf(oslo(t, moment), zone)
		if term.String() != want || term.Next().Before() != term {
			t.Errorf("%s is in %s, want %s", moment, term, want)
		}
		if back, ok := school.ParseTerm(want); !ok || back != term {
			t.Errorf("%s is read as %v", want, back)
		}
	}
	for _, text := range []string{"", "2026", "2026-3", "2026-0", "x026-1", "2026-10", "1999-1"} {
		if term, ok := school.ParseTerm(text); ok {
			t.Errorf("%q is read as %v", text, term)
		}
	}
}
