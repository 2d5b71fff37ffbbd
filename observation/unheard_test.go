package observation_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// handset is a phone of one of the two: what it was told last, and what was done on it
// since, without a network.
type handset struct {
	by, other *town.Person
	seen      *pb.Observation
	queue     []deed
}

// deed is something that was done on a phone, by what it showed.
type deed struct {
	name string
	send func() error
	// tells is what the other one is to see of it once it is done.
	tells func(before *pb.Observation) []pb.ChangeKind
	// shown is what was on the screen when it was acknowledged.
	shown []*pb.UnseenChange
	// start is the time that was said yes to; nil for any other deed.
	start *timestamppb.Timestamp
}

func nothingToTell(*pb.Observation) []pb.ChangeKind { return nil }

func tells(kind pb.ChangeKind) func(*pb.Observation) []pb.ChangeKind {
	return func(*pb.Observation) []pb.ChangeKind { return []pb.ChangeKind{kind} }
}

// isUnderWay says whether something is still to be done in a visit.
func isUnderWay(o *pb.Observation) bool {
	return slices.Contains([]pb.ObservationState{pb.ObservationState_OBSERVATION_STATE_PROPOSED, pb.ObservationState_OBSERVATION_STATE_AGREED,
		pb.ObservationState_OBSERVATION_STATE_OBSERVED, pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN, pb.ObservationState_OBSERVATION_STATE_ANSWERED}, o.GetState())
}

func mine(o *pb.Observation, p *town.Person) []*pb.UnseenChange {
	var out []*pb.UnseenChange
	for _, u := range o.GetUnseenChanges() {
		if u.GetPersonId() == p.ID {
			out = append(out, u)
		}
	}
	return out
}

// offers are the deeds that the screen of a phone offers for what it was told.
// Complex because it is a list: each deed with the condition under which it is on the screen.
func (h *handset) offers(w *town.Town, v *town.Visit, later []time.Duration, yes bool) []deed {
	o, p, ctx := h.seen, h.by, h.by.Ctx()
	var out []deed
	add := func(when bool, d deed) {
		if d.tells == nil {
			d.tells = nothingToTell
		}
		if when {
			out = append(out, d)
		}
	}
	is := func(states ...pb.ObservationState) bool { return slices.Contains(states, o.GetState()) }
	agreed, observed := is(pb.ObservationState_OBSERVATION_STATE_AGREED), is(pb.ObservationState_OBSERVATION_STATE_OBSERVED)
	ask := func(takeBack bool) func() error {
		r := &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req(), TakeBack: takeBack}
		return func() error { return second(p.EndWithoutExchange(ctx, r)) }
	}
	add(observed && o.GetExitWishedById() == "", deed{name: "wish for the exit", send: ask(false)})
	add(observed && o.GetExitWishedById() == p.ID, deed{name: "take the wish back", send: ask(true)})
	answer := &pb.AnswerWishRequest{ObservationId: v.ID, RequestId: town.Req(), Yes: yes, Wish: pb.WishKind_WISH_KIND_EXIT}
	refused := nothingToTell
	if !yes {
		refused = tells(pb.ChangeKind_CHANGE_KIND_EXIT_REFUSED)
	}
	add(observed && o.GetExitWishedById() == h.other.ID, deed{name: "answer the wish", send: func() error { return second(p.AnswerWish(ctx, answer)) }, tells: refused})
	for _, after := range later {
		start, end := w.Lesson(after)
		r := &pb.ProposeMoveRequest{ObservationId: v.ID, RequestId: town.Req(), StartTime: start, EndTime: end}
		add(agreed, deed{name: "propose another time", send: func() error { return second(p.ProposeMove(ctx, r)) }})
	}
	move := o.GetMove()
	back := &pb.ProposeMoveRequest{ObservationId: v.ID, RequestId: town.Req(), TakeBack: true}
	add(agreed && move.GetProposedById() == p.ID, deed{name: "take the move back", send: func() error { return second(p.ProposeMove(ctx, back)) }})
	accept := &pb.AcceptObservationRequest{ObservationId: v.ID, RequestId: town.Req(), StartTime: move.GetStartTime()}
	decline := &pb.DeclineObservationRequest{ObservationId: v.ID, RequestId: town.Req(), StartTime: move.GetStartTime()}
	asked := agreed && move.GetProposedById() == h.other.ID
	add(asked, deed{name: "say yes to the move", send: func() error { return second(p.AcceptObservation(ctx, accept)) }, tells: tells(pb.ChangeKind_CHANGE_KIND_MOVED), start: move.GetStartTime()})
	add(asked, deed{name: "say no to the move", send: func() error { return second(p.DeclineObservation(ctx, decline)) }, tells: tells(pb.ChangeKind_CHANGE_KIND_MOVE_REFUSED)})
	cancel := &pb.CancelObservationRequest{ObservationId: v.ID, RequestId: town.Req()}
	add(agreed, deed{name: "call it off", send: func() error { return second(p.CancelObservation(ctx, cancel)) }, tells: tells(pb.ChangeKind_CHANGE_KIND_CALLED_OFF)})
	went := &pb.MarkObservedRequest{ObservationId: v.ID, RequestId: town.Req()}
	add(agreed && o.GetObserverId() == p.ID, deed{name: "say that it took place", send: func() error { return second(p.MarkObserved(ctx, went)) }})
	withdraw := &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()}
	add(!is(pb.ObservationState_OBSERVATION_STATE_WITHDRAWN), deed{name: "withdraw", send: func() error { return second(p.WithdrawObservation(ctx, withdraw)) }, tells: func(before *pb.Observation) []pb.ChangeKind {
		if isUnderWay(before) {
			return []pb.ChangeKind{pb.ChangeKind_CHANGE_KIND_WITHDRAWN}
		}
		return nil
	}})
	alone := &pb.EndAloneRequest{ObservationId: v.ID, RequestId: town.Req()}
	add(isUnderWay(o) && slices.Contains(o.GetLeftIds(), h.other.ID), deed{name: "end it alone", send: func() error { return second(p.EndAlone(ctx, alone)) }})
	if shown := mine(o, p); len(shown) > 0 {
		r := &pb.AcknowledgeChangeRequest{ObservationId: v.ID, RequestId: town.Req(), SeenRevision: shown[len(shown)-1].GetRevision()}
		add(true, deed{name: "see what happened", send: func() error { return second(p.AcknowledgeChange(ctx, r)) }, shown: shown})
	}
	return out
}

// heard checks that whatever one of the two asks, or has done, is on the other's home.
func heard(t *rapid.T, o *pb.Observation, two ...*handset) {
	step := o.GetNextStep()
	for _, h := range two {
		if slices.Contains(o.GetLeftIds(), h.by.ID) {
			continue // their home is another school's
		}
		home := slices.Contains(step.GetPersonIds(), h.by.ID)
		left := slices.Contains(o.GetLeftIds(), h.other.ID) && isUnderWay(o)
		var want pb.NextTodo
		switch {
		case left:
			want = pb.NextTodo_NEXT_TODO_END_ALONE
		case o.GetExitWishedById() == h.other.ID:
			want = pb.NextTodo_NEXT_TODO_ANSWER_WISH
		case o.GetMove().GetProposedById() == h.other.ID:
			want = pb.NextTodo_NEXT_TODO_ANSWER_MOVE
		case !isUnderWay(o) && len(mine(o, h.by)) > 0:
			want = pb.NextTodo_NEXT_TODO_SEE_CHANGE
		default:
			continue
		}
		if !home || step.GetTodo() != want {
			t.Fatalf("%s is to be asked for %s; their next step is %v, in %s", h.by.Name, want, step, o.GetState())
		}
	}
}

// sync sends what was done without a network, one after the other, and asks what has
// become of the visit. What is told to the other one, and what goes from there, is
// exactly what was done and what was shown, whatever has happened meanwhile.
func (h *handset) sync(t *rapid.T, v *town.Visit, both []*handset) {
	for _, d := range h.queue {
		before := v.Get(h.by)
		err := d.send()
		after := v.Get(h.by)
		want := before.GetUnseenChanges()
		if err == nil {
			for _, s := range d.shown {
				want = slices.DeleteFunc(slices.Clone(want), func(u *pb.UnseenChange) bool {
					return u.GetPersonId() == s.GetPersonId() && u.GetRevision() == s.GetRevision() && u.GetKind() == s.GetKind()
				})
			}
			for _, kind := range d.tells(before) {
				want = append(slices.Clone(want), &pb.UnseenChange{PersonId: h.other.ID, Kind: kind})
			}
			if d.start != nil && !after.GetStartTime().AsTime().Equal(d.start.AsTime()) {
				t.Fatalf("%s said yes to %s, and the visit is at %s", h.by.Name, d.start.AsTime(), after.GetStartTime().AsTime())
			}
		}
		if got := after.GetUnseenChanges(); !slices.EqualFunc(got, want, func(a, b *pb.UnseenChange) bool {
			return a.GetPersonId() == b.GetPersonId() && a.GetKind() == b.GetKind()
		}) {
			t.Fatalf("%s: %s (%v); unseen before it %v, after it %v, want %v", h.by.Name, d.name, err, before.GetUnseenChanges(), got, want)
		}
		heard(t, after, both...)
	}
	h.queue, h.seen = nil, v.Get(h.by)
}

// G30: nothing is asked unheard. Each wish, move, call-off and leaving is on the other's
// home until it is answered or seen, in every order of two phones that are offline by
// turns and do what they were shown, which may be long out of date.
func TestG30NothingIsAskedUnheard(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	// Who leaves goes to another school of the owner's, and can still be asked for an answer by their own phone.
	elsewhere := town.NewID()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Ytre skole', $3)", w.Owner, elsewhere, town.Tuesday)
	w.SQL("insert into membership (owner_id, school_id, person_id, role, since) select owner_id, $2, person_id, role, since from membership where owner_id = $1 and person_id in ($3, $4)",
		w.Owner, elsewhere, w.Kari.ID, w.Ola.ID)
	rapid.Check(t, func(rt *rapid.T) {
		v := w.Propose(w.Kari, w.Ola, 10*time.Minute).Agree()
		if rapid.Bool().Draw(rt, "it took place") {
			v.Observe()
		}
		kari, ola := &handset{by: w.Kari, other: w.Ola, seen: v.Get(w.Kari)}, &handset{by: w.Ola, other: w.Kari, seen: v.Get(w.Ola)}
		both := []*handset{kari, ola}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			h := both[rapid.IntRange(0, 1).Draw(rt, "who")]
			switch what := rapid.IntRange(0, 9).Draw(rt, "what"); {
			case what < 5:
				offered := h.offers(w, v, []time.Duration{26 * time.Hour, 28 * time.Hour}, rapid.Bool().Draw(rt, "yes"))
				if len(offered) > 0 {
					h.queue = append(h.queue, offered[rapid.IntRange(0, len(offered)-1).Draw(rt, "deed")])
				}
			case what < 9:
				h.sync(rt, v, both)
			default: // the roster says that somebody leaves, or is back
				here := rapid.Bool().Draw(rt, "is there")
				w.SQL("update membership set active = $3 where school_id = $1 and person_id = $2", w.School, h.by.ID, here)
				heard(rt, v.Get(h.other), both...)
			}
		}
		for _, h := range both {
			h.sync(rt, v, both)
		}
		// For the next one: both are there, and owe nothing.
		w.SQL("update membership set active = true where school_id = $1", w.School)
		if v.Get(w.Kari).GetState() != pb.ObservationState_OBSERVATION_STATE_WITHDRAWN {
			town.Try(w.Kari.WithdrawObservation(w.Kari.Ctx(), &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
		}
	})
}
