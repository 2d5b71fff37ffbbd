package offline_test

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
	"undring/town"
)

const (
	done    = pb.OperationOutcome_OPERATION_OUTCOME_DONE
	refused = pb.OperationOutcome_OPERATION_OUTCOME_REFUSED
	held    = pb.OperationOutcome_OPERATION_OUTCOME_HELD
)

func push(p *town.Person, ctx context.Context, r *pb.PushRequest) []*pb.OperationResult {
	p.Town.T.Helper()
	return town.Try(p.Push(ctx, r)).OK(p.Town.T).GetResults()
}

// A visit whose every step was taken without a network arrives in one batch, in
// its order, and once, however often it is sent.
func TestAPushCountsOnce(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	w.Clock.Set(w.Clock.Now().Add(2 * time.Hour))
	v.Note = town.NewID().String()
	r := town.Batch(
		&pb.SaveNoteRequest{Id: v.Note, RequestId: town.Req(), ObservationId: v.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender."},
		&pb.SaveNoteRequest{Id: v.Note, RequestId: town.Req(), ObservationId: v.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender, så fire.", Revision: 1},
		v.Gift(),
	)
	first := push(w.Kari, w.Kari.Ctx(), r)
	for i, result := range first {
		if result.GetOutcome() != done || result.GetRefusal() != nil || result.GetRequestId() == "" {
			t.Fatalf("operation %d: %v", i, result)
		}
	}
	var given pb.GiveFeedbackResponse
	if err := first[2].GetResponse().UnmarshalTo(&given); err != nil || given.GetObservation().GetState() != pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN {
		t.Errorf("the response: %v %v", &given, err)
	}
	want := town.One[string](w, town.Rows)
	for range 3 {
		for i, result := range push(w.Kari, w.Kari.Ctx(), r) {
			if !proto.Equal(result, first[i]) {
				t.Errorf("operation %d, sent again: %v, the first time %v", i, result, first[i])
			}
		}
	}
	if got := town.One[string](w, town.Rows); got != want {
		t.Errorf("stored after four: %s, after one: %s", got, want)
	}
}

// What becomes of each operation, and of those that build on it.
func TestWhatBecomesOfOperations(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	w.Clock.Set(w.Clock.Now().Add(2 * time.Hour))
	note := func(text string) *pb.SaveNoteRequest {
		return &pb.SaveNoteRequest{Id: town.NewID().String(), RequestId: town.Req(), ObservationId: v.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: text}
	}
	fine, later, stranger := note("To hender."), note("Fire hender."), note("Feil time.")
	stranger.ObservationId = town.Req()
	empty, nul := note(""), note("a\x00b")
	stale := proto.Clone(fine).(*pb.SaveNoteRequest)
	stale.RequestId, stale.Revision, stale.Text = town.Req(), 7, "Fem hender."
	reused := proto.Clone(fine).(*pb.SaveNoteRequest)
	reused.Text = "noe annet"
	after := note("Bygger på det som ble avvist.")
	after2 := note("Bygger på det som bygger.")
	r := &pb.PushRequest{Operations: []*pb.Operation{
		town.Operation(fine),
		town.Operation(stranger),
		town.Operation(empty),
		town.Operation(nul),
		town.Operation(stale),
		town.Operation(reused),
		town.Operation(after, stranger.RequestId),
		town.Operation(after2, after.RequestId),
		town.Operation(&pb.ListNotesRequest{ObservationId: v.ID}),
		town.Operation(&pb.UpdateMeRequest{RequestId: town.Req(), Locale: "nn"}),
		{Request: &anypb.Any{TypeUrl: "type.googleapis.com/undring.v1.SaveNoteRequest", Value: []byte{0xff}}},
		{Request: &anypb.Any{TypeUrl: "type.googleapis.com/no.such.Thing"}},
		town.Operation(later, fine.RequestId, town.Req()), // the one is done, the other was done long ago
	}}
	want := []struct {
		outcome pb.OperationOutcome
		reason  string
	}{
		{done, ""}, {refused, "NOT_FOUND"}, {refused, "INVALID_FIELD"}, {refused, "INVALID_FIELD"}, {refused, "STALE_REVISION"},
		{refused, "REQUEST_ID_REUSED"}, {held, "BUILDS_ON"}, {held, "BUILDS_ON"}, {refused, "INVALID_FIELD"}, {refused, "INVALID_FIELD"},
		{refused, "INVALID_FIELD"}, {refused, "INVALID_FIELD"}, {done, ""},
	}
	results := push(w.Kari, w.Kari.In("nn"), r)
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
	_, err := w.Kari.SaveNote(w.Kari.In("nn"), stranger)
	for _, d := range status.Convert(err).Details() {
		if m, ok := d.(*errdetails.LocalizedMessage); ok && m.GetMessage() != results[1].GetRefusal().GetMessage() {
			t.Errorf("the batch says %q, the call %q", results[1].GetRefusal().GetMessage(), m.GetMessage())
		}
	}
	// A phone without a role here has each of its operations refused.
	for _, got := range push(w.Nils, w.Nils.Ctx(), town.Batch(fine, v.Gift())) {
		if got.GetOutcome() != refused {
			t.Errorf("Nils: %v", got)
		}
	}
	for name, whole := range map[string]*pb.PushRequest{
		"no operation":     {},
		"a bad dependency": {Operations: []*pb.Operation{town.Operation(note("x"), "x")}},
		"no request":       {Operations: []*pb.Operation{{}}},
	} {
		if _, err := w.Kari.Push(w.Kari.Ctx(), whole); town.ReasonOf(err) != "INVALID_FIELD" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// R8: what the server can't do now holds the rest; what it never can does not.
func TestTheRestIsHeld(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	w.Clock.Set(w.Clock.Now().Add(2 * time.Hour))
	var notes []proto.Message
	for range 6 {
		notes = append(notes, &pb.SaveNoteRequest{Id: town.NewID().String(), RequestId: town.Req(), ObservationId: v.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "Bygger du?"})
	}
	// A defect of the database that one kind of note meets.
	w.SQL(`create function fall() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`)
	w.SQL(`create trigger a_fall before insert on note for each row when (new.text = 'gift') execute function fall()`)
	notes[1].(*pb.SaveNoteRequest).Text = "gift"
	for i, got := range push(w.Kari, w.Kari.Ctx(), town.Batch(notes...)) {
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
		n.(*pb.SaveNoteRequest).RequestId, n.(*pb.SaveNoteRequest).Id, n.(*pb.SaveNoteRequest).Text = town.Req(), town.NewID().String(), "gift"
	}
	notes[5].(*pb.SaveNoteRequest).Text = "helt fin"
	for i, got := range push(w.Kari, w.Kari.Ctx(), town.Batch(notes...)) {
		if got.GetOutcome() != held {
			t.Errorf("operation %d, behind a server that fails each time: %v", i, got)
		}
	}
	// The time of the batch is over.
	w.SQL(`drop trigger a_fall on note`)
	ctx, cancel := context.WithTimeout(w.Kari.Ctx(), 250*time.Millisecond)
	defer cancel()
	for i, got := range push(w.Kari, ctx, town.Batch(notes...)) {
		if got.GetOutcome() != held || got.GetRefusal().GetReason() != "OVERLOADED" || got.GetRefusal().GetRetryAfter() == nil {
			t.Errorf("operation %d, too late: %v", i, got)
		}
	}
	for i, got := range push(w.Kari, w.Kari.Ctx(), town.Batch(notes...)) {
		if got.GetOutcome() != done {
			t.Errorf("operation %d, in the end: %v", i, got)
		}
	}
}
