package server_test

import (
	"strings"
	"testing"
	"time"

	pb "undring/gen/undring/v1"
	"undring/school/roster"
	"undring/town"
)

// A name that is sent loses what can't be seen, steers a terminal or turns a text
// around, whichever field it is in; what people see is kept.
func TestNamesThatAreSentLoseWhatCannotBeSeen(t *testing.T) {
	t.Parallel()
	const sent, kept = "Rom\u202e 2\u200b04\x1b[31m\u2066\x07 Øst", "Rom 204[31m Øst"
	w := town.New(t)

	p := w.Proposal(w.Kari, w.Ola)
	p.Place = sent
	if got := town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), p)).OK(t).GetObservation().GetPlace(); got != kept {
		t.Errorf("the place of a visit: %q", got)
	}
	o := w.Offer(100 * time.Hour)
	o.Place, o.Title = sent, sent
	if got := town.Try(w.Kari.OfferLesson(w.Kari.Ctx(), o)).OK(t).GetOpenLesson(); got.GetPlace() != kept || got.GetTitle() != kept {
		t.Errorf("an open lesson: %q in %q", got.GetTitle(), got.GetPlace())
	}
	nothing := w.Offer(120 * time.Hour)
	nothing.Title = "\u200b\u2060"
	if err := town.Try(w.Kari.OfferLesson(w.Kari.Ctx(), nothing)).Err; town.ReasonOf(err) != "INVALID_FIELD" {
		t.Errorf("a title of what can't be seen: %v", err)
	}
	town.Try(w.Kari.SignIn(w.Kari.Ctx(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.Kari.ID}, DeviceName: sent})).OK(t)
	if got := town.One[string](w, "select device_name from session where device_name <> '' and person_id = $1", w.Kari.ID); got != kept {
		t.Errorf("the name of a device: %q", got)
	}
	w.List(w.School.String(), "Eva "+sent+",eva@x.example,teacher,Team "+sent).OK(t)
	if got := town.One[string](w, "select given_name || ' ' || family_name from person where email = 'eva@x.example'"); strings.Contains(roster.Clean(got), "\u202e") || roster.Clean(got) != got {
		t.Errorf("a name in a roster: %q", got)
	}
	if got := town.One[string](w, "select name from team order by name desc limit 1"); got != "Team "+kept {
		t.Errorf("the name of a team: %q", got)
	}
}
