package observation_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func check(w *town.Town, p *town.Person, r *pb.ProposeObservationRequest) *pb.CheckProposalResponse {
	w.T.Helper()
	return town.Try(p.CheckProposal(p.Ctx(), &pb.CheckProposalRequest{SchoolId: r.SchoolId, ObserverId: r.ObserverId, ObservedId: r.ObservedId,
		StartTime: r.StartTime, EndTime: r.EndTime, CoTaught: r.CoTaught, Mutual: r.Mutual})).OK(w.T)
}

func kindsOf(r *pb.CheckProposalResponse) []pb.ProposalWarningKind {
	var out []pb.ProposalWarningKind
	for _, x := range r.GetWarnings() {
		out = append(out, x.GetKind())
	}
	return out
}

// What would be refused, or would be missed, is told before it is proposed; each in words.
func TestAProposalIsCheckedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	want := func(what string, r *pb.ProposeObservationRequest, kinds ...pb.ProposalWarningKind) {
		t.Helper()
		got := check(w, w.Kari, r)
		if !slices.Equal(kindsOf(got), kinds) {
			t.Errorf("%s: %v, want %v", what, got.GetWarnings(), kinds)
		}
		for _, x := range got.GetWarnings() {
			if x.GetText() == "" {
				t.Errorf("%s: no words for %s", what, x.GetKind())
			}
		}
	}
	r := w.Proposal(w.Kari, w.Ola)
	want("an hour that is free", r)
	saturday := proto.Clone(r).(*pb.ProposeObservationRequest)
	saturday.StartTime, saturday.EndTime = timestamppb.New(town.Tuesday.AddDate(0, 0, 4)), timestamppb.New(town.Tuesday.AddDate(0, 0, 4).Add(time.Hour))
	want("a Saturday", saturday, pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_FREE_DAY)
	lesson := func(p *town.Person) {
		w.SQL("insert into booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span) values ($1, $2, $3, 2, false, tstzrange($4, $5))",
			w.Owner, p.ID, town.NewID(), r.StartTime.AsTime(), r.EndTime.AsTime())
	}
	lesson(w.Ola)
	want("a lesson of the other one's, which is what one visits", r)
	lesson(w.Kari)
	want("a lesson of one's own", r, pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_OWN_LESSON)
	together := proto.Clone(r).(*pb.ProposeObservationRequest)
	together.CoTaught = true
	want("a lesson that both teach", together)
	w.Propose(w.Kari, w.Nils, 26*time.Hour).Agree()
	taken := proto.Clone(r).(*pb.ProposeObservationRequest)
	taken.StartTime, taken.EndTime = w.Lesson(26 * time.Hour)
	want("an hour with another visit", taken, pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_OWN_VISIT)
	owed := w.Propose(w.Kari, w.Nils, 50*time.Hour).Agree().Observe()
	w.Clock.Set(w.Clock.Now().AddDate(0, 0, 7))
	later := w.Proposal(w.Kari, w.Ola)
	got := check(w, w.Kari, later)
	if !slices.Equal(kindsOf(got), []pb.ProposalWarningKind{pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_OVERDUE}) || got.GetWarnings()[0].GetObservationId() != owed.ID || !got.GetWarnings()[0].GetRefused() {
		t.Errorf("who is late in %s is told %v", owed.ID, got.GetWarnings())
	}
}

// It tells nothing of the other one's hours: with and without a visit of theirs the
// answer is the same.
func TestACheckTellsNothingOfTheOthersHours(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.Proposal(w.Kari, w.Ola)
	before := check(w, w.Kari, r)
	w.Propose(w.Ola, w.Nils, 2*time.Hour).Agree()
	if after := check(w, w.Kari, r); !proto.Equal(before, after) {
		t.Errorf("Ola has a visit then: %v; before: %v", after, before)
	}
	outside := proto.Clone(r).(*pb.ProposeObservationRequest)
	outside.ObserverId, outside.ObservedId = w.Ola.ID, w.Nils.ID
	town.Try(w.Kari.CheckProposal(w.Kari.Ctx(), &pb.CheckProposalRequest{SchoolId: r.SchoolId, ObserverId: w.Ola.ID, ObservedId: w.Nils.ID, StartTime: r.StartTime, EndTime: r.EndTime})).
		Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
}
