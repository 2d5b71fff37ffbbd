package server_test

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
)

func (v *visit) accept(p *person) outcome[*pb.AcceptObservationResponse] {
	return try(p.AcceptObservation(p.ctx(), &pb.AcceptObservationRequest{ObservationId: v.id, RequestId: req()}))
}

func (w *town) proposal(observer, observed *person) *pb.ProposeObservationRequest {
	start, end := w.lesson(2 * time.Hour)
	return &pb.ProposeObservationRequest{RequestId: req(), SchoolId: w.school.String(), ObserverId: observer.id, ObservedId: observed.id, StartTime: start, EndTime: end}
}

// What product.md says of proposing and agreeing, each rule by its refusal.
func TestProposingIsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		by     func(*town) *person
		change func(*town, *pb.ProposeObservationRequest)
		code   codes.Code
		reason string
	}{
		{"oneself", nil, func(w *town, r *pb.ProposeObservationRequest) { r.ObservedId = w.kari.id }, codes.InvalidArgument, "INVALID_FIELD"},
		{"a lesson that ends before it starts", nil, func(_ *town, r *pb.ProposeObservationRequest) { r.StartTime, r.EndTime = r.EndTime, r.StartTime }, codes.InvalidArgument, "INVALID_FIELD"},
		{"a lesson of more than four hours", nil, func(_ *town, r *pb.ProposeObservationRequest) {
			r.EndTime = timestamppb.New(r.StartTime.AsTime().Add(4*time.Hour + time.Second))
		}, codes.InvalidArgument, "INVALID_FIELD"},
		{"a lesson of the day before yesterday", nil, func(w *town, r *pb.ProposeObservationRequest) { r.StartTime, r.EndTime = w.lesson(-25 * time.Hour) }, codes.InvalidArgument, "INVALID_FIELD"},
		{"D13: a visit between two others, by a teacher", func(w *town) *person { return w.nils }, nil, codes.PermissionDenied, "ROLE_REQUIRED"},
		{"D13: a visit between two others, by a leader", func(w *town) *person { return w.liv }, nil, codes.PermissionDenied, "ROLE_REQUIRED"},
		{"D13: a visit between two others, by an administrator", func(w *town) *person { return w.arne }, nil, codes.PermissionDenied, "ROLE_REQUIRED"},
		{"somebody who is not at the school", nil, func(_ *town, r *pb.ProposeObservationRequest) { r.ObservedId = req() }, codes.NotFound, "NOT_FOUND"},
		{"another school", nil, func(_ *town, r *pb.ProposeObservationRequest) { r.SchoolId = req() }, codes.NotFound, "NOT_FOUND"},
		{"a teacher and a leader", nil, func(w *town, r *pb.ProposeObservationRequest) { r.ObservedId = w.liv.id }, codes.FailedPrecondition, "NOT_PEERS"},
		{"mutual, though not co-taught", nil, func(_ *town, r *pb.ProposeObservationRequest) { r.Mutual = true }, codes.InvalidArgument, "INVALID_FIELD"},
		{"a round that is not there", nil, func(_ *town, r *pb.ProposeObservationRequest) { r.RoundId = req() }, codes.NotFound, "NOT_FOUND"},
		{"a place that is too long", nil, func(_ *town, r *pb.ProposeObservationRequest) { r.Place = string(make([]byte, 201)) }, codes.InvalidArgument, "INVALID_FIELD"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			r, by := w.proposal(w.kari, w.ola), w.kari
			if tc.by != nil {
				by = tc.by(w)
			}
			if tc.change != nil {
				tc.change(w, r)
			}
			try(by.ProposeObservation(by.ctx(), r)).refused(t, tc.code, tc.reason)
			if n := one[int](w, "select count(*) from visit"); n != 0 {
				t.Errorf("%d visits are there after the refusal", n)
			}
		})
	}
}

// Who goes beyond a limit reads which, in their own language, and all of them at once.
func TestALimitIsToldInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.proposal(w.kari, w.ola)
	r.StartTime, r.EndTime, r.Place = r.EndTime, r.StartTime, strings.Repeat("å", 201)
	far := w.proposal(w.kari, w.ola)
	far.StartTime, far.EndTime = w.lesson(401 * 24 * time.Hour)
	for language, want := range map[string][]string{
		"nb": {"En tekst er for lang: høyst 200 tegn.", "Slutten må komme etter begynnelsen, høyst 4 timer senere.", "Det er for langt fram i tid: høyst 400 dager."},
		"nn": {"Ein tekst er for lang: høgst 200 teikn.", "Slutten må kome etter starten, høgst 4 timar seinare.", "Det er for langt fram i tid: høgst 400 dagar."},
		"en": {"A text is too long: at most 200 characters.", "The end has to come after the beginning, at most 4 hours later.", "It is too far ahead: at most 400 days."},
	} {
		var told []string
		for _, r := range []*pb.ProposeObservationRequest{r, far} {
			err := try(w.kari.ProposeObservation(w.kari.in(language), r)).refused(t, codes.InvalidArgument, "INVALID_FIELD")
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
	w := newTown(t)
	v := w.propose(w.kari, w.ola, 2*time.Hour)
	v.accept(w.kari).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE") // who proposed
	err := v.accept(w.ola).refused(t, codes.FailedPrecondition, "FOCUS_MISSING")
	if got := missingOf(err); !slices.Equal(got, []string{"FOCUS_MISSING"}) {
		t.Errorf("missing: %v", got)
	}
	// The focus is the observed's alone.
	try(w.kari.SetFocus(w.kari.ctx(), &pb.SetFocusRequest{ObservationId: v.id, RequestId: req(), FocusQuestion: "x"})).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	v.agree()
	v.accept(w.ola).refused(t, codes.FailedPrecondition, "WRONG_STATE")

	// D31: nobody but the observed changes the card, and who does has read it.
	at := v.get(w.ola).GetRevision()
	set := func(p *person, revision int64) outcome[*pb.SetFocusResponse] {
		return try(p.SetFocus(p.ctx(), &pb.SetFocusRequest{ObservationId: v.id, RequestId: req(), FocusQuestion: "Hvem venter jeg på?", Revision: revision}))
	}
	set(w.kari, at).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	set(w.ola, at-1).refused(t, codes.Aborted, "STALE_REVISION")
	set(w.ola, 0).refused(t, codes.Aborted, "STALE_REVISION")
	set(w.ola, at).ok(t)

	// Nobody is in two places: neither of the two, in either role.
	for _, pair := range [][2]*person{{w.kari, w.nils}, {w.nils, w.kari}, {w.ola, w.nils}, {w.nils, w.ola}} {
		r := w.proposal(pair[0], pair[1])
		try(pair[0].ProposeObservation(pair[0].ctx(), r)).refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
		// Spans are half open: right after it they may.
		start := r.EndTime.AsTime()
		r.RequestId, r.StartTime, r.EndTime = req(), r.EndTime, timestamppb.New(start.Add(time.Hour))
		try(pair[0].ProposeObservation(pair[0].ctx(), r)).ok(t)
	}
}

// A proposal blocks nothing; of two, the one that is accepted first has the hours.
func TestTheHoursAreTakenByAgreeing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	first := w.propose(w.kari, w.ola, time.Hour).setFocus()
	second := w.propose(w.nils, w.ola, time.Hour).setFocus()
	first.accept(w.ola).ok(t)
	second.accept(w.ola).refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	try(w.kari.CancelObservation(w.kari.ctx(), &pb.CancelObservationRequest{ObservationId: first.id, RequestId: req()})).ok(t)
	second.accept(w.ola).ok(t)
}

func TestACounterProposalWaitsForTheOtherSide(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, 2*time.Hour).setFocus()
	counter := func(p *person, after time.Duration) outcome[*pb.CounterProposeResponse] {
		start, end := w.lesson(after)
		return try(p.CounterPropose(p.ctx(), &pb.CounterProposeRequest{ObservationId: v.id, RequestId: req(), StartTime: start, EndTime: end}))
	}
	counter(w.kari, time.Hour).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	o := counter(w.ola, 3*time.Hour).ok(t).GetObservation()
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_PROPOSED)
	if o.GetNextStep().GetPersonIds()[0] != w.kari.id || o.GetPlace() != "Rom 204" {
		t.Errorf("it waits for %v in %q", o.GetNextStep().GetPersonIds(), o.GetPlace())
	}
	v.accept(w.ola).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	wantState(t, v.accept(w.kari).ok(t).GetObservation(), pb.ObservationState_OBSERVATION_STATE_AGREED)
	counter(w.kari, time.Hour).refused(t, codes.FailedPrecondition, "WRONG_STATE")
}

func TestDecliningAndCallingOff(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	cancel := func(v *visit, p *person) outcome[*pb.CancelObservationResponse] {
		return try(p.CancelObservation(p.ctx(), &pb.CancelObservationRequest{ObservationId: v.id, RequestId: req()}))
	}
	declined := w.propose(w.kari, w.ola, time.Hour)
	try(w.kari.DeclineObservation(w.kari.ctx(), &pb.DeclineObservationRequest{ObservationId: declined.id, RequestId: req()})).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	try(w.ola.DeclineObservation(w.ola.ctx(), &pb.DeclineObservationRequest{ObservationId: declined.id, RequestId: req()})).ok(t)
	cancel(declined, w.kari).refused(t, codes.FailedPrecondition, "WRONG_STATE")
	cancel(w.propose(w.kari, w.ola, time.Hour), w.kari).ok(t)
	agreed := w.propose(w.kari, w.ola, time.Hour).agree()
	w.clock.set(w.clock.now().Add(time.Hour))
	cancel(agreed, w.ola).refused(t, codes.FailedPrecondition, "LESSON_STARTED")
}

// D12: without both yeses, and before its time, nothing can be noted.
func TestNotesHaveTheirTime(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).setFocus()
	save := func(p *person) outcome[*pb.SaveNoteResponse] {
		return try(p.SaveNote(p.ctx(), &pb.SaveNoteRequest{RequestId: req(), ObservationId: v.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender."}))
	}
	mark := func(p *person) outcome[*pb.MarkObservedResponse] {
		return try(p.MarkObserved(p.ctx(), &pb.MarkObservedRequest{ObservationId: v.id, RequestId: req()}))
	}
	save(w.kari).refused(t, codes.FailedPrecondition, "WRONG_STATE")
	v.accept(w.ola).ok(t)
	w.clock.set(w.clock.now().Add(45*time.Minute - time.Second))
	save(w.kari).refused(t, codes.FailedPrecondition, "NOTES_CLOSED")
	mark(w.kari).refused(t, codes.FailedPrecondition, "TOO_EARLY")
	w.clock.set(w.clock.now().Add(time.Second))
	save(w.ola).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	mark(w.ola).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	v.note = save(w.kari).ok(t).GetNote().GetId()
	wantState(t, v.get(w.kari), pb.ObservationState_OBSERVATION_STATE_OBSERVED)
	mark(w.kari).refused(t, codes.FailedPrecondition, "WRONG_STATE")
	v.give()
	save(w.kari).refused(t, codes.FailedPrecondition, "NOTES_CLOSED")
	try(w.kari.DeleteNote(w.kari.ctx(), &pb.DeleteNoteRequest{NoteId: v.note, RequestId: req()})).refused(t, codes.FailedPrecondition, "NOTES_CLOSED")
}

// G18 (R40): a phone whose clock is a day off, either way. What it says of when
// something was seen is kept as it says; what is open, due and newest goes by the
// server's clock.
func TestG18APhonesClockMayBeADayOff(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"behind": -26 * time.Hour, "ahead": 26 * time.Hour, "right": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v := w.propose(w.kari, w.ola, time.Hour).agree()
			save := func() outcome[*pb.SaveNoteResponse] {
				return try(w.kari.SaveNote(w.kari.ctx(), &pb.SaveNoteRequest{RequestId: req(), ObservationId: v.id,
					Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender.", ObservedAt: timestamppb.New(w.clock.now().Add(off))}))
			}
			save().refused(t, codes.FailedPrecondition, "NOTES_CLOSED") // whatever the phone believes
			w.clock.set(w.clock.now().Add(time.Hour))
			note := save().ok(t).GetNote()
			if got := note.GetObservedAt().AsTime(); !got.Equal(w.clock.now().Add(off)) {
				t.Errorf("seen at %s, and the phone says %s", got, w.clock.now().Add(off))
			}
			if got := note.GetUpdateTime().AsTime(); !got.Equal(w.clock.now()) {
				t.Errorf("changed at %s, and it is %s", got, w.clock.now())
			}
			v.note = note.GetId()
			v.give()
			if due := v.get(w.ola).GetAnswerDueTime().AsTime(); !due.Equal(time.Date(2026, 11, 13, 15, 0, 0, 0, time.UTC)) {
				t.Errorf("the answer is due %s, whatever a phone's clock says", due)
			}
			seen := try(w.ola.Pull(w.ola.ctx(), &pb.PullRequest{})).ok(t).GetServerTime().AsTime()
			if !seen.Equal(w.clock.now()) {
				t.Errorf("the phone is told that it is %s, and it is %s", seen, w.clock.now())
			}
		})
	}
}

func TestANoteIsRewrittenByWhoHasReadIt(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	save := func(text string, revision int64) outcome[*pb.SaveNoteResponse] {
		return try(w.kari.SaveNote(w.kari.ctx(), &pb.SaveNoteRequest{Id: v.note, RequestId: req(), ObservationId: v.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: text, Revision: revision}))
	}
	before := try(w.kari.ListNotes(w.kari.ctx(), &pb.ListNotesRequest{ObservationId: v.id})).ok(t).GetNotes()[0]
	save("Fire elever svarte; de samme to ganger.", 0).ok(t) // the same once more
	save("En annen tekst.", 0).refused(t, codes.Aborted, "STALE_REVISION")
	w.clock.set(w.clock.now().Add(time.Minute))
	after := save("En annen tekst.", 1).ok(t).GetNote()
	if after.GetRevision() != 2 || !after.GetObservedAt().AsTime().Equal(before.GetObservedAt().AsTime()) {
		t.Errorf("the rewritten note: revision %d, seen at %s; want 2, and the time that it was seen", after.GetRevision(), after.GetObservedAt().AsTime())
	}
	save("Enda en.", 1).refused(t, codes.Aborted, "STALE_REVISION")
	// An id that stands for something else: of this visit's observer, or of nobody they know.
	other := w.propose(w.kari, w.nils, 3*time.Hour).agree()
	w.clock.set(w.clock.now().Add(3 * time.Hour))
	try(w.kari.SaveNote(w.kari.ctx(), &pb.SaveNoteRequest{Id: v.note, RequestId: req(), ObservationId: other.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "x"})).refused(t, codes.AlreadyExists, "ID_TAKEN")
	try(w.kari.SaveNote(w.kari.ctx(), &pb.SaveNoteRequest{Id: req(), RequestId: req(), ObservationId: v.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "x", Revision: 3})).refused(t, codes.NotFound, "NOT_FOUND")
	// What was rewritten on another device is not taken away unread.
	try(w.kari.DeleteNote(w.kari.ctx(), &pb.DeleteNoteRequest{NoteId: v.note, RequestId: req(), Revision: 1})).refused(t, codes.Aborted, "STALE_REVISION")
	try(w.kari.DeleteNote(w.kari.ctx(), &pb.DeleteNoteRequest{NoteId: v.note, RequestId: req(), Revision: 2})).ok(t)
	try(w.kari.DeleteNote(w.kari.ctx(), &pb.DeleteNoteRequest{NoteId: v.note, RequestId: req()})).refused(t, codes.NotFound, "NOT_FOUND")
}

// While an exchange is overdue on your side you agree to no other visit in that
// role; the other one, and the other role, are free.
func TestWhoIsLateFinishesFirst(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	w.clock.set(time.Date(2026, 11, 10, 15, 0, 1, 0, time.UTC)) // a second past 16:00 in Oslo
	late := try(w.kari.ProposeObservation(w.kari.ctx(), w.proposal(w.kari, w.nils)))
	late.refused(t, codes.FailedPrecondition, "EXCHANGE_OVERDUE")
	if s := v.get(w.kari).GetNextStep(); !s.GetOverdue() || s.GetPersonIds()[0] != w.kari.id {
		t.Errorf("D9: next step %v, want overdue on Kari", s)
	}
	try(w.kari.ProposeObservation(w.kari.ctx(), w.proposal(w.nils, w.kari))).ok(t) // as observed
	asked := w.proposal(w.kari, w.nils)
	asked.Id = newID().String()
	try(w.nils.ProposeObservation(w.nils.ctx(), asked)).ok(t) // he owes nothing
	try(w.nils.SetFocus(w.nils.ctx(), &pb.SetFocusRequest{ObservationId: asked.Id, RequestId: req(), FocusQuestion: focus})).ok(t)
	(&visit{town: w, id: asked.Id}).accept(w.kari).refused(t, codes.FailedPrecondition, "EXCHANGE_OVERDUE")
	// The honest exit frees her.
	try(w.kari.EndWithoutExchange(w.kari.ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.id, RequestId: req()})).ok(t)
	(&visit{town: w, id: asked.Id}).accept(w.kari).ok(t)
	// Answers are due after three school days, on Ola.
	w.propose(w.ola, w.nils, 24*time.Hour).agree().observe().give()
	w.clock.set(w.clock.now().AddDate(0, 0, 9))
	try(w.nils.ProposeObservation(w.nils.ctx(), w.proposal(w.liv, w.nils))).refused(t, codes.FailedPrecondition, "NOT_PEERS")
	try(w.nils.ProposeObservation(w.nils.ctx(), w.proposal(w.kari, w.nils))).refused(t, codes.FailedPrecondition, "EXCHANGE_OVERDUE")
	try(w.nils.ProposeObservation(w.nils.ctx(), w.proposal(w.nils, w.kari))).ok(t)
	// A school may choose reminders without the gate.
	w.sql("insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate) values ($1, $2, $3, 0, 3, 5, false)", w.owner, w.school, w.clock.now())
	try(w.nils.ProposeObservation(w.nils.ctx(), func() *pb.ProposeObservationRequest {
		r := w.proposal(w.kari, w.nils)
		r.StartTime, r.EndTime = w.lesson(5 * time.Hour)
		return r
	}())).ok(t)
}

func TestAVisitThatNobodyWentToExpires(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	proposed := w.propose(w.kari, w.ola, time.Hour)
	agreed := w.propose(w.kari, w.nils, time.Hour).agree()
	went := w.propose(w.nils, w.ola, 2*time.Hour).agree().observe()
	ended := agreed.get(w.kari).GetEndTime().AsTime()
	expire := func(at time.Time) {
		w.clock.set(at)
		if err := w.server.Expire(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	expire(ended.Add(14 * 24 * time.Hour))
	wantState(t, agreed.get(w.kari), pb.ObservationState_OBSERVATION_STATE_AGREED)
	expire(ended.Add(14*24*time.Hour + time.Second))
	wantState(t, agreed.get(w.kari), pb.ObservationState_OBSERVATION_STATE_EXPIRED)
	wantState(t, proposed.get(w.kari), pb.ObservationState_OBSERVATION_STATE_EXPIRED)
	wantState(t, went.get(w.nils), pb.ObservationState_OBSERVATION_STATE_OBSERVED)
}

// D15: withdrawing leaves no word, for either, in any table.
func TestWithdrawingErasesEveryWord(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	v.answer(v.question)
	v.takeAway(w.kari)
	again := &pb.WithdrawObservationRequest{ObservationId: v.id, RequestId: req()}
	o := try(w.ola.WithdrawObservation(w.ola.ctx(), again)).ok(t).GetObservation()
	wantState(t, o, pb.ObservationState_OBSERVATION_STATE_WITHDRAWN)
	for _, p := range []*person{w.kari, w.ola} {
		o := v.get(p)
		if o.GetPlace()+o.GetFocusQuestion()+o.GetIntention()+o.GetSuggestedFocusQuestion() != "" {
			t.Errorf("%s still reads %v", p.name, o)
		}
		if e := v.exchange(p); len(e.GetPoints())+len(e.GetQuestions())+len(e.GetSharedNotes()) > 0 || e.GetOwnView() != nil || e.GetTakeaway() != nil {
			t.Errorf("%s still reads %v", p.name, e)
		}
	}
	try(w.ola.WithdrawObservation(w.ola.ctx(), again)).ok(t)
	try(w.kari.WithdrawObservation(w.kari.ctx(), &pb.WithdrawObservationRequest{ObservationId: v.id, RequestId: req()})).refused(t, codes.FailedPrecondition, "WRONG_STATE")

	// No column of any table holds a word of it.
	rows, err := w.db.Owner.Query(context.Background(), `select format('select count(*) from %I t where to_jsonb(t)::text like any (array[''%%Rom 204%%'', ''%%stemmer%%'', ''%%hender%%'', ''%%svarte%%'', ''%%annerledes%%'', ''%%vente%%''])', relname)
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
		if n := one[int](w, s); n > 0 {
			t.Errorf("%d rows: %s", n, s)
		}
	}
	if n := one[int](w, "select count(*) from request where reply is not null and visit_id = $1 and rpc <> 'WithdrawObservationRequest'", v.id); n > 0 {
		t.Errorf("%d remembered replies are left", n)
	}
}

// To everybody but the two, all of a visit is NOT_FOUND.
func TestAVisitIsFoundByItsTwoAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	try(w.ola.CorrectNote(w.ola.ctx(), &pb.CorrectNoteRequest{NoteId: v.note, RequestId: req(), Text: "Fem."})).ok(t)
	talkID, action := newID().String(), newID().String()
	try(w.kari.RecordConversation(w.kari.ctx(), &pb.RecordConversationRequest{ObservationId: v.id, RequestId: req(), Id: talkID,
		TalkedAt: timestamppb.New(w.clock.now()), Duration: talk(10), Summary: "Om det."})).ok(t)
	try(w.kari.RecordTakeaway(w.kari.ctx(), &pb.RecordTakeawayRequest{ObservationId: v.id, RequestId: req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW,
		Action: &pb.ActionDraft{Id: action, Text: "Vente.", Lesson: "tirsdag"}})).ok(t)
	start, end := w.lesson(time.Hour)
	for _, p := range []*person{w.nils, w.liv, w.arne} {
		c := p.ctx()
		for name, err := range map[string]error{
			"GetObservation":      second(p.GetObservation(c, &pb.GetObservationRequest{ObservationId: v.id})),
			"CounterPropose":      second(p.CounterPropose(c, &pb.CounterProposeRequest{ObservationId: v.id, RequestId: req(), StartTime: start, EndTime: end})),
			"SetFocus":            second(p.SetFocus(c, &pb.SetFocusRequest{ObservationId: v.id, RequestId: req(), FocusQuestion: "x"})),
			"AcceptObservation":   second(p.AcceptObservation(c, &pb.AcceptObservationRequest{ObservationId: v.id, RequestId: req()})),
			"DeclineObservation":  second(p.DeclineObservation(c, &pb.DeclineObservationRequest{ObservationId: v.id, RequestId: req()})),
			"CancelObservation":   second(p.CancelObservation(c, &pb.CancelObservationRequest{ObservationId: v.id, RequestId: req()})),
			"WithdrawObservation": second(p.WithdrawObservation(c, &pb.WithdrawObservationRequest{ObservationId: v.id, RequestId: req()})),
			"MarkObserved":        second(p.MarkObserved(c, &pb.MarkObservedRequest{ObservationId: v.id, RequestId: req()})),
			"EndWithoutExchange":  second(p.EndWithoutExchange(c, &pb.EndWithoutExchangeRequest{ObservationId: v.id, RequestId: req()})),
			"ReopenObservation":   second(p.ReopenObservation(c, &pb.ReopenObservationRequest{ObservationId: v.id, RequestId: req()})),
			"SaveNote":            second(p.SaveNote(c, &pb.SaveNoteRequest{ObservationId: v.id, RequestId: req(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "x"})),
			"DeleteNote":          second(p.DeleteNote(c, &pb.DeleteNoteRequest{NoteId: v.note, RequestId: req()})),
			"ListNotes":           second(p.ListNotes(c, &pb.ListNotesRequest{ObservationId: v.id})),
			"SaveFeedbackDraft":   second(p.SaveFeedbackDraft(c, &pb.SaveFeedbackDraftRequest{ObservationId: v.id, RequestId: req(), Draft: &pb.FeedbackDraft{}})),
			"GetFeedbackDraft":    second(p.GetFeedbackDraft(c, &pb.GetFeedbackDraftRequest{ObservationId: v.id})),
			"GiveFeedback":        second(p.GiveFeedback(c, &pb.GiveFeedbackRequest{ObservationId: v.id, RequestId: req()})),
			"RecordOwnView":       second(p.RecordOwnView(c, &pb.RecordOwnViewRequest{ObservationId: v.id, RequestId: req(), View: &pb.RecordOwnViewRequest_Skip{Skip: true}})),
			"AcknowledgeFeedback": second(p.AcknowledgeFeedback(c, &pb.AcknowledgeFeedbackRequest{ObservationId: v.id, RequestId: req()})),
			"GetExchange":         second(p.GetExchange(c, &pb.GetExchangeRequest{ObservationId: v.id})),
			"AnswerQuestion":      second(p.AnswerQuestion(c, &pb.AnswerQuestionRequest{QuestionId: v.question, RequestId: req(), Answer: &pb.AnswerQuestionRequest_Parked{Parked: true}})),
			"AskBack":             second(p.AskBack(c, &pb.AskBackRequest{ObservationId: v.id, RequestId: req(), Text: "x"})),
			"Reply":               second(p.Reply(c, &pb.ReplyRequest{AboutId: v.question, RequestId: req(), Text: "x"})),
			"RecordConversation":  second(p.RecordConversation(c, &pb.RecordConversationRequest{ObservationId: v.id, RequestId: req(), TalkedAt: start, Duration: talk(5), Summary: "x"})),
			"ConfirmConversation": second(p.ConfirmConversation(c, &pb.ConfirmConversationRequest{ConversationId: talkID, RequestId: req()})),
			"CorrectNote":         second(p.CorrectNote(c, &pb.CorrectNoteRequest{NoteId: v.note, RequestId: req(), Text: "x"})),
			"ResolveCorrection":   second(p.ResolveCorrection(c, &pb.ResolveCorrectionRequest{NoteId: v.note, RequestId: req(), Resolution: pb.CorrectionResolution_CORRECTION_RESOLUTION_ACCEPTED})),
			"RecordTakeaway":      second(p.RecordTakeaway(c, &pb.RecordTakeawayRequest{ObservationId: v.id, RequestId: req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})),
			"AgreeAction":         second(p.AgreeAction(c, &pb.AgreeActionRequest{ActionId: action, RequestId: req()})),
			"ReportAction":        second(p.ReportAction(c, &pb.ReportActionRequest{ActionId: action, RequestId: req(), Did: "x", Happened: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})),
		} {
			if status.Code(err) != codes.NotFound || reasonOf(err) != "NOT_FOUND" {
				t.Errorf("%s by %s: %v, want NOT_FOUND", name, p.name, err)
			}
		}
		if list := try(p.ListObservations(c, &pb.ListObservationsRequest{})).ok(t).GetObservations(); len(list) > 0 {
			t.Errorf("%s lists %d visits of others", p.name, len(list))
		}
		if list := try(p.ListActions(c, &pb.ListActionsRequest{})).ok(t).GetActions(); len(list) > 0 {
			t.Errorf("%s lists %d actions of others", p.name, len(list))
		}
	}
}

func second[T any](_ T, err error) error { return err }
