package learning_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func rounds(t *testing.T, p *town.Person) []*pb.ActionRound {
	t.Helper()
	return town.Try(p.ListActionRounds(p.Ctx(), &pb.ListActionRoundsRequest{SchoolId: p.Town.School.String()})).OK(t).GetRounds()
}

func tell(p *town.Person, id string) town.Outcome[*pb.ReportOnRoundResponse] {
	return town.Try(p.ReportOnRound(p.Ctx(), p.Town.Tell(id)))
}

func endRound(p *town.Person, id string) town.Outcome[*pb.EndActionRoundResponse] {
	return town.Try(p.EndActionRound(p.Ctx(), &pb.EndActionRoundRequest{RoundId: id, RequestId: town.Req(), NowDifferently: "Vi venter før vi svarer."}))
}

// A round is started by anyone, told of by those who take part, read by them alone, and ends
// with what is now done differently.
func TestARoundOfActions(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.NewTrying()
	r.TeamId = w.Team(w.Kari, w.Ola)
	id := town.Try(w.Kari.StartActionRound(w.Kari.Ctx(), r)).OK(t).GetRound().GetId()
	tell(w.Nils, id).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	tell(w.Liv, id).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	tell(w.Ola, id).OK(t)
	tell(w.Ola, id).OK(t) // told again, the newer one stands
	for p, want := range map[*town.Person]int{w.Kari: 1, w.Ola: 1, w.Nils: 0, w.Liv: 0} {
		got := rounds(t, p)
		if len(got) != 1 || len(got[0].GetReports()) != want || got[0].GetTakingPart() != (want > 0) || got[0].GetCount() != nil {
			t.Errorf("%s reads %v, want %d reports and no count", p.Name, got, want)
		}
	}
	if said := rounds(t, w.Kari)[0].GetReports()[0]; said.GetPersonId() != w.Ola.ID || said.GetQuestioned() == "" {
		t.Errorf("the team reads %v", said)
	}
	// Before its date is over, it is the starter's to end.
	endRound(w.Ola, id).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	w.Clock.Set(w.Clock.Now().AddDate(0, 0, 15))
	endRound(w.Nils, id).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	if got := endRound(w.Ola, id).OK(t).GetRound(); got.GetNowDifferently() == "" || got.GetEndedDay() == "" || got.GetMayEnd() {
		t.Errorf("ended: %v", got)
	}
	tell(w.Kari, id).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	endRound(w.Kari, id).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	if got := rounds(t, w.Liv)[0]; got.GetNowDifferently() == "" || got.GetCount() != nil || len(got.GetReports()) > 0 {
		t.Errorf("of a team of two, a leader reads %v", got)
	}
}

// What can't be: a date that is over or far away, another school's team, too many at once.
func TestARoundThatCantBe(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	start := func(p *town.Person, change func(*pb.StartActionRoundRequest)) town.Outcome[*pb.StartActionRoundResponse] {
		r := w.NewTrying()
		change(r)
		return town.Try(p.StartActionRound(p.Ctx(), r))
	}
	for name, change := range map[string]func(*pb.StartActionRoundRequest){
		"yesterday":      func(r *pb.StartActionRoundRequest) { r.DueDate = w.Clock.Now().AddDate(0, 0, -1).Format(time.DateOnly) },
		"in a year":      func(r *pb.StartActionRoundRequest) { r.DueDate = w.Clock.Now().AddDate(1, 0, 0).Format(time.DateOnly) },
		"no date":        func(r *pb.StartActionRoundRequest) { r.DueDate = "2027-02-30" },
		"no question":    func(r *pb.StartActionRoundRequest) { r.Question = " " },
		"nothing to try": func(r *pb.StartActionRoundRequest) { r.Action = "" },
	} {
		t.Run(name, func(t *testing.T) { start(w.Kari, change).Refused(t, codes.InvalidArgument, "INVALID_FIELD") })
	}
	start(w.Kari, func(r *pb.StartActionRoundRequest) { r.TeamId = town.NewID().String() }).Refused(t, codes.NotFound, "NOT_FOUND")
	start(w.Kari, func(r *pb.StartActionRoundRequest) { r.FocusAreaId = w.Area() }).Refused(t, codes.NotFound, "NOT_FOUND") // a draft
	for range 10 {
		start(w.Kari, func(*pb.StartActionRoundRequest) {}).OK(t)
	}
	start(w.Kari, func(*pb.StartActionRoundRequest) {}).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	start(w.Ola, func(*pb.StartActionRoundRequest) {}).OK(t)
}

// Leaders read how many have told when the round has ended, by the rules of the figures:
// of eight and more, and never exactly at its ends. What is told stays as it was.
func TestLeadersReadOfARoundNoMoreThanOfAFigure(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	people := []*town.Person{w.Kari, w.Ola, w.Nils}
	for i := range 9 {
		people = append(people, w.Settle(fmt.Sprintf("Lærer %d", i), "Moe", "TEACHER"))
		w.Clock.Set(w.Clock.Now().Add(time.Second))
	}
	late := w.Settle("Tuva", "Ny", "TEACHER")
	w.SQL("update membership set since = $2 where person_id = $1", late.ID, w.Clock.Now().AddDate(0, 0, 3))
	for _, c := range []struct{ tellers, low, high int32 }{{0, 0, 3}, {2, 0, 3}, {5, 5, 5}, {12, 9, 15}} {
		id := w.Trying()
		for _, p := range people[:c.tellers] {
			tell(p, id).OK(t)
		}
		endRound(w.Kari, id).OK(t)
		got := rounds(t, w.Liv)
		i := slices.IndexFunc(got, func(r *pb.ActionRound) bool { return r.GetId() == id })
		if n := got[i].GetCount(); n.GetLow() != c.low || n.GetHigh() != c.high || n.GetPeopleLow() > 12 || n.GetPeopleHigh() < 12 || len(got[i].GetReports()) > 0 {
			t.Errorf("%d of twelve have told, and a leader reads %v", c.tellers, got[i])
		}
	}
}

// A leader's phone is not even told that somebody has told; those who take part are.
func TestAReportIsToldToThoseWhoTakePart(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.NewTrying()
	r.TeamId = w.Team(w.Kari, w.Ola)
	id := town.Try(w.Kari.StartActionRound(w.Kari.Ctx(), r)).OK(t).GetRound().GetId()
	told := func() map[string]int64 {
		out := map[string]int64{}
		for _, p := range []*town.Person{w.Kari, w.Ola, w.Nils, w.Liv} {
			var seq int64
			if err := w.DB.Owner.QueryRow(context.Background(), "select coalesce(max(seq), 0) from feed where person_id = $1 and thing = 'COMMONS'", p.ID).Scan(&seq); err != nil {
				t.Fatal(err)
			}
			out[p.ID] = seq
		}
		return out
	}
	before := told()
	tell(w.Ola, id).OK(t)
	after := told()
	for p, want := range map[*town.Person]bool{w.Kari: true, w.Ola: true, w.Nils: false, w.Liv: false} {
		if got := after[p.ID] > before[p.ID]; got != want {
			t.Errorf("a report came, and %s's phone was told: %v, want %v", p.Name, got, want)
		}
	}
}

// Whoever has not told is reminded when the date comes, and nobody else: F10.
func TestWhoHasNotToldOfARoundIsReminded(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.NewTrying()
	r.TeamId = w.Team(w.Kari, w.Ola)
	id := town.Try(w.Kari.StartActionRound(w.Kari.Ctx(), r)).OK(t).GetRound().GetId()
	tell(w.Ola, id).OK(t)
	w.Clock.Set(w.Clock.Now().AddDate(0, 0, 14)) // the date itself
	for p, want := range map[*town.Person]int{w.Kari: 1, w.Ola: 0, w.Nils: 0, w.Liv: 0} {
		w.Look(p)
		asked := 0
		for _, n := range town.Try(p.ListNotifications(p.Ctx(), &pb.ListNotificationsRequest{})).OK(t).GetNotifications() {
			if n.GetActionRoundId() == id && n.GetObservationId() == "" && n.GetText() != "" {
				asked++
			}
		}
		if asked != want {
			t.Errorf("%s is asked %d times how the round went, want %d", p.Name, asked, want)
		}
	}
}
