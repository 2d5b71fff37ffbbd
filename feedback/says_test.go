package feedback_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/observation"
	"undring/spec"
	"undring/town"
)

// A text that a rule rests on says something, wherever one asks: the same in Go and
// in the database, whose rows nobody gets past.
func TestAFullStopIsNoAnswer(t *testing.T) {
	t.Parallel()
	cases, err := spec.Cases("says")
	if err != nil || len(cases) < 12 {
		t.Fatal(len(cases), err)
	}
	w := town.New(t)
	for _, c := range cases {
		text, want := c["text"], c["says"] == "yes"
		if got := observation.Says(text); got != want {
			t.Errorf("Says(%q) is %v", text, got)
		}
		var got bool
		if err := w.DB.Owner.QueryRow(t.Context(), "select public.says_something($1)", text).Scan(&got); err != nil || got != want {
			t.Errorf("says_something(%q) is %v, %v", text, got, err)
		}
	}

	v := w.Propose(w.Kari, w.Ola, time.Hour)
	focus := func(text string) town.Outcome[*pb.SetFocusResponse] {
		return town.Try(w.Ola.SetFocus(w.Ola.Ctx(), &pb.SetFocusRequest{ObservationId: v.ID, RequestId: town.Req(), FocusQuestion: text}))
	}
	focus("?").Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	v = v.Agree().Observe()
	r := v.Gift()
	r.Points[0].Text = "…"
	v.TryGive(r).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	v = v.Give()
	town.Try(w.Ola.RecordOwnView(w.Ola.Ctx(), &pb.RecordOwnViewRequest{ObservationId: v.ID, RequestId: town.Req(),
		View: &pb.RecordOwnViewRequest_Text{Text: "."}})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	town.Try(w.Ola.RecordOwnView(w.Ola.Ctx(), &pb.RecordOwnViewRequest{ObservationId: v.ID, RequestId: town.Req(),
		View: &pb.RecordOwnViewRequest_Skip{Skip: true}})).OK(t)
	answer := func(text string) town.Outcome[*pb.AnswerQuestionResponse] {
		return town.Try(w.Ola.AnswerQuestion(w.Ola.Ctx(), &pb.AnswerQuestionRequest{QuestionId: v.Question, RequestId: town.Req(),
			Answer: &pb.AnswerQuestionRequest_Text{Text: text}}))
	}
	answer(".").Refused(t, codes.FailedPrecondition, "ANSWER_EMPTY")
	answer("… ?").Refused(t, codes.FailedPrecondition, "ANSWER_EMPTY")
	answer("Ja.").OK(t)
	town.Try(w.Ola.RecordTakeaway(w.Ola.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "-",
		Learning: pb.Learning_LEARNING_NOTHING_NEW})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
}
