package server_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
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

// What becomes of each operation, and of those that build on it.
func TestWhatBecomesOfOperations(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree()
	w.clock.set(w.clock.now().Add(2 * time.Hour))
	note := func(text string) *pb.SaveNoteRequest {
		return &pb.SaveNoteRequest{Id: newID().String(), RequestId: req(), ObservationId: v.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: text}
	}
	fine, later, stranger := note("To hender."), note("Fire hender."), note("Feil time.")
	stranger.ObservationId = req()
	empty, nul := note(""), note("a\x00b")
	stale := proto.Clone(fine).(*pb.SaveNoteRequest)
	stale.RequestId, stale.Revision, stale.Text = req(), 7, "Fem hender."
	reused := proto.Clone(fine).(*pb.SaveNoteRequest)
	reused.Text = "noe annet"
	after := note("Bygger på det som ble avvist.")
	after2 := note("Bygger på det som bygger.")
	r := &pb.PushRequest{Operations: []*pb.Operation{
		operation(fine),
		operation(stranger),
		operation(empty),
		operation(nul),
		operation(stale),
		operation(reused),
		operation(after, stranger.RequestId),
		operation(after2, after.RequestId),
		operation(&pb.ListNotesRequest{ObservationId: v.id}),
		operation(&pb.UpdateMeRequest{RequestId: req(), Locale: "nn"}),
		{Request: &anypb.Any{TypeUrl: "type.googleapis.com/undring.v1.SaveNoteRequest", Value: []byte{0xff}}},
		{Request: &anypb.Any{TypeUrl: "type.googleapis.com/no.such.Thing"}},
		operation(later, fine.RequestId, req()), // the one is done, the other was done long ago
	}}
	want := []struct {
		outcome pb.OperationOutcome
		reason  string
	}{
		{done, ""}, {refused, "NOT_FOUND"}, {refused, "INVALID_FIELD"}, {refused, "INVALID_FIELD"}, {refused, "STALE_REVISION"},
		{refused, "REQUEST_ID_REUSED"}, {held, "BUILDS_ON"}, {held, "BUILDS_ON"}, {refused, "INVALID_FIELD"}, {refused, "INVALID_FIELD"},
		{refused, "INVALID_FIELD"}, {refused, "INVALID_FIELD"}, {done, ""},
	}
	results := w.kari.push(w.kari.in("nn"), r)
	for i, got := range results {
		if got.GetOutcome() != want[i].outcome || got.GetRefusal().GetReason() != want[i].reason {
			t.Errorf("operation %d: %v, want %v", i, got, want[i])
		}
		if want[i].reason != "" && (got.GetRefusal().GetMessage() == "" || got.GetRefusal().GetCode() == 0 || got.GetResponse() != nil) {
			t.Errorf("operation %d is not told why: %v", i, got)
		}
	}
	if rev := results[4].GetRefusal().GetMetadata()["current_revision"]; rev != "1" {
		t.Errorf("the stale one is told the revision %q", rev)
	}
	if missing := results[2].GetRefusal().GetMissing(); !slices.Equal(missing, []string{"Noko som trengst, er ikkje fylt ut."}) {
		t.Errorf("who wrote an empty note is told %q", missing)
	}
	// As the call by itself would have been refused, to the word.
	_, err := w.kari.SaveNote(w.kari.in("nn"), stranger)
	for _, d := range status.Convert(err).Details() {
		if m, ok := d.(*errdetails.LocalizedMessage); ok && m.GetMessage() != results[1].GetRefusal().GetMessage() {
			t.Errorf("the batch says %q, the call %q", results[1].GetRefusal().GetMessage(), m.GetMessage())
		}
	}
	// A phone without a role here has each of its operations refused.
	for _, got := range w.nils.push(w.nils.ctx(), batch(fine, v.gift())) {
		if got.GetOutcome() != refused {
			t.Errorf("Nils: %v", got)
		}
	}
	for name, whole := range map[string]*pb.PushRequest{
		"no operation":     {},
		"a bad dependency": {Operations: []*pb.Operation{operation(note("x"), "x")}},
		"no request":       {Operations: []*pb.Operation{{}}},
	} {
		if _, err := w.kari.Push(w.kari.ctx(), whole); reasonOf(err) != "INVALID_FIELD" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// R8: what the server can't do now holds the rest; what it never can does not.
func TestTheRestIsHeld(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree()
	w.clock.set(w.clock.now().Add(2 * time.Hour))
	var notes []proto.Message
	for range 6 {
		notes = append(notes, &pb.SaveNoteRequest{Id: newID().String(), RequestId: req(), ObservationId: v.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "Bygger du?"})
	}
	// A defect of the database that one kind of note meets.
	w.sql(`create function fall() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`)
	w.sql(`create trigger a_fall before insert on note for each row when (new.text = 'gift') execute function fall()`)
	notes[1].(*pb.SaveNoteRequest).Text = "gift"
	for i, got := range w.kari.push(w.kari.ctx(), batch(notes...)) {
		want := done
		if i == 1 {
			want = held
			if got.GetRefusal().GetRetryAfter() == nil || got.GetRefusal().GetMessage() == "" {
				t.Errorf("no advice: %v", got)
			}
		}
		if got.GetOutcome() != want {
			t.Errorf("operation %d: %v", i, got)
		}
	}
	for _, n := range notes {
		n.(*pb.SaveNoteRequest).RequestId, n.(*pb.SaveNoteRequest).Id, n.(*pb.SaveNoteRequest).Text = req(), newID().String(), "gift"
	}
	notes[5].(*pb.SaveNoteRequest).Text = "helt fin"
	for i, got := range w.kari.push(w.kari.ctx(), batch(notes...)) {
		if got.GetOutcome() != held {
			t.Errorf("operation %d, behind a server that fails each time: %v", i, got)
		}
	}
	// The time of the batch is over.
	w.sql(`drop trigger a_fall on note`)
	ctx, cancel := context.WithTimeout(w.kari.ctx(), 250*time.Millisecond)
	defer cancel()
	for i, got := range w.kari.push(ctx, batch(notes...)) {
		if got.GetOutcome() != held || got.GetRefusal().GetReason() != "OVERLOADED" || got.GetRefusal().GetRetryAfter() == nil {
			t.Errorf("operation %d, too late: %v", i, got)
		}
	}
	for i, got := range w.kari.push(w.kari.ctx(), batch(notes...)) {
		if got.GetOutcome() != done {
			t.Errorf("operation %d, in the end: %v", i, got)
		}
	}
}
