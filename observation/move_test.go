package observation_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func proposeMove(w *town.Town, p *town.Person, id string, after time.Duration) town.Outcome[*pb.ProposeMoveResponse] {
	start, end := w.Lesson(after)
	return town.Try(p.ProposeMove(p.Ctx(), &pb.ProposeMoveRequest{ObservationId: id, RequestId: town.Req(), StartTime: start, EndTime: end}))
}

func decline(p *town.Person, id string, meant *timestamppb.Timestamp) town.Outcome[*pb.DeclineObservationResponse] {
	return town.Try(p.DeclineObservation(p.Ctx(), &pb.DeclineObservationRequest{ObservationId: id, RequestId: town.Req(), StartTime: meant}))
}

func acceptTime(p *town.Person, id string, meant *timestamppb.Timestamp) town.Outcome[*pb.AcceptObservationResponse] {
	return town.Try(p.AcceptObservation(p.Ctx(), &pb.AcceptObservationRequest{ObservationId: id, RequestId: town.Req(), StartTime: meant}))
}

// Until the other one has answered, both read the old time and the new one; a yes gives
// the visit the new one with its hours and its due time, and the card stays.
func TestAMoveTakesPlaceWithTheOthersYes(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	before := v.Get(w.Kari)
	proposeMove(w, w.Kari, v.ID, 49*time.Hour).OK(t)
	start, end := w.Lesson(49 * time.Hour)
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		o := v.Get(p)
		if !o.GetStartTime().AsTime().Equal(before.GetStartTime().AsTime()) || !o.GetMove().GetStartTime().AsTime().Equal(start.AsTime()) || !o.GetMove().GetEndTime().AsTime().Equal(end.AsTime()) {
			t.Errorf("%s reads %s and as proposed %v; want the old time and the new one", p.Name, o.GetStartTime().AsTime(), o.GetMove())
		}
		if s := o.GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_ANSWER_MOVE || !slices.Equal(s.GetPersonIds(), []string{w.Ola.ID}) {
			t.Errorf("the next step is %v, want Ola to answer", s)
		}
	}
	acceptTime(w.Kari, v.ID, nil).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	decline(w.Kari, v.ID, nil).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	acceptTime(w.Ola, v.ID, before.GetStartTime()).Refused(t, codes.FailedPrecondition, "NOTHING_TO_ANSWER") // to what was agreed before: an answer that was long on its way
	o := acceptTime(w.Ola, v.ID, start).OK(t).GetObservation()
	there := v.Get(w.Kari)
	for who, o := range map[string]*pb.Observation{"the answer of the call": o, "the visit": there} {
		if !o.GetStartTime().AsTime().Equal(start.AsTime()) || !o.GetEndTime().AsTime().Equal(end.AsTime()) || o.GetMove() != nil || o.GetFocusQuestion() != before.GetFocusQuestion() ||
			!o.GetFeedbackDueTime().AsTime().After(before.GetFeedbackDueTime().AsTime()) || !slices.Equal(unseenBy(o, w.Kari), []pb.ChangeKind{pb.ChangeKind_CHANGE_KIND_MOVED}) {
			t.Errorf("%s after the yes: %v", who, o)
		}
		town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_AGREED)
	}
	// The old hours are free again, the new ones are taken.
	again := w.Proposal(w.Kari, w.Nils)
	again.StartTime, again.EndTime = before.GetStartTime(), before.GetEndTime()
	town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), again)).OK(t)
	again.RequestId, again.StartTime, again.EndTime = town.Req(), start, end
	town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), again)).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
}

func TestAMoveIsDeclinedTakenBackAndAnsweredWithAnother(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	was := v.Get(w.Kari).GetStartTime().AsTime()
	stands := func(what string) {
		t.Helper()
		if o := v.Get(w.Ola); !o.GetStartTime().AsTime().Equal(was) || o.GetMove() != nil {
			t.Errorf("after %s: at %s, proposed %v; want the old time and nothing proposed", what, o.GetStartTime().AsTime(), o.GetMove())
		}
	}
	decline(w.Ola, v.ID, nil).Refused(t, codes.FailedPrecondition, "WRONG_STATE") // nothing is proposed
	proposeMove(w, w.Kari, v.ID, 5*time.Hour).OK(t)
	decline(w.Ola, v.ID, nil).OK(t)
	stands("a no")
	if got := unseenBy(v.Get(w.Kari), w.Kari); !slices.Equal(got, []pb.ChangeKind{pb.ChangeKind_CHANGE_KIND_MOVE_REFUSED}) {
		t.Errorf("Kari is to see %v, want that the move was refused", got)
	}
	acknowledge(w.Kari, v, 0).OK(t)

	proposeMove(w, w.Kari, v.ID, 5*time.Hour).OK(t)
	town.Try(w.Ola.ProposeMove(w.Ola.Ctx(), &pb.ProposeMoveRequest{ObservationId: v.ID, RequestId: town.Req(), TakeBack: true})).OK(t)
	if v.Get(w.Kari).GetMove() == nil {
		t.Error("Ola has taken back what Kari proposed")
	}
	town.Try(w.Kari.ProposeMove(w.Kari.Ctx(), &pb.ProposeMoveRequest{ObservationId: v.ID, RequestId: town.Req(), TakeBack: true})).OK(t)
	stands("it was taken back")
	if got := v.Get(w.Kari).GetUnseenChanges(); len(got) > 0 {
		t.Errorf("what one takes back is nobody's to see: %v", got)
	}

	proposeMove(w, w.Kari, v.ID, 5*time.Hour).OK(t)
	proposeMove(w, w.Ola, v.ID, 7*time.Hour).OK(t) // a time of his own is an answer too
	if s := v.Get(w.Ola).GetNextStep(); !slices.Equal(s.GetPersonIds(), []string{w.Kari.ID}) {
		t.Errorf("after another time by Ola it waits for %v, want Kari", s.GetPersonIds())
	}
	acceptTime(w.Kari, v.ID, nil).OK(t)
	seven, _ := w.Lesson(7 * time.Hour)
	if got := v.Get(w.Kari).GetStartTime().AsTime(); !got.Equal(seven.AsTime()) {
		t.Errorf("moved to %s, want %s", got, seven.AsTime())
	}
	o := v.Get(w.Kari)
	town.Try(w.Kari.ProposeMove(w.Kari.Ctx(), &pb.ProposeMoveRequest{ObservationId: v.ID, RequestId: town.Req(), StartTime: o.GetStartTime(), EndTime: o.GetEndTime()})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
}

// Hours are checked where each says so: one's own when one proposes, both when it is
// agreed; what is proposed blocks nothing.
func TestAMoveNeedsTheHoursOfBoth(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	w.Propose(w.Ola, w.Nils, 5*time.Hour).Agree()
	proposeMove(w, w.Ola, v.ID, 5*time.Hour).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	proposeMove(w, w.Kari, v.ID, 5*time.Hour).OK(t) // what Ola has then is his to know
	acceptTime(w.Ola, v.ID, nil).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	if o := v.Get(w.Kari); o.GetMove() == nil {
		t.Error("what could not be agreed to is gone")
	}
	proposeMove(w, w.Kari, v.ID, 90*time.Minute).OK(t) // overlaps with its own old time, which goes
	acceptTime(w.Ola, v.ID, nil).OK(t)
}

// A mutual visit is one lesson: both its visits move, with one answer.
func TestTwinsMoveTogether(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.Proposal(w.Kari, w.Ola)
	r.CoTaught, r.Mutual, r.MutualFocusQuestion = true, true, "Når tier jeg?"
	p := town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r)).OK(t)
	mine := &town.Visit{Town: w, ID: p.GetObservation().GetId(), Observer: w.Kari, Observed: w.Ola}
	theirs := &town.Visit{Town: w, ID: p.GetMutualObservation().GetId(), Observer: w.Ola, Observed: w.Kari}
	mine.SetFocus().Accept(w.Ola).OK(t)
	proposeMove(w, w.Kari, mine.ID, 26*time.Hour).OK(t)
	if theirs.Get(w.Ola).GetMove() == nil {
		t.Fatal("one of two visits of one lesson would move alone")
	}
	acceptTime(w.Ola, theirs.ID, nil).OK(t)
	start, _ := w.Lesson(26 * time.Hour)
	for _, v := range []*town.Visit{mine, theirs} {
		if o := v.Get(w.Kari); !o.GetStartTime().AsTime().Equal(start.AsTime()) || o.GetMove() != nil {
			t.Errorf("one of the two: %s, proposed %v; want %s", o.GetStartTime().AsTime(), o.GetMove(), start.AsTime())
		}
	}
}

// Written to directly, the database moves an agreed visit by an accepted move alone.
func TestTheDatabaseMovesByAnAcceptedMoveAlone(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	start, end := w.Lesson(49 * time.Hour)
	if err := v.Directly(w.Ola, town.Write{SQL: "update visit set start_at = $2, end_at = $3 where id = $1", Args: []any{v.ID, start.AsTime(), end.AsTime()}}); err == nil {
		t.Error("the time was changed without a move")
	}
	event := func(p *town.Person) error {
		return v.Directly(p, town.Write{SQL: `insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
			select owner_id, id, seq + 1, 'MOVE', 'AGREED', 'AGREED', $2, updated_at from visit where id = $1`, Args: []any{v.ID, p.ID}})
	}
	if err := event(w.Ola); err == nil {
		t.Error("moved, and nobody had proposed it")
	}
	move := func(p, as, other *town.Person) error {
		return v.Directly(p, town.Write{SQL: "insert into visit_move (owner_id, visit_id, by_id, other_id, start_at, end_at, created_at) values ($1, $2, $3, $4, $5, $6, $5)",
			Args: []any{w.Owner, v.ID, as.ID, other.ID, start.AsTime(), end.AsTime()}})
	}
	for what, err := range map[string]error{
		"in the other's name": move(w.Kari, w.Ola, w.Kari), "by somebody else": move(w.Nils, w.Nils, w.Ola), "for somebody else to answer": move(w.Kari, w.Kari, w.Nils),
	} {
		if err == nil {
			t.Errorf("a move was proposed %s", what)
		}
	}
	if err := move(w.Kari, w.Kari, w.Ola); err != nil {
		t.Fatal(err)
	}
	if err := event(w.Kari); err == nil {
		t.Error("Kari has said yes to her own proposal")
	}
	if err := v.Directly(w.Kari, town.Write{SQL: "update visit set feedback_due_at = feedback_due_at + interval '1 day' where id = $1", Args: []any{v.ID}}); err == nil {
		t.Error("Kari has put off what is due")
	}
	if err := event(w.Ola); err != nil {
		t.Fatal(err)
	}
	if got := v.Get(w.Kari); !got.GetStartTime().AsTime().Equal(start.AsTime()) {
		t.Errorf("moved to %s, want %s", got.GetStartTime().AsTime(), start.AsTime())
	}
}
