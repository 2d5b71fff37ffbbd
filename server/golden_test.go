package server_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// One whole visit, from "may I come?" to what each takes along.
func TestAWholeVisit(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	kari, ola := w.Kari, w.Ola

	v := w.Propose(kari, ola, 2*time.Hour)
	o := v.Get(kari)
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_PROPOSED)
	if got := o.GetNextStep(); got.GetTodo() != pb.NextTodo_NEXT_TODO_SET_FOCUS || len(got.GetPersonIds()) != 1 || got.GetPersonIds()[0] != ola.ID {
		t.Errorf("next step of a proposal without a card: %v", got)
	}
	v.Agree()
	o = v.Get(ola)
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_AGREED)
	if len(o.GetAgreement().GetConsents()) != 2 {
		t.Errorf("consents: %v, want both", o.GetAgreement().GetConsents())
	}
	if want := time.Date(2026, 11, 10, 15, 0, 0, 0, time.UTC); !o.GetFeedbackDueTime().AsTime().Equal(want) {
		t.Errorf("feedback is due %s, want %s: the same school day, at 16 in Oslo", o.GetFeedbackDueTime().AsTime(), want)
	}

	v.Observe()
	town.WantState(t, v.Get(ola), pb.ObservationState_OBSERVATION_STATE_OBSERVED)
	hidden := v.Save(pb.NoteKind_NOTE_KIND_INTERPRETATION, "Jeg tror de ventet på de samme to.")
	if notes := town.Try(ola.ListNotes(ola.Ctx(), &pb.ListNotesRequest{ObservationId: v.ID})).OK(t).GetNotes(); len(notes) != 0 {
		t.Errorf("the observed reads %d notes before they are shared", len(notes))
	}

	w.Clock.Set(w.Clock.Now().Add(time.Hour))
	v.Give()
	if e := v.Exchange(ola); e.GetOpened() || len(e.GetPoints())+len(e.GetQuestions())+len(e.GetSharedNotes()) > 0 {
		t.Errorf("the observed reads the feedback before it is opened: %v", e)
	}
	v.Open()
	e := v.Exchange(ola)
	if len(e.GetPoints()) != 1 || len(e.GetQuestions()) != 1 || len(e.GetSharedNotes()) != 1 {
		t.Fatalf("opened: %d points, %d questions, %d notes, want one each", len(e.GetPoints()), len(e.GetQuestions()), len(e.GetSharedNotes()))
	}
	if e.GetSharedNotes()[0].GetNote().GetId() == hidden {
		t.Error("a note was shared that was not chosen")
	}

	// Ola asks back; the visit waits for Kari's answer too.
	back := town.NewID().String()
	town.Try(ola.AskBack(ola.Ctx(), &pb.AskBackRequest{ObservationId: v.ID, RequestId: town.Req(), Id: back, Text: "Hva satte det i gang hos deg?"})).OK(t)
	town.WantState(t, v.Answer(v.Question), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	o = town.Try(kari.AnswerQuestion(kari.Ctx(), &pb.AnswerQuestionRequest{
		QuestionId: back, RequestId: town.Req(), Answer: &pb.AnswerQuestionRequest_Talked{Talked: true},
	})).OK(t).GetObservation()
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	if o.GetNextStep().GetTodo() != pb.NextTodo_NEXT_TODO_RECORD_CONVERSATION {
		t.Errorf("next step after 'we talked': %v", o.GetNextStep())
	}
	conversation := town.NewID().String()
	town.Try(kari.RecordConversation(kari.Ctx(), &pb.RecordConversationRequest{
		ObservationId: v.ID, RequestId: town.Req(), Id: conversation, TalkedAt: timestamppb.New(w.Clock.Now()),
		Duration: town.Talk(30), Summary: "Om ventetid.\nOm hvem som får ordet.",
	})).OK(t)
	o = town.Try(ola.ConfirmConversation(ola.Ctx(), &pb.ConfirmConversationRequest{ConversationId: conversation, RequestId: town.Req()})).OK(t).GetObservation()
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_ANSWERED)

	town.WantState(t, v.TakeAway(kari), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	town.WantState(t, v.TakeAway(ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	if n := town.One[int](w, "select count(*) from note where visit_id = $1", v.ID); n != 1 {
		t.Errorf("%d notes are left of the closed visit, want the shared one", n)
	}
	if got := v.Exchange(ola).GetTakeaway().GetBorrowed(); got != "Stillheten." {
		t.Errorf("Ola reads %q as what he borrows", got)
	}
}
