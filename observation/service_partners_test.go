package observation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func suggested(w *town.Town, p *town.Person) map[string]*pb.PartnerSuggestion {
	w.T.Helper()
	out := map[string]*pb.PartnerSuggestion{}
	for _, s := range town.Try(p.SuggestPartners(p.Ctx(), &pb.SuggestPartnersRequest{SchoolId: w.School.String(), PageSize: 20})).OK(w.T).GetSuggestions() {
		out[s.GetPersonId()] = s
	}
	return out
}

// After a visit the return visit is proposed, to both, until it is planned.
func TestTheReturnVisitIsSuggested(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	if s := suggested(w, w.Kari); len(s) != 2 || s[w.Liv.ID] != nil {
		t.Fatalf("Kari is suggested %v, want the two other teachers", s)
	}
	w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	kari, ola := suggested(w, w.Kari)[w.Ola.ID], suggested(w, w.Ola)[w.Kari.ID]
	if kari.GetReturnRole() != pb.ObservationRole_OBSERVATION_ROLE_OBSERVED || ola.GetReturnRole() != pb.ObservationRole_OBSERVATION_ROLE_OBSERVER ||
		kari.GetReasons()[0] != pb.SuggestionReason_SUGGESTION_REASON_RETURN_VISIT {
		t.Errorf("Kari reads %v, Ola %v", kari, ola)
	}
	w.Propose(w.Ola, w.Kari, 3*time.Hour)
	if s := suggested(w, w.Kari)[w.Ola.ID]; s.GetReturnRole() != pb.ObservationRole_OBSERVATION_ROLE_UNSPECIFIED {
		t.Errorf("a return visit that is planned is suggested again: %v", s)
	}
	// The leaders among themselves; the administrator visits nobody.
	if s := suggested(w, w.Liv); len(s) != 1 || s[w.Leif.ID] == nil {
		t.Errorf("Liv is suggested %v", s)
	}
	if s := suggested(w, w.Arne); len(s) != 0 {
		t.Errorf("the administrator is suggested %v", s)
	}
	town.Try(w.Kari.SuggestPartners(w.Kari.Ctx(), &pb.SuggestPartnersRequest{SchoolId: town.Req()})).Refused(t, codes.NotFound, "NOT_FOUND")
}

// Whoever keeps someone from being suggested, does so in secret.
func TestKeepingSomeoneFromSuggestionsIsSecret(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	keep := func(p *town.Person, who string, back bool) town.Outcome[*pb.KeepFromSuggestionsResponse] {
		return town.Try(p.KeepFromSuggestions(p.Ctx(), &pb.KeepFromSuggestionsRequest{PersonId: who, RequestId: town.Req(), TakeBack: back}))
	}
	keep(w.Kari, w.Ola.ID, false).OK(t)
	if suggested(w, w.Kari)[w.Ola.ID] != nil {
		t.Error("Ola is still suggested to Kari")
	}
	if suggested(w, w.Ola)[w.Kari.ID] == nil {
		t.Error("Ola can see who is missing")
	}
	mine := town.Try(w.Kari.SuggestPartners(w.Kari.Ctx(), &pb.SuggestPartnersRequest{SchoolId: w.School.String()})).OK(t).GetKeptPersonIds()
	theirs := town.Try(w.Ola.SuggestPartners(w.Ola.Ctx(), &pb.SuggestPartnersRequest{SchoolId: w.School.String()})).OK(t).GetKeptPersonIds()
	if !slices.Equal(mine, []string{w.Ola.ID}) || len(theirs) != 0 {
		t.Errorf("Kari reads %v, Ola %v", mine, theirs)
	}
	keep(w.Kari, w.Ola.ID, true).OK(t)
	if suggested(w, w.Kari)[w.Ola.ID] == nil {
		t.Error("it was not taken back")
	}
	// Whoever has left is no colleague to keep back; one who was kept back before can be let go.
	keep(w.Kari, w.Ola.ID, false).OK(t)
	w.Leaves(w.Ola)
	w.Leaves(w.Nils)
	keep(w.Kari, w.Nils.ID, false).Refused(t, codes.NotFound, "NOT_FOUND")
	keep(w.Kari, w.Ola.ID, true).OK(t)
	if kept := town.Column(t, w.DB, "select other_id::text from kept_from_suggestions"); len(kept) > 0 {
		t.Errorf("%v is still kept back", kept)
	}
	keep(w.Kari, w.Ola.ID, false).Refused(t, codes.NotFound, "NOT_FOUND")
	keep(w.Kari, town.Req(), false).Refused(t, codes.NotFound, "NOT_FOUND")
	keep(w.Kari, w.Kari.ID, false).Refused(t, codes.NotFound, "NOT_FOUND")
}

// Hours that both have are told, and none that one of them does not have.
func TestFreeTimeInCommon(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	set := func(p *town.Person, hours ...[2]int) {
		r := &pb.SetAvailabilityRequest{RequestId: town.Req()}
		for _, h := range hours {
			r.Slots = append(r.Slots, &pb.TimeSlot{
				StartTime: timestamppb.New(w.Clock.Now().Add(time.Duration(h[0]) * time.Hour)), EndTime: timestamppb.New(w.Clock.Now().Add(time.Duration(h[1]) * time.Hour))})
		}
		town.Try(p.SetAvailability(p.Ctx(), r)).OK(t)
	}
	set(w.Kari, [2]int{1, 4}, [2]int{24, 26}, [2]int{25, 27})
	set(w.Ola, [2]int{3, 5}, [2]int{26, 30}, [2]int{24 * 15, 24*15 + 2})
	w.Propose(w.Kari, w.Nils, 26*time.Hour).Agree() // takes hers at that time
	s := suggested(w, w.Kari)[w.Ola.ID]
	if len(s.GetFreeSlots()) != 1 || !s.GetFreeSlots()[0].GetStartTime().AsTime().Equal(w.Clock.Now().Add(3*time.Hour)) ||
		!s.GetFreeSlots()[0].GetEndTime().AsTime().Equal(w.Clock.Now().Add(4*time.Hour)) {
		t.Errorf("free together: %v, want from three to four hours from now", s.GetFreeSlots())
	}
	if !slices.Contains(s.GetReasons(), pb.SuggestionReason_SUGGESTION_REASON_FREE_TIME) {
		t.Errorf("reasons %v", s.GetReasons())
	}
	if s := suggested(w, w.Nils)[w.Ola.ID]; len(s.GetFreeSlots()) != 0 {
		t.Errorf("Nils, who has none, shares %v", s.GetFreeSlots())
	}
}

// A colleague's lessons at one's own free hours are told, and nothing else of their hours: not
// to somebody without a timetable, and no visit of theirs is seen in it.
func TestHoursAtWhichAColleagueTeachesAndIAmFree(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	day := w.Clock.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	far := w.Clock.Now().AddDate(0, 0, 9).Format(time.DateOnly)
	lessons := func(rows ...string) {
		t.Helper()
		town.Try(w.Arne.ImportLessons(w.Arne.Ctx(), &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(),
			Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV, Content: []byte("email,date,start,end\n" + strings.Join(rows, "\n") + "\n")})).OK(t)
	}
	row := func(who, date, start, end string) string {
		return who + "@fjordvik.example," + date + "," + start + "," + end
	}
	lessons(row("ola", day, "08:30", "09:15"), row("ola", day, "10:00", "10:45"), row("ola", day, "12:00", "12:45"), row("ola", far, "12:00", "12:45"))
	if s := suggested(w, w.Kari)[w.Ola.ID]; s.GetTeachingHours() != 0 {
		t.Errorf("Kari has no timetable, and every hour of Ola's counts as free for her: %v", s)
	}
	lessons(row("kari", day, "08:00", "09:00"))
	before := suggested(w, w.Kari)[w.Ola.ID]
	if before.GetTeachingHours() != 2 || len(before.GetTeachingSlots()) != 2 || !slices.Contains(before.GetReasons(), pb.SuggestionReason_SUGGESTION_REASON_TEACHES_WHEN_FREE) {
		t.Errorf("Ola teaches at two of Kari's free hours this week: %v", before)
	}
	// A visit of another's to that very lesson is nobody else's business.
	start := before.GetTeachingSlots()[0].GetStartTime().AsTime()
	w.Propose(w.Nils, w.Ola, start.Sub(w.Clock.Now())).Agree()
	if after := suggested(w, w.Kari)[w.Ola.ID]; after.GetTeachingHours() != 2 {
		t.Errorf("that Ola is visited then can be seen: %v, before %v", after, before)
	}
	// One's own visit takes the hour.
	w.Propose(w.Kari, w.Nils, before.GetTeachingSlots()[1].GetStartTime().AsTime().Sub(w.Clock.Now())).Agree()
	if after := suggested(w, w.Kari)[w.Ola.ID]; after.GetTeachingHours() != 1 {
		t.Errorf("Kari visits somebody at one of them: %v", after)
	}
	one := town.Try(w.Kari.SuggestPartners(w.Kari.Ctx(), &pb.SuggestPartnersRequest{SchoolId: w.School.String(), PersonId: w.Ola.ID})).OK(t)
	if len(one.GetSuggestions()) != 1 || one.GetSuggestions()[0].GetPersonId() != w.Ola.ID {
		t.Errorf("asked for Ola alone: %v", one)
	}
}

// A round is complete when all have given and received; each of its visits is
// agreed to by its two.
func TestARoundOfThree(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	members := []*town.Person{w.Kari, w.Ola, w.Nils}
	start := func(p *town.Person, ids ...string) town.Outcome[*pb.StartRoundResponse] {
		return town.Try(p.StartRound(p.Ctx(), &pb.StartRoundRequest{RequestId: town.Req(), SchoolId: w.School.String(), MemberIds: ids}))
	}
	start(w.Kari, w.Ola.ID, w.Nils.ID).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	start(w.Kari, w.Kari.ID, w.Liv.ID).Refused(t, codes.FailedPrecondition, "NOT_PEERS")
	start(w.Kari, w.Kari.ID, w.Kari.ID).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	start(w.Kari, w.Kari.ID, town.Req()).Refused(t, codes.NotFound, "NOT_FOUND")
	id := start(w.Kari, w.Kari.ID, w.Ola.ID, w.Nils.ID).OK(t).GetRound().GetId()
	offer := func(a, b *town.Person, after time.Duration) (*pb.ProposeObservationRequest, town.Outcome[*pb.ProposeObservationResponse]) {
		r := w.Proposal(a, b)
		r.Id, r.RoundId = town.NewID().String(), id
		r.StartTime, r.EndTime = w.Lesson(after)
		return r, town.Try(a.ProposeObservation(a.Ctx(), r))
	}
	_, early := offer(w.Kari, w.Ola, time.Hour)
	early.Refused(t, codes.FailedPrecondition, "ROUND_NOT_JOINED")
	town.Try(w.Liv.JoinRound(w.Liv.Ctx(), &pb.JoinRoundRequest{RoundId: id, RequestId: town.Req()})).Refused(t, codes.NotFound, "NOT_FOUND")
	for _, p := range members[1:] {
		town.Try(p.JoinRound(p.Ctx(), &pb.JoinRoundRequest{RoundId: id, RequestId: town.Req()})).OK(t)
	}
	_, backwards := offer(w.Ola, w.Kari, time.Hour)
	backwards.Refused(t, codes.FailedPrecondition, "ROUND_NOT_JOINED")
	for i, p := range members {
		r, proposed := offer(p, members[(i+1)%3], time.Hour)
		proposed.OK(t)
		v := (&town.Visit{Town: w, ID: r.Id, Observer: p, Observed: members[(i+1)%3]}).Agree().Observe().Give().Open()
		v.Answer(v.Question)
		round := town.Try(p.ListRounds(p.Ctx(), &pb.ListRoundsRequest{})).OK(t).GetRounds()[0]
		if !round.GetLegs()[i].GetDone() || round.GetComplete() != (i == 2) {
			t.Errorf("after %d visits: %v", i+1, round)
		}
	}
	town.Try(w.Ola.LeaveRound(w.Ola.Ctx(), &pb.LeaveRoundRequest{RoundId: id, RequestId: town.Req()})).OK(t)
	town.Try(w.Nils.JoinRound(w.Nils.Ctx(), &pb.JoinRoundRequest{RoundId: id, RequestId: town.Req()})).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

// Everyone sees their own balance.
func TestTheBalance(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	v.Answer(v.Question)
	w.Propose(w.Nils, w.Kari, 20*time.Hour) // waits for Kari to write her card
	balance := func(p *town.Person) [5]int32 {
		b := town.Try(p.GetBalance(p.Ctx(), &pb.GetBalanceRequest{})).OK(t)
		return [5]int32{b.GetVisited(), b.GetWasVisited(), b.GetGaveFeedback(), b.GetAnswered(), b.GetMyMove()}
	}
	for p, want := range map[*town.Person][5]int32{w.Kari: {1, 0, 1, 0, 2}, w.Ola: {0, 1, 0, 1, 1}, w.Nils: {}} {
		if got := balance(p); got != want {
			t.Errorf("%s: %v, want %v (visited, was visited, gave feedback, answered, my move)", p.Name, got, want)
		}
	}
}
