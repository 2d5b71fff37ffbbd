package observation_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// unseenBy are the kinds of what somebody has not seen of a visit.
func unseenBy(o *pb.Observation, p *town.Person) []pb.ChangeKind {
	var out []pb.ChangeKind
	for _, u := range o.GetUnseenChanges() {
		if u.GetPersonId() == p.ID {
			out = append(out, u.GetKind())
		}
	}
	return out
}

func acknowledge(p *town.Person, v *town.Visit, revision int64) town.Outcome[*pb.AcknowledgeChangeResponse] {
	return town.Try(p.AcknowledgeChange(p.Ctx(), &pb.AcknowledgeChangeRequest{ObservationId: v.ID, RequestId: town.Req(), SeenRevision: revision}))
}

// What comes to nothing by one of the two is the other's next step until they have seen
// it; then, and for the one who did it, there is nothing to do.
func TestWhatComesToNothingIsSeenByTheOther(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		kind pb.ChangeKind
		do   func(*testing.T, *town.Town, *town.Visit)
		at   func(*town.Town) *town.Visit
	}{
		"a proposal that was called off": {pb.ChangeKind_CHANGE_KIND_CALLED_OFF, cancelByOla, func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour) }},
		"a visit that was called off":    {pb.ChangeKind_CHANGE_KIND_CALLED_OFF, cancelByOla, func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour).Agree() }},
		"a proposal that was declined": {pb.ChangeKind_CHANGE_KIND_DECLINED, func(t *testing.T, w *town.Town, v *town.Visit) {
			town.Try(w.Ola.DeclineObservation(w.Ola.Ctx(), &pb.DeclineObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
		}, func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour) }},
		"an exchange that was withdrawn": {pb.ChangeKind_CHANGE_KIND_WITHDRAWN, func(t *testing.T, w *town.Town, v *town.Visit) {
			town.Try(w.Ola.WithdrawObservation(w.Ola.Ctx(), &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
		}, func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			v := tc.at(w)
			tc.do(t, w, v)
			for _, p := range []*town.Person{w.Kari, w.Ola} { // both read the same
				o := v.Get(p)
				if got := unseenBy(o, w.Kari); !slices.Equal(got, []pb.ChangeKind{tc.kind}) || len(unseenBy(o, w.Ola)) > 0 {
					t.Errorf("%s reads that this is unseen: %v; want %s, by Kari alone", p.Name, o.GetUnseenChanges(), tc.kind)
				}
				if s := o.GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_SEE_CHANGE || !slices.Equal(s.GetPersonIds(), []string{w.Kari.ID}) || s.GetOverdue() {
					t.Errorf("%s reads as the next step: %v; want Kari to see the change", p.Name, s)
				}
			}
			acknowledge(w.Ola, v, 0).OK(t) // it was not theirs to see: nothing happens
			if len(unseenBy(v.Get(w.Kari), w.Kari)) != 1 {
				t.Error("the one who did it has seen it for the other one")
			}
			before := v.Get(w.Kari).GetRevision()
			o := acknowledge(w.Kari, v, before).OK(t).GetObservation()
			if len(o.GetUnseenChanges()) > 0 || len(o.GetNextStep().GetPersonIds()) > 0 || o.GetRevision() != before {
				t.Errorf("after it was seen: %v, revision %d, want nothing to do and still %d", o.GetNextStep(), o.GetRevision(), before)
			}
			acknowledge(w.Kari, v, 0).OK(t) // once more, from another device
		})
	}
}

func cancelByOla(t *testing.T, w *town.Town, v *town.Visit) {
	t.Helper()
	town.Try(w.Ola.CancelObservation(w.Ola.Ctx(), &pb.CancelObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
}

// A phone that was away acknowledges what it has shown, and nothing that came later.
func TestNothingIsSeenBeforeItWasShown(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	wish := func() {
		town.Try(w.Kari.EndWithoutExchange(w.Kari.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
	}
	wish()
	answerWish(w.Ola, v, false, pb.WishKind_WISH_KIND_EXIT).OK(t)
	shown := v.Get(w.Kari).GetRevision()
	town.Try(w.Ola.WithdrawObservation(w.Ola.Ctx(), &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
	acknowledge(w.Kari, v, shown).OK(t)
	if got := unseenBy(v.Get(w.Kari), w.Kari); !slices.Equal(got, []pb.ChangeKind{pb.ChangeKind_CHANGE_KIND_WITHDRAWN}) {
		t.Errorf("unseen after the refusal was acknowledged: %v, want the withdrawal", got)
	}
}

func answerWish(p *town.Person, v *town.Visit, yes bool, wish pb.WishKind) town.Outcome[*pb.AnswerWishResponse] {
	return town.Try(p.AnswerWish(p.Ctx(), &pb.AnswerWishRequest{ObservationId: v.ID, RequestId: town.Req(), Yes: yes, Wish: wish}))
}

// A wish waits for the other one, who may say no: then the one who wished sees it, and
// the visit goes on as before, with the debt that the wish had freed from.
func TestAWishIsAnsweredWithYesOrNo(t *testing.T) {
	t.Parallel()
	exit := func(w *town.Town, v *town.Visit) {
		town.Try(w.Kari.EndWithoutExchange(w.Kari.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(w.T)
	}
	reopen := func(w *town.Town, v *town.Visit) {
		town.Try(w.Kari.ReopenObservation(w.Kari.Ctx(), &pb.ReopenObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(w.T)
	}
	closed := func(w *town.Town) *town.Visit {
		v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
		v.Answer(v.Question)
		v.TakeAway(w.Kari)
		v.TakeAway(w.Ola)
		return v
	}
	for name, tc := range map[string]struct {
		at          func(*town.Town) *town.Visit
		wish        func(*town.Town, *town.Visit)
		kind, other pb.WishKind
		yes, no     pb.ObservationState
		refused     pb.ChangeKind
	}{
		"the honest exit": {func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe() }, exit,
			pb.WishKind_WISH_KIND_EXIT, pb.WishKind_WISH_KIND_REOPEN,
			pb.ObservationState_OBSERVATION_STATE_CLOSED_WITHOUT_EXCHANGE, pb.ObservationState_OBSERVATION_STATE_OBSERVED, pb.ChangeKind_CHANGE_KIND_EXIT_REFUSED},
		"to reopen": {closed, reopen, pb.WishKind_WISH_KIND_REOPEN, pb.WishKind_WISH_KIND_EXIT,
			pb.ObservationState_OBSERVATION_STATE_ANSWERED, pb.ObservationState_OBSERVATION_STATE_CLOSED, pb.ChangeKind_CHANGE_KIND_REOPEN_REFUSED},
	} {
		for _, yes := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := town.New(t)
				v := tc.at(w)
				answerWish(w.Ola, v, yes, tc.kind).Refused(t, codes.FailedPrecondition, "NOTHING_TO_ANSWER")
				tc.wish(w, v)
				if s := v.Get(w.Ola).GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_ANSWER_WISH || !slices.Equal(s.GetPersonIds(), []string{w.Ola.ID}) {
					t.Errorf("the next step is %v, want Ola to answer the wish", s)
				}
				answerWish(w.Kari, v, yes, tc.kind).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
				answerWish(w.Ola, v, yes, tc.other).Refused(t, codes.FailedPrecondition, "NOTHING_TO_ANSWER")
				o := answerWish(w.Ola, v, yes, tc.kind).OK(t).GetObservation()
				want, unseen := tc.no, []pb.ChangeKind{tc.refused}
				if yes {
					want, unseen = tc.yes, nil
				}
				town.WantState(t, o, want)
				there := v.Get(w.Kari)
				if got := unseenBy(there, w.Kari); !slices.Equal(got, unseen) || there.GetExitWishedById()+there.GetReopenWishedById() != "" {
					t.Errorf("after the answer Kari has not seen %v, want %v; wishes: %q %q", got, unseen, there.GetExitWishedById(), there.GetReopenWishedById())
				}
				if got := unseenBy(o, w.Kari); !slices.Equal(got, unseen) {
					t.Errorf("the answer of the call foretells %v, the database keeps %v", got, unseen)
				}
				answerWish(w.Ola, v, yes, tc.kind).Refused(t, codes.FailedPrecondition, "NOTHING_TO_ANSWER")
			})
		}
	}
}

// Written to directly, the database keeps the same: nobody lets a wish of the other's go
// unheard, wishes in the other's name, or sees for the other.
func TestTheDatabaseKeepsWhatIsUnseen(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	if err := v.Directly(w.Ola, town.Write{SQL: "update visit set exit_wished_by = $2 where id = $1", Args: []any{v.ID, w.Kari.ID}}); err == nil {
		t.Error("Ola has wished in Kari's name")
	}
	town.Try(w.Kari.EndWithoutExchange(w.Kari.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
	if err := v.Directly(w.Ola, town.Write{SQL: "update visit set exit_wished_by = null where id = $1", Args: []any{v.ID}}); err != nil {
		t.Fatal(err)
	}
	if got := unseenBy(v.Get(w.Kari), w.Kari); !slices.Equal(got, []pb.ChangeKind{pb.ChangeKind_CHANGE_KIND_EXIT_REFUSED}) {
		t.Errorf("the wish went, and Kari is to see %v", got)
	}
	if err := v.Directly(w.Ola, town.Write{SQL: "delete from visit_notice where visit_id = $1", Args: []any{v.ID}}); err != nil {
		t.Fatal(err)
	}
	if n := town.One[int](w, "select count(*) from visit_notice"); n != 1 {
		t.Error("Ola has seen it for Kari")
	}
	if err := v.Directly(w.Ola, town.Write{SQL: "insert into visit_notice select * from visit_notice"}); err == nil {
		t.Error("Ola has made up something to see")
	}
}
