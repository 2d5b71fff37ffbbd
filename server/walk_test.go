package server_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// rounds of walks are sequences of calls (G7), ten thousand in all. Most are short: there are few of those,
// and each is gone through many times. A whole visit takes eight steps, so one walk in five is long.
const (
	rounds     = 20
	walks      = 500
	fewest     = 1
	most       = 5
	fewestLong = 8
	mostLong   = 16
	walkers    = 4
	// shortWalks are as many as make quick takes, too few to come to every state.
	shortWalks = 300
	// pairs of people take turns, others in each round: two with a thousand visits between
	// them are slow to ask about, and nobody's case.
	pairs = 10
)

// model is what a visit may be, told a second time and in another way than the
// machine tells it: as facts, of which the state follows.
type model struct {
	state               string
	awaitsObserver      bool
	card                bool
	opened              bool
	questions           []modelQuestion
	wroteHers, wroteHis bool
	saw                 string
	exitBy, reopenBy    string
	talk                string // id of a talk that waits
	talkBy              string
	talkConfirmed       bool
}

type modelQuestion struct {
	id       string
	toHim    bool // for the observed
	settled  bool
	waiting  bool // "we talked", unconfirmed
	byWords  bool
	opensOut bool // a wondering one of the observer's
}

func (m *model) exchanging() bool { return m.state == "FEEDBACK_GIVEN" || m.state == "ANSWERED" }

// follow lets the state follow from the facts.
func (m *model) follow() {
	open, words := 0, false
	for _, q := range m.questions {
		if !q.settled || q.waiting {
			open++
		}
		words = words || q.opensOut && q.byWords && !q.waiting
	}
	if m.state == "FEEDBACK_GIVEN" && open == 0 && words {
		m.state = "ANSWERED"
		m.exitBy = ""
	}
	if m.state == "ANSWERED" && open > 0 {
		m.state = "FEEDBACK_GIVEN"
	}
	if m.state == "ANSWERED" && m.wroteHers && m.wroteHis {
		m.state = "CLOSED"
	}
}

// walker takes one sequence.
type walker struct {
	*town.Town
	model
	rand   *rand.Rand
	id     string
	her    *town.Person // the observer
	him    *town.Person // the observed
	others []*town.Person
	trail  []string
	slots  *atomic.Int64
}

func (k *walker) ctx(p *town.Person) context.Context { return p.Ctx() }

func (k *walker) lessonNow() (start, end *timestamppb.Timestamp) {
	// A second each, within the past day: lessons never collide.
	at := k.Clock.Now().Add(-23*time.Hour - 59*time.Minute).Add(time.Duration(k.slots.Add(1)) * time.Second)
	return timestamppb.New(at), timestamppb.New(at.Add(time.Second))
}

// move is what somebody can do with a visit in a walk.
type move int

const (
	setFocus move = iota
	counterPropose
	accept
	decline
	callOff
	withdraw
	markObserved
	saveNote
	giveFeedback
	openFeedback
	settleQuestion
	settleAnother // the same: questions are settled twice as often as other things are done
	askBack
	takeAway
	endWithout
	reopen
	recordTalk
	confirmTalk
	moves // how many there are
)

// onward is a call that is likely to lead on, and by whom.
func (k *walker) onward(which move, role string) (move, string) {
	m := &k.model
	switch {
	case m.state == "PROPOSED" && !m.card:
		return setFocus, "him"
	case m.state == "PROPOSED" && m.awaitsObserver:
		return accept, "her"
	case m.state == "PROPOSED":
		return accept, "him"
	case m.state == "AGREED", m.state == "OBSERVED" && m.saw == "":
		return saveNote, "her"
	case m.exitBy != "" && k.rand.IntN(2) == 0: // by chance alone hardly ever both wish to end
		return endWithout, map[string]string{"her": "him", "him": "her"}[m.exitBy]
	case m.state == "OBSERVED":
		return giveFeedback, "her"
	case m.exchanging() && !m.opened:
		return openFeedback, "him"
	case m.state == "ANSWERED" && !m.wroteHers:
		return takeAway, "her"
	case m.state == "ANSWERED":
		return takeAway, "him"
	case m.state == "FEEDBACK_GIVEN":
		return settleQuestion, []string{"her", "him", "him", "him"}[k.rand.IntN(4)]
	case m.state == "CLOSED":
		return reopen, role
	}
	return which, role
}

// step makes one call and says whether the model allows it. A call that is
// allowed changes the model.
func (k *walker) step() (name string, err error, allowed bool) {
	role := []string{"her", "her", "her", "her", "her", "him", "him", "him", "him", "him", "other"}[k.rand.IntN(11)]
	which := move(k.rand.IntN(int(moves)))
	// Now and then, not always, what leads on: or walks would not get far.
	onward := k.rand.IntN(4) > 0
	if onward {
		which, role = k.onward(which, role)
	}
	p := map[string]*town.Person{"her": k.her, "him": k.him, "other": k.others[k.rand.IntN(len(k.others))]}[role]
	her, him, two := role == "her", role == "him", role != "other"
	m, c := &k.model, k.ctx(p)
	in := func(states ...string) bool {
		for _, s := range states {
			if m.state == s {
				return true
			}
		}
		return false
	}
	awaited := m.state == "PROPOSED" && (her && m.awaitsObserver || him && !m.awaitsObserver)
	switch which {
	case setFocus:
		revision := town.One[int64](k.Town, "select revision from visit where id = $1", k.id)
		_, err = p.SetFocus(c, &pb.SetFocusRequest{ObservationId: k.id, RequestId: town.Req(), FocusQuestion: town.Focus, Revision: revision})
		if allowed = him && in("PROPOSED", "AGREED"); allowed {
			m.card = true
		}
		return role + " sets the focus", err, allowed
	case counterPropose:
		start, end := k.lessonNow()
		_, err = p.CounterPropose(c, &pb.CounterProposeRequest{ObservationId: k.id, RequestId: town.Req(), StartTime: start, EndTime: end})
		if allowed = awaited; allowed {
			m.awaitsObserver = !m.awaitsObserver
		}
		return role + " names another time", err, allowed
	case accept:
		_, err = p.AcceptObservation(c, &pb.AcceptObservationRequest{ObservationId: k.id, RequestId: town.Req()})
		if allowed = awaited && m.card; allowed {
			m.state = "AGREED"
		}
		return role + " accepts", err, allowed
	case decline:
		_, err = p.DeclineObservation(c, &pb.DeclineObservationRequest{ObservationId: k.id, RequestId: town.Req()})
		if allowed = awaited; allowed {
			m.state = "DECLINED"
		}
		return role + " declines", err, allowed
	case callOff:
		_, err = p.CancelObservation(c, &pb.CancelObservationRequest{ObservationId: k.id, RequestId: town.Req()})
		if allowed = two && in("PROPOSED"); allowed { // agreed ones have begun
			m.state = "CANCELLED"
		}
		return role + " calls it off", err, allowed
	case withdraw:
		_, err = p.WithdrawObservation(c, &pb.WithdrawObservationRequest{ObservationId: k.id, RequestId: town.Req()})
		if allowed = two && !in("WITHDRAWN"); allowed {
			*m = model{state: "WITHDRAWN"}
		}
		return role + " withdraws", err, allowed
	case markObserved:
		_, err = p.MarkObserved(c, &pb.MarkObservedRequest{ObservationId: k.id, RequestId: town.Req()})
		if allowed = her && in("AGREED"); allowed {
			m.state = "OBSERVED"
		}
		return role + " was there", err, allowed
	case saveNote:
		kind := pb.NoteKind(1 + k.rand.IntN(3))
		if onward {
			kind = pb.NoteKind_NOTE_KIND_SAW
		}
		id := town.NewID().String()
		_, err = p.SaveNote(c, &pb.SaveNoteRequest{Id: id, ObservationId: k.id, RequestId: town.Req(), Kind: kind, Text: "To hender."})
		if allowed = her && in("AGREED", "OBSERVED"); allowed {
			m.state = "OBSERVED"
			if kind == pb.NoteKind_NOTE_KIND_SAW {
				m.saw = id
			}
		}
		return role + " notes " + kind.String(), err, allowed
	case giveFeedback:
		r := &pb.GiveFeedbackRequest{ObservationId: k.id, RequestId: town.Req(),
			Points: []*pb.FeedbackPointDraft{{Text: "Da du ventet."}}, Questions: []*pb.QuestionDraft{{Id: town.NewID().String(), Text: town.Wondering}, {Id: town.NewID().String(), Text: "Hvilket rom har dere?"}}}
		if m.saw != "" {
			r.Points[0].NoteIds = []string{m.saw}
		}
		complete := m.saw != ""
		switch k.rand.IntN(5) {
		case 0:
			r.Points, complete = nil, false
		case 1:
			r.Questions, complete = r.Questions[1:], false
		}
		_, err = p.GiveFeedback(c, r)
		if allowed = her && in("OBSERVED") && complete; allowed {
			m.state, m.exitBy = "FEEDBACK_GIVEN", ""
			m.questions = []modelQuestion{{id: r.Questions[0].Id, toHim: true, opensOut: true}, {id: r.Questions[1].Id, toHim: true}}
		}
		return role + " gives feedback", err, allowed
	case openFeedback:
		_, err = p.RecordOwnView(c, &pb.RecordOwnViewRequest{ObservationId: k.id, RequestId: town.Req(), View: &pb.RecordOwnViewRequest_Skip{Skip: true}})
		if allowed = him && m.exchanging(); allowed {
			m.opened = true
		}
		return role + " opens", err, allowed
	case settleQuestion, settleAnother:
		if len(m.questions) == 0 {
			return "nobody is asked", nil, true
		}
		i := k.rand.IntN(len(m.questions))
		for n, q := range m.questions {
			if onward && !q.settled && q.toHim == him {
				i = n
			}
		}
		q := &m.questions[i]
		r := &pb.AnswerQuestionRequest{QuestionId: q.id, RequestId: town.Req()}
		how := k.rand.IntN(4)
		switch how {
		case 0:
			r.Answer = &pb.AnswerQuestionRequest_Talked{Talked: true}
		case 1:
			r.Answer = &pb.AnswerQuestionRequest_Parked{Parked: true}
		default:
			r.Answer = &pb.AnswerQuestionRequest_Text{Text: "Fordi."}
		}
		_, err = p.AnswerQuestion(c, r)
		allowed = m.exchanging() && (him && m.opened && q.toHim || her && !q.toHim) && !(q.settled && q.byWords && !q.waiting)
		parked := q.settled && !q.byWords
		if how == 1 && (her || parked) || how == 0 && !m.talkConfirmed && m.state == "ANSWERED" {
			allowed = false
		}
		if allowed {
			q.settled, q.byWords, q.waiting = true, how != 1, how == 0 && !m.talkConfirmed
			m.follow()
		}
		return fmt.Sprintf("%s settles question %d, %d", role, i, how), err, allowed
	case askBack:
		id := town.NewID().String()
		_, err = p.AskBack(c, &pb.AskBackRequest{ObservationId: k.id, RequestId: town.Req(), Id: id, Text: "Hva?"})
		asked := 0
		for _, q := range m.questions {
			if !q.toHim {
				asked++
			}
		}
		if allowed = him && m.exchanging() && m.opened && asked < 5; allowed {
			m.questions = append(m.questions, modelQuestion{id: id})
			m.follow()
			m.exitBy = map[bool]string{true: m.exitBy}[m.state == "FEEDBACK_GIVEN"]
		}
		return role + " asks back", err, allowed
	case takeAway:
		_, err = p.RecordTakeaway(c, &pb.RecordTakeawayRequest{ObservationId: k.id, RequestId: town.Req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW})
		if allowed = m.exchanging() && (her || him && m.opened); allowed {
			m.wroteHers, m.wroteHis = m.wroteHers || her, m.wroteHis || him
			m.follow()
		}
		return role + " takes away", err, allowed
	case endWithout:
		back := k.rand.IntN(4) == 0
		_, err = p.EndWithoutExchange(c, &pb.EndWithoutExchangeRequest{ObservationId: k.id, RequestId: town.Req(), TakeBack: back})
		if allowed = two && in("OBSERVED", "FEEDBACK_GIVEN"); allowed {
			m.wish(&m.exitBy, role, back, func() { m.state = "CLOSED_WITHOUT_EXCHANGE" })
		}
		return fmt.Sprintf("%s wishes to end, back %t", role, back), err, allowed
	case reopen:
		back := k.rand.IntN(4) == 0
		_, err = p.ReopenObservation(c, &pb.ReopenObservationRequest{ObservationId: k.id, RequestId: town.Req(), TakeBack: back})
		if allowed = two && in("CLOSED"); allowed {
			m.wish(&m.reopenBy, role, back, func() { m.state, m.wroteHers, m.wroteHis = "ANSWERED", false, false })
		}
		return fmt.Sprintf("%s wishes to reopen, back %t", role, back), err, allowed
	case recordTalk:
		id := town.NewID().String()
		_, err = p.RecordConversation(c, &pb.RecordConversationRequest{ObservationId: k.id, RequestId: town.Req(), Id: id, TalkedAt: timestamppb.New(k.Clock.Now()), Duration: town.Talk(10), Summary: "Om det."})
		if allowed = two && m.exchanging(); allowed {
			m.talk, m.talkBy = id, role
		}
		return role + " tells of a talk", err, allowed
	default: // confirmTalk
		if m.talk == "" {
			return "no talk", nil, true
		}
		_, err = p.ConfirmConversation(c, &pb.ConfirmConversationRequest{ConversationId: m.talk, RequestId: town.Req()})
		if allowed = two && m.exchanging() && m.talkBy != role; allowed {
			m.talkConfirmed = true
			for i := range m.questions {
				m.questions[i].waiting = false
			}
			m.follow()
		}
		return role + " confirms the talk", err, allowed
	}
}

func (m *model) wish(by *string, role string, back bool, both func()) {
	switch {
	case back && *by == role:
		*by = ""
	case !back && *by == "":
		*by = role
	case !back && *by != role:
		*by = ""
		both()
	}
}

// G7: whatever the two, an outsider, a leader and an administrator call in
// whatever order, the visit is never where the model forbids it, each call is
// let through or refused as the model says, and others find nothing.
func TestRandomWalksStayWithinTheRules(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.SQL("insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate) values ($1, $2, $3, 0, 3, 5, false)", w.Owner, w.School, town.Tuesday.AddDate(-1, 0, 0))
	rounds, walks := rounds, walks
	if testing.Short() {
		rounds, walks = 1, shortWalks
	}
	seed := rand.Uint64()
	var slots atomic.Int64
	reached := sync.Map{}
	for round := range rounds {
		w.Clock.Set(w.Clock.Now().Add(2 * time.Hour)) // so many can't sign in at once
		var two [pairs][2]*town.Person
		for i := range two {
			n := round*pairs + i
			two[i] = [2]*town.Person{w.Settle(fmt.Sprint("Her", n), "Ness", "TEACHER"), w.Settle(fmt.Sprint("Him", n), "Odden", "TEACHER")}
		}
		var left atomic.Int64
		left.Store(int64(walks))
		var all sync.WaitGroup
		for n := range walkers {
			all.Go(func() {
				random := rand.New(rand.NewPCG(seed, uint64(round*walkers+n)))
				for !t.Failed() {
					walk := left.Add(-1)
					if walk < 0 {
						return
					}
					pair := two[walk%pairs]
					k := &walker{Town: w, rand: random, her: pair[0], him: pair[1], others: []*town.Person{w.Nils, w.Liv, w.Arne}, slots: &slots}
					if err := k.walk(&reached); err != nil {
						t.Errorf("seed %d: %v\n  %s", seed, err, strings.Join(k.trail, "\n  "))
					}
				}
			})
		}
		all.Wait()
		w.SQL("vacuum analyze") // nobody else does here, and dead rows would slow down the next round by half
	}
	for _, s := range []string{"PROPOSED", "AGREED", "OBSERVED", "FEEDBACK_GIVEN", "ANSWERED", "CLOSED", "CLOSED_WITHOUT_EXCHANGE", "DECLINED", "CANCELLED", "WITHDRAWN"} {
		if _, there := reached.Load(s); !there && !t.Failed() && !testing.Short() {
			t.Errorf("no walk came to %s: the walks are too short to say anything", s)
		}
	}
}

func (k *walker) walk(reached *sync.Map) error {
	start, end := k.lessonNow()
	k.id = town.NewID().String()
	by := k.her
	if k.awaitsObserver = k.rand.IntN(2) == 0; k.awaitsObserver {
		by = k.him
	}
	r := &pb.ProposeObservationRequest{Id: k.id, RequestId: town.Req(), SchoolId: k.School.String(), ObserverId: k.her.ID, ObservedId: k.him.ID, StartTime: start, EndTime: end}
	if k.awaitsObserver && k.rand.IntN(2) == 0 {
		r.FocusQuestion, k.card = town.Focus, true
	}
	if _, err := by.ProposeObservation(k.ctx(by), r); err != nil {
		return fmt.Errorf("proposing: %s %w", town.ReasonOf(err), err)
	}
	k.state = "PROPOSED"
	steps := fewest + k.rand.IntN(most-fewest+1)
	if k.rand.IntN(5) == 0 {
		steps = fewestLong + k.rand.IntN(mostLong-fewestLong+1)
	}
	for range steps {
		before := k.state
		name, err, allowed := k.step()
		reached.Store(k.state, true)
		k.trail = append(k.trail, fmt.Sprintf("%s: %s → %s %s", before, name, k.state, town.ReasonOf(err)))
		if (err == nil) != allowed {
			return fmt.Errorf("%s in %s: the model says %t, the service %v (%s, missing %v)", name, before, allowed, err, town.ReasonOf(err), town.MissingOf(err))
		}
		if strings.HasPrefix(name, "other") && status.Code(err) != codes.NotFound {
			return fmt.Errorf("%s in %s: %v, want NOT_FOUND", name, before, err)
		}
		if got := town.One[string](k.Town, "select state from visit where id = $1", k.id); got != k.state {
			return fmt.Errorf("%s in %s: the visit is %s, the model says %s", name, before, got, k.state)
		}
	}
	// What the two read is what the table says.
	o, err := k.him.GetObservation(k.ctx(k.him), &pb.GetObservationRequest{ObservationId: k.id})
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if got := strings.TrimPrefix(o.GetObservation().GetState().String(), "OBSERVATION_STATE_"); got != k.state {
		return fmt.Errorf("at the end it reads as %s, the model says %s", got, k.state)
	}
	return nil
}
