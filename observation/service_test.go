package observation_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// What product.md says of proposing and agreeing, each rule by its refusal.
func TestProposingIsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		by     func(*town.Town) *town.Person
		change func(*town.Town, *pb.ProposeObservationRequest)
		code   codes.Code
		reason string
	}{
		{"oneself", nil, func(w *town.Town, r *pb.ProposeObservationRequest) { r.ObservedId = w.Kari.ID }, codes.InvalidArgument, "INVALID_FIELD"},
		{"a lesson that ends before it starts", nil, func(_ *town.Town, r *pb.ProposeObservationRequest) { r.StartTime, r.EndTime = r.EndTime, r.StartTime }, codes.InvalidArgument, "INVALID_FIELD"},
		{"a lesson of more than four hours", nil, func(_ *town.Town, r *pb.ProposeObservationRequest) {
			r.EndTime = timestamppb.New(r.StartTime.AsTime().Add(4*time.Hour + time.Second))
		}, codes.InvalidArgument, "INVALID_FIELD"},
		{"a lesson of the day before yesterday", nil, func(w *town.Town, r *pb.ProposeObservationRequest) {
			r.StartTime, r.EndTime = w.Lesson(-25 * time.Hour)
		}, codes.InvalidArgument, "INVALID_FIELD"},
		{"D13: a visit between two others, by a teacher", func(w *town.Town) *town.Person { return w.Nils }, nil, codes.PermissionDenied, "ROLE_REQUIRED"},
		{"D13: a visit between two others, by a leader", func(w *town.Town) *town.Person { return w.Liv }, nil, codes.PermissionDenied, "ROLE_REQUIRED"},
		{"D13: a visit between two others, by an administrator", func(w *town.Town) *town.Person { return w.Arne }, nil, codes.PermissionDenied, "ROLE_REQUIRED"},
		{"somebody who is not at the school", nil, func(_ *town.Town, r *pb.ProposeObservationRequest) { r.ObservedId = town.Req() }, codes.NotFound, "NOT_FOUND"},
		{"another school", nil, func(_ *town.Town, r *pb.ProposeObservationRequest) { r.SchoolId = town.Req() }, codes.NotFound, "NOT_FOUND"},
		{"a teacher and a leader", nil, func(w *town.Town, r *pb.ProposeObservationRequest) { r.ObservedId = w.Liv.ID }, codes.FailedPrecondition, "NOT_PEERS"},
		{"mutual, though not co-taught", nil, func(_ *town.Town, r *pb.ProposeObservationRequest) { r.Mutual = true }, codes.InvalidArgument, "INVALID_FIELD"},
		{"a round that is not there", nil, func(_ *town.Town, r *pb.ProposeObservationRequest) { r.RoundId = town.Req() }, codes.NotFound, "NOT_FOUND"},
		{"a place that is too long", nil, func(_ *town.Town, r *pb.ProposeObservationRequest) { r.Place = strings.Repeat("x", 201) }, codes.InvalidArgument, "INVALID_FIELD"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			r, by := w.Proposal(w.Kari, w.Ola), w.Kari
			if tc.by != nil {
				by = tc.by(w)
			}
			if tc.change != nil {
				tc.change(w, r)
			}
			town.Try(by.ProposeObservation(by.Ctx(), r)).Refused(t, tc.code, tc.reason)
			if n := town.One[int](w, "select count(*) from visit"); n != 0 {
				t.Errorf("%d visits are there after the refusal", n)
			}
		})
	}
}

// Who goes beyond a limit reads which, in their own language, and all of them at once.
func TestALimitIsToldInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.Proposal(w.Kari, w.Ola)
	r.StartTime, r.EndTime, r.Place = r.EndTime, r.StartTime, strings.Repeat("å", 201)
	far := w.Proposal(w.Kari, w.Ola)
	far.StartTime, far.EndTime = w.Lesson(401 * 24 * time.Hour)
	for language, want := range map[string][]string{
		"nb": {"En tekst er for lang: høyst 200 tegn.", "Slutten må komme etter begynnelsen, høyst 4 timer senere.", "Det er for langt fram i tid: høyst 400 dager."},
		"nn": {"Ein tekst er for lang: høgst 200 teikn.", "Slutten må kome etter starten, høgst 4 timar seinare.", "Det er for langt fram i tid: høgst 400 dagar."},
		"en": {"A text is too long: at most 200 characters.", "The end has to come after the beginning, at most 4 hours later.", "It is too far ahead: at most 400 days."},
	} {
		var told []string
		for _, r := range []*pb.ProposeObservationRequest{r, far} {
			err := town.Try(w.Kari.ProposeObservation(w.Kari.In(language), r)).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
			for _, d := range status.Convert(err).Details() {
				if bad, ok := d.(*errdetails.BadRequest); ok {
					for _, v := range bad.GetFieldViolations() {
						told = append(told, v.GetLocalizedMessage().GetMessage())
					}
				}
			}
		}
		slices.Sort(told)
		if slices.Sort(want); !slices.Equal(told, want) {
			t.Errorf("%s: told %q, want %q", language, told, want)
		}
	}
}

func TestAgreeingIsRefused(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, 2*time.Hour)
	v.Accept(w.Kari).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE") // who proposed
	err := v.Accept(w.Ola).Refused(t, codes.FailedPrecondition, "FOCUS_MISSING")
	if got := town.MissingOf(err); !slices.Equal(got, []string{"FOCUS_MISSING"}) {
		t.Errorf("missing: %v", got)
	}
	// The focus is the observed's alone.
	town.Try(w.Kari.SetFocus(w.Kari.Ctx(), &pb.SetFocusRequest{ObservationId: v.ID, RequestId: town.Req(), FocusQuestion: "x"})).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	v.Agree()
	v.Accept(w.Ola).Refused(t, codes.FailedPrecondition, "WRONG_STATE")

	// D31: nobody but the observed changes the card, and who does has read it.
	at := v.Get(w.Ola).GetRevision()
	set := func(p *town.Person, revision int64) town.Outcome[*pb.SetFocusResponse] {
		return town.Try(p.SetFocus(p.Ctx(), &pb.SetFocusRequest{ObservationId: v.ID, RequestId: town.Req(), FocusQuestion: "Hvem venter jeg på?", Revision: revision}))
	}
	set(w.Kari, at).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	set(w.Ola, at-1).Refused(t, codes.Aborted, "STALE_REVISION")
	set(w.Ola, 0).Refused(t, codes.Aborted, "STALE_REVISION")
	set(w.Ola, at).OK(t)

	// Nobody is in two places, in either role: one's own clash is told at once, the other
	// one's to them alone, when they would agree.
	for _, pair := range [][2]*town.Person{{w.Kari, w.Nils}, {w.Nils, w.Kari}, {w.Ola, w.Nils}, {w.Nils, w.Ola}} {
		r := w.Proposal(pair[0], pair[1])
		clash := town.Try(pair[0].ProposeObservation(pair[0].Ctx(), r))
		if pair[0] != w.Nils {
			clash.Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
		} else {
			theirs := &town.Visit{Town: w, ID: clash.OK(t).GetObservation().GetId(), Observer: pair[0], Observed: pair[1]}
			theirs.SetFocus().Accept(pair[1]).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
		}
		// Spans are half open: right after it they may.
		start := r.EndTime.AsTime()
		r.RequestId, r.StartTime, r.EndTime = town.Req(), r.EndTime, timestamppb.New(start.Add(time.Hour))
		town.Try(pair[0].ProposeObservation(pair[0].Ctx(), r)).OK(t)
	}
}

// A proposal blocks nothing; of two, the one that is accepted first has the hours.
func TestTheHoursAreTakenByAgreeing(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	first := w.Propose(w.Kari, w.Ola, time.Hour).SetFocus()
	second := w.Propose(w.Nils, w.Ola, time.Hour).SetFocus()
	first.Accept(w.Ola).OK(t)
	second.Accept(w.Ola).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	town.Try(w.Kari.CancelObservation(w.Kari.Ctx(), &pb.CancelObservationRequest{ObservationId: first.ID, RequestId: town.Req()})).OK(t)
	second.Accept(w.Ola).OK(t)
}

func TestACounterProposalWaitsForTheOtherSide(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, 2*time.Hour).SetFocus()
	counter := func(p *town.Person, after time.Duration) town.Outcome[*pb.CounterProposeResponse] {
		start, end := w.Lesson(after)
		return town.Try(p.CounterPropose(p.Ctx(), &pb.CounterProposeRequest{ObservationId: v.ID, RequestId: town.Req(), StartTime: start, EndTime: end}))
	}
	counter(w.Kari, time.Hour).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	o := counter(w.Ola, 3*time.Hour).OK(t).GetObservation()
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_PROPOSED)
	if o.GetNextStep().GetPersonIds()[0] != w.Kari.ID || o.GetPlace() != "Rom 204" {
		t.Errorf("it waits for %v in %q", o.GetNextStep().GetPersonIds(), o.GetPlace())
	}
	v.Accept(w.Ola).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	town.WantState(t, v.Accept(w.Kari).OK(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_AGREED)
	counter(w.Kari, time.Hour).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

func TestDecliningAndCallingOff(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	cancel := func(v *town.Visit, p *town.Person) town.Outcome[*pb.CancelObservationResponse] {
		return town.Try(p.CancelObservation(p.Ctx(), &pb.CancelObservationRequest{ObservationId: v.ID, RequestId: town.Req()}))
	}
	declined := w.Propose(w.Kari, w.Ola, time.Hour)
	town.Try(w.Kari.DeclineObservation(w.Kari.Ctx(), &pb.DeclineObservationRequest{ObservationId: declined.ID, RequestId: town.Req()})).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	town.Try(w.Ola.DeclineObservation(w.Ola.Ctx(), &pb.DeclineObservationRequest{ObservationId: declined.ID, RequestId: town.Req()})).OK(t)
	cancel(declined, w.Kari).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	cancel(w.Propose(w.Kari, w.Ola, time.Hour), w.Kari).OK(t)
	agreed := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	w.Clock.Set(w.Clock.Now().Add(time.Hour))
	cancel(agreed, w.Ola).Refused(t, codes.FailedPrecondition, "LESSON_STARTED")
}

// D12: without both yeses, and before its time, nothing can be noted.
func TestNotesHaveTheirTime(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).SetFocus()
	save := func(p *town.Person) town.Outcome[*pb.SaveNoteResponse] {
		return town.Try(p.SaveNote(p.Ctx(), &pb.SaveNoteRequest{RequestId: town.Req(), ObservationId: v.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender."}))
	}
	mark := func(p *town.Person) town.Outcome[*pb.MarkObservedResponse] {
		return town.Try(p.MarkObserved(p.Ctx(), &pb.MarkObservedRequest{ObservationId: v.ID, RequestId: town.Req()}))
	}
	save(w.Kari).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	v.Accept(w.Ola).OK(t)
	w.Clock.Set(w.Clock.Now().Add(45*time.Minute - time.Second))
	save(w.Kari).Refused(t, codes.FailedPrecondition, "NOTES_CLOSED")
	mark(w.Kari).Refused(t, codes.FailedPrecondition, "TOO_EARLY")
	w.Clock.Set(w.Clock.Now().Add(time.Second))
	save(w.Ola).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	mark(w.Ola).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	v.Note = save(w.Kari).OK(t).GetNote().GetId()
	town.WantState(t, v.Get(w.Kari), pb.ObservationState_OBSERVATION_STATE_OBSERVED)
	mark(w.Kari).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	v.Give()
	save(w.Kari).Refused(t, codes.FailedPrecondition, "NOTES_CLOSED")
	town.Try(w.Kari.DeleteNote(w.Kari.Ctx(), &pb.DeleteNoteRequest{NoteId: v.Note, RequestId: town.Req()})).Refused(t, codes.FailedPrecondition, "NOTES_CLOSED")
}

// G18 (R40): a phone whose clock is a day off, either way. What it says of when
// something was seen is kept as it says; what is open, due and newest goes by the
// server's clock.
func TestG18APhonesClockMayBeADayOff(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"behind": -26 * time.Hour, "ahead": 26 * time.Hour, "right": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
			save := func() town.Outcome[*pb.SaveNoteResponse] {
				return town.Try(w.Kari.SaveNote(w.Kari.Ctx(), &pb.SaveNoteRequest{RequestId: town.Req(), ObservationId: v.ID,
					Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender.", ObservedAt: timestamppb.New(w.Clock.Now().Add(off))}))
			}
			save().Refused(t, codes.FailedPrecondition, "NOTES_CLOSED") // whatever the phone believes
			w.Clock.Set(w.Clock.Now().Add(time.Hour))
			note := save().OK(t).GetNote()
			if got := note.GetObservedAt().AsTime(); !got.Equal(w.Clock.Now().Add(off)) {
				t.Errorf("seen at %s, and the phone says %s", got, w.Clock.Now().Add(off))
			}
			if got := note.GetUpdateTime().AsTime(); !got.Equal(w.Clock.Now()) {
				t.Errorf("changed at %s, and it is %s", got, w.Clock.Now())
			}
			v.Note = note.GetId()
			v.Give()
			if due := v.Get(w.Ola).GetAnswerDueTime().AsTime(); !due.Equal(time.Date(2026, 11, 13, 15, 0, 0, 0, time.UTC)) {
				t.Errorf("the answer is due %s, whatever a phone's clock says", due)
			}
			seen := town.Try(w.Ola.Pull(w.Ola.Ctx(), &pb.PullRequest{})).OK(t).GetServerTime().AsTime()
			if !seen.Equal(w.Clock.Now()) {
				t.Errorf("the phone is told that it is %s, and it is %s", seen, w.Clock.Now())
			}
		})
	}
}

func TestANoteIsRewrittenByWhoHasReadIt(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	save := func(text string, revision int64) town.Outcome[*pb.SaveNoteResponse] {
		return town.Try(w.Kari.SaveNote(w.Kari.Ctx(), &pb.SaveNoteRequest{Id: v.Note, RequestId: town.Req(), ObservationId: v.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: text, Revision: revision}))
	}
	before := town.Try(w.Kari.ListNotes(w.Kari.Ctx(), &pb.ListNotesRequest{ObservationId: v.ID})).OK(t).GetNotes()[0]
	save("Fire elever svarte; de samme to ganger.", 0).OK(t) // the same once more
	save("En annen tekst.", 0).Refused(t, codes.Aborted, "STALE_REVISION")
	w.Clock.Set(w.Clock.Now().Add(time.Minute))
	after := save("En annen tekst.", 1).OK(t).GetNote()
	if after.GetRevision() != 2 || !after.GetObservedAt().AsTime().Equal(before.GetObservedAt().AsTime()) {
		t.Errorf("the rewritten note: revision %d, seen at %s; want 2, and the time that it was seen", after.GetRevision(), after.GetObservedAt().AsTime())
	}
	save("Enda en.", 1).Refused(t, codes.Aborted, "STALE_REVISION")
	// An id that stands for something else: of this visit's observer, or of nobody they know.
	other := w.Propose(w.Kari, w.Nils, 3*time.Hour).Agree()
	w.Clock.Set(w.Clock.Now().Add(3 * time.Hour))
	town.Try(w.Kari.SaveNote(w.Kari.Ctx(), &pb.SaveNoteRequest{Id: v.Note, RequestId: town.Req(), ObservationId: other.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "x"})).Refused(t, codes.AlreadyExists, "ID_TAKEN")
	town.Try(w.Kari.SaveNote(w.Kari.Ctx(), &pb.SaveNoteRequest{Id: town.Req(), RequestId: town.Req(), ObservationId: v.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "x", Revision: 3})).Refused(t, codes.NotFound, "NOT_FOUND")
	// What was rewritten on another device is not taken away unread.
	town.Try(w.Kari.DeleteNote(w.Kari.Ctx(), &pb.DeleteNoteRequest{NoteId: v.Note, RequestId: town.Req(), Revision: 1})).Refused(t, codes.Aborted, "STALE_REVISION")
	town.Try(w.Kari.DeleteNote(w.Kari.Ctx(), &pb.DeleteNoteRequest{NoteId: v.Note, RequestId: town.Req(), Revision: 2})).OK(t)
	town.Try(w.Kari.DeleteNote(w.Kari.Ctx(), &pb.DeleteNoteRequest{NoteId: v.Note, RequestId: town.Req()})).Refused(t, codes.NotFound, "NOT_FOUND")
}

// While an exchange is overdue on your side you agree to no other visit in that
// role; the other one, and the other role, are free.
func TestWhoIsLateFinishesFirst(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	w.Clock.Set(time.Date(2026, 11, 10, 15, 0, 1, 0, time.UTC)) // a second past 16:00 in Oslo
	late := town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), w.Proposal(w.Kari, w.Nils)))
	late.Refused(t, codes.FailedPrecondition, "EXCHANGE_OVERDUE")
	if s := v.Get(w.Kari).GetNextStep(); !s.GetOverdue() || s.GetPersonIds()[0] != w.Kari.ID {
		t.Errorf("D9: next step %v, want overdue on Kari", s)
	}
	town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), w.Proposal(w.Nils, w.Kari))).OK(t) // as observed
	asked := w.Proposal(w.Kari, w.Nils)
	asked.Id = town.NewID().String()
	town.Try(w.Nils.ProposeObservation(w.Nils.Ctx(), asked)).OK(t) // he owes nothing
	town.Try(w.Nils.SetFocus(w.Nils.Ctx(), &pb.SetFocusRequest{ObservationId: asked.Id, RequestId: town.Req(), FocusQuestion: town.Focus})).OK(t)
	(&town.Visit{Town: w, ID: asked.Id}).Accept(w.Kari).Refused(t, codes.FailedPrecondition, "EXCHANGE_OVERDUE")
	// The honest exit frees her.
	town.Try(w.Kari.EndWithoutExchange(w.Kari.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
	(&town.Visit{Town: w, ID: asked.Id}).Accept(w.Kari).OK(t)
	// Answers are due after three school days, on Ola.
	w.Propose(w.Ola, w.Nils, 24*time.Hour).Agree().Observe().Give()
	w.Clock.Set(w.Clock.Now().AddDate(0, 0, 9))
	town.Try(w.Nils.ProposeObservation(w.Nils.Ctx(), w.Proposal(w.Liv, w.Nils))).Refused(t, codes.FailedPrecondition, "NOT_PEERS")
	town.Try(w.Nils.ProposeObservation(w.Nils.Ctx(), w.Proposal(w.Kari, w.Nils))).Refused(t, codes.FailedPrecondition, "EXCHANGE_OVERDUE")
	town.Try(w.Nils.ProposeObservation(w.Nils.Ctx(), w.Proposal(w.Nils, w.Kari))).OK(t)
	// A school may choose reminders without the gate.
	w.SQL("insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate) values ($1, $2, $3, 0, 3, 5, false)", w.Owner, w.School, w.Clock.Now())
	town.Try(w.Nils.ProposeObservation(w.Nils.Ctx(), func() *pb.ProposeObservationRequest {
		r := w.Proposal(w.Kari, w.Nils)
		r.StartTime, r.EndTime = w.Lesson(5 * time.Hour)
		return r
	}())).OK(t)
}

func TestAVisitThatNobodyWentToExpires(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	proposed := w.Propose(w.Kari, w.Ola, time.Hour)
	agreed := w.Propose(w.Kari, w.Nils, time.Hour).Agree()
	went := w.Propose(w.Nils, w.Ola, 2*time.Hour).Agree().Observe()
	ended := agreed.Get(w.Kari).GetEndTime().AsTime()
	expire := func(at time.Time) {
		w.Clock.Set(at)
		if err := w.Server.RunJobs(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	expire(ended.Add(14 * 24 * time.Hour))
	town.WantState(t, agreed.Get(w.Kari), pb.ObservationState_OBSERVATION_STATE_AGREED)
	expire(ended.Add(14*24*time.Hour + time.Second))
	town.WantState(t, agreed.Get(w.Kari), pb.ObservationState_OBSERVATION_STATE_EXPIRED)
	town.WantState(t, proposed.Get(w.Kari), pb.ObservationState_OBSERVATION_STATE_EXPIRED)
	town.WantState(t, went.Get(w.Nils), pb.ObservationState_OBSERVATION_STATE_OBSERVED)
}

// D15: withdrawing leaves no word, for either, in any table.
func TestWithdrawingErasesEveryWord(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	v.Answer(v.Question)
	v.TakeAway(w.Kari)
	again := &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()}
	o := town.Try(w.Ola.WithdrawObservation(w.Ola.Ctx(), again)).OK(t).GetObservation()
	town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_WITHDRAWN)
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		o := v.Get(p)
		if o.GetPlace()+o.GetFocusQuestion()+o.GetIntention()+o.GetSuggestedFocusQuestion() != "" {
			t.Errorf("%s still reads %v", p.Name, o)
		}
		if e := v.Exchange(p); len(e.GetPoints())+len(e.GetQuestions())+len(e.GetSharedNotes()) > 0 || e.GetOwnView() != nil || e.GetTakeaway() != nil {
			t.Errorf("%s still reads %v", p.Name, e)
		}
	}
	town.Try(w.Ola.WithdrawObservation(w.Ola.Ctx(), again)).OK(t)
	town.Try(w.Kari.WithdrawObservation(w.Kari.Ctx(), &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).Refused(t, codes.FailedPrecondition, "WRONG_STATE")

	// No column of any table holds a word of it.
	rows, err := w.DB.Owner.Query(context.Background(), `select format('select count(*) from %I t where to_jsonb(t)::text like any (array[''%%Rom 204%%'', ''%%stemmer%%'', ''%%hender%%'', ''%%svarte%%'', ''%%annerledes%%'', ''%%vente%%''])', relname)
		from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'public' and relkind = 'r'`)
	if err != nil {
		t.Fatal(err)
	}
	var statements []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		statements = append(statements, s)
	}
	for _, s := range statements {
		if n := town.One[int](w, s); n > 0 {
			t.Errorf("%d rows: %s", n, s)
		}
	}
	if n := town.One[int](w, "select count(*) from request where reply is not null and visit_id = $1 and rpc <> 'WithdrawObservationRequest'", v.ID); n > 0 {
		t.Errorf("%d remembered replies are left", n)
	}
}

// To everybody but the two, all of a visit is NOT_FOUND.
func TestAVisitIsFoundByItsTwoAlone(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	town.Try(w.Ola.CorrectNote(w.Ola.Ctx(), &pb.CorrectNoteRequest{NoteId: v.Note, RequestId: town.Req(), Text: "Fem."})).OK(t)
	talkID, action := town.NewID().String(), town.NewID().String()
	town.Try(w.Kari.RecordConversation(w.Kari.Ctx(), &pb.RecordConversationRequest{ObservationId: v.ID, RequestId: town.Req(), Id: talkID,
		TalkedAt: timestamppb.New(w.Clock.Now()), Duration: town.Talk(10), Summary: "Om det."})).OK(t)
	town.Try(w.Kari.RecordTakeaway(w.Kari.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW,
		Action: &pb.ActionDraft{Id: action, Text: "Vente.", Lesson: "tirsdag"}})).OK(t)
	start, end := w.Lesson(time.Hour)
	for _, p := range []*town.Person{w.Nils, w.Liv, w.Arne} {
		c := p.Ctx()
		for name, err := range map[string]error{
			"GetObservation":      second(p.GetObservation(c, &pb.GetObservationRequest{ObservationId: v.ID})),
			"CounterPropose":      second(p.CounterPropose(c, &pb.CounterProposeRequest{ObservationId: v.ID, RequestId: town.Req(), StartTime: start, EndTime: end})),
			"SetFocus":            second(p.SetFocus(c, &pb.SetFocusRequest{ObservationId: v.ID, RequestId: town.Req(), FocusQuestion: "x"})),
			"AcceptObservation":   second(p.AcceptObservation(c, &pb.AcceptObservationRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"DeclineObservation":  second(p.DeclineObservation(c, &pb.DeclineObservationRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"CancelObservation":   second(p.CancelObservation(c, &pb.CancelObservationRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"WithdrawObservation": second(p.WithdrawObservation(c, &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"MarkObserved":        second(p.MarkObserved(c, &pb.MarkObservedRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"EndWithoutExchange":  second(p.EndWithoutExchange(c, &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"ReopenObservation":   second(p.ReopenObservation(c, &pb.ReopenObservationRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"SaveNote":            second(p.SaveNote(c, &pb.SaveNoteRequest{ObservationId: v.ID, RequestId: town.Req(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "x"})),
			"DeleteNote":          second(p.DeleteNote(c, &pb.DeleteNoteRequest{NoteId: v.Note, RequestId: town.Req()})),
			"ListNotes":           second(p.ListNotes(c, &pb.ListNotesRequest{ObservationId: v.ID})),
			"SaveFeedbackDraft":   second(p.SaveFeedbackDraft(c, &pb.SaveFeedbackDraftRequest{ObservationId: v.ID, RequestId: town.Req(), Draft: &pb.FeedbackDraft{}})),
			"GetFeedbackDraft":    second(p.GetFeedbackDraft(c, &pb.GetFeedbackDraftRequest{ObservationId: v.ID})),
			"GiveFeedback":        second(p.GiveFeedback(c, &pb.GiveFeedbackRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"RecordOwnView":       second(p.RecordOwnView(c, &pb.RecordOwnViewRequest{ObservationId: v.ID, RequestId: town.Req(), View: &pb.RecordOwnViewRequest_Skip{Skip: true}})),
			"AcknowledgeFeedback": second(p.AcknowledgeFeedback(c, &pb.AcknowledgeFeedbackRequest{ObservationId: v.ID, RequestId: town.Req()})),
			"GetExchange":         second(p.GetExchange(c, &pb.GetExchangeRequest{ObservationId: v.ID})),
			"AnswerQuestion":      second(p.AnswerQuestion(c, &pb.AnswerQuestionRequest{QuestionId: v.Question, RequestId: town.Req(), Answer: &pb.AnswerQuestionRequest_Parked{Parked: true}})),
			"AskBack":             second(p.AskBack(c, &pb.AskBackRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x"})),
			"Reply":               second(p.Reply(c, &pb.ReplyRequest{AboutId: v.Question, RequestId: town.Req(), Text: "x"})),
			"RecordConversation":  second(p.RecordConversation(c, &pb.RecordConversationRequest{ObservationId: v.ID, RequestId: town.Req(), TalkedAt: start, Duration: town.Talk(5), Summary: "x"})),
			"ConfirmConversation": second(p.ConfirmConversation(c, &pb.ConfirmConversationRequest{ConversationId: talkID, RequestId: town.Req()})),
			"CorrectNote":         second(p.CorrectNote(c, &pb.CorrectNoteRequest{NoteId: v.Note, RequestId: town.Req(), Text: "x"})),
			"ResolveCorrection":   second(p.ResolveCorrection(c, &pb.ResolveCorrectionRequest{NoteId: v.Note, RequestId: town.Req(), Resolution: pb.CorrectionResolution_CORRECTION_RESOLUTION_ACCEPTED})),
			"RecordTakeaway":      second(p.RecordTakeaway(c, &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})),
			"AgreeAction":         second(p.AgreeAction(c, &pb.AgreeActionRequest{ActionId: action, RequestId: town.Req()})),
			"ReportAction":        second(p.ReportAction(c, &pb.ReportActionRequest{ActionId: action, RequestId: town.Req(), Did: "x", Happened: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})),
		} {
			if status.Code(err) != codes.NotFound || town.ReasonOf(err) != "NOT_FOUND" {
				t.Errorf("%s by %s: %v, want NOT_FOUND", name, p.Name, err)
			}
		}
		if list := town.Try(p.ListObservations(c, &pb.ListObservationsRequest{})).OK(t).GetObservations(); len(list) > 0 {
			t.Errorf("%s lists %d visits of others", p.Name, len(list))
		}
		if list := town.Try(p.ListActions(c, &pb.ListActionsRequest{})).OK(t).GetActions(); len(list) > 0 {
			t.Errorf("%s lists %d actions of others", p.Name, len(list))
		}
	}
}

func second[T any](_ T, err error) error { return err }
