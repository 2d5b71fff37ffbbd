package observation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// D8: the honest exit takes both, and can be taken back.
func TestTheHonestExit(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	exit := func(p *town.Person, takeBack bool) town.Outcome[*pb.EndWithoutExchangeResponse] {
		return town.Try(p.EndWithoutExchange(p.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req(), TakeBack: takeBack}))
	}
	exit(w.Kari, false).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	v.Observe()
	for range 2 { // said twice, it is still one wish
		o := exit(w.Kari, false).OK(t).GetObservation()
		town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_OBSERVED)
		if o.GetExitWishedById() != w.Kari.ID {
			t.Errorf("the wish is %q's", o.GetExitWishedById())
		}
	}
	exit(w.Ola, true).OK(t) // he has none to take back
	if exit(w.Kari, true).OK(t).GetObservation().GetExitWishedById() != "" {
		t.Error("the wish was not taken back")
	}
	exit(w.Ola, false).OK(t)
	town.WantState(t, exit(w.Kari, false).OK(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_CLOSED_WITHOUT_EXCHANGE)
	if n := town.One[int](w, "select count(*) from note"); n != 0 {
		t.Errorf("%d notes are left", n)
	}
}

// Reopening takes both; what stood before is kept.
func TestReopening(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	v.Answer(v.Question)
	reopen := func(p *town.Person, takeBack bool) town.Outcome[*pb.ReopenObservationResponse] {
		return town.Try(p.ReopenObservation(p.Ctx(), &pb.ReopenObservationRequest{ObservationId: v.ID, RequestId: town.Req(), TakeBack: takeBack}))
	}
	reopen(w.Kari, false).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	v.TakeAway(w.Kari)
	v.TakeAway(w.Ola)
	town.WantState(t, reopen(w.Ola, false).OK(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	reopen(w.Ola, true).OK(t)
	reopen(w.Ola, false).OK(t)
	w.Clock.Set(w.Clock.Now().Add(48 * time.Hour))
	o := reopen(w.Kari, false).OK(t).GetObservation()
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	if due := o.GetTakeawayDueTime().AsTime(); !due.After(w.Clock.Now()) {
		t.Errorf("take-aways are due %s, before the visit was reopened", due)
	}
	town.WantState(t, v.TakeAway(w.Kari), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	if e := v.Exchange(w.Kari); len(e.GetEarlierTakeaways()) != 1 || len(e.GetPoints()) != 1 || e.GetQuestions()[0].GetAnswer() == "" {
		t.Errorf("what stood before: %v", e)
	}
	town.WantState(t, v.TakeAway(w.Ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
}

// D30: a judging word in what was seen gets a hint, and stops nothing.
func TestANoteWithAJudgementGetsAHint(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	save := func(kind pb.NoteKind, text string) *pb.SaveNoteResponse {
		return town.Try(w.Kari.SaveNote(w.Kari.In("nb"), &pb.SaveNoteRequest{RequestId: town.Req(), ObservationId: v.ID, Kind: kind, Text: text})).OK(t)
	}
	if got := save(pb.NoteKind_NOTE_KIND_SAW, "Dårlig oppstart, elevene var late."); len(got.GetHints()) == 0 || got.GetNote().GetRevision() != 1 {
		t.Errorf("a judgement in what was seen: %v", got)
	}
	if got := save(pb.NoteKind_NOTE_KIND_SAW, "Fire elever rakk opp hånda."); len(got.GetHints()) > 0 {
		t.Errorf("hints without a cause: %v", got.GetHints())
	}
}

// D42: one acceptance makes the two visits of a co-taught lesson; each has its
// own card and exchange, and own lessons don't stand in the way.
func TestAMutualVisit(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.Proposal(w.Kari, w.Ola)
	r.Id, r.CoTaught, r.Mutual, r.MutualFocusQuestion = town.NewID().String(), true, true, "Når tier jeg?"
	w.SQL("insert into booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span) values ($1, $2, $3, 2, false, tstzrange($4, $5)), ($1, $6, $3, 2, false, tstzrange($4, $5))",
		w.Owner, w.Kari.ID, town.NewID(), r.StartTime.AsTime(), r.EndTime.AsTime(), w.Ola.ID)
	p := town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r)).OK(t)
	mine := &town.Visit{Town: w, ID: p.GetObservation().GetId(), Observer: w.Kari, Observed: w.Ola}
	theirs := &town.Visit{Town: w, ID: p.GetMutualObservation().GetId(), Observer: w.Ola, Observed: w.Kari}
	if p.GetMutualObservation().GetObserverId() != w.Ola.ID || p.GetMutualObservation().GetFocusQuestion() != "Når tier jeg?" {
		t.Errorf("the visit the other way: %v", p.GetMutualObservation())
	}
	mine.Accept(w.Ola).Refused(t, codes.FailedPrecondition, "FOCUS_MISSING")
	mine.SetFocus()
	mine.Accept(w.Ola).OK(t)
	town.WantState(t, theirs.Get(w.Kari), pb.ObservationState_OBSERVATION_STATE_AGREED)
	// From here on each stands for itself, and so do its hours.
	town.Try(w.Kari.CancelObservation(w.Kari.Ctx(), &pb.CancelObservationRequest{ObservationId: mine.ID, RequestId: town.Req()})).OK(t)
	town.WantState(t, theirs.Get(w.Kari), pb.ObservationState_OBSERVATION_STATE_AGREED)
	town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), w.Proposal(w.Kari, w.Nils))).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	theirs.Observe().Give().Open()
	theirs.Answer(theirs.Question)
	theirs.TakeAway(w.Kari)
	town.WantState(t, theirs.TakeAway(w.Ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
}

// An own lesson stands in the observer's way, but for a co-taught one.
func TestAnOwnLessonStandsInTheWay(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.Proposal(w.Kari, w.Ola)
	lesson := func(p *town.Person) {
		w.SQL("insert into booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span) values ($1, $2, $3, 2, false, tstzrange($4, $5))",
			w.Owner, p.ID, town.NewID(), r.StartTime.AsTime(), r.EndTime.AsTime())
	}
	lesson(w.Ola) // it is his lesson that is visited
	town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r)).OK(t)
	lesson(w.Kari)
	r.RequestId = town.Req()
	town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r)).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	r.RequestId, r.CoTaught = town.Req(), true
	town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r)).OK(t)
}

// D43: visit and talk are booked together; the talk has length and arena.
func TestTheTalkIsBookedWithTheVisit(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.Proposal(w.Kari, w.Ola)
	o := town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r)).OK(t).GetObservation()
	if o.GetTalk().GetDuration().AsDuration() != 30*time.Minute || !o.GetTalk().GetStartTime().AsTime().Equal(r.EndTime.AsTime()) {
		t.Errorf("the talk, left open: %v; want 30 minutes right after the lesson", o.GetTalk())
	}
	r.RequestId, r.Talk = town.Req(), &pb.Talk{Duration: durationpb.New(45 * time.Minute), Arena: pb.Arena_ARENA_WALK}
	o = town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r)).OK(t).GetObservation()
	if o.GetTalk().GetDuration().AsDuration() != 45*time.Minute || o.GetTalk().GetArena() != pb.Arena_ARENA_WALK {
		t.Errorf("the talk: %v", o.GetTalk())
	}
}

// D22: leaders visit leaders by the same rules.
func TestLeadersVisitLeaders(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Liv, w.Leif, time.Hour).Agree().Observe()
	v.TryGive(&pb.GiveFeedbackRequest{ObservationId: v.ID, RequestId: town.Req()}).Refused(t, codes.FailedPrecondition, "FEEDBACK_POINT_MISSING")
	v.Give().Open()
	v.Answer(v.Question)
	v.TakeAway(w.Liv)
	town.WantState(t, v.TakeAway(w.Leif), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	town.Try(w.Kari.GetObservation(w.Kari.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).Refused(t, codes.NotFound, "NOT_FOUND")
}

// D9 and D14: both see the same next step, and what they say yes to, in their
// own language, before they do.
func TestBothSeeTheSameNextStepAndAgreement(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour)
	o := town.Try(w.Ola.GetObservation(w.Ola.In("nn-NO"), &pb.GetObservationRequest{ObservationId: v.ID})).OK(t).GetObservation()
	if a := o.GetAgreement(); len(a.GetLines()) < 6 || a.GetVersion() == "" || !strings.Contains(strings.Join(a.GetLines(), " "), "leiar") {
		t.Errorf("before accepting Ola reads %v", a)
	}
	same := func(step string) {
		t.Helper()
		a, b := v.Get(w.Kari).GetNextStep(), v.Get(w.Ola).GetNextStep()
		if fmt.Sprint(a) != fmt.Sprint(b) || a.GetTodo() == pb.NextTodo_NEXT_TODO_UNSPECIFIED || a.GetText() == "" {
			t.Errorf("%s: Kari sees %v, Ola %v", step, a, b)
		}
	}
	same("proposed")
	v.SetFocus()
	same("with a card")
	v.Accept(w.Ola).OK(t)
	same("agreed")
	v.Observe()
	same("observed")
	v.Give()
	same("feedback given")
	v.Open()
	same("opened")
	v.Answer(v.Question)
	same("answered")
}

// What is intended is frozen when the lesson begins: later words stand beside it, both
// of the two read both, and a withdrawal leaves neither.
func TestWhatIsIntendedIsFrozen(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, 2*time.Hour).Agree()
	set := func(intention, expectation string) *pb.Observation {
		t.Helper()
		return town.Try(w.Ola.SetFocus(w.Ola.Ctx(), &pb.SetFocusRequest{ObservationId: v.ID, RequestId: town.Req(),
			FocusQuestion: town.Focus, Intention: intention, Expectation: expectation, Revision: v.Get(w.Ola).GetRevision()})).OK(t).GetObservation()
	}
	set("Jeg venter i åtte sekunder.", "Flere rekker opp hånda.")
	written := w.Clock.Now()
	w.Clock.Set(v.Get(w.Ola).GetStartTime().AsTime())
	set("Jeg skulle vente i åtte sekunder.", "Noen flere rekker opp hånda.")
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		o := v.Get(p)
		later := o.GetLaterIntention()
		if o.GetIntention() != "Jeg venter i åtte sekunder." || o.GetExpectation() != "Flere rekker opp hånda." || !o.GetIntentionTime().AsTime().Equal(written) {
			t.Errorf("what stood when the lesson began was changed: %v", o)
		}
		if later.GetIntention() != "Jeg skulle vente i åtte sekunder." || later.GetExpectation() != "Noen flere rekker opp hånda." || !later.GetWriteTime().AsTime().Equal(w.Clock.Now()) {
			t.Errorf("the later words do not stand beside it: %v", later)
		}
	}
	v.Observe().Give().Open()
	if e := v.Exchange(w.Kari); e.GetExpectation() != "Flere rekker opp hånda." || e.GetLaterIntention().GetExpectation() != "Noen flere rekker opp hånda." {
		t.Errorf("the exchange does not hold it against what was seen: %v", e)
	}
	town.Try(w.Ola.WithdrawObservation(w.Ola.Ctx(), &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
	if o := v.Get(w.Kari); o.GetExpectation() != "" || o.GetLaterIntention() != nil || o.GetIntentionTime() != nil {
		t.Errorf("a withdrawal leaves %v", o)
	}
}

// Who offers a visit says at once what they mean to do; afterwards the card is theirs, too.
func TestAnOfferCarriesWhatIsIntended(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.Proposal(w.Kari, w.Ola)
	r.FocusQuestion, r.Intention, r.Expectation = town.Focus, "Jeg venter.", "Flere svarer."
	by := map[*town.Person]string{w.Ola: "Flere svarer.", w.Kari: ""} // the observer has no card to write
	for p, want := range by {
		r.Id, r.RequestId = town.NewID().String(), town.Req()
		o := town.Try(p.ProposeObservation(p.Ctx(), r)).OK(t).GetObservation()
		if o.GetExpectation() != want || (o.GetIntentionTime() != nil) != (want != "") {
			t.Errorf("%s proposes: expected is %q, of %v", p.Name, o.GetExpectation(), o.GetIntentionTime())
		}
	}
}
