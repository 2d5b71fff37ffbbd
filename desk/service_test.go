package desk_test

import (
	"google.golang.org/grpc/codes"
	"testing"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// The check list says what is missing, and becomes ready when two who teach have come in.
func TestTheCheckList(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	desk := pb.NewAdminServiceClient(w.Conn)
	steps := func() (map[pb.SetupStepKind]*pb.SetupStep, bool) {
		t.Helper()
		got := town.Try(desk.GetSetup(w.Arne.Ctx(), &pb.GetSetupRequest{SchoolId: w.School.String()})).OK(t)
		out := map[pb.SetupStepKind]*pb.SetupStep{}
		for _, s := range got.GetSteps() {
			out[s.GetKind()] = s
		}
		return out, got.GetReady()
	}
	before, ready := steps()
	if !ready || !before[pb.SetupStepKind_SETUP_STEP_KIND_PEOPLE].GetDone() || before[pb.SetupStepKind_SETUP_STEP_KIND_SIGNED_IN].GetCount() < 2 {
		t.Errorf("three who teach have come in: ready %t, %v", ready, before)
	}
	for kind, want := range map[pb.SetupStepKind]bool{
		pb.SetupStepKind_SETUP_STEP_KIND_LEADER: true, pb.SetupStepKind_SETUP_STEP_KIND_SIGN_IN: false, pb.SetupStepKind_SETUP_STEP_KIND_CALENDAR: false,
		pb.SetupStepKind_SETUP_STEP_KIND_TIMETABLE: false, pb.SetupStepKind_SETUP_STEP_KIND_POLICY: false, pb.SetupStepKind_SETUP_STEP_KIND_TIME: false,
	} {
		if before[kind].GetDone() != want {
			t.Errorf("%s is done: %t, want %t", kind, !want, want)
		}
	}
	town.Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), w.Budget())).OK(t)
	purpose := "Å lære av hverandre."
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String(), Purpose: &purpose, Reason: "Vi begynner."})).OK(t)
	town.Try(w.Arne.ImportHolidays(w.Arne.Ctx(), &pb.ImportHolidaysRequest{RequestId: town.Req(), SchoolId: w.School.String(),
		Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV, Content: []byte("from,to\n2026-12-21,2026-12-31\n")})).OK(t)
	town.Try(w.Arne.ImportLessons(w.Arne.Ctx(), &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(),
		Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV, Content: []byte("email,date,start,end\nkari@fjordvik.example,2026-11-12,08:30,09:15\n")})).OK(t)
	after, _ := steps()
	for _, kind := range []pb.SetupStepKind{pb.SetupStepKind_SETUP_STEP_KIND_CALENDAR, pb.SetupStepKind_SETUP_STEP_KIND_TIMETABLE,
		pb.SetupStepKind_SETUP_STEP_KIND_POLICY, pb.SetupStepKind_SETUP_STEP_KIND_TIME} {
		if !after[kind].GetDone() {
			t.Errorf("%s is not done: %v", kind, after[kind])
		}
	}

	// A school where nobody has come in: two who teach are missing.
	w.SQL("delete from session where person_id <> $1", w.Arne.ID)
	w.SQL("delete from sign_in_days where person_id <> $1", w.Arne.ID)
	if empty, ready := steps(); ready || empty[pb.SetupStepKind_SETUP_STEP_KIND_SIGNED_IN].GetDone() {
		t.Errorf("nobody who teaches has come in, and it is ready: %v", empty)
	}
}

// Whoever keeps the roster ends the sessions of somebody whose phone is lost: they are out at
// once, can come again, and read in the record who did it.
func TestSessionsOfSomebodyAreEnded(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	desk := pb.NewAdminServiceClient(w.Conn)
	end := func(by *town.Person, who string) town.Outcome[*pb.EndSessionsResponse] {
		return town.Try(desk.EndSessions(by.Ctx(), &pb.EndSessionsRequest{RequestId: town.Req(), PersonId: who}))
	}
	end(w.Liv, w.Kari.ID).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	end(w.Arne, w.Arne.ID).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	end(w.Arne, town.Req()).Refused(t, codes.NotFound, "NOT_FOUND")
	if got := end(w.Arne, w.Kari.ID).OK(t); got.GetEnded() == 0 {
		t.Error("no session was ended")
	}
	town.Try(w.Kari.GetMe(w.Kari.Ctx(), &pb.GetMeRequest{})).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	acts := town.Try(desk.ListAdministrativeActs(w.Arne.Ctx(), &pb.ListAdministrativeActsRequest{})).OK(t).GetActs()
	if len(acts) == 0 || acts[0].GetKind() != pb.AdministrativeActKind_ADMINISTRATIVE_ACT_KIND_SESSIONS_ENDED || acts[0].GetAboutId() != w.Kari.ID {
		t.Errorf("it is not in the record: %v", acts)
	}
}
