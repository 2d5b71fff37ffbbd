package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
)

func (v *visit) tryGive(r *pb.GiveFeedbackRequest) outcome[*pb.GiveFeedbackResponse] {
	return try(v.observer.GiveFeedback(v.observer.ctx(), r))
}

// D1 to D4: what is handed over, is handed over with a point that rests on what
// was seen and with a question that wonders, or nothing is.
func TestFeedbackIsGivenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		change  func(*visit, *pb.GiveFeedbackRequest)
		code    codes.Code
		missing []string
	}{
		{"D2: notes alone", func(v *visit, r *pb.GiveFeedbackRequest) {
			r.Points, r.Questions, r.SharedNoteIds = nil, nil, []string{v.note}
		}, codes.FailedPrecondition, []string{"FEEDBACK_POINT_MISSING", "WONDERING_QUESTION_MISSING"}},
		{"D3: a point that rests on nothing", func(_ *visit, r *pb.GiveFeedbackRequest) { r.Points[0].NoteIds = nil },
			codes.FailedPrecondition, []string{"EVIDENCE_MISSING"}},
		{"D3: a point that rests on an interpretation", func(v *visit, r *pb.GiveFeedbackRequest) {
			r.Points[0].NoteIds = []string{v.save(pb.NoteKind_NOTE_KIND_INTERPRETATION, "De kjedet seg.")}
		}, codes.FailedPrecondition, []string{"EVIDENCE_MISSING"}},
		{"D1: a point without evidence, and no question: both are named", func(_ *visit, r *pb.GiveFeedbackRequest) {
			r.Points[0].NoteIds, r.Questions = nil, nil
		}, codes.FailedPrecondition, []string{"EVIDENCE_MISSING", "WONDERING_QUESTION_MISSING"}},
		{"D4: a closed question", question("Var du fornøyd med timen?"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"D4: an accusing one", question("Hvorfor gjorde du ikke noe da de ropte?"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"D4: advice in disguise", question("Har du prøvd å dele dem i mindre grupper?"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"D4: logistics", question("Når er rommet ledig etter dere?"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"D4: praise", question("Så utrolig flink du er med den klassen!"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"standing by logistics is not heeded", func(v *visit, r *pb.GiveFeedbackRequest) {
			question("Når er rommet ledig etter dere?")(v, r)
			r.Questions[0].StandBy = true
		}, codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"six questions", func(_ *visit, r *pb.GiveFeedbackRequest) {
			for range 5 {
				r.Questions = append(r.Questions, &pb.QuestionDraft{Text: wondering})
			}
		}, codes.InvalidArgument, nil},
		{"a note of nobody's", func(_ *visit, r *pb.GiveFeedbackRequest) { r.SharedNoteIds = []string{req()} }, codes.NotFound, nil},
		{"an id that stands twice", func(v *visit, r *pb.GiveFeedbackRequest) { r.Points[0].Id = v.question }, codes.InvalidArgument, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
			r := v.gift()
			tc.change(v, r)
			err := v.tryGive(r).err
			if got := missingOf(err); err == nil || !slices.Equal(got, tc.missing) {
				t.Errorf("%v: missing %v, want %v", err, got, tc.missing)
			}
			wantState(t, v.get(w.kari), pb.ObservationState_OBSERVATION_STATE_OBSERVED)
			if n := one[int](w, "select (select count(*) from feedback_point) + (select count(*) from question) + (select count(*) from note where shared)"); n != 0 {
				t.Errorf("%d things are stored after the refusal", n)
			}
			// The same, put right, goes through: nothing was used up.
			v.give()
		})
	}
}

func question(text string) func(*visit, *pb.GiveFeedbackRequest) {
	return func(_ *visit, r *pb.GiveFeedbackRequest) { r.Questions[0].Text = text }
}

func TestAWriterMayStandByAQuestion(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	r := v.gift()
	r.Questions[0].Text, r.Questions[0].StandBy = "Var du fornøyd med timen?", true
	v.tryGive(r).ok(t)
	v.open()
	if q := v.exchange(w.ola).GetQuestions()[0]; !q.GetStandBy() || !q.GetWondering() {
		t.Errorf("the question that its writer stands by: %v", q)
	}
	wantState(t, v.answer(v.question), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
}

// D4: the others may be sent beside one that wonders.
func TestOtherQuestionsMayComeAlong(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	r := v.gift()
	r.Questions = append(r.Questions, &pb.QuestionDraft{Text: "Når er rommet ledig etter dere?"})
	v.tryGive(r).ok(t)
	v.open()
	wantState(t, v.answer(v.question), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	other := v.exchange(w.ola).GetQuestions()[1]
	if other.GetWondering() {
		t.Error("logistics counts as wondering")
	}
	wantState(t, v.answer(other.GetId()), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
}

func (v *visit) settle(p *person, question string, how any) outcome[*pb.AnswerQuestionResponse] {
	r := &pb.AnswerQuestionRequest{QuestionId: question, RequestId: req()}
	switch how := how.(type) {
	case string:
		if how == "talked" {
			r.Answer = &pb.AnswerQuestionRequest_Talked{Talked: true}
		} else {
			r.Answer = &pb.AnswerQuestionRequest_Parked{Parked: true}
		}
	default:
		r.Answer = &pb.AnswerQuestionRequest_Text{Text: "Fordi."}
	}
	return try(p.AnswerQuestion(p.ctx(), r))
}

// D19: the feedback opens after an offer of two own lines, which can be skipped.
func TestTheFeedbackOpensAfterTheOwnView(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give()
	v.settle(w.ola, v.question, nil).refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	try(w.ola.Reply(w.ola.ctx(), &pb.ReplyRequest{AboutId: v.question, RequestId: req(), Text: "x"})).refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	try(w.ola.CorrectNote(w.ola.ctx(), &pb.CorrectNoteRequest{NoteId: v.note, RequestId: req(), Text: "x"})).refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	try(w.ola.AcknowledgeFeedback(w.ola.ctx(), &pb.AcknowledgeFeedbackRequest{ObservationId: v.id, RequestId: req()})).refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	try(w.ola.AskBack(w.ola.ctx(), &pb.AskBackRequest{ObservationId: v.id, RequestId: req(), Text: "x"})).refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	try(w.ola.RecordTakeaway(w.ola.ctx(), &pb.RecordTakeawayRequest{ObservationId: v.id, RequestId: req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})).refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	view := func(p *person, r *pb.RecordOwnViewRequest) outcome[*pb.RecordOwnViewResponse] {
		r.ObservationId, r.RequestId = v.id, req()
		return try(p.RecordOwnView(p.ctx(), r))
	}
	skip := func() *pb.RecordOwnViewRequest {
		return &pb.RecordOwnViewRequest{View: &pb.RecordOwnViewRequest_Skip{Skip: true}}
	}
	view(w.kari, skip()).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	r := view(w.ola, skip()).ok(t)
	if !r.GetExchange().GetOpened() || len(r.GetExchange().GetQuestions()) != 1 || !r.GetObservation().GetFeedbackOpened() {
		t.Errorf("after skipping: %v", r)
	}
	// Lines can come later; skipping then takes none away.
	view(w.ola, &pb.RecordOwnViewRequest{View: &pb.RecordOwnViewRequest_Text{Text: "Roligere enn jeg trodde."}}).ok(t)
	if got := view(w.ola, skip()).ok(t).GetExchange().GetOwnView(); got.GetText() == "" || got.GetSkipped() {
		t.Errorf("own view after skipping again: %v", got)
	}
	if got := v.exchange(w.kari).GetOwnView().GetText(); got != "Roligere enn jeg trodde." {
		t.Errorf("Kari reads %q", got)
	}
	o := try(w.ola.AcknowledgeFeedback(w.ola.ctx(), &pb.AcknowledgeFeedbackRequest{ObservationId: v.id, RequestId: req()})).ok(t).GetObservation()
	if o.GetAcknowledgeTime() == nil {
		t.Error("the acknowledgement is not told")
	}
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
}

// D5: a question on either side keeps the visit open; asking back opens an
// answered one again.
func TestAskingBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	wantState(t, v.answer(v.question), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	back := newID().String()
	ask := func(p *person, id string) outcome[*pb.AskBackResponse] {
		return try(p.AskBack(p.ctx(), &pb.AskBackRequest{ObservationId: v.id, RequestId: req(), Id: id, Text: "Hva gjorde det med deg?"}))
	}
	ask(w.kari, "").refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	o := ask(w.ola, back).ok(t).GetObservation()
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	if s := o.GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_ANSWER_QUESTIONS || !slices.Equal(s.GetPersonIds(), []string{w.kari.id}) {
		t.Errorf("next step after asking back: %v, want Kari to answer", s)
	}
	v.takeAway(w.kari)
	wantState(t, v.takeAway(w.ola), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	v.settle(w.ola, back, nil).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	v.settle(w.kari, back, "parked").refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	wantState(t, v.settle(w.kari, back, nil).ok(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	ask(w.ola, "").refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

func TestAskingBackHasALimit(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	ask := func() outcome[*pb.AskBackResponse] {
		return try(w.ola.AskBack(w.ola.ctx(), &pb.AskBackRequest{ObservationId: v.id, RequestId: req(), Text: "Hva?"}))
	}
	for range 5 {
		ask().ok(t)
	}
	ask().refused(t, codes.InvalidArgument, "INVALID_FIELD")
}

// D6: "we talked", confirmed by the other one, settles as fully as text.
func TestWeTalked(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	o := v.settle(w.ola, v.question, "talked").ok(t).GetObservation()
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	id := newID().String()
	record := func(p *person, r *pb.RecordConversationRequest) outcome[*pb.RecordConversationResponse] {
		r.ObservationId, r.RequestId, r.Id, r.Summary = v.id, req(), id, "Om ventetid."
		return try(p.RecordConversation(p.ctx(), r))
	}
	record(w.ola, &pb.RecordConversationRequest{TalkedAt: timestamppb.New(w.clock.now().Add(time.Second)), Duration: talk(30)}).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	o = record(w.ola, &pb.RecordConversationRequest{TalkedAt: timestamppb.New(w.clock.now()), Duration: talk(30)}).ok(t).GetObservation()
	if s := o.GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_CONFIRM_CONVERSATION || !slices.Equal(s.GetPersonIds(), []string{w.kari.id}) {
		t.Errorf("next step: %v, want Kari to confirm", s)
	}
	confirm := func(p *person) outcome[*pb.ConfirmConversationResponse] {
		return try(p.ConfirmConversation(p.ctx(), &pb.ConfirmConversationRequest{ConversationId: id, RequestId: req()}))
	}
	confirm(w.ola).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	wantState(t, confirm(w.kari).ok(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	if q := v.exchange(w.ola).GetQuestions()[0]; q.GetState() != pb.QuestionState_QUESTION_STATE_TALKED {
		t.Errorf("the question is %s", q.GetState())
	}
}

// D20: parking needs no reason, blocks nothing and answers nothing.
func TestParking(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	r := v.gift()
	secondQuestion := newID().String()
	r.Questions = append(r.Questions, &pb.QuestionDraft{Id: secondQuestion, Text: wondering})
	v.tryGive(r).ok(t)
	v.open()
	wantState(t, v.settle(w.ola, v.question, "parked").ok(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	wantState(t, v.settle(w.ola, secondQuestion, "parked").ok(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	// D21: seeing it differently is an answer like any other, and a parked
	// question can be answered later.
	wantState(t, v.answer(secondQuestion), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	v.settle(w.ola, v.question, "talked").refused(t, codes.FailedPrecondition, "QUESTION_OPEN")
	wantState(t, v.answer(v.question), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	v.settle(w.ola, v.question, nil).refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

// D7: closing needs both take-aways, and nobody reads the other's.
func TestATakeawayIsReadByItsWriterAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	v.takeAway(w.kari)
	if got := v.exchange(w.ola).GetTakeaway(); got != nil {
		t.Errorf("Ola reads %v", got)
	}
	o := v.answer(v.question)
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	if s := o.GetNextStep(); !slices.Equal(s.GetPersonIds(), []string{w.ola.id}) || s.GetTodo() != pb.NextTodo_NEXT_TODO_RECORD_TAKEAWAY {
		t.Errorf("next step: %v", s)
	}
	wantState(t, v.takeAway(w.ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	try(w.ola.RecordTakeaway(w.ola.ctx(), &pb.RecordTakeawayRequest{ObservationId: v.id, RequestId: req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})).refused(t, codes.FailedPrecondition, "WRONG_STATE")
	if n := one[int](w, "select count(*) from draft"); n != 0 {
		t.Error("the draft outlives the visit")
	}
}

// D8: the honest exit takes both, and can be taken back.
func TestTheHonestExit(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree()
	exit := func(p *person, takeBack bool) outcome[*pb.EndWithoutExchangeResponse] {
		return try(p.EndWithoutExchange(p.ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.id, RequestId: req(), TakeBack: takeBack}))
	}
	exit(w.kari, false).refused(t, codes.FailedPrecondition, "WRONG_STATE")
	v.observe()
	for range 2 { // said twice, it is still one wish
		o := exit(w.kari, false).ok(t).GetObservation()
		wantState(t, o, pb.ObservationState_OBSERVATION_STATE_OBSERVED)
		if o.GetExitWishedById() != w.kari.id {
			t.Errorf("the wish is %q's", o.GetExitWishedById())
		}
	}
	exit(w.ola, true).ok(t) // he has none to take back
	if exit(w.kari, true).ok(t).GetObservation().GetExitWishedById() != "" {
		t.Error("the wish was not taken back")
	}
	exit(w.ola, false).ok(t)
	wantState(t, exit(w.kari, false).ok(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_CLOSED_WITHOUT_EXCHANGE)
	if n := one[int](w, "select count(*) from note"); n != 0 {
		t.Errorf("%d notes are left", n)
	}
}

// Reopening takes both; what stood before is kept.
func TestReopening(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	v.answer(v.question)
	reopen := func(p *person, takeBack bool) outcome[*pb.ReopenObservationResponse] {
		return try(p.ReopenObservation(p.ctx(), &pb.ReopenObservationRequest{ObservationId: v.id, RequestId: req(), TakeBack: takeBack}))
	}
	reopen(w.kari, false).refused(t, codes.FailedPrecondition, "WRONG_STATE")
	v.takeAway(w.kari)
	v.takeAway(w.ola)
	wantState(t, reopen(w.ola, false).ok(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	reopen(w.ola, true).ok(t)
	reopen(w.ola, false).ok(t)
	w.clock.set(w.clock.now().Add(48 * time.Hour))
	o := reopen(w.kari, false).ok(t).GetObservation()
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	if due := o.GetTakeawayDueTime().AsTime(); !due.After(w.clock.now()) {
		t.Errorf("take-aways are due %s, before the visit was reopened", due)
	}
	wantState(t, v.takeAway(w.kari), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	if e := v.exchange(w.kari); len(e.GetEarlierTakeaways()) != 1 || len(e.GetPoints()) != 1 || e.GetQuestions()[0].GetAnswer() == "" {
		t.Errorf("what stood before: %v", e)
	}
	wantState(t, v.takeAway(w.ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
}

// D16: a correction stands beside any shared note; the observer accepts it, or
// both stand.
func TestACorrection(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	hidden := v.save(pb.NoteKind_NOTE_KIND_WONDERING, "Hvem?")
	v.give().open()
	correct := func(p *person, note, text string) outcome[*pb.CorrectNoteResponse] {
		return try(p.CorrectNote(p.ctx(), &pb.CorrectNoteRequest{NoteId: note, RequestId: req(), Text: text}))
	}
	resolve := func(p *person, how pb.CorrectionResolution) outcome[*pb.ResolveCorrectionResponse] {
		return try(p.ResolveCorrection(p.ctx(), &pb.ResolveCorrectionRequest{NoteId: v.note, RequestId: req(), Resolution: how}))
	}
	resolve(w.kari, pb.CorrectionResolution_CORRECTION_RESOLUTION_ACCEPTED).refused(t, codes.FailedPrecondition, "WRONG_STATE")
	correct(w.kari, v.note, "x").refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	correct(w.ola, hidden, "x").refused(t, codes.NotFound, "NOT_FOUND")
	correct(w.ola, v.note, "Det var fem.").ok(t)
	resolve(w.ola, pb.CorrectionResolution_CORRECTION_RESOLUTION_ACCEPTED).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	resolve(w.kari, pb.CorrectionResolution_CORRECTION_RESOLUTION_BOTH_STAND).ok(t)
	for _, p := range []*person{w.kari, w.ola} {
		n := v.exchange(p).GetSharedNotes()[0]
		if n.GetNote().GetText() != "Fire elever svarte; de samme to ganger." || n.GetCorrection().GetText() != "Det var fem." ||
			n.GetCorrection().GetResolution() != pb.CorrectionResolution_CORRECTION_RESOLUTION_BOTH_STAND {
			t.Errorf("%s reads %v", p.name, n)
		}
	}
}

func TestAThreadStaysShort(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	point := v.exchange(w.ola).GetPoints()[0].GetId()
	say := func(p *person, about string) outcome[*pb.ReplyResponse] {
		return try(p.Reply(p.ctx(), &pb.ReplyRequest{AboutId: about, RequestId: req(), Text: p.name}))
	}
	for i := range 30 {
		say([]*person{w.kari, w.ola}[i%2], point).ok(t)
	}
	say(w.kari, point).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	say(w.ola, v.question).ok(t)
	e := v.exchange(w.kari)
	if len(e.GetPoints()[0].GetReplies()) != 30 || e.GetPoints()[0].GetReplies()[1].GetAuthorId() != w.ola.id || len(e.GetQuestions()[0].GetReplies()) != 1 {
		t.Errorf("threads: %v, %v", e.GetPoints()[0].GetReplies(), e.GetQuestions()[0].GetReplies())
	}
}

// D37: an action has an owner and a lesson or date, and is asked for afterwards.
func TestAnAction(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	ids := []string{newID().String(), newID().String(), newID().String()}
	commit := func(p *person, a *pb.ActionDraft) outcome[*pb.RecordTakeawayResponse] {
		return try(p.RecordTakeaway(p.ctx(), &pb.RecordTakeawayRequest{ObservationId: v.id, RequestId: req(), Text: "x", Learning: pb.Learning_LEARNING_QUESTIONED_ASSUMPTION, Action: a}))
	}
	commit(w.kari, &pb.ActionDraft{Id: ids[0], Text: "Vente."}).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	commit(w.kari, &pb.ActionDraft{Id: ids[0], Text: "Vente.", DueDate: "2026-02-30"}).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	commit(w.kari, &pb.ActionDraft{Id: ids[0], Text: "Vente.", DueDate: "2026-11-12"}).ok(t)
	commit(w.ola, &pb.ActionDraft{Id: ids[1], Text: "Telle til åtte.", Lesson: "norsk, tirsdag"}).ok(t)
	commit(w.ola, &pb.ActionDraft{Id: ids[2], Text: "Enda en.", Lesson: "onsdag"}).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	agree := func(p *person, id string) outcome[*pb.AgreeActionResponse] {
		return try(p.AgreeAction(p.ctx(), &pb.AgreeActionRequest{ActionId: id, RequestId: req()}))
	}
	report := func(p *person, id string) outcome[*pb.ReportActionResponse] {
		return try(p.ReportAction(p.ctx(), &pb.ReportActionRequest{ActionId: id, RequestId: req(), Did: "Ventet.", Happened: "To nye.", Next: "Lenger.", Learning: pb.Learning_LEARNING_ADJUSTED_PRACTICE}))
	}
	agree(w.kari, ids[0]).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	report(w.kari, ids[0]).refused(t, codes.FailedPrecondition, "WRONG_STATE")
	agree(w.ola, ids[0]).ok(t)
	agree(w.ola, ids[0]).ok(t)
	w.clock.set(time.Date(2026, 11, 12, 23, 30, 0, 0, time.UTC)) // the 13th in Oslo
	due := func(p *person) []string {
		var out []string
		for _, a := range try(p.ListActions(p.ctx(), &pb.ListActionsRequest{OpenOnly: true})).ok(t).GetActions() {
			if a.GetReportDue() {
				out = append(out, a.GetId())
			}
		}
		return out
	}
	if got := due(w.kari); !slices.Equal(got, ids[:1]) {
		t.Errorf("Kari is asked for %v", got)
	}
	if got := due(w.ola); len(got) > 0 {
		t.Errorf("Ola is asked for another's action: %v", got)
	}
	report(w.ola, ids[0]).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	a := report(w.kari, ids[0]).ok(t).GetAction()
	if a.GetState() != pb.ActionState_ACTION_STATE_REPORTED || a.GetReport().GetNext() != "Lenger." || len(due(w.kari)) > 0 {
		t.Errorf("reported: %v", a)
	}
	commit(w.ola, &pb.ActionDraft{Id: ids[2], Text: "Enda en.", Lesson: "onsdag"}).ok(t) // a place is free again
}

// D32: notes are the observer's own until given, and what is not shared is gone
// when the visit closes. D35: the intention stands beside what was seen.
func TestWhatIsSharedAndWhatIsNot(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	extra := v.save(pb.NoteKind_NOTE_KIND_SAW, "Døra sto åpen.")
	v.save(pb.NoteKind_NOTE_KIND_INTERPRETATION, "Uro?")
	r := v.gift()
	r.SharedNoteIds = []string{extra}
	v.tryGive(r).ok(t)
	v.open()
	e := v.exchange(w.ola)
	if len(e.GetSharedNotes()) != 2 || e.GetIntention() == "" || e.GetFocusQuestion() == "" {
		t.Errorf("Ola reads %d notes beside %q", len(e.GetSharedNotes()), e.GetIntention())
	}
	if n := len(try(w.kari.ListNotes(w.kari.ctx(), &pb.ListNotesRequest{ObservationId: v.id})).ok(t).GetNotes()); n != 3 {
		t.Errorf("Kari reads %d of her three notes", n)
	}
	v.answer(v.question)
	v.takeAway(w.kari)
	v.takeAway(w.ola)
	for _, p := range []*person{w.kari, w.ola} {
		if n := len(try(p.ListNotes(p.ctx(), &pb.ListNotesRequest{ObservationId: v.id})).ok(t).GetNotes()); n != 2 {
			t.Errorf("%s reads %d notes of the closed visit, want the shared two", p.name, n)
		}
	}
}

// D30: a judging word in what was seen gets a hint, and stops nothing.
func TestANoteWithAJudgementGetsAHint(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	save := func(kind pb.NoteKind, text string) *pb.SaveNoteResponse {
		return try(w.kari.SaveNote(w.kari.in("nb"), &pb.SaveNoteRequest{RequestId: req(), ObservationId: v.id, Kind: kind, Text: text})).ok(t)
	}
	if got := save(pb.NoteKind_NOTE_KIND_SAW, "Dårlig oppstart, elevene var late."); len(got.GetHints()) == 0 || got.GetNote().GetRevision() != 1 {
		t.Errorf("a judgement in what was seen: %v", got)
	}
	if got := save(pb.NoteKind_NOTE_KIND_SAW, "Fire elever rakk opp hånda."); len(got.GetHints()) > 0 {
		t.Errorf("hints without a cause: %v", got.GetHints())
	}
}

// D36: the kinds of take-aways stand in a fixed order and weigh the same.
func TestTheKindsOfLearningStandInTheirOrder(t *testing.T) {
	t.Parallel()
	values := pb.Learning_LEARNING_UNSPECIFIED.Descriptor().Values()
	var names []string
	for i := 1; i < values.Len(); i++ {
		names = append(names, strings.TrimPrefix(string(values.Get(i).Name()), "LEARNING_"))
	}
	if want := []string{"ADJUSTED_PRACTICE", "QUESTIONED_ASSUMPTION", "NOTHING_NEW"}; !slices.Equal(names, want) {
		t.Errorf("kinds %v, want %v and no other", names, want)
	}
}

// D42: one acceptance makes the two visits of a co-taught lesson; each has its
// own card and exchange, and own lessons don't stand in the way.
func TestAMutualVisit(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.proposal(w.kari, w.ola)
	r.Id, r.CoTaught, r.Mutual, r.MutualFocusQuestion = newID().String(), true, true, "Når tier jeg?"
	w.sql("insert into booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span) values ($1, $2, $3, 2, false, tstzrange($4, $5)), ($1, $6, $3, 2, false, tstzrange($4, $5))",
		w.owner, w.kari.id, newID(), r.StartTime.AsTime(), r.EndTime.AsTime(), w.ola.id)
	p := try(w.kari.ProposeObservation(w.kari.ctx(), r)).ok(t)
	mine := &visit{town: w, id: p.GetObservation().GetId(), observer: w.kari, observed: w.ola}
	theirs := &visit{town: w, id: p.GetMutualObservation().GetId(), observer: w.ola, observed: w.kari}
	if p.GetMutualObservation().GetObserverId() != w.ola.id || p.GetMutualObservation().GetFocusQuestion() != "Når tier jeg?" {
		t.Errorf("the visit the other way: %v", p.GetMutualObservation())
	}
	mine.accept(w.ola).refused(t, codes.FailedPrecondition, "FOCUS_MISSING")
	mine.setFocus()
	mine.accept(w.ola).ok(t)
	wantState(t, theirs.get(w.kari), pb.ObservationState_OBSERVATION_STATE_AGREED)
	// From here on each stands for itself, and so do its hours.
	try(w.kari.CancelObservation(w.kari.ctx(), &pb.CancelObservationRequest{ObservationId: mine.id, RequestId: req()})).ok(t)
	wantState(t, theirs.get(w.kari), pb.ObservationState_OBSERVATION_STATE_AGREED)
	try(w.kari.ProposeObservation(w.kari.ctx(), w.proposal(w.kari, w.nils))).refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	theirs.observe().give().open()
	theirs.answer(theirs.question)
	theirs.takeAway(w.kari)
	wantState(t, theirs.takeAway(w.ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
}

// An own lesson stands in the observer's way, but for a co-taught one.
func TestAnOwnLessonStandsInTheWay(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.proposal(w.kari, w.ola)
	lesson := func(p *person) {
		w.sql("insert into booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span) values ($1, $2, $3, 2, false, tstzrange($4, $5))",
			w.owner, p.id, newID(), r.StartTime.AsTime(), r.EndTime.AsTime())
	}
	lesson(w.ola) // it is his lesson that is visited
	try(w.kari.ProposeObservation(w.kari.ctx(), r)).ok(t)
	lesson(w.kari)
	r.RequestId = req()
	try(w.kari.ProposeObservation(w.kari.ctx(), r)).refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	r.RequestId, r.CoTaught = req(), true
	try(w.kari.ProposeObservation(w.kari.ctx(), r)).ok(t)
}

// D43: visit and talk are booked together; the talk has length and arena.
func TestTheTalkIsBookedWithTheVisit(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.proposal(w.kari, w.ola)
	o := try(w.kari.ProposeObservation(w.kari.ctx(), r)).ok(t).GetObservation()
	if o.GetTalk().GetDuration().AsDuration() != 30*time.Minute || !o.GetTalk().GetStartTime().AsTime().Equal(r.EndTime.AsTime()) {
		t.Errorf("the talk, left open: %v; want 30 minutes right after the lesson", o.GetTalk())
	}
	r.RequestId, r.Talk = req(), &pb.Talk{Duration: durationpb.New(45 * time.Minute), Arena: pb.Arena_ARENA_WALK}
	o = try(w.kari.ProposeObservation(w.kari.ctx(), r)).ok(t).GetObservation()
	if o.GetTalk().GetDuration().AsDuration() != 45*time.Minute || o.GetTalk().GetArena() != pb.Arena_ARENA_WALK {
		t.Errorf("the talk: %v", o.GetTalk())
	}
}

// D22: leaders visit leaders by the same rules.
func TestLeadersVisitLeaders(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.liv, w.leif, time.Hour).agree().observe()
	v.tryGive(&pb.GiveFeedbackRequest{ObservationId: v.id, RequestId: req()}).refused(t, codes.FailedPrecondition, "FEEDBACK_POINT_MISSING")
	v.give().open()
	v.answer(v.question)
	v.takeAway(w.liv)
	wantState(t, v.takeAway(w.leif), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	try(w.kari.GetObservation(w.kari.ctx(), &pb.GetObservationRequest{ObservationId: v.id})).refused(t, codes.NotFound, "NOT_FOUND")
}

// D9 and D14: both see the same next step, and what they say yes to, in their
// own language, before they do.
func TestBothSeeTheSameNextStepAndAgreement(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour)
	o := try(w.ola.GetObservation(w.ola.in("nn-NO"), &pb.GetObservationRequest{ObservationId: v.id})).ok(t).GetObservation()
	if a := o.GetAgreement(); len(a.GetLines()) < 6 || a.GetVersion() == "" || !strings.Contains(strings.Join(a.GetLines(), " "), "leiar") {
		t.Errorf("before accepting Ola reads %v", a)
	}
	same := func(step string) {
		t.Helper()
		a, b := v.get(w.kari).GetNextStep(), v.get(w.ola).GetNextStep()
		if fmt.Sprint(a) != fmt.Sprint(b) || a.GetTodo() == pb.NextTodo_NEXT_TODO_UNSPECIFIED || a.GetText() == "" {
			t.Errorf("%s: Kari sees %v, Ola %v", step, a, b)
		}
	}
	same("proposed")
	v.setFocus()
	same("with a card")
	v.accept(w.ola).ok(t)
	same("agreed")
	v.observe()
	same("observed")
	v.give()
	same("feedback given")
	v.open()
	same("opened")
	v.answer(v.question)
	same("answered")
}

func TestADraftIsTheObserversOwn(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree()
	save := func(p *person, revision int64, text string) outcome[*pb.SaveFeedbackDraftResponse] {
		return try(p.SaveFeedbackDraft(p.ctx(), &pb.SaveFeedbackDraftRequest{ObservationId: v.id, RequestId: req(),
			Draft: &pb.FeedbackDraft{Revision: revision, Points: []*pb.LooseText{{Text: text}}}}))
	}
	get := func(p *person) outcome[*pb.GetFeedbackDraftResponse] {
		return try(p.GetFeedbackDraft(p.ctx(), &pb.GetFeedbackDraftRequest{ObservationId: v.id}))
	}
	if d := get(w.kari).ok(t).GetDraft(); d.GetRevision() != 0 {
		t.Errorf("a draft before there is one: %v", d)
	}
	save(w.kari, 0, "Da du").ok(t)
	save(w.kari, 0, "fra en annen telefon").refused(t, codes.Aborted, "STALE_REVISION")
	if d := save(w.kari, 1, "Da du ventet").ok(t).GetDraft(); d.GetRevision() != 2 {
		t.Errorf("revision %d after the second saving", d.GetRevision())
	}
	if d := get(w.kari).ok(t).GetDraft(); d.GetPoints()[0].GetText() != "Da du ventet" {
		t.Errorf("Kari reads %v", d)
	}
	get(w.ola).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	save(w.ola, 2, "x").refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	v.observe().give()
	save(w.kari, 2, "x").refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

// D11: the rules hold over JSON too; see web_test.go. D18: nothing in the
// contract rates anybody.
func TestNothingRatesAnybody(t *testing.T) {
	t.Parallel()
	banned := []string{"score", "rating", "rank", "star", "level", "badge", "sentiment", "grade"}
	for _, m := range allMessages() {
		for i := range m.Fields().Len() {
			for _, word := range strings.Split(string(m.Fields().Get(i).Name()), "_") {
				if slices.Contains(banned, word) {
					t.Errorf("%s.%s rates somebody", m.Name(), m.Fields().Get(i).Name())
				}
			}
		}
	}
}
