package learning_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func library(t *testing.T, p *town.Person) []*pb.SharedLearning {
	t.Helper()
	return town.Try(p.ListLearnings(p.Ctx(), &pb.ListLearningsRequest{SchoolId: p.Town.School.String()})).OK(t).GetLearnings()
}

// D10: a learning is published when both say yes, says "no question yet" until somebody
// else has answered, and either takes it back.
func TestD10ALearningHasNoDialogueUntilSomebodyElseAnswers(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	early := w.Propose(w.Ola, w.Nils, 5*time.Hour).Agree().Observe().Give()
	town.Try(w.Ola.ProposeLearning(w.Ola.Ctx(), &pb.ProposeLearningRequest{RequestId: town.Req(), ObservationId: early.ID, Text: "x", Mark: pb.LearningMark_LEARNING_MARK_LET_US_TRY})).
		Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	id := w.Learned()
	if len(library(t, w.Nils)) > 0 {
		t.Errorf("it is read before both have said yes: %v", library(t, w.Nils))
	}
	if l := library(t, w.Ola)[0]; l.GetPublished() || !l.GetAwaitsMe() {
		t.Errorf("the other one reads %v", l)
	}
	approve := func(p *town.Person) town.Outcome[*pb.ApproveLearningResponse] {
		return town.Try(p.ApproveLearning(p.Ctx(), &pb.ApproveLearningRequest{LearningId: id, RequestId: town.Req()}))
	}
	approve(w.Kari).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	approve(w.Ola).OK(t)
	if l := library(t, w.Nils)[0]; !l.GetPublished() || l.GetHasDialogue() || l.GetWriterId() != w.Kari.ID {
		t.Errorf("a colleague reads %v", l)
	}
	respond := func(p *town.Person, kind pb.LearningResponseKind) town.Outcome[*pb.RespondToLearningResponse] {
		return town.Try(p.RespondToLearning(p.Ctx(), &pb.RespondToLearningRequest{LearningId: id, RequestId: town.Req(), Kind: kind, Text: "Hva skjedde?"}))
	}
	respond(w.Kari, pb.LearningResponseKind_LEARNING_RESPONSE_KIND_QUESTION).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	if l := respond(w.Kari, pb.LearningResponseKind_LEARNING_RESPONSE_KIND_ANSWER).OK(t).GetLearning(); l.GetHasDialogue() {
		t.Error("the words of the two alone are called a dialogue")
	}
	if l := respond(w.Nils, pb.LearningResponseKind_LEARNING_RESPONSE_KIND_QUESTION).OK(t).GetLearning(); !l.GetHasDialogue() || len(l.GetResponses()) != 2 {
		t.Errorf("answered: %v", l)
	}
	// Thanks are for the two alone.
	town.Try(w.Nils.ThankForLearning(w.Nils.Ctx(), &pb.ThankForLearningRequest{LearningId: id, RequestId: town.Req()})).OK(t)
	for p, want := range map[*town.Person]int32{w.Kari: 1, w.Ola: 1, w.Nils: 0, w.Liv: 0} {
		if l := library(t, p)[0]; l.GetThanks() != want {
			t.Errorf("%s reads of %d thanks, want %d", p.Name, l.GetThanks(), want)
		}
	}
	town.Try(w.Ola.WithdrawLearning(w.Ola.Ctx(), &pb.WithdrawLearningRequest{LearningId: id, RequestId: town.Req()})).OK(t)
	if n := len(library(t, w.Nils)) + town.One[int](w, "select count(*) from learning_response") + town.One[int](w, "select count(*) from learning_thanks"); n > 0 {
		t.Errorf("withdrawn, and %d rows of it are still there", n)
	}
}

// D40: a learning becomes the practice of the school after three others have tried it and
// by a decision, never by being published.
func TestD40OurPracticeNeedsThreeOthers(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	id := w.Shared()
	decide := func(p *town.Person) town.Outcome[*pb.DecideOurPracticeResponse] {
		return town.Try(p.DecideOurPractice(p.Ctx(), &pb.DecideOurPracticeRequest{LearningId: id, RequestId: town.Req(), Practice: "Vi venter tre sekunder.", AgreedWith: "personalmøtet"}))
	}
	w.Tries(w.Nils, id)
	w.Tries(w.Nils, id) // the same person twice is one
	w.Tries(w.Liv, id)
	decide(w.Liv).Refused(t, codes.FailedPrecondition, "TOO_FEW_HAVE_TRIED")
	w.Tries(w.Leif, id)
	decide(w.Nils).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	if l := library(t, w.Nils)[0]; l.GetPractice() != "" || l.GetTried() != 3 {
		t.Errorf("before the decision: %v", l)
	}
	if l := decide(w.Liv).OK(t).GetLearning(); l.GetPractice() == "" || l.GetAgreedWith() != "personalmøtet" || l.GetDecidedDay() != "2026-11-10" {
		t.Errorf("decided: %v", l)
	}
}

// D41: a learning survives those who leave, without their name.
func TestD41ALearningOutlivesWhoWroteIt(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	id := w.Shared()
	w.SQL("update membership set active = false where person_id = $1", w.Kari.ID)
	l := library(t, w.Nils)[0]
	if l.GetId() != id || l.GetText() == "" || l.GetWriterId() != "" || l.GetOtherId() != w.Ola.ID {
		t.Errorf("after its writer has left: %v", l)
	}
}

// The library is found by the forms of its words, in Norwegian and in English, and
// only what one may read.
func TestLearningsAreFoundByTheirWords(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	id := w.Shared()
	for query, want := range map[string]int{"hånd": 0, "hendene": 1, "hender": 1, "sekund": 1, "waiting": 0, "\"tre sekunder\"": 1, "skog": 0, "' or 1=1 --": 0} {
		found := town.Try(w.Nils.SearchLearnings(w.Nils.Ctx(), &pb.SearchLearningsRequest{SchoolId: w.School.String(), Query: query})).OK(t).GetLearnings()
		if len(found) != want {
			t.Errorf("%q finds %d learnings, want %d", query, len(found), want)
		}
	}
	w.SQL("update learning set text = 'Waiting lets more pupils answer.' where id = $1", id)
	if found := town.Try(w.Nils.SearchLearnings(w.Nils.Ctx(), &pb.SearchLearningsRequest{SchoolId: w.School.String(), Query: "waited"})).OK(t).GetLearnings(); len(found) != 1 {
		t.Errorf("an English form finds %d", len(found))
	}
}

// D27: a question and a learning can carry a source, for others to read, and neither needs one.
func TestD27ASourceIsWelcomeAndNeverRequired(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	const source = "Rowe (1974), s. 81"
	for i, given := range []string{"", source} {
		v := w.Propose(w.Kari, w.Ola, time.Duration(i+1)*3*time.Hour).Agree().Observe()
		gift := v.Gift()
		gift.Questions[0].Source = given
		v.TryGive(gift).OK(t)
		v.Open()
		if q := v.Exchange(w.Ola).GetQuestions()[0]; q.GetSource() != given {
			t.Errorf("a question that rests on %q is read with %q", given, q.GetSource())
		}
		v.Answer(v.Question)
		learned := town.Try(w.Kari.ProposeLearning(w.Kari.Ctx(), &pb.ProposeLearningRequest{RequestId: town.Req(), ObservationId: v.ID, Text: "Vent.", Source: given, Mark: pb.LearningMark_LEARNING_MARK_WORKED_HERE})).OK(t).GetLearning()
		town.Try(w.Ola.ApproveLearning(w.Ola.Ctx(), &pb.ApproveLearningRequest{LearningId: learned.GetId(), RequestId: town.Req()})).OK(t)
		for _, l := range library(t, w.Nils) {
			if l.GetId() == learned.GetId() && l.GetSource() != given {
				t.Errorf("a learning that rests on %q is read with %q", given, l.GetSource())
			}
		}
	}
	if n := len(library(t, w.Nils)); n != 2 {
		t.Errorf("%d learnings are read, want 2", n)
	}
}
