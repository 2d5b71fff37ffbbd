package observation_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// momentsOf are the moments that somebody's phone is told of.
func momentsOf(t *testing.T, p *town.Person) map[string]*pb.Moment {
	t.Helper()
	out := map[string]*pb.Moment{}
	p.Town.Settled()
	for _, c := range town.Try(p.Pull(p.Ctx(), &pb.PullRequest{})).OK(t).GetChanges() {
		if m := c.GetMoment(); m != nil {
			out[m.GetId()] = m
		}
	}
	return out
}

// Either of the two keeps moments of the lesson, each for themselves alone: they come to
// their maker's phones, to nobody else's, and go when the visit closes.
func TestAMomentIsItsMakersAlone(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	mark := func(p *town.Person, r *pb.MarkMomentRequest) town.Outcome[*pb.MarkMomentResponse] {
		r.ObservationId, r.RequestId = v.ID, town.Req()
		return town.Try(p.MarkMoment(p.Ctx(), r))
	}
	mark(w.Kari, &pb.MarkMomentRequest{}).Refused(t, codes.FailedPrecondition, "TOO_EARLY")
	start := v.Get(w.Kari).GetStartTime().AsTime()
	w.Clock.Set(start.Add(12 * time.Minute))
	kari := mark(w.Kari, &pb.MarkMomentRequest{}).OK(t).GetMoment()
	ola := mark(w.Ola, &pb.MarkMomentRequest{Id: town.NewID().String(), MarkedAt: timestamppb.New(start.Add(3 * time.Minute))}).OK(t).GetMoment()
	if !kari.GetMarkedAt().AsTime().Equal(w.Clock.Now()) || !ola.GetMarkedAt().AsTime().Equal(start.Add(3*time.Minute)) {
		t.Errorf("marked at %v and %v", kari.GetMarkedAt().AsTime(), ola.GetMarkedAt().AsTime())
	}
	town.WantState(t, v.Get(w.Kari), pb.ObservationState_OBSERVATION_STATE_AGREED) // a tap says nothing of the visit
	mark(w.Nils, &pb.MarkMomentRequest{}).Refused(t, codes.NotFound, "NOT_FOUND")
	mark(w.Kari, &pb.MarkMomentRequest{Id: ola.GetId(), TakeBack: true}).Refused(t, codes.NotFound, "NOT_FOUND")
	for p, want := range map[*town.Person]string{w.Kari: kari.GetId(), w.Ola: ola.GetId(), w.Nils: ""} {
		got := momentsOf(t, p)
		if _, there := got[want]; there != (want != "") || len(got) != len(want)/36 {
			t.Errorf("%s is told of %v, want %q", p.Name, got, want)
		}
	}
	// Sent again, it is the same one; taken back, it is gone.
	if again := mark(w.Ola, &pb.MarkMomentRequest{Id: ola.GetId()}).OK(t).GetMoment(); !again.GetMarkedAt().AsTime().Equal(start.Add(3 * time.Minute)) {
		t.Errorf("sent again, it is of %v", again.GetMarkedAt().AsTime())
	}
	mark(w.Kari, &pb.MarkMomentRequest{Id: kari.GetId(), TakeBack: true}).OK(t)
	if got := momentsOf(t, w.Kari); len(got) != 0 {
		t.Errorf("taken back, there is still %v", got)
	}
	// A phone that had no network in the lesson comes late, and the visit has gone on.
	v.Observe().Give()
	mark(w.Ola, &pb.MarkMomentRequest{MarkedAt: timestamppb.New(start.Add(20 * time.Minute))}).OK(t)
	v.Open().Answer(v.Question)
	v.TakeAway(w.Kari)
	town.WantState(t, v.TakeAway(w.Ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	if got := momentsOf(t, w.Ola); len(got) != 0 {
		t.Errorf("the visit is closed, and %v is left", got)
	}
	mark(w.Ola, &pb.MarkMomentRequest{}).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

func TestMomentsHaveALimit(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	mark := func() town.Outcome[*pb.MarkMomentResponse] {
		return town.Try(w.Kari.MarkMoment(w.Kari.Ctx(), &pb.MarkMomentRequest{ObservationId: v.ID, RequestId: town.Req()}))
	}
	for range 100 {
		mark().OK(t)
	}
	mark().Refused(t, codes.InvalidArgument, "INVALID_FIELD")
}
