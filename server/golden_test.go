package server_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
)

// One whole visit, from "may I come?" to what each takes along.
func TestAWholeVisit(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	kari, ola := w.kari, w.ola

	v := w.propose(kari, ola, 2*time.Hour)
	o := v.get(kari)
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_PROPOSED)
	if got := o.GetNextStep(); got.GetTodo() != pb.NextTodo_NEXT_TODO_SET_FOCUS || len(got.GetPersonIds()) != 1 || got.GetPersonIds()[0] != ola.id {
		t.Errorf("next step of a proposal without a card: %v", got)
	}
	v.agree()
	o = v.get(ola)
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_AGREED)
	if len(o.GetAgreement().GetConsents()) != 2 {
		t.Errorf("consents: %v, want both", o.GetAgreement().GetConsents())
	}
	if want := time.Date(2026, 11, 10, 15, 0, 0, 0, time.UTC); !o.GetFeedbackDueTime().AsTime().Equal(want) {
		t.Errorf("feedback is due %s, want %s: the same school day, at 16 in Oslo", o.GetFeedbackDueTime().AsTime(), want)
	}

	v.observe()
	wantState(t, v.get(ola), pb.ObservationState_OBSERVATION_STATE_OBSERVED)
	hidden := v.save(pb.NoteKind_NOTE_KIND_INTERPRETATION, "Jeg tror de ventet på de samme to.")
	if notes := try(ola.ListNotes(ola.ctx(), &pb.ListNotesRequest{ObservationId: v.id})).ok(t).GetNotes(); len(notes) != 0 {
		t.Errorf("the observed reads %d notes before they are shared", len(notes))
	}

	w.clock.set(w.clock.now().Add(time.Hour))
	v.give()
	if e := v.exchange(ola); e.GetOpened() || len(e.GetPoints())+len(e.GetQuestions())+len(e.GetSharedNotes()) > 0 {
		t.Errorf("the observed reads the feedback before it is opened: %v", e)
	}
	v.open()
	e := v.exchange(ola)
	if len(e.GetPoints()) != 1 || len(e.GetQuestions()) != 1 || len(e.GetSharedNotes()) != 1 {
		t.Fatalf("opened: %d points, %d questions, %d notes, want one each", len(e.GetPoints()), len(e.GetQuestions()), len(e.GetSharedNotes()))
	}
	if e.GetSharedNotes()[0].GetNote().GetId() == hidden {
		t.Error("a note was shared that was not chosen")
	}

	// Ola asks back; the visit waits for Kari's answer too.
	back := newID().String()
	try(ola.AskBack(ola.ctx(), &pb.AskBackRequest{ObservationId: v.id, RequestId: req(), Id: back, Text: "Hva satte det i gang hos deg?"})).ok(t)
	wantState(t, v.answer(v.question), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	o = try(kari.AnswerQuestion(kari.ctx(), &pb.AnswerQuestionRequest{
		QuestionId: back, RequestId: req(), Answer: &pb.AnswerQuestionRequest_Talked{Talked: true},
	})).ok(t).GetObservation()
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	if o.GetNextStep().GetTodo() != pb.NextTodo_NEXT_TODO_RECORD_CONVERSATION {
		t.Errorf("next step after 'we talked': %v", o.GetNextStep())
	}
	conversation := newID().String()
	try(kari.RecordConversation(kari.ctx(), &pb.RecordConversationRequest{
		ObservationId: v.id, RequestId: req(), Id: conversation, TalkedAt: timestamppb.New(w.clock.now()),
		Duration: talk(30), Summary: "Om ventetid.\nOm hvem som får ordet.",
	})).ok(t)
	o = try(ola.ConfirmConversation(ola.ctx(), &pb.ConfirmConversationRequest{ConversationId: conversation, RequestId: req()})).ok(t).GetObservation()
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_ANSWERED)

	wantState(t, v.takeAway(kari), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	wantState(t, v.takeAway(ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	if n := one[int](w, "select count(*) from note where visit_id = $1", v.id); n != 1 {
		t.Errorf("%d notes are left of the closed visit, want the shared one", n)
	}
	if got := v.exchange(ola).GetTakeaway().GetBorrowed(); got != "Stillheten." {
		t.Errorf("Ola reads %q as what he borrows", got)
	}
}
