package feedback_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// D1 to D4: what is handed over, is handed over with a point that rests on what
// was seen and with a question that wonders, or nothing is.
func TestFeedbackIsGivenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		change  func(*town.Visit, *pb.GiveFeedbackRequest)
		code    codes.Code
		missing []string
	}{
		{"D2: notes alone", func(v *town.Visit, r *pb.GiveFeedbackRequest) {
			r.Points, r.Questions, r.SharedNoteIds = nil, nil, []string{v.Note}
		}, codes.FailedPrecondition, []string{"FEEDBACK_POINT_MISSING", "WONDERING_QUESTION_MISSING"}},
		{"D3: a point that rests on nothing", func(_ *town.Visit, r *pb.GiveFeedbackRequest) { r.Points[0].NoteIds = nil },
			codes.FailedPrecondition, []string{"EVIDENCE_MISSING"}},
		{"D3: a point that rests on an interpretation", func(v *town.Visit, r *pb.GiveFeedbackRequest) {
			r.Points[0].NoteIds = []string{v.Save(pb.NoteKind_NOTE_KIND_INTERPRETATION, "De kjedet seg.")}
		}, codes.FailedPrecondition, []string{"EVIDENCE_MISSING"}},
		{"D1: a point without evidence, and no question: both are named", func(_ *town.Visit, r *pb.GiveFeedbackRequest) {
			r.Points[0].NoteIds, r.Questions = nil, nil
		}, codes.FailedPrecondition, []string{"EVIDENCE_MISSING", "WONDERING_QUESTION_MISSING"}},
		{"D4: a closed question", question("Var du fornøyd med timen?"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"D4: an accusing one", question("Hvorfor gjorde du ikke noe da de ropte?"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"D4: advice in disguise", question("Har du prøvd å dele dem i mindre grupper?"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"D4: logistics", question("Når er rommet ledig etter dere?"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"D4: praise", question("Så utrolig flink du er med den klassen!"), codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"standing by logistics is not heeded", func(v *town.Visit, r *pb.GiveFeedbackRequest) {
			question("Når er rommet ledig etter dere?")(v, r)
			r.Questions[0].StandBy = true
		}, codes.FailedPrecondition, []string{"WONDERING_QUESTION_MISSING"}},
		{"six questions", func(_ *town.Visit, r *pb.GiveFeedbackRequest) {
			for range 5 {
				r.Questions = append(r.Questions, &pb.QuestionDraft{Text: town.Wondering})
			}
		}, codes.InvalidArgument, nil},
		{"a note of nobody's", func(_ *town.Visit, r *pb.GiveFeedbackRequest) { r.SharedNoteIds = []string{town.Req()} }, codes.NotFound, nil},
		{"an id that stands twice", func(v *town.Visit, r *pb.GiveFeedbackRequest) { r.Points[0].Id = v.Question }, codes.InvalidArgument, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
			r := v.Gift()
			tc.change(v, r)
			err := v.TryGive(r).Err
			if got := town.MissingOf(err); err == nil || !slices.Equal(got, tc.missing) {
				t.Errorf("%v: missing %v, want %v", err, got, tc.missing)
			}
			town.WantState(t, v.Get(w.Kari), pb.ObservationState_OBSERVATION_STATE_OBSERVED)
			if n := town.One[int](w, "select (select count(*) from feedback_point) + (select count(*) from question) + (select count(*) from note where shared)"); n != 0 {
				t.Errorf("%d things are stored after the refusal", n)
			}
			// The same, put right, goes through: nothing was used up.
			v.Give()
		})
	}
}

func question(text string) func(*town.Visit, *pb.GiveFeedbackRequest) {
	return func(_ *town.Visit, r *pb.GiveFeedbackRequest) { r.Questions[0].Text = text }
}

func TestAWriterMayStandByAQuestion(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	r := v.Gift()
	r.Questions[0].Text, r.Questions[0].StandBy = "Var du fornøyd med timen?", true
	v.TryGive(r).OK(t)
	v.Open()
	if q := v.Exchange(w.Ola).GetQuestions()[0]; !q.GetStandBy() || !q.GetWondering() {
		t.Errorf("the question that its writer stands by: %v", q)
	}
	town.WantState(t, v.Answer(v.Question), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
}

// Standing by does not turn an accusation, advice, a practical matter or a remark
// into a question that opens.
func TestStandingByOpensNothingThatCloses(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	for _, text := range []string{"Hvorfor gjorde du ikke noe da de ropte?", "Har du prøvd å dele dem i grupper?", "Når er rommet ledig etter dere?", "Fin time."} {
		r := v.Gift()
		r.Questions[0].Text, r.Questions[0].StandBy = text, true
		v.TryGive(r).Refused(t, codes.FailedPrecondition, "WONDERING_QUESTION_MISSING")
	}
}

// D4: the others may be sent beside one that wonders.
func TestOtherQuestionsMayComeAlong(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	r := v.Gift()
	r.Questions = append(r.Questions, &pb.QuestionDraft{Text: "Når er rommet ledig etter dere?"})
	v.TryGive(r).OK(t)
	v.Open()
	town.WantState(t, v.Answer(v.Question), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	other := v.Exchange(w.Ola).GetQuestions()[1]
	if other.GetWondering() {
		t.Error("logistics counts as wondering")
	}
	town.WantState(t, v.Answer(other.GetId()), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
}

func settle(v *town.Visit, p *town.Person, question string, how any) town.Outcome[*pb.AnswerQuestionResponse] {
	r := &pb.AnswerQuestionRequest{QuestionId: question, RequestId: town.Req()}
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
	return town.Try(p.AnswerQuestion(p.Ctx(), r))
}

// D19: the feedback opens after an offer of two own lines, which can be skipped.
func TestTheFeedbackOpensAfterTheOwnView(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give()
	settle(v, w.Ola, v.Question, nil).Refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	town.Try(w.Ola.Reply(w.Ola.Ctx(), &pb.ReplyRequest{AboutId: v.Question, RequestId: town.Req(), Text: "x"})).Refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	town.Try(w.Ola.CorrectNote(w.Ola.Ctx(), &pb.CorrectNoteRequest{NoteId: v.Note, RequestId: town.Req(), Text: "x"})).Refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	town.Try(w.Ola.AcknowledgeFeedback(w.Ola.Ctx(), &pb.AcknowledgeFeedbackRequest{ObservationId: v.ID, RequestId: town.Req()})).Refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	town.Try(w.Ola.AskBack(w.Ola.Ctx(), &pb.AskBackRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x"})).Refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	town.Try(w.Ola.RecordTakeaway(w.Ola.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})).Refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	view := func(p *town.Person, r *pb.RecordOwnViewRequest) town.Outcome[*pb.RecordOwnViewResponse] {
		r.ObservationId, r.RequestId = v.ID, town.Req()
		return town.Try(p.RecordOwnView(p.Ctx(), r))
	}
	skip := func() *pb.RecordOwnViewRequest {
		return &pb.RecordOwnViewRequest{View: &pb.RecordOwnViewRequest_Skip{Skip: true}}
	}
	view(w.Kari, skip()).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	r := view(w.Ola, skip()).OK(t)
	if !r.GetExchange().GetOpened() || len(r.GetExchange().GetQuestions()) != 1 || !r.GetObservation().GetFeedbackOpened() {
		t.Errorf("after skipping: %v", r)
	}
	// Lines can come later; skipping then takes none away.
	view(w.Ola, &pb.RecordOwnViewRequest{View: &pb.RecordOwnViewRequest_Text{Text: "Roligere enn jeg trodde."}}).OK(t)
	if got := view(w.Ola, skip()).OK(t).GetExchange().GetOwnView(); got.GetText() == "" || got.GetSkipped() {
		t.Errorf("own view after skipping again: %v", got)
	}
	if got := v.Exchange(w.Kari).GetOwnView().GetText(); got != "Roligere enn jeg trodde." {
		t.Errorf("Kari reads %q", got)
	}
	o := town.Try(w.Ola.AcknowledgeFeedback(w.Ola.Ctx(), &pb.AcknowledgeFeedbackRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t).GetObservation()
	if o.GetAcknowledgeTime() == nil {
		t.Error("the acknowledgement is not told")
	}
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
}

// D5: a question on either side keeps the visit open; asking back opens an
// answered one again.
func TestAskingBack(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	town.WantState(t, v.Answer(v.Question), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	back := town.NewID().String()
	ask := func(p *town.Person, id string) town.Outcome[*pb.AskBackResponse] {
		return town.Try(p.AskBack(p.Ctx(), &pb.AskBackRequest{ObservationId: v.ID, RequestId: town.Req(), Id: id, Text: "Hva gjorde det med deg?"}))
	}
	ask(w.Kari, "").Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	o := ask(w.Ola, back).OK(t).GetObservation()
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	if s := o.GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_ANSWER_QUESTIONS || !slices.Equal(s.GetPersonIds(), []string{w.Kari.ID}) {
		t.Errorf("next step after asking back: %v, want Kari to answer", s)
	}
	v.TakeAway(w.Kari)
	town.WantState(t, v.TakeAway(w.Ola), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	settle(v, w.Ola, back, nil).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	settle(v, w.Kari, back, "parked").Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	town.WantState(t, settle(v, w.Kari, back, nil).OK(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	ask(w.Ola, "").Refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

func TestAskingBackHasALimit(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	ask := func() town.Outcome[*pb.AskBackResponse] {
		return town.Try(w.Ola.AskBack(w.Ola.Ctx(), &pb.AskBackRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "Hva?"}))
	}
	for range 5 {
		ask().OK(t)
	}
	ask().Refused(t, codes.InvalidArgument, "INVALID_FIELD")
}

// D6: "we talked", confirmed by the other one, settles as fully as text.
func TestWeTalked(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	o := settle(v, w.Ola, v.Question, "talked").OK(t).GetObservation()
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	id := town.NewID().String()
	record := func(p *town.Person, r *pb.RecordConversationRequest) town.Outcome[*pb.RecordConversationResponse] {
		r.ObservationId, r.RequestId, r.Id, r.Summary = v.ID, town.Req(), id, "Om ventetid."
		return town.Try(p.RecordConversation(p.Ctx(), r))
	}
	record(w.Ola, &pb.RecordConversationRequest{TalkedAt: timestamppb.New(w.Clock.Now().Add(time.Second)), Duration: town.Talk(30)}).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	o = record(w.Ola, &pb.RecordConversationRequest{TalkedAt: timestamppb.New(w.Clock.Now()), Duration: town.Talk(30)}).OK(t).GetObservation()
	if s := o.GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_CONFIRM_CONVERSATION || !slices.Equal(s.GetPersonIds(), []string{w.Kari.ID}) {
		t.Errorf("next step: %v, want Kari to confirm", s)
	}
	confirm := func(p *town.Person) town.Outcome[*pb.ConfirmConversationResponse] {
		return town.Try(p.ConfirmConversation(p.Ctx(), &pb.ConfirmConversationRequest{ConversationId: id, RequestId: town.Req()}))
	}
	confirm(w.Ola).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	town.WantState(t, confirm(w.Kari).OK(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	if q := v.Exchange(w.Ola).GetQuestions()[0]; q.GetState() != pb.QuestionState_QUESTION_STATE_TALKED {
		t.Errorf("the question is %s", q.GetState())
	}
	// The talk that was confirmed stays in sight when a second one is told.
	first := id
	id = town.NewID().String()
	record(w.Kari, &pb.RecordConversationRequest{TalkedAt: timestamppb.New(w.Clock.Now()), Duration: town.Talk(5)}).OK(t)
	e := v.Exchange(w.Ola)
	if earlier := e.GetEarlierConversations(); len(earlier) != 1 || earlier[0].GetId() != first || !earlier[0].GetConfirmed() || e.GetConversation().GetId() != id {
		t.Errorf("after a second talk was told: %v, and before it %v", e.GetConversation(), earlier)
	}
}

// D20: parking needs no reason, blocks nothing and answers nothing.
func TestParking(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	r := v.Gift()
	secondQuestion := town.NewID().String()
	r.Questions = append(r.Questions, &pb.QuestionDraft{Id: secondQuestion, Text: town.Wondering})
	v.TryGive(r).OK(t)
	v.Open()
	town.WantState(t, settle(v, w.Ola, v.Question, "parked").OK(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	town.WantState(t, settle(v, w.Ola, secondQuestion, "parked").OK(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN)
	// D21: seeing it differently is an answer like any other, and a parked
	// question can be answered later.
	town.WantState(t, v.Answer(secondQuestion), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	settle(v, w.Ola, v.Question, "talked").Refused(t, codes.FailedPrecondition, "QUESTION_OPEN")
	town.WantState(t, v.Answer(v.Question), pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	settle(v, w.Ola, v.Question, nil).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

// D7: closing needs both take-aways, and nobody reads the other's.
func TestATakeawayIsReadByItsWriterAlone(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	v.TakeAway(w.Kari)
	if got := v.Exchange(w.Ola).GetTakeaway(); got != nil {
		t.Errorf("Ola reads %v", got)
	}
	o := v.Answer(v.Question)
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_ANSWERED)
	if s := o.GetNextStep(); !slices.Equal(s.GetPersonIds(), []string{w.Ola.ID}) || s.GetTodo() != pb.NextTodo_NEXT_TODO_RECORD_TAKEAWAY {
		t.Errorf("next step: %v", s)
	}
	town.WantState(t, v.TakeAway(w.Ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	town.Try(w.Ola.RecordTakeaway(w.Ola.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	if n := town.One[int](w, "select count(*) from draft"); n != 0 {
		t.Error("the draft outlives the visit")
	}
}

// D16: a correction stands beside any shared note; the observer accepts it, or
// both stand.
func TestACorrection(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	hidden := v.Save(pb.NoteKind_NOTE_KIND_WONDERING, "Hvem?")
	v.Give().Open()
	correct := func(p *town.Person, note, text string) town.Outcome[*pb.CorrectNoteResponse] {
		return town.Try(p.CorrectNote(p.Ctx(), &pb.CorrectNoteRequest{NoteId: note, RequestId: town.Req(), Text: text}))
	}
	resolve := func(p *town.Person, how pb.CorrectionResolution) town.Outcome[*pb.ResolveCorrectionResponse] {
		return town.Try(p.ResolveCorrection(p.Ctx(), &pb.ResolveCorrectionRequest{NoteId: v.Note, RequestId: town.Req(), Resolution: how}))
	}
	resolve(w.Kari, pb.CorrectionResolution_CORRECTION_RESOLUTION_ACCEPTED).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	correct(w.Kari, v.Note, "x").Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	correct(w.Ola, hidden, "x").Refused(t, codes.NotFound, "NOT_FOUND")
	correct(w.Ola, v.Note, "Det var fem.").OK(t)
	resolve(w.Ola, pb.CorrectionResolution_CORRECTION_RESOLUTION_ACCEPTED).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	resolve(w.Kari, pb.CorrectionResolution_CORRECTION_RESOLUTION_BOTH_STAND).OK(t)
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		n := v.Exchange(p).GetSharedNotes()[0]
		if n.GetNote().GetText() != "Fire elever svarte; de samme to ganger." || n.GetCorrection().GetText() != "Det var fem." ||
			n.GetCorrection().GetResolution() != pb.CorrectionResolution_CORRECTION_RESOLUTION_BOTH_STAND {
			t.Errorf("%s reads %v", p.Name, n)
		}
	}
}

func TestAThreadStaysShort(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	point := v.Exchange(w.Ola).GetPoints()[0].GetId()
	say := func(p *town.Person, about string) town.Outcome[*pb.ReplyResponse] {
		return town.Try(p.Reply(p.Ctx(), &pb.ReplyRequest{AboutId: about, RequestId: town.Req(), Text: p.Name}))
	}
	for i := range 30 {
		say([]*town.Person{w.Kari, w.Ola}[i%2], point).OK(t)
	}
	say(w.Kari, point).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	say(w.Ola, v.Question).OK(t)
	e := v.Exchange(w.Kari)
	if len(e.GetPoints()[0].GetReplies()) != 30 || e.GetPoints()[0].GetReplies()[1].GetAuthorId() != w.Ola.ID || len(e.GetQuestions()[0].GetReplies()) != 1 {
		t.Errorf("threads: %v, %v", e.GetPoints()[0].GetReplies(), e.GetQuestions()[0].GetReplies())
	}
}

// D32: notes are the observer's own until given, and what is not shared is gone
// when the visit closes. D35: the intention stands beside what was seen.
func TestWhatIsSharedAndWhatIsNot(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	extra := v.Save(pb.NoteKind_NOTE_KIND_SAW, "Døra sto åpen.")
	v.Save(pb.NoteKind_NOTE_KIND_INTERPRETATION, "Uro?")
	r := v.Gift()
	r.SharedNoteIds = []string{extra}
	v.TryGive(r).OK(t)
	v.Open()
	e := v.Exchange(w.Ola)
	if len(e.GetSharedNotes()) != 2 || e.GetIntention() == "" || e.GetFocusQuestion() == "" {
		t.Errorf("Ola reads %d notes beside %q", len(e.GetSharedNotes()), e.GetIntention())
	}
	if n := len(town.Try(w.Kari.ListNotes(w.Kari.Ctx(), &pb.ListNotesRequest{ObservationId: v.ID})).OK(t).GetNotes()); n != 3 {
		t.Errorf("Kari reads %d of her three notes", n)
	}
	v.Answer(v.Question)
	v.TakeAway(w.Kari)
	v.TakeAway(w.Ola)
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		if n := len(town.Try(p.ListNotes(p.Ctx(), &pb.ListNotesRequest{ObservationId: v.ID})).OK(t).GetNotes()); n != 2 {
			t.Errorf("%s reads %d notes of the closed visit, want the shared two", p.Name, n)
		}
	}
}

func TestADraftIsTheObserversOwn(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	save := func(p *town.Person, revision int64, text string) town.Outcome[*pb.SaveFeedbackDraftResponse] {
		return town.Try(p.SaveFeedbackDraft(p.Ctx(), &pb.SaveFeedbackDraftRequest{ObservationId: v.ID, RequestId: town.Req(),
			Draft: &pb.FeedbackDraft{Revision: revision, Points: []*pb.LooseText{{Text: text}}}}))
	}
	get := func(p *town.Person) town.Outcome[*pb.GetFeedbackDraftResponse] {
		return town.Try(p.GetFeedbackDraft(p.Ctx(), &pb.GetFeedbackDraftRequest{ObservationId: v.ID}))
	}
	if d := get(w.Kari).OK(t).GetDraft(); d.GetRevision() != 0 {
		t.Errorf("a draft before there is one: %v", d)
	}
	save(w.Kari, 0, "Da du").OK(t)
	save(w.Kari, 0, "fra en annen telefon").Refused(t, codes.Aborted, "STALE_REVISION")
	if d := save(w.Kari, 1, "Da du ventet").OK(t).GetDraft(); d.GetRevision() != 2 {
		t.Errorf("revision %d after the second saving", d.GetRevision())
	}
	if d := get(w.Kari).OK(t).GetDraft(); d.GetPoints()[0].GetText() != "Da du ventet" {
		t.Errorf("Kari reads %v", d)
	}
	get(w.Ola).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	save(w.Ola, 2, "x").Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	v.Observe().Give()
	save(w.Kari, 2, "x").Refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

// What followed from what was seen is told apart from it, to the observed as well.
func TestAPointTellsWhatFollowedApart(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	r := v.Gift()
	r.Points[0].Effect = "To som ikke hadde snakket, svarte."
	v.TryGive(r).OK(t)
	v.Open()
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		if got := v.Exchange(p).GetPoints()[0]; got.GetEffect() != r.Points[0].Effect || got.GetText() != r.Points[0].Text {
			t.Errorf("%s reads %v", p.Name, got)
		}
	}
}

// Whether a question opened something is the observed's to say, to the one who asked.
func TestTheObservedSaysWhatAQuestionOpened(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give()
	say := func(p *town.Person, r *pb.SayWhatItOpenedRequest) town.Outcome[*pb.SayWhatItOpenedResponse] {
		r.QuestionId, r.RequestId = v.Question, town.Req()
		return town.Try(p.SayWhatItOpened(p.Ctx(), r))
	}
	say(w.Ola, &pb.SayWhatItOpenedRequest{Opened: true}).Refused(t, codes.FailedPrecondition, "OWN_VIEW_MISSING")
	v.Open()
	say(w.Kari, &pb.SayWhatItOpenedRequest{Opened: true}).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	back := town.NewID().String()
	town.Try(w.Ola.AskBack(w.Ola.Ctx(), &pb.AskBackRequest{ObservationId: v.ID, RequestId: town.Req(), Id: back, Text: "Hva så du?"})).OK(t)
	town.Try(w.Ola.SayWhatItOpened(w.Ola.Ctx(), &pb.SayWhatItOpenedRequest{QuestionId: back, RequestId: town.Req(), Opened: true})).
		Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE") // one's own question
	town.Try(w.Kari.AnswerQuestion(w.Kari.Ctx(), &pb.AnswerQuestionRequest{QuestionId: back, RequestId: town.Req(), Answer: &pb.AnswerQuestionRequest_Text{Text: "To hender."}})).OK(t)
	v.Answer(v.Question)
	v.TakeAway(w.Kari)
	v.TakeAway(w.Ola)

	// It is often only later that one sees it: a closed visit takes it still, and stays closed.
	said := say(w.Ola, &pb.SayWhatItOpenedRequest{Opened: true, Text: "At de venter på hverandre."}).OK(t)
	town.WantState(t, said.GetObservation(), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	of := func(p *town.Person) *pb.Opening {
		for _, q := range v.Exchange(p).GetQuestions() {
			if q.GetId() == v.Question {
				return q.GetOpening()
			}
		}
		t.Fatalf("%s does not read the question", p.Name)
		return nil
	}
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		if got := of(p); !got.GetOpened() || got.GetText() != "At de venter på hverandre." {
			t.Errorf("%s reads %v", p.Name, got)
		}
	}
	say(w.Ola, &pb.SayWhatItOpenedRequest{Opened: false}).OK(t)
	if got := of(w.Kari); got.GetOpened() || got.GetText() != "" || got.GetSayTime() == nil {
		t.Errorf("said anew, the asker reads %v", got)
	}
	say(w.Ola, &pb.SayWhatItOpenedRequest{TakeBack: true}).OK(t)
	if got := of(w.Kari); got != nil {
		t.Errorf("taken back, the asker reads %v", got)
	}
}
