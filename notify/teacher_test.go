package notify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"undring/notify"
	"undring/town"
)

func said() []string { return notify.Said() }

// contains says whether all of some words stand in a text.
func contains(text string, words ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// A day as a teacher has it: three lessons visited, feedback given on one of them and answered, a proposal
// that comes, another one that is agreed on. All of it is told that day, in two mails at most, none of them
// while she teaches.
func TestADayWithThreeVisitsInterruptsTwiceAtMost(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	sends(t, w, 1, office.by)
	per, eva := w.Settle("Per", "Moe", "TEACHER"), w.Settle("Eva", "Vik", "TEACHER")
	wednesday := func(hour, minute int) time.Time { return time.Date(2026, 11, 11, hour, minute, 0, 0, oslo) }
	after := func(hour, minute int) time.Duration { return wednesday(hour, minute).Sub(w.Clock.Now()) }
	first, second, third := w.Propose(w.Kari, w.Ola, after(8, 30)), w.Propose(w.Kari, w.Nils, after(10, 15)), w.Propose(w.Kari, per, after(12, 0))
	ahead := w.Propose(w.Kari, eva, after(9, 0)+7*24*time.Hour)
	until(t, w, afternoon)
	until(t, w, afternoon.Add(time.Hour)) // they answer when everybody has gone home
	for _, v := range []*town.Visit{first, second, third} {
		v.Agree()
	}
	settled(t, w)
	before := len(office.all())
	until(t, w, wednesday(7, 0))
	for _, now := range []struct {
		at time.Time
		do func()
	}{
		{wednesday(8, 40), func() { first.Observe() }},
		{wednesday(9, 30), func() { first.Give() }},
		{wednesday(9, 45), func() { ahead.Agree() }},
		{wednesday(10, 20), func() { second.Observe() }},
		{wednesday(11, 15), func() { w.Propose(eva, w.Kari, 6*24*time.Hour) }},
		{wednesday(12, 10), func() { third.Observe() }},
		{wednesday(13, 0), func() { first.Open(); first.Answer(first.Question) }},
		{wednesday(15, 0), func() {}},
		{wednesday(16, 59), func() {}},
		{wednesday(23, 59), func() {}},
	} {
		until(t, w, now.at)
		now.do()
		settled(t, w)
	}
	mails := map[string][]letter{}
	for _, l := range office.all()[before:] {
		mails[l.To] = append(mails[l.To], l)
	}
	hers := mails["kari@fjordvik.example"]
	if len(hers) != 2 {
		t.Fatalf("a day with three visits interrupts Kari %d times, want twice", len(hers))
	}
	for to, all := range mails {
		if len(all) > 2 {
			t.Errorf("%s is interrupted %d times in a day", to, len(all))
		}
	}
	for n, hour := range []int{7, 15} {
		if at, err := hers[n].Header.Date(); err != nil || !at.Equal(wednesday(hour, 0)) {
			t.Errorf("a mail came at %v (%v), want %d o'clock", at.In(oslo), err, hour)
		}
	}
	// In the morning, that three are agreed, and that they are today; in the afternoon the two that wait for feedback, what is answered, and the
	// two that came.
	if n := strings.Count(hers[0].Plain, "•"); n != 6 {
		t.Errorf("the morning's mail says %d things, want 6:\n%s", n, hers[0].Plain)
	}
	for _, v := range []*town.Visit{first, second, third, ahead} {
		if !strings.Contains(hers[1].Plain, v.ID) {
			t.Errorf("the afternoon's mail does not lead to each visit:\n%s", hers[1].Plain)
		}
	}
	if n := strings.Count(hers[1].Plain, "•"); n != 5 {
		t.Errorf("the afternoon's mail says %d things, want 5:\n%s", n, hers[1].Plain)
	}
}
