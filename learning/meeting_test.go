package learning_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func agenda(t *testing.T, p *town.Person, id string) *pb.GetMeetingAgendaResponse {
	t.Helper()
	return town.Try(p.GetMeetingAgenda(p.Ctx(), &pb.GetMeetingAgendaRequest{MeetingId: id})).OK(t)
}

func run(p *town.Person, id string, item int32) town.Outcome[*pb.RunMeetingResponse] {
	return town.Try(p.RunMeeting(p.Ctx(), &pb.RunMeetingRequest{MeetingId: id, RequestId: town.Req(), Item: item}))
}

// D58: a teacher leads a meeting, item by item with its clock; what leads away is left
// for later, and what is decided somebody does by a date.
func TestD58AMeetingHasRolesMinutesAndAListForLater(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.NewMeeting()
	r.TeamId = w.Team(w.Kari, w.Ola)
	id := town.Try(w.Kari.PlanMeeting(w.Kari.Ctx(), r)).OK(t).GetMeeting().GetId()
	for p, may := range map[*town.Person]bool{w.Kari: true, w.Ola: true, w.Nils: false, w.Liv: true} {
		if m := agenda(t, p, id).GetMeeting(); m.GetMayRun() != may || m.GetLeaderId() != w.Kari.ID || len(m.GetItems()) != 2 || m.GetItems()[0].GetMinutes() != 20 {
			t.Errorf("%s reads %v, may run it: want %v", p.Name, m, may)
		}
	}
	run(w.Nils, id, 1).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	run(w.Kari, id, 3).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	begun := w.Clock.Now()
	run(w.Kari, id, 1).OK(t)
	w.Clock.Set(begun.Add(5 * time.Minute))
	if m := run(w.Ola, id, 1).OK(t).GetMeeting(); !m.GetItemTime().AsTime().Equal(begun) {
		t.Errorf("a second phone that goes to the item it is at begins its time anew: %v", m.GetItemTime().AsTime())
	}
	run(w.Kari, id, 2).OK(t)
	town.Try(w.Ola.ParkPoint(w.Ola.Ctx(), &pb.ParkPointRequest{MeetingId: id, RequestId: town.Req(), Text: "Skjermer."})).OK(t)
	d := w.Decision(id, w.Ola)
	town.Try(w.Nils.RecordDecision(w.Nils.Ctx(), w.Decision(id, w.Nils))).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	town.Try(w.Kari.RecordDecision(w.Kari.Ctx(), d)).OK(t)
	run(w.Kari, id, 0).OK(t)
	run(w.Kari, id, 1).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	town.Try(w.Kari.ParkPoint(w.Kari.Ctx(), &pb.ParkPointRequest{MeetingId: id, RequestId: town.Req(), Text: "For sent."})).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	// What was decided is done after the meeting, by whoever does it.
	d.RequestId, d.Done = town.Req(), true
	m := town.Try(w.Ola.RecordDecision(w.Ola.Ctx(), d)).OK(t).GetMeeting()
	if len(m.GetDecisions()) != 1 || !m.GetDecisions()[0].GetDone() || m.GetDecisions()[0].GetPersonId() != w.Ola.ID || len(m.GetParked()) != 1 {
		t.Errorf("after the meeting: %v", m)
	}
	w.SQL("update membership set active = false where person_id = $1", w.Ola.ID)
	if d := agenda(t, w.Kari, id).GetMeeting().GetDecisions()[0]; d.GetPersonId() != "" || d.GetText() == "" {
		t.Errorf("after its owner has left, a decision reads %v", d)
	}
}

// A meeting is planned anew by whoever has seen the newest plan, and names only people and
// teams of the school. D60: what is to be read says why.
func TestD60AMeetingSaysWhyToReadAndIsPlannedAnew(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	plan := func(p *town.Person, change func(*pb.PlanMeetingRequest)) town.Outcome[*pb.PlanMeetingResponse] {
		r := w.NewMeeting()
		change(r)
		return town.Try(p.PlanMeeting(p.Ctx(), r))
	}
	plan(w.Kari, func(r *pb.PlanMeetingRequest) { r.ReadingWhy = "" }).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	plan(w.Kari, func(r *pb.PlanMeetingRequest) { r.Reading, r.ReadingWhy = "", "" }).OK(t)
	plan(w.Kari, func(r *pb.PlanMeetingRequest) { r.Items = nil }).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	plan(w.Kari, func(r *pb.PlanMeetingRequest) { r.LeaderId = town.NewID().String() }).Refused(t, codes.NotFound, "NOT_FOUND")
	plan(w.Kari, func(r *pb.PlanMeetingRequest) { r.TeamId = town.NewID().String() }).Refused(t, codes.NotFound, "NOT_FOUND")
	plan(w.Nils, func(r *pb.PlanMeetingRequest) { r.TeamId = w.Team(w.Kari) }).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	id := w.Meeting()
	anew := func(revision int64) town.Outcome[*pb.PlanMeetingResponse] {
		return plan(w.Ola, func(r *pb.PlanMeetingRequest) { r.Id, r.Revision, r.Items = id, revision, r.Items[:1] })
	}
	if m := anew(1).OK(t).GetMeeting(); m.GetRevision() != 2 || len(m.GetItems()) != 1 {
		t.Errorf("planned anew: %v", m)
	}
	anew(1).Refused(t, codes.Aborted, "STALE_REVISION")
	plan(w.Ola, func(r *pb.PlanMeetingRequest) { r.Revision = 1 }).Refused(t, codes.NotFound, "NOT_FOUND") // of none that is there
}

// Norms are a team's own, or else those of all; a half-year later it is time to look again.
func TestNormsAreAgreedAnewEachHalfYear(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	set := func(p *town.Person, team, norm string) town.Outcome[*pb.SetMeetingNormsResponse] {
		return town.Try(p.SetMeetingNorms(p.Ctx(), &pb.SetMeetingNormsRequest{SchoolId: w.School.String(), RequestId: town.Req(), TeamId: team, Norms: []string{norm}, AgreedWith: "teamet"}))
	}
	r := w.NewMeeting()
	r.TeamId = w.Team(w.Kari, w.Ola)
	id := town.Try(w.Kari.PlanMeeting(w.Kari.Ctx(), r)).OK(t).GetMeeting().GetId()
	if n := agenda(t, w.Kari, id).GetNorms(); n != nil {
		t.Errorf("before any are agreed: %v", n)
	}
	set(w.Nils, "", "Alle får ordet.").OK(t)
	set(w.Nils, r.GetTeamId(), "Vi møtes ute.").Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	if n := agenda(t, w.Kari, id).GetNorms(); n.GetNorms()[0] != "Alle får ordet." || n.GetLookAgain() {
		t.Errorf("of all: %v", n)
	}
	set(w.Ola, r.GetTeamId(), "Vi møtes inne.").OK(t)
	set(w.Ola, r.GetTeamId(), "Vi møtes ute.").OK(t)
	if n := agenda(t, w.Kari, id).GetNorms(); n.GetNorms()[0] != "Vi møtes ute." || n.GetTeamId() != r.GetTeamId() {
		t.Errorf("the team's own: %v", n)
	}
	w.SQL("update meeting_norms set agreed_on = '2026-06-10'")
	if n := agenda(t, w.Kari, id).GetNorms(); !n.GetLookAgain() {
		t.Errorf("in the next half-year: %v", n)
	}
}

// D51: a teacher without a leader's role starts a round of all, leads a meeting of all, and
// proposes an area; nobody has to be asked first.
func TestD51ATeacherStartsARoundLeadsAMeetingAndProposesAnArea(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	if round := town.Try(w.Nils.StartActionRound(w.Nils.Ctx(), w.NewTrying())).OK(t).GetRound(); round.GetTeamId() != "" || round.GetStarterId() != w.Nils.ID {
		t.Errorf("the round: %v", round)
	}
	r := w.NewMeeting()
	r.LeaderId = w.Nils.ID
	id := town.Try(w.Nils.PlanMeeting(w.Nils.Ctx(), r)).OK(t).GetMeeting().GetId()
	for _, item := range []int32{1, 2, 0} {
		run(w.Nils, id, item).OK(t)
	}
	if m := agenda(t, w.Liv, id).GetMeeting(); m.GetLeaderId() != w.Nils.ID || m.GetEndTime() == nil {
		t.Errorf("the meeting: %v", m)
	}
	area := town.Try(w.Nils.ProposeFocusArea(w.Nils.Ctx(), w.NewArea())).OK(t).GetFocusArea()
	if heard := town.Try(w.Nils.OpenHearing(w.Nils.Ctx(), &pb.OpenHearingRequest{FocusAreaId: area.GetId(), RequestId: town.Req()})).OK(t).GetFocusArea(); heard.GetState() != pb.FocusAreaState_FOCUS_AREA_STATE_HEARING {
		t.Errorf("the area: %v", heard)
	}
}
