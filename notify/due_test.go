package notify_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"undring/notify"
	"undring/school"
)

var oslo = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		panic(err)
	}
	return zone
}()

// at is a time of the autumn of 2026, by the clock in Oslo: 10 November is a Tuesday.
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+text, oslo)
	if err != nil {
		panic(err)
	}
	return t
}

func year(t *testing.T, busy ...time.Time) notify.Year {
	t.Helper()
	c, err := school.NewCalendar("Europe/Oslo", nil)
	if err != nil {
		t.Fatal(err)
	}
	return notify.Year{Calendar: c.WithBusy(busy)}
}

// When each kind of step is told to somebody who never does it.
func TestWhenAStepIsTold(t *testing.T) {
	t.Parallel()
	digest := notify.DefaultChoice()
	digest.Digest = true
	var busy []time.Time
	for day := at("11-11 12:00"); day.Before(at("11-21 00:00")); day = day.AddDate(0, 0, 1) {
		busy = append(busy, day)
	}
	for name, tc := range map[string]struct {
		step   notify.Step
		choice notify.Choice
		busy   []time.Time
		want   []time.Time
	}{
		"feedback, the same day at three, then thrice": {
			notify.Step{Kind: notify.FeedbackDue, Since: at("11-10 09:00"), End: at("11-10 09:45"), Due: at("11-10 16:00")}, notify.DefaultChoice(), nil,
			[]time.Time{at("11-10 15:00"), at("11-11 07:00"), at("11-13 07:00"), at("11-20 07:00")}},
		"feedback on a lesson that ends at half past three: the next morning at the earliest": {
			notify.Step{Kind: notify.FeedbackDue, Since: at("11-10 14:45"), End: at("11-10 15:30"), Due: at("11-10 16:00")}, notify.DefaultChoice(), nil,
			[]time.Time{at("11-11 07:00"), at("11-13 07:00"), at("11-20 07:00")}},
		"answers: they come, on their day, and thrice after": {
			notify.Step{Kind: notify.AnswerDue, Since: at("11-10 15:20"), Due: at("11-13 16:00")}, notify.DefaultChoice(), nil,
			[]time.Time{at("11-10 15:20"), at("11-13 07:00"), at("11-16 07:00"), at("11-18 07:00"), at("11-25 07:00")}},
		"once a day means in the afternoon": {
			notify.Step{Kind: notify.AnswerDue, Since: at("11-10 15:20"), Due: at("11-13 16:00")}, digest, nil,
			[]time.Time{at("11-10 15:20"), at("11-13 15:00"), at("11-16 15:00"), at("11-18 15:00"), at("11-25 15:00")}},
		"in a busy period what comes is told, and reminders stop": {
			notify.Step{Kind: notify.AnswerDue, Since: at("11-10 15:20"), Due: at("11-13 16:00")}, notify.DefaultChoice(), busy,
			[]time.Time{at("11-10 15:20"), at("11-23 07:00"), at("11-25 07:00"), at("12-02 07:00")}},
		"a proposal: it comes, after two school days, and on the eve": {
			notify.Step{Kind: notify.Proposal, Since: at("11-10 10:00"), Start: at("11-18 10:15"), Due: at("11-18 10:15")}, notify.DefaultChoice(), nil,
			[]time.Time{at("11-10 10:00"), at("11-12 07:00"), at("11-17 15:00")}},
		"a proposal over a weekend": {
			notify.Step{Kind: notify.Proposal, Since: at("11-13 10:00"), Start: at("11-16 10:15"), Due: at("11-16 10:15")}, notify.DefaultChoice(), nil,
			[]time.Time{at("11-13 10:00")}}, // what goes out on Friday at three is the eve's as well
		"a lesson to visit: the afternoon before, and afterwards whether it took place": {
			notify.Step{Kind: notify.VisitAhead, Since: at("11-10 10:00"), Start: at("11-16 10:15"), End: at("11-16 11:00"), Due: at("11-16 10:15")}, notify.DefaultChoice(), nil,
			[]time.Time{at("11-13 15:00"), at("11-16 15:00"), at("11-19 07:00")}},
		"a lesson that was agreed on the same morning": {
			notify.Step{Kind: notify.VisitAhead, Since: at("11-16 06:30"), Start: at("11-16 10:15"), End: at("11-16 11:00"), Due: at("11-16 10:15")}, notify.DefaultChoice(), nil,
			[]time.Time{at("11-16 07:00"), at("11-16 15:00"), at("11-19 07:00")}},
		"the clock goes back on 25 October, and seven stays seven": {
			notify.Step{Kind: notify.AnswerDue, Since: at("10-22 15:20"), Due: at("10-26 16:00")}, notify.DefaultChoice(), nil,
			[]time.Time{at("10-22 15:20"), at("10-26 07:00"), at("10-27 07:00"), at("10-29 07:00"), at("11-05 07:00")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []time.Time
			for _, o := range tc.step.Occasions(tc.choice, year(t, tc.busy...)) {
				got = append(got, o.At)
			}
			if !slices.EqualFunc(got, tc.want, time.Time.Equal) {
				t.Errorf("told at %v,\nwanted %v", got, tc.want)
			}
		})
	}
}

// Nothing interrupts in quiet hours, nor on free days, but a lesson that is called off
// before anybody would hear of it.
func TestWhenANoticeGoesOut(t *testing.T) {
	t.Parallel()
	always := notify.Choice{}
	paused := notify.DefaultChoice()
	paused.PausedUntil = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	late := notify.DefaultChoice()
	late.QuietTo = 9 * 60
	day := func(c notify.Choice) notify.Choice { c.Digest = true; return c }
	for name, tc := range map[string]struct {
		step   notify.Step
		at     time.Time
		choice notify.Choice
		want   time.Time
		urgent bool
	}{
		"in the evening: in the morning":                           {notify.Step{Kind: notify.AnswerDue}, at("11-10 20:00"), notify.DefaultChoice(), at("11-11 07:00"), false},
		"between lessons: in the afternoon":                        {notify.Step{Kind: notify.AnswerDue}, at("11-10 11:10"), notify.DefaultChoice(), at("11-10 15:00"), false},
		"on Friday evening: on Monday":                             {notify.Step{Kind: notify.AnswerDue}, at("11-13 18:00"), notify.DefaultChoice(), at("11-16 07:00"), false},
		"on Friday evening, by who has no quiet days: on Saturday": {notify.Step{Kind: notify.AnswerDue}, at("11-13 18:00"), always, at("11-14 07:00"), false},
		"once a day": {notify.Step{Kind: notify.AnswerDue}, at("11-10 06:00"), day(notify.DefaultChoice()), at("11-10 15:00"), false},
		"paused":     {notify.Step{Kind: notify.AnswerDue}, at("11-10 06:00"), paused, at("11-23 07:00"), false},
		"called off the evening before: in the morning, before the lesson":   {notify.Step{Kind: notify.Changed, Start: at("11-11 08:15")}, at("11-10 20:00"), notify.DefaultChoice(), at("11-11 07:00"), false},
		"called off an hour before: at once":                                 {notify.Step{Kind: notify.Changed, Start: at("11-10 11:15")}, at("11-10 10:15"), notify.DefaultChoice(), at("11-10 10:15"), true},
		"called off in the evening, whose quiet hours end too late: at once": {notify.Step{Kind: notify.Changed, Start: at("11-11 08:15")}, at("11-10 20:00"), late, at("11-10 20:00"), true},
		"called off in the evening, who hears once a day: at once":           {notify.Step{Kind: notify.Changed, Start: at("11-11 08:15")}, at("11-10 20:00"), day(notify.DefaultChoice()), at("11-10 20:00"), true},
		"may I come in an hour? at once":                                     {notify.Step{Kind: notify.Proposal, Start: at("11-10 11:15")}, at("11-10 10:15"), notify.DefaultChoice(), at("11-10 10:15"), false},
		"may I come tomorrow morning? asked late, it waits for quiet to end": {notify.Step{Kind: notify.Proposal, Start: at("11-11 07:15")}, at("11-10 22:00"), notify.DefaultChoice(), at("11-11 07:00"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			when, urgent := tc.step.Tell(tc.at, tc.choice, year(t))
			if !when.Equal(tc.want) || urgent != tc.urgent {
				t.Errorf("goes out at %v (urgent %v), wanted %v (%v)", when, urgent, tc.want, tc.urgent)
			}
		})
	}
}

// After a day with three visits there are two interruptions at most: whatever comes of
// them goes out together.
func TestThreeVisitsInADayInterruptTwiceAtMost(t *testing.T) {
	t.Parallel()
	y, here := year(t), uuid.New()
	var steps []notify.Step
	for i, hour := range []string{"08:30", "10:15", "12:00"} {
		end := at("11-10 " + hour).Add(45 * time.Minute)
		steps = append(steps,
			notify.Step{Kind: notify.FeedbackDue, Subject: uuid.New(), School: here, Since: end, End: end, Due: at("11-10 16:00")},
			notify.Step{Kind: notify.AnswerDue, Subject: uuid.New(), School: here, Since: end.Add(time.Hour), Due: at("11-13 16:00")},
			notify.Step{Kind: notify.Changed, Subject: uuid.New(), School: here, Since: end.Add(time.Duration(i) * time.Minute), Due: end, Start: at("11-20 10:00")})
	}
	var kept []notify.Notice
	out := 0
	for now := at("11-10 00:00"); now.Before(at("11-11 00:00")); now = now.Add(time.Minute) {
		var there []notify.Step
		for _, s := range steps {
			if !s.Since.After(now) {
				there = append(there, s)
			}
		}
		p := notify.MakePlan(now, there, kept, notify.DefaultChoice(), notify.Years{here: y}, uuid.New)
		kept = append(kept, p.New...)
		if len(p.Out) > 0 {
			out++
		}
		for i := range kept {
			if slices.ContainsFunc(p.Out, func(n notify.Notice) bool { return n.ID == kept[i].ID }) {
				kept[i].Told = now
			}
		}
	}
	if out == 0 || out > 2 {
		t.Errorf("the day interrupts %d times", out)
	}
	for _, n := range kept {
		if n.Told.IsZero() {
			t.Errorf("%s, since %v, was not told on its day", n.Kind, n.At)
		}
	}
}
