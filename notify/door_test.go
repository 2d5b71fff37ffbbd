package notify_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"undring/notify"
	"undring/school"
)

// After a proposal or a visit was called off, the evening before or at any other time, nobody
// stands before a locked door: whatever somebody chose, they hear of it half an hour before the
// lesson, or at once where that is over. By the plan, minute by minute, not by one rule of it.
func TestNobodyStandsBeforeALockedDoor(t *testing.T) {
	t.Parallel()
	calendar, err := school.NewCalendar("Europe/Oslo", nil)
	if err != nil {
		t.Fatal(err)
	}
	here := uuid.New()
	years := notify.Years{here: {Calendar: calendar}}
	rapid.Check(t, func(t *rapid.T) {
		c := notify.Choice{
			QuietFrom: rapid.IntRange(0, 24*60-1).Draw(t, "quiet from"), QuietTo: rapid.IntRange(0, 24*60-1).Draw(t, "quiet to"),
			QuietFreeDays: rapid.Bool().Draw(t, "quiet on free days"), PauseInHolidays: rapid.Bool().Draw(t, "pause in holidays"), Digest: rapid.Bool().Draw(t, "once a day"),
		}
		if rapid.Bool().Draw(t, "is paused") {
			c.PausedUntil = time.Date(2026, 12, 1+rapid.IntRange(0, 30).Draw(t, "paused until"), 0, 0, 0, 0, time.UTC)
		}
		// In December and over the holidays, weekends and free days among them.
		start := at("12-10 00:00").Add(time.Duration(rapid.IntRange(0, 30*24*60).Draw(t, "start")) * time.Minute)
		off := start.Add(-time.Duration(rapid.IntRange(1, 4*24*60).Draw(t, "called off before")) * time.Minute)
		step := notify.Step{Kind: notify.Changed, Todo: "CANCEL", Subject: uuid.New(), School: here, Since: off, Due: off, Start: start, End: start.Add(45 * time.Minute)}
		var kept []notify.Notice
		for now := off; now.Before(start); {
			p := notify.MakePlan(now, []notify.Step{step}, kept, c, years, uuid.New)
			kept = append(kept, p.New...)
			if len(p.Out) > 0 {
				if last := start.Add(-notify.Rush); now.After(last) && now.After(off) {
					t.Fatalf("called off at %v, it is told at %v; the lesson was to begin at %v", off, now, start)
				}
				return
			}
			if p.Next.IsZero() || !p.Next.After(now) {
				break
			}
			now = p.Next
		}
		t.Fatalf("called off at %v, it is not told before the lesson at %v", off, start)
	})
}

// The same as a teacher meets it: called off at ten in the evening, it has gone out by a quarter
// to eight, though quiet hours last till nine, everything comes once a day, and there is a
// reminder of the visit from the afternoon before, which goes.
func TestCalledOffLateAtNightIsHeardOfInTime(t *testing.T) {
	t.Parallel()
	y, here := year(t), uuid.New()
	years := notify.Years{here: y}
	choice := notify.DefaultChoice()
	choice.QuietTo, choice.Digest = 9*60, true
	visit := uuid.New()
	start := at("11-11 08:15")
	ahead := notify.Step{Kind: notify.VisitAhead, Todo: "VISIT", Subject: visit, School: here, Since: at("11-09 10:00"), Due: start, Start: start, End: start.Add(45 * time.Minute)}
	off := notify.Step{Kind: notify.Changed, Todo: "CANCEL", Subject: visit, School: here, Since: at("11-10 22:00"), Due: at("11-10 22:00"), Start: start, End: start.Add(45 * time.Minute)}
	var kept []notify.Notice
	told := map[string]time.Time{}
	for now := at("11-09 10:00"); now.Before(start); now = now.Add(time.Minute) {
		steps := []notify.Step{ahead}
		if !now.Before(off.Since) {
			steps = []notify.Step{off}
		}
		p := notify.MakePlan(now, steps, kept, choice, years, uuid.New)
		kept = append(kept, p.New...)
		for _, n := range p.Out {
			told[n.Todo] = now
			for i := range kept {
				if kept[i].ID == n.ID {
					kept[i].Told = now
				}
			}
		}
		for _, n := range p.Over {
			for i := range kept {
				if kept[i].ID == n.ID {
					kept[i].Told, kept[i].Read = now, now
				}
			}
		}
	}
	if !told["VISIT"].Equal(at("11-10 15:00")) || !told["CANCEL"].Equal(at("11-10 22:00")) {
		t.Errorf("told: %v", told)
	}
	for _, n := range kept {
		if n.Todo == "VISIT" && n.Read.IsZero() {
			t.Error("the reminder of a visit that is called off still waits to be read")
		}
	}
}

// What was told more than 90 days ago is forgotten, and is not told anew: a proposal for the next
// half-year, an answer that never came.
func TestWhatWasToldIsNotToldAgainWhenItIsForgotten(t *testing.T) {
	t.Parallel()
	y, here := year(t), uuid.New()
	for _, s := range []notify.Step{
		{Kind: notify.AnswerDue, Since: at("02-03 10:00"), Due: at("02-06 16:00")},
		{Kind: notify.FeedbackDue, Since: at("02-03 09:00"), End: at("02-03 09:45"), Due: at("02-03 16:00")},
		{Kind: notify.ActionDue, Since: at("02-03 09:00"), Due: at("02-03 16:00")},
	} {
		s.Subject, s.School = uuid.New(), here
		var kept []notify.Notice
		told := 0
		for now := at("02-03 10:00"); now.Before(at("09-01 00:00")); now = now.Add(time.Hour) {
			var there []notify.Notice
			for _, n := range kept {
				if n.At.After(now.Add(-notify.Kept)) {
					there = append(there, n)
				}
			}
			p := notify.MakePlan(now, []notify.Step{s}, there, notify.DefaultChoice(), notify.Years{here: y}, uuid.New)
			told += len(p.New)
			kept = append(kept, p.New...)
		}
		if want := len(s.Occasions(notify.DefaultChoice(), y)); told != want {
			t.Errorf("%s is told %d times in half a year, wanted %d", s.Kind, told, want)
		}
	}
}
