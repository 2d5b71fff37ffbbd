package school_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// Leaders read from the timetables who could stand in for whom: who has lessons on that day,
// and none at that time. A visit of somebody's changes nothing.
func TestWhoCouldStandIn(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Timetabled()
	names := map[string]string{w.Kari.ID: "Kari", w.Ola.ID: "Ola", w.Nils.ID: "Nils"}
	ask := func(by *town.Person, date string) town.Outcome[*pb.ListCoverResponse] {
		return town.Try(by.ListCover(by.Ctx(), &pb.ListCoverRequest{SchoolId: w.School.String(), Date: date}))
	}
	read := func() (out []string) {
		for _, l := range ask(w.Liv, "2026-11-12").OK(t).GetLessons() {
			line := l.GetStartTime().AsTime().In(time.FixedZone("", 3600)).Format("15:04 ") + names[l.GetPersonId()] + ":"
			for _, id := range l.GetAbleIds() {
				line += " " + names[id]
			}
			out = append(out, line)
		}
		slices.Sort(out)
		return out
	}
	want := []string{"08:30 Kari: Nils", "08:30 Ola: Nils", "10:00 Ola: Kari Nils", "12:00 Nils: Kari Ola"}
	sameButOrder := func(got []string) bool { // of two with one lesson each, either may come first
		return slices.Equal(got, want) || slices.Equal(got, []string{want[0], want[1], "10:00 Ola: Nils Kari", want[3]})
	}
	if got := read(); !sameButOrder(got) {
		t.Errorf("read %q, want %q", got, want)
	}
	// Kari agrees to be at a visit at ten on that day: it is nobody's to know.
	before := read()
	w.Propose(w.Kari, w.Nils, 49*time.Hour).Agree()
	if got := read(); !slices.Equal(got, before) {
		t.Errorf("a visit shows: %q, before %q", got, before)
	}
	ask(w.Kari, "2026-11-12").Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	ask(w.Liv, "2026-11-31").Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	if got := ask(w.Arne, "2026-11-13").OK(t).GetLessons(); len(got) > 0 {
		t.Errorf("a day without lessons has %v", got)
	}
}
