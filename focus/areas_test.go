package focus_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func areas(t *testing.T, p *town.Person) []*pb.FocusArea {
	t.Helper()
	return town.Try(p.ListFocusAreas(p.Ctx(), &pb.ListFocusAreasRequest{SchoolId: p.Town.School.String(), IncludeEnded: true})).OK(t).GetFocusAreas()
}

func adopt(p *town.Person, id, agreedWith string) town.Outcome[*pb.AdoptFocusAreaResponse] {
	return town.Try(p.AdoptFocusArea(p.Ctx(), &pb.AdoptFocusAreaRequest{FocusAreaId: id, RequestId: town.Req(), Reason: "Alle vil.", AgreedWith: agreedWith}))
}

// D49: an area is adopted once background, origin and an open hearing are recorded, and
// all could speak; before, it is refused with what is missing.
func TestD49NoAreaIsAdoptedUnheard(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	draft := w.NewArea()
	draft.Text.Background = " "
	town.Try(w.Kari.ProposeFocusArea(w.Kari.Ctx(), draft)).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	draft = w.NewArea()
	draft.Origin = pb.FocusAreaOrigin_FOCUS_AREA_ORIGIN_UNSPECIFIED
	town.Try(w.Kari.ProposeFocusArea(w.Kari.Ctx(), draft)).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	leaders := w.NewArea()
	leaders.Origin = pb.FocusAreaOrigin_FOCUS_AREA_ORIGIN_LEADERS
	town.Try(w.Kari.ProposeFocusArea(w.Kari.Ctx(), leaders)).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	id := town.Try(w.Liv.ProposeFocusArea(w.Liv.Ctx(), leaders)).OK(t).GetFocusArea().GetId()

	// A draft of leaders is theirs until the hearing: others neither read nor are told of it.
	told := func(p *town.Person) string {
		return town.One[string](w, "select coalesce(max(xid::text || '.' || seq), '') from feed where thing = 'COMMONS' and person_id = $1", p.ID)
	}
	before := told(w.Kari)
	town.Try(w.Liv.UpdateFocusArea(w.Liv.Ctx(), &pb.UpdateFocusAreaRequest{FocusAreaId: id, RequestId: town.Req(), Text: leaders.GetText(), Reason: "x", Revision: 1})).OK(t)
	if len(areas(t, w.Kari)) > 0 || told(w.Kari) != before {
		t.Errorf("a teacher reads a draft of the leaders, or hears that there is one: %v", areas(t, w.Kari))
	}
	if len(areas(t, w.Leif)) != 1 {
		t.Errorf("the other leader reads %v", areas(t, w.Leif))
	}
	adopt(w.Kari, id, "alle").Refused(t, codes.NotFound, "NOT_FOUND")
	adopt(w.Liv, id, "alle").Refused(t, codes.FailedPrecondition, "HEARING_MISSING")
	heard := town.Try(w.Leif.OpenHearing(w.Leif.Ctx(), &pb.OpenHearingRequest{FocusAreaId: id, RequestId: town.Req()})).OK(t).GetFocusArea()
	if heard.GetHearingUntil() != "2026-11-17" || heard.GetProposedById() != "" {
		t.Errorf("heard: %v", heard)
	}
	if told(w.Kari) == before || len(areas(t, w.Kari)) != 1 {
		t.Error("the hearing is open, and a teacher hears nothing of it")
	}
	speak := func(p *town.Person) town.Outcome[*pb.SpeakInHearingResponse] {
		return town.Try(p.SpeakInHearing(p.Ctx(), &pb.SpeakInHearingRequest{FocusAreaId: id, RequestId: town.Req(), Text: "Det trenger vi."}))
	}
	if voices := speak(w.Kari).OK(t).GetFocusArea().GetVoices(); len(voices) != 1 || voices[0].GetPersonId() != w.Kari.ID {
		t.Errorf("in the hearing: %v", voices)
	}
	adopt(w.Liv, id, "").Refused(t, codes.FailedPrecondition, "HEARING_MISSING") // it is still open
	w.Clock.Set(time.Date(2026, 11, 18, 8, 0, 0, 0, time.UTC))
	speak(w.Kari).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	if a := adopt(w.Liv, id, "").OK(t).GetFocusArea(); a.GetState() != pb.FocusAreaState_FOCUS_AREA_STATE_ADOPTED || a.GetChanges()[0].GetReason() != "Alle vil." {
		t.Errorf("adopted: %v", a)
	}
}

// Written to directly, the database keeps the steps of an area, too: whoever proposed it and may
// rewrite it neither takes it past its hearing nor moves the hearing's end, nor brings it back.
func TestD49TheDatabaseKeepsTheStepsOfAnArea(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	directly := func(p *town.Person, sql, id string) error {
		return (&town.Visit{Town: w}).Directly(p, town.Write{SQL: sql, Args: []any{id}})
	}
	const (
		adoptIt  = "update focus_area set state = 'ADOPTED', slot = 1, hearing_until = '2026-11-01' where id = $1"
		inPlan   = "update focus_area set state = 'ADOPTED', slot = 1 where id = $1"
		itsEnd   = "update focus_area set hearing_until = hearing_until - 7 where id = $1"
		drafted  = "update focus_area set state = 'DRAFT' where id = $1"
		anew     = "update focus_area set state = 'HEARING' where id = $1"
		rewrites = "update focus_area set title = 'Mer tid til svar' where id = $1"
	)
	draft, heard := w.Area(), w.Heard()
	ended := w.Heard()
	town.Try(w.Kari.EndFocusArea(w.Kari.Ctx(), &pb.EndFocusAreaRequest{FocusAreaId: ended, RequestId: town.Req(), Reason: "Ingen vil."})).OK(t)
	// In this order: only the last of them changes what the others look at.
	for _, tc := range []struct {
		name string
		who  *town.Person
		sql  string
		id   string
		may  bool
	}{
		{"a proposer rewrites", w.Kari, rewrites, heard, true},
		{"a proposer adopts a draft", w.Kari, adoptIt, draft, false},
		{"a proposer adopts", w.Kari, inPlan, heard, false},
		{"a proposer shortens the hearing", w.Kari, itsEnd, heard, false},
		{"a leader shortens the hearing", w.Liv, itsEnd, heard, false},
		{"a proposer takes the hearing back", w.Kari, drafted, heard, false},
		{"a proposer brings an ended one back", w.Kari, anew, ended, false},
		{"a leader adopts", w.Liv, inPlan, heard, true},
	} {
		if err := directly(tc.who, tc.sql, tc.id); (err == nil) != tc.may {
			t.Errorf("%s, written to directly: %v, want that it may: %t", tc.name, err, tc.may)
		}
	}
}

// D50: a teacher without a leader's role proposes an area and is responsible for it;
// the plan holds three at most, and each change with its reason and date.
func TestD50ThePlanHoldsThreeAreasAndTheReasons(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	var ids []string
	for range 4 {
		ids = append(ids, w.Heard())
	}
	for _, id := range ids[:3] {
		adopt(w.Kari, id, "personalmøtet").Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
		adopt(w.Liv, id, "personalmøtet").OK(t)
	}
	adopt(w.Liv, ids[3], "personalmøtet").Refused(t, codes.FailedPrecondition, "TOO_MANY_AREAS")
	text := w.NewArea().GetText()
	text.ResponsibleId, text.Goal = w.Ola.ID, "Alle elever svarer."
	update := func(p *town.Person, revision int64) town.Outcome[*pb.UpdateFocusAreaResponse] {
		return town.Try(p.UpdateFocusArea(p.Ctx(), &pb.UpdateFocusAreaRequest{FocusAreaId: ids[0], RequestId: town.Req(), Text: text, Reason: "Målet var for lite.", Revision: revision}))
	}
	update(w.Ola, 3).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	update(w.Kari, 2).Refused(t, codes.Aborted, "STALE_REVISION")
	got := update(w.Kari, 3).OK(t).GetFocusArea()
	if c := got.GetChanges(); len(c) != 3 || c[0].GetReason() != "Målet var for lite." || c[0].GetDay() != "2026-11-10" {
		t.Errorf("the changes: %v", c)
	}
	update(w.Ola, 4).OK(t) // who is responsible by now
	text.ResponsibleId = town.NewID().String()
	update(w.Liv, 5).Refused(t, codes.NotFound, "NOT_FOUND")
	// Whoever has left is made responsible for nothing more, and where they are it can still be changed.
	w.Leaves(w.Nils)
	text.ResponsibleId = w.Nils.ID
	update(w.Liv, 5).Refused(t, codes.NotFound, "NOT_FOUND")
	draft := w.NewArea()
	draft.Text.ResponsibleId = w.Nils.ID
	town.Try(w.Kari.ProposeFocusArea(w.Kari.Ctx(), draft)).Refused(t, codes.NotFound, "NOT_FOUND")
	w.SQL("update membership set active = true where school_id = $1 and person_id = $2", w.School, w.Nils.ID)
	w.SQL("update focus_area set responsible_id = $2 where id = $1", ids[0], w.Nils.ID)
	w.SQL("update membership set active = false where school_id = $1 and person_id = $2", w.School, w.Nils.ID)
	update(w.Liv, 5).OK(t)
	w.SQL("update focus_area set responsible_id = $2 where id = $1", ids[0], w.Ola.ID)
	w.SQL("update membership set active = true where school_id = $1 and person_id = $2", w.School, w.Nils.ID)
	plan := town.Try(w.Nils.GetPlan(w.Nils.Ctx(), &pb.GetPlanRequest{SchoolId: w.School.String()})).OK(t).GetPlan()
	if len(plan.GetFocusAreas()) != 3 || len(plan.GetHearings()) != 1 || plan.GetBeganWithTeachers() != 3 || plan.GetTerm() != "2026-2" {
		t.Errorf("the plan: %v", plan)
	}
	town.Try(w.Ola.EndFocusArea(w.Ola.Ctx(), &pb.EndFocusAreaRequest{FocusAreaId: ids[0], RequestId: town.Req(), Reason: "Vi er i mål.", Result: "Flere svarer."})).OK(t)
	adopt(w.Liv, ids[3], "personalmøtet").OK(t) // there is room again
	if list := areas(t, w.Kari); len(list) != 4 || list[3].GetState() != pb.FocusAreaState_FOCUS_AREA_STATE_ENDED || list[3].GetResult() != "Flere svarer." {
		t.Errorf("all areas: %v", list)
	}
}

// D55: a visit may point at an area of the school, and never must; at anything else it
// can't.
func TestD55AVisitMayPointAtAnArea(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	draft, heard := w.Area(), w.Heard()
	propose := func(area string) town.Outcome[*pb.ProposeObservationResponse] {
		r := w.Proposal(w.Kari, w.Ola)
		r.FocusAreaId = area
		return town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r))
	}
	propose(town.NewID().String()).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	propose(draft).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	propose(heard).Refused(t, codes.InvalidArgument, "INVALID_FIELD") // not in the plan yet
	town.Try(w.Liv.AdoptFocusArea(w.Liv.Ctx(), &pb.AdoptFocusAreaRequest{FocusAreaId: heard, RequestId: town.Req(), Reason: "Mange vil.", AgreedWith: "personalmøtet"})).OK(t)
	if v := propose(heard).OK(t).GetObservation(); v.GetFocusAreaId() != heard {
		t.Errorf("the visit points at %q, not at %q", v.GetFocusAreaId(), heard)
	}
	town.Try(w.Liv.EndFocusArea(w.Liv.Ctx(), &pb.EndFocusAreaRequest{FocusAreaId: heard, RequestId: town.Req(), Reason: "Ferdig.", Result: "Flere svarer."})).OK(t)
	propose(heard).Refused(t, codes.InvalidArgument, "INVALID_FIELD") // not any more
	propose("").OK(t)
}
