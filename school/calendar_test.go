package school_test

import (
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

func TestDueTimesCountSchoolDays(t *testing.T) {
	t.Parallel()
	// The autumn holiday of 2026 in Oslo: week 40, and Christmas.
	free := []time.Time{}
	for d := 28; d <= 30; d++ {
		free = append(free, time.Date(2026, 9, d, 0, 0, 0, 0, time.UTC))
	}
	free = append(free, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC))
	cal, err := school.NewCalendar("Europe/Oslo", free)
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
