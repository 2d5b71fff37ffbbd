package observation_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func endAlone(p *town.Person, v *town.Visit) town.Outcome[*pb.EndAloneResponse] {
	return town.Try(p.EndAlone(p.Ctx(), &pb.EndAloneRequest{ObservationId: v.ID, RequestId: town.Req()}))
}

// Whoever stays ends the visit alone, wherever it stands, and is asked for nothing else.
func TestWhoStaysEndsTheVisitAlone(t *testing.T) {
	t.Parallel()
	answered := func(w *town.Town) *town.Visit {
		v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
		v.Answer(v.Question)
		return v
	}
	for name, tc := range map[string]struct {
		at   func(*town.Town) *town.Visit
		want pb.ObservationState
	}{
		"proposed":       {func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour) }, pb.ObservationState_OBSERVATION_STATE_CANCELLED},
		"agreed":         {func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour).Agree() }, pb.ObservationState_OBSERVATION_STATE_CANCELLED},
		"observed":       {func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe() }, pb.ObservationState_OBSERVATION_STATE_CLOSED_WITHOUT_EXCHANGE},
		"feedback given": {func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give() }, pb.ObservationState_OBSERVATION_STATE_CLOSED_WITHOUT_EXCHANGE},
		"answered":       {answered, pb.ObservationState_OBSERVATION_STATE_CLOSED_WITHOUT_EXCHANGE},
		"answered, and Kari has written": {func(w *town.Town) *town.Visit {
			v := answered(w)
			v.TakeAway(w.Kari)
			return v
		}, pb.ObservationState_OBSERVATION_STATE_CLOSED},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			v := tc.at(w)
			endAlone(w.Kari, v).Refused(t, codes.FailedPrecondition, "OTHER_IS_THERE")
			w.Leaves(w.Ola)
			o := v.Get(w.Kari)
			if s := o.GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_END_ALONE || !slices.Equal(s.GetPersonIds(), []string{w.Kari.ID}) || s.GetOverdue() || !slices.Equal(o.GetLeftIds(), []string{w.Ola.ID}) {
				t.Errorf("Ola has left (%v), the next step is %v; want Kari to end it alone", o.GetLeftIds(), s)
			}
			o = endAlone(w.Kari, v).OK(t).GetObservation()
			town.WantState(t, o, tc.want)
			town.WantState(t, v.Get(w.Kari), tc.want)
			if s := v.Get(w.Kari).GetNextStep(); len(s.GetPersonIds()) > 0 {
				t.Errorf("when it is over: %v", s)
			}
			if got := v.Get(w.Kari).GetEndedAloneById(); got != w.Kari.ID {
				t.Errorf("ended by %q, want Kari", got)
			}
		})
	}
}

// What was addressed to the one who stays can be read, opened or not; and it holds
// nobody up any more.
func TestWhatWasAddressedToWhoStaysIsRead(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give()
	w.Clock.Set(w.Clock.Now().AddDate(0, 0, 9))
	town.Try(w.Ola.ProposeObservation(w.Ola.Ctx(), w.Proposal(w.Nils, w.Ola))).Refused(t, codes.FailedPrecondition, "EXCHANGE_OVERDUE")
	w.Leaves(w.Kari)
	town.Try(w.Ola.ProposeObservation(w.Ola.Ctx(), w.Proposal(w.Nils, w.Ola))).OK(t) // late with nothing that somebody waits for
	endAlone(w.Ola, v).OK(t)
	e := v.Exchange(w.Ola)
	if !e.GetOpened() || len(e.GetPoints()) != 1 || len(e.GetQuestions()) == 0 || len(e.GetSharedNotes()) == 0 {
		t.Errorf("Ola reads of what was given to him: %v", e)
	}
}

// Nothing is agreed with somebody who has left, and nobody wishes for what they would
// have to answer; who comes back is as before.
func TestNothingIsAgreedWithWhoHasLeft(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	seen := w.Propose(w.Ola, w.Kari, time.Hour).Agree().Observe()
	v := w.Propose(w.Kari, w.Ola, time.Hour).SetFocus()
	moved := w.Propose(w.Kari, w.Ola, 3*time.Hour).Agree()
	proposeMove(w, w.Kari, moved.ID, 5*time.Hour).OK(t)
	w.Leaves(w.Kari)
	v.Accept(w.Ola).Refused(t, codes.FailedPrecondition, "PERSON_LEFT")
	start, end := w.Lesson(6 * time.Hour)
	town.Try(w.Ola.CounterPropose(w.Ola.Ctx(), &pb.CounterProposeRequest{ObservationId: v.ID, RequestId: town.Req(), StartTime: start, EndTime: end})).Refused(t, codes.FailedPrecondition, "PERSON_LEFT")
	acceptTime(w.Ola, moved.ID, nil).Refused(t, codes.FailedPrecondition, "PERSON_LEFT")
	proposeMove(w, w.Ola, moved.ID, 7*time.Hour).Refused(t, codes.FailedPrecondition, "PERSON_LEFT")
	town.Try(w.Ola.EndWithoutExchange(w.Ola.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: seen.ID, RequestId: town.Req()})).Refused(t, codes.FailedPrecondition, "PERSON_LEFT")
	for event, state := range map[string]string{"ACCEPT": "AGREED", "COUNTER": "PROPOSED"} {
		err := v.Directly(w.Ola, town.Write{SQL: `update visit set observed_agreed_at = updated_at, observed_agreed_to = 'x', feedback_due_at = updated_at where id = $1`, Args: []any{v.ID}},
			town.Write{SQL: `insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
			select owner_id, id, seq + 1, $2, 'PROPOSED', $3, $4, updated_at from visit where id = $1`, Args: []any{v.ID, event, state, w.Ola.ID}})
		if err == nil {
			t.Errorf("written to directly, the database lets %s happen with somebody who has left", event)
		}
	}
	w.SQL("update membership set active = true where person_id = $1", w.Kari.ID)
	if s := v.Get(w.Ola).GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_ANSWER_PROPOSAL {
		t.Errorf("Kari is back, and the next step is %v", s)
	}
	v.Accept(w.Ola).OK(t)
}
