package school_test

import (
	"slices"
	"strings"
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

// Somebody who teaches at two schools has lessons at both: each school's leaders read their own
// school's, and ask nobody to stand in who teaches at the other one at that time.
func TestCoverIsOfOneSchool(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Timetabled()
	other := town.NewID()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Ytre skole', $3)", w.Owner, other, town.Tuesday)
	for _, p := range [][2]string{{w.Nils.ID, "TEACHER"}, {w.Arne.ID, "ADMINISTRATOR"}} {
		w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, $4, $5)", w.Owner, other, p[0], p[1], town.Tuesday)
	}
	w.Arne.SignInAnew()
	bring := func(school string, rows string) {
		t.Helper()
		town.Try(w.Arne.ImportLessons(w.Arne.Ctx(), &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: school,
			Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV, Content: []byte("email,date,start,end\n" + rows)})).OK(t)
	}
	read := func(school string) (out []string) {
		for _, l := range town.Try(w.Arne.ListCover(w.Arne.Ctx(), &pb.ListCoverRequest{SchoolId: school, Date: "2026-11-12"})).OK(t).GetLessons() {
			out = append(out, l.GetStartTime().AsTime().In(time.FixedZone("", 3600)).Format("15:04 ")+l.GetPersonId()+" "+strings.Join(l.GetAbleIds(), " "))
		}
		slices.Sort(out)
		return out
	}
	bring(other.String(), "nils@fjordvik.example,2026-11-12,08:30,09:15\n")
	if got, want := read(other.String()), []string{"08:30 " + w.Nils.ID + " "}; !slices.Equal(got, want) {
		t.Errorf("the other school reads %q, want %q", got, want)
	}
	// At his first school Nils stands as before, and can't stand in while he is at the other one.
	got := read(w.School.String())
	if len(got) != 4 || !slices.Contains(got, "08:30 "+w.Kari.ID+" ") || !slices.Contains(got, "08:30 "+w.Ola.ID+" ") {
		t.Errorf("the first school reads %q", got)
	}
	// Each school's next file is about its own lessons.
	bring(other.String(), "nils@fjordvik.example,2026-11-12,13:00,13:45\n")
	if got := read(w.School.String()); len(got) != 4 || !slices.Contains(got, "08:30 "+w.Kari.ID+" "+w.Nils.ID) {
		t.Errorf("after the other school's next file the first one reads %q", got)
	}
}
