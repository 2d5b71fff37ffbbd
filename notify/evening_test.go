package notify_test

import (
	"strings"
	"testing"
	"time"

	"undring/town"
)

// What is called off the evening before is told before the lesson: in the morning where there is time enough, else
// in the evening at once. Nobody stands before a locked door, whether it was agreed on or only proposed, and
// whoever of the two called it off.
func TestCalledOffTheEveningBefore(t *testing.T) {
	t.Parallel()
	morning := time.Date(2026, 11, 11, 7, 0, 0, 0, oslo)
	for name, c := range map[string]struct {
		lesson time.Duration // after Tuesday at nine
		agreed bool
		by     func(*town.Town) (by, told *town.Person)
		at     time.Time
	}{
		"agreed, and there is time in the morning": {24 * time.Hour, true, func(w *town.Town) (*town.Person, *town.Person) { return w.Ola, w.Kari }, morning},
		"agreed, and there is none":                {22*time.Hour + 15*time.Minute, true, func(w *town.Town) (*town.Person, *town.Person) { return w.Ola, w.Kari }, afternoon.Add(5 * time.Hour)},
		"agreed, by who would have come":           {24 * time.Hour, true, func(w *town.Town) (*town.Person, *town.Person) { return w.Kari, w.Ola }, morning},
		"proposed, and there is time":              {24 * time.Hour, false, func(w *town.Town) (*town.Person, *town.Person) { return w.Kari, w.Ola }, morning},
		"proposed, and there is none":              {22*time.Hour + 15*time.Minute, false, func(w *town.Town) (*town.Person, *town.Person) { return w.Kari, w.Ola }, afternoon.Add(5 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			office := newPostOffice(t)
			sends(t, w, 1, office.by)
			by, told := c.by(w)
			v := w.Propose(w.Kari, w.Ola, c.lesson)
			if c.agreed {
				v.Agree()
			}
			until(t, w, afternoon)
			until(t, w, afternoon.Add(5*time.Hour))
			before := len(office.all())
			town.Try(by.CancelObservation(by.Ctx(), town.CancelOf(v))).OK(t)
			settled(t, w)
			if n := len(office.all()) - before; n != 0 && c.at.Equal(morning) {
				t.Errorf("what can wait for the morning interrupted the evening %d times", n)
			}
			until(t, w, c.at)
			all := office.all()[before:]
			if len(all) != 1 || all[0].To != strings.ToLower(told.Name)+"@fjordvik.example" || !strings.Contains(all[0].Plain, "avlyst") {
				t.Errorf("called off at 20, a lesson that begins %s after Tuesday at 9: by %s %d mails went out", c.lesson, c.at, len(all))
			}
			until(t, w, morning)
			if n := len(office.all()) - before; n != 1 {
				t.Errorf("that it is off is told %d times", n)
			}
		})
	}
}
