package town

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
)

// Lesson is a lesson so long after the clock, of 45 minutes.
func (w *Town) Lesson(after time.Duration) (*timestamppb.Timestamp, *timestamppb.Timestamp) {
	start := w.Clock.Now().Add(after)
	return timestamppb.New(start), timestamppb.New(start.Add(45 * time.Minute))
}

// Visit is a visit that a test follows.
type Visit struct {
	*Town
	ID                 string
	Observer, Observed *Person
	Note, Question     string // a note of what was seen; a wondering question
}

// Propose lets an observer ask for a visit so long after the clock.
func (w *Town) Propose(observer, observed *Person, after time.Duration) *Visit {
	w.T.Helper()
	v := &Visit{Town: w, ID: NewID().String(), Observer: observer, Observed: observed}
	start, end := w.Lesson(after)
	Try(observer.ProposeObservation(observer.Ctx(), &pb.ProposeObservationRequest{
		Id: v.ID, RequestId: Req(), SchoolId: w.School.String(), ObserverId: observer.ID, ObservedId: observed.ID,
		StartTime: start, EndTime: end, Place: "Rom 204",
	})).OK(w.T)
	return v
}

// SetFocus lets the observed write the card, without which no visit is agreed.
func (v *Visit) SetFocus() *Visit {
	v.T.Helper()
	Try(v.Observed.SetFocus(v.Observed.Ctx(), &pb.SetFocusRequest{
		ObservationId: v.ID, RequestId: Req(), FocusQuestion: Focus, Intention: "Mindre lærerprat gir flere stemmer.",
	})).OK(v.T)
	return v
}

// Agree has the card written and the visit agreed to.
func (v *Visit) Agree() *Visit {
	v.T.Helper()
	v.SetFocus()
	Try(v.Observed.AcceptObservation(v.Observed.Ctx(), &pb.AcceptObservationRequest{ObservationId: v.ID, RequestId: Req()})).OK(v.T)
	return v
}

// Observe moves the clock to the lesson and notes what is seen.
func (v *Visit) Observe() *Visit {
	v.T.Helper()
	o := v.Get(v.Observer)
	v.Clock.Set(o.GetStartTime().AsTime().Add(10 * time.Minute))
	v.Note = v.Save(pb.NoteKind_NOTE_KIND_SAW, "Fire elever svarte; de samme to ganger.")
	return v
}

// Save lets the observer write a note, and returns its id.
func (v *Visit) Save(kind pb.NoteKind, text string) string {
	v.T.Helper()
	return Try(v.Observer.SaveNote(v.Observer.Ctx(), &pb.SaveNoteRequest{
		RequestId: Req(), ObservationId: v.ID, Kind: kind, Text: text,
	})).OK(v.T).GetNote().GetId()
}

// Gift is the request of a whole feedback that rests on the note, not yet sent.
func (v *Visit) Gift() *pb.GiveFeedbackRequest {
	v.Question = NewID().String()
	return &pb.GiveFeedbackRequest{
		ObservationId: v.ID, RequestId: Req(),
		Points:    []*pb.FeedbackPointDraft{{Text: "Da du ventet, kom to nye hender.", NoteIds: []string{v.Note}}},
		Questions: []*pb.QuestionDraft{{Id: v.Question, Text: Wondering}},
	}
}

// Give hands the feedback over.
func (v *Visit) Give() *Visit {
	v.T.Helper()
	Try(v.Observer.GiveFeedback(v.Observer.Ctx(), v.Gift())).OK(v.T)
	return v
}

// TryGive hands feedback over that may be refused.
func (v *Visit) TryGive(r *pb.GiveFeedbackRequest) Outcome[*pb.GiveFeedbackResponse] {
	return Try(v.Observer.GiveFeedback(v.Observer.Ctx(), r))
}

// Open lets the observed write two lines of their own, after which the feedback is open.
func (v *Visit) Open() *Visit {
	v.T.Helper()
	Try(v.Observed.RecordOwnView(v.Observed.Ctx(), &pb.RecordOwnViewRequest{
		ObservationId: v.ID, RequestId: Req(), View: &pb.RecordOwnViewRequest_Text{Text: "Roligere enn jeg trodde."},
	})).OK(v.T)
	return v
}

// Answer lets the observed answer a question in writing.
func (v *Visit) Answer(question string) *pb.Observation {
	v.T.Helper()
	return Try(v.Observed.AnswerQuestion(v.Observed.Ctx(), &pb.AnswerQuestionRequest{
		QuestionId: question, RequestId: Req(), Answer: &pb.AnswerQuestionRequest_Text{Text: "Jeg ser det annerledes."},
	})).OK(v.T).GetObservation()
}

// TakeAway lets one of the two write what they take along.
func (v *Visit) TakeAway(p *Person) *pb.Observation {
	v.T.Helper()
	return Try(p.RecordTakeaway(p.Ctx(), &pb.RecordTakeawayRequest{
		ObservationId: v.ID, RequestId: Req(), Text: "Å vente lenger.", Borrowed: "Stillheten.", Learning: pb.Learning_LEARNING_ADJUSTED_PRACTICE,
	})).OK(v.T).GetObservation()
}

// Get is the visit as one of the two sees it.
func (v *Visit) Get(p *Person) *pb.Observation {
	v.T.Helper()
	return Try(p.GetObservation(p.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).OK(v.T).GetObservation()
}

// Exchange is the exchange as one of the two sees it.
func (v *Visit) Exchange(p *Person) *pb.Exchange {
	v.T.Helper()
	return Try(p.GetExchange(p.Ctx(), &pb.GetExchangeRequest{ObservationId: v.ID})).OK(v.T).GetExchange()
}

// WantState fails where a visit is in another state.
func WantState(t testing.TB, o *pb.Observation, want pb.ObservationState) {
	t.Helper()
	if o.GetState() != want {
		t.Fatalf("the visit is %s, want %s", o.GetState(), want)
	}
}

// Talk is a conversation's length.
func Talk(minutes int) *durationpb.Duration {
	return durationpb.New(time.Duration(minutes) * time.Minute)
}

const (
	// Wondering is a question that the review calls wondering, and Focus one for a card:
	// texts that every rule lets through.
	Wondering = "Hva tror du skjedde med samtalen da du satte deg ned sammen med dem?"
	Focus     = "Hvem får ordet i klassen min?"
)

// CancelOf is the request that calls a visit off.
func CancelOf(v *Visit) *pb.CancelObservationRequest {
	return &pb.CancelObservationRequest{ObservationId: v.ID, RequestId: Req()}
}

// ProposeLate is a proposal of Kari's that waits for Ola as observer, its card
// written.
func (w *Town) ProposeLate() *Visit {
	w.T.Helper()
	v := &Visit{Town: w, ID: NewID().String(), Observer: w.Ola, Observed: w.Kari}
	start, end := w.Lesson(30 * time.Hour)
	Try(w.Kari.ProposeObservation(w.Kari.Ctx(), &pb.ProposeObservationRequest{
		Id: v.ID, RequestId: Req(), SchoolId: w.School.String(), ObserverId: w.Ola.ID, ObservedId: w.Kari.ID,
		StartTime: start, EndTime: end, FocusQuestion: Focus,
	})).OK(w.T)
	return v
}

// VisitsOf lists somebody's visits.
func (w *Town) VisitsOf(p *Person) []*pb.Observation {
	w.T.Helper()
	return Try(p.ListObservations(p.Ctx(), &pb.ListObservationsRequest{})).OK(w.T).GetObservations()
}

// Decline lets the observed say no.
func (v *Visit) Decline() (*pb.DeclineObservationResponse, error) {
	return v.Observed.DeclineObservation(v.Observed.Ctx(), &pb.DeclineObservationRequest{ObservationId: v.ID, RequestId: Req()})
}
