package server_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	pb "undring/gen/undring/v1"
)

const (
	done    = pb.OperationOutcome_OPERATION_OUTCOME_DONE
	refused = pb.OperationOutcome_OPERATION_OUTCOME_REFUSED
	held    = pb.OperationOutcome_OPERATION_OUTCOME_HELD
)

func operation(m proto.Message, buildsOn ...string) *pb.Operation {
	a, err := anypb.New(m)
	if err != nil {
		panic(err) // it is a message of the contract
	}
	return &pb.Operation{Request: a, BuildsOn: buildsOn}
}

func batch(requests ...proto.Message) *pb.PushRequest {
	r := new(pb.PushRequest)
	for _, m := range requests {
		r.Operations = append(r.Operations, operation(m))
	}
	return r
}

func (p *person) push(ctx context.Context, r *pb.PushRequest) []*pb.OperationResult {
	p.town.t.Helper()
	return try(p.Push(ctx, r)).ok(p.town.t).GetResults()
}

// A visit whose every step was taken without a network arrives in one batch, in
// its order, and once, however often it is sent.
func TestAPushCountsOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree()
	w.clock.set(w.clock.now().Add(2 * time.Hour))
	v.note = newID().String()
	r := batch(
		&pb.SaveNoteRequest{Id: v.note, RequestId: req(), ObservationId: v.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender."},
		&pb.SaveNoteRequest{Id: v.note, RequestId: req(), ObservationId: v.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender, så fire.", Revision: 1},
		v.gift(),
	)
	first := w.kari.push(w.kari.ctx(), r)
	for i, result := range first {
		if result.GetOutcome() != done || result.GetRefusal() != nil || result.GetRequestId() == "" {
			t.Fatalf("operation %d: %v", i, result)
		}
	}
	var given pb.GiveFeedbackResponse
	if err := first[2].GetResponse().UnmarshalTo(&given); err != nil || given.GetObservation().GetState() != pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN {
		t.Errorf("the response: %v %v", &given, err)
	}
	want := one[string](w, rows)
	for range 3 {
		for i, result := range w.kari.push(w.kari.ctx(), r) {
			if !proto.Equal(result, first[i]) {
				t.Errorf("operation %d, sent again: %v, the first time %v", i, result, first[i])
			}
		}
	}
	if got := one[string](w, rows); got != want {
		t.Errorf("stored after four: %s, after one: %s", got, want)
	}
}
