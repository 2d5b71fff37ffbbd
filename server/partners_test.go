package server_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
)

func (w *town) suggested(p *person) map[string]*pb.PartnerSuggestion {
	w.t.Helper()
	out := map[string]*pb.PartnerSuggestion{}
	for _, s := range try(p.SuggestPartners(p.ctx(), &pb.SuggestPartnersRequest{SchoolId: w.school.String(), PageSize: 20})).ok(w.t).GetSuggestions() {
		out[s.GetPersonId()] = s
	}
	return out
}

// After a visit the return visit is proposed, to both, until it is planned.
func TestTheReturnVisitIsSuggested(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if s := w.suggested(w.kari); len(s) != 2 || s[w.liv.id] != nil {
		t.Fatalf("Kari is suggested %v, want the two other teachers", s)
	}
	w.propose(w.kari, w.ola, time.Hour).agree().observe()
	kari, ola := w.suggested(w.kari)[w.ola.id], w.suggested(w.ola)[w.kari.id]
	if kari.GetReturnRole() != pb.ObservationRole_OBSERVATION_ROLE_OBSERVED || ola.GetReturnRole() != pb.ObservationRole_OBSERVATION_ROLE_OBSERVER ||
		kari.GetReasons()[0] != pb.SuggestionReason_SUGGESTION_REASON_RETURN_VISIT {
		t.Errorf("Kari reads %v, Ola %v", kari, ola)
	}
	w.propose(w.ola, w.kari, 3*time.Hour)
	if s := w.suggested(w.kari)[w.ola.id]; s.GetReturnRole() != pb.ObservationRole_OBSERVATION_ROLE_UNSPECIFIED {
		t.Errorf("a return visit that is planned is suggested again: %v", s)
	}
	// The leaders among themselves; the administrator visits nobody.
	if s := w.suggested(w.liv); len(s) != 1 || s[w.leif.id] == nil {
		t.Errorf("Liv is suggested %v", s)
	}
	if s := w.suggested(w.arne); len(s) != 0 {
		t.Errorf("the administrator is suggested %v", s)
	}
	try(w.kari.SuggestPartners(w.kari.ctx(), &pb.SuggestPartnersRequest{SchoolId: req()})).refused(t, codes.NotFound, "NOT_FOUND")
}

// Whoever keeps someone from being suggested, does so in secret.
func TestKeepingSomeoneFromSuggestionsIsSecret(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	keep := func(p *person, who string, back bool) outcome[*pb.KeepFromSuggestionsResponse] {
		return try(p.KeepFromSuggestions(p.ctx(), &pb.KeepFromSuggestionsRequest{PersonId: who, RequestId: req(), TakeBack: back}))
	}
	keep(w.kari, w.ola.id, false).ok(t)
	if w.suggested(w.kari)[w.ola.id] != nil || w.suggested(w.ola)[w.kari.id] != nil {
		t.Error("one is still suggested to the other")
	}
	mine := try(w.kari.SuggestPartners(w.kari.ctx(), &pb.SuggestPartnersRequest{SchoolId: w.school.String()})).ok(t).GetKeptPersonIds()
	theirs := try(w.ola.SuggestPartners(w.ola.ctx(), &pb.SuggestPartnersRequest{SchoolId: w.school.String()})).ok(t).GetKeptPersonIds()
	if !slices.Equal(mine, []string{w.ola.id}) || len(theirs) != 0 {
		t.Errorf("Kari reads %v, Ola %v", mine, theirs)
	}
	keep(w.kari, w.ola.id, true).ok(t)
	if w.suggested(w.ola)[w.kari.id] == nil {
		t.Error("it was not taken back")
	}
	keep(w.kari, req(), false).refused(t, codes.NotFound, "NOT_FOUND")
	keep(w.kari, w.kari.id, false).refused(t, codes.NotFound, "NOT_FOUND")
}

// Hours that both have are told, and none that one of them does not have.
func TestFreeTimeInCommon(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	set := func(p *person, hours ...[2]int) {
		r := &pb.SetAvailabilityRequest{RequestId: req()}
		for _, h := range hours {
			r.Slots = append(r.Slots, &pb.TimeSlot{
				StartTime: timestamppb.New(w.clock.now().Add(time.Duration(h[0]) * time.Hour)), EndTime: timestamppb.New(w.clock.now().Add(time.Duration(h[1]) * time.Hour))})
		}
		try(p.SetAvailability(p.ctx(), r)).ok(t)
	}
	set(w.kari, [2]int{1, 4}, [2]int{24, 26}, [2]int{25, 27})
	set(w.ola, [2]int{3, 5}, [2]int{26, 30}, [2]int{24 * 15, 24*15 + 2})
	w.propose(w.kari, w.nils, 26*time.Hour).agree() // takes hers at that time
	s := w.suggested(w.kari)[w.ola.id]
	if len(s.GetFreeSlots()) != 1 || !s.GetFreeSlots()[0].GetStartTime().AsTime().Equal(w.clock.now().Add(3*time.Hour)) ||
		!s.GetFreeSlots()[0].GetEndTime().AsTime().Equal(w.clock.now().Add(4*time.Hour)) {
		t.Errorf("free together: %v, want from three to four hours from now", s.GetFreeSlots())
	}
	if !slices.Contains(s.GetReasons(), pb.SuggestionReason_SUGGESTION_REASON_FREE_TIME) {
		t.Errorf("reasons %v", s.GetReasons())
	}
	if s := w.suggested(w.nils)[w.ola.id]; len(s.GetFreeSlots()) != 0 {
		t.Errorf("Nils, who has none, shares %v", s.GetFreeSlots())
	}
}

// A round is complete when all have given and received; each of its visits is
// agreed to by its two.
func TestARoundOfThree(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	members := []*person{w.kari, w.ola, w.nils}
	start := func(p *person, ids ...string) outcome[*pb.StartRoundResponse] {
		return try(p.StartRound(p.ctx(), &pb.StartRoundRequest{RequestId: req(), SchoolId: w.school.String(), MemberIds: ids}))
	}
	start(w.kari, w.ola.id, w.nils.id).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	start(w.kari, w.kari.id, w.liv.id).refused(t, codes.FailedPrecondition, "NOT_PEERS")
	start(w.kari, w.kari.id, w.kari.id).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	start(w.kari, w.kari.id, req()).refused(t, codes.NotFound, "NOT_FOUND")
	id := start(w.kari, w.kari.id, w.ola.id, w.nils.id).ok(t).GetRound().GetId()
	offer := func(a, b *person, after time.Duration) (*pb.ProposeObservationRequest, outcome[*pb.ProposeObservationResponse]) {
		r := w.proposal(a, b)
		r.Id, r.RoundId = newID().String(), id
		r.StartTime, r.EndTime = w.lesson(after)
		return r, try(a.ProposeObservation(a.ctx(), r))
	}
	_, early := offer(w.kari, w.ola, time.Hour)
	early.refused(t, codes.FailedPrecondition, "ROUND_NOT_JOINED")
	try(w.liv.JoinRound(w.liv.ctx(), &pb.JoinRoundRequest{RoundId: id, RequestId: req()})).refused(t, codes.NotFound, "NOT_FOUND")
	for _, p := range members[1:] {
		try(p.JoinRound(p.ctx(), &pb.JoinRoundRequest{RoundId: id, RequestId: req()})).ok(t)
	}
	_, backwards := offer(w.ola, w.kari, time.Hour)
	backwards.refused(t, codes.FailedPrecondition, "ROUND_NOT_JOINED")
	for i, p := range members {
		r, proposed := offer(p, members[(i+1)%3], time.Hour)
		proposed.ok(t)
		v := (&visit{town: w, id: r.Id, observer: p, observed: members[(i+1)%3]}).agree().observe().give().open()
		v.answer(v.question)
		round := try(p.ListRounds(p.ctx(), &pb.ListRoundsRequest{})).ok(t).GetRounds()[0]
		if !round.GetLegs()[i].GetDone() || round.GetComplete() != (i == 2) {
			t.Errorf("after %d visits: %v", i+1, round)
		}
	}
	try(w.ola.LeaveRound(w.ola.ctx(), &pb.LeaveRoundRequest{RoundId: id, RequestId: req()})).ok(t)
	try(w.nils.JoinRound(w.nils.ctx(), &pb.JoinRoundRequest{RoundId: id, RequestId: req()})).refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

// Everyone sees their own balance.
func TestTheBalance(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	v.answer(v.question)
	w.propose(w.nils, w.kari, 20*time.Hour) // waits for Kari to write her card
	balance := func(p *person) [5]int32 {
		b := try(p.GetBalance(p.ctx(), &pb.GetBalanceRequest{})).ok(t)
		return [5]int32{b.GetVisited(), b.GetWasVisited(), b.GetGaveFeedback(), b.GetAnswered(), b.GetMyMove()}
	}
	for p, want := range map[*person][5]int32{w.kari: {1, 0, 1, 0, 2}, w.ola: {0, 1, 0, 1, 1}, w.nils: {}} {
		if got := balance(p); got != want {
			t.Errorf("%s: %v, want %v (visited, was visited, gave feedback, answered, my move)", p.name, got, want)
		}
	}
}
