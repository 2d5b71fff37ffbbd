package notify_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"undring/town"
)

// G11: of a whole visit, from the proposal to what both take with them, no word that anybody wrote goes out by mail
// or push, stands in a job or a message, or in the log; nor does a name.
func TestG11NothingOfAVisitGoesOut(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office, phone := newPostOffice(t), newBrowser(t)
	by, _ := pushes(t)
	sends(t, w, 2, office.by, by)
	phone.of(w.Kari) // Ola gets mail
	v := w.Propose(w.Kari, w.Ola, 48*time.Hour)
	moments := 0
	next := func() { // the next moments at which anything goes out
		now := w.Clock.Now().In(oslo)
		for range 3 {
			moments++
			at := time.Date(now.Year(), now.Month(), now.Day(), 7, 0, 0, 0, oslo)
			if !now.Before(at) {
				at = at.Add(8 * time.Hour)
			}
			if !now.Before(at) {
				at = at.Add(16 * time.Hour)
			}
			now = at
			until(t, w, at)
		}
	}
	next()
	v.Agree()
	next()
	v.Observe()
	v.Give()
	next()
	v.Open()
	v.Answer(v.Question)
	next()
	v.TakeAway(w.Kari)
	next()
	v.TakeAway(w.Ola)
	next()
	mails, shown := office.all(), phone.shown()
	if len(mails) < 2 || len(shown) < 2 {
		t.Fatalf("in %d moments of a visit, %d mails and %d pushes went out: too few to tell", moments, len(mails), len(shown))
	}
	out := w.Log.String() + town.One[string](w, "select coalesce(string_agg(to_jsonb(m)::text, ' '), '') from message m") +
		town.One[string](w, "select string_agg(args::text || coalesce(array_to_string(errors, ' '), ''), ' ') from river.river_job")
	for _, l := range mails {
		out += l.subject() + l.Plain + l.HTML + l.Header.Get("From")
	}
	raw, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	out += string(raw)
	for _, word := range []string{
		"Kari", "Berg", "Dahl", "Rom 204", town.Focus, "lærerprat", "Fire elever", "to nye hender", town.Wondering,
		"Roligere enn", "ser det annerledes", "vente lenger", "Stillheten", "Fjordvik skole",
	} {
		if strings.Contains(out, word) {
			t.Errorf("what goes out says %q", word)
		}
	}
}
