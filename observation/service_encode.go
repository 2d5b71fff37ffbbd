package observation

import (
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "undring/gen/undring/v1"
	"undring/refusal"
	"undring/wire"
	"undring/words"
)

// agreementLines is how many lines the agreement has in the catalogues. A test holds it
// against each language, so that no line can be left unsaid.
const agreementLines = 6

// decodeTalk reads the talk that is to be booked; nil where none is named.
func decodeTalk(t *pb.Talk) *Talk {
	if t == nil {
		return nil
	}
	out := &Talk{At: wire.Time(t.GetStartTime()), Minutes: DefaultTalk, Arena: wire.Name(t.GetArena())}
	if d := t.GetDuration(); d != nil {
		out.Minutes = int(d.AsDuration() / time.Minute)
	}
	return out
}

// decodeProposal reads a proposal. A phone gives the visit its id, so that what is
// written on it without a network can name it; the twin's is made here, since only one
// of the two proposes.
func (s *Service) decodeProposal(req *pb.ProposeObservationRequest) (*Proposal, error) {
	p := &Proposal{
		Start: wire.Time(req.GetStartTime()), End: wire.Time(req.GetEndTime()), Place: req.GetPlace(),
		CoTaught: req.GetCoTaught(), Talk: Talk{Minutes: DefaultTalk},
		Focus: req.GetFocusQuestion(), Intention: req.GetIntention(), Expectation: req.GetExpectation(), TwinFocus: req.GetMutualFocusQuestion(),
	}
	if t := decodeTalk(req.GetTalk()); t != nil {
		p.Talk = *t
	}
	if req.GetMutual() {
		p.TwinID = uuid.NullUUID{UUID: s.newID(), Valid: true}
	}
	var err error
	if p.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	if p.School, err = wire.ID("school_id", req.GetSchoolId()); err != nil {
		return nil, err
	}
	if p.Observer, err = wire.ID("observer_id", req.GetObserverId()); err != nil {
		return nil, err
	}
	if p.Observed, err = wire.ID("observed_id", req.GetObservedId()); err != nil {
		return nil, err
	}
	// Refused here, since every rule about the two would speak of one person.
	if p.Observer == p.Observed {
		return nil, refusal.Beyond("observed_id", refusal.Oneself, 0)
	}
	if p.FocusArea, err = wire.OptionalID("focus_area_id", req.GetFocusAreaId()); err != nil {
		return nil, err
	}
	p.Round, err = wire.OptionalID("round_id", req.GetRoundId())
	return p, err
}

// decodeCard reads the visit card. It is replaced as a whole: the revision that comes
// with it guards against overwriting what another device wrote.
func decodeCard(req *pb.SetFocusRequest) (Card, error) {
	area, err := wire.OptionalID("focus_area_id", req.GetFocusAreaId())
	return Card{
		Focus: req.GetFocusQuestion(), Intention: req.GetIntention(), LookFor: req.GetLookFor(),
		DoNotNote: req.GetDoNotNote(), WantedFeedback: req.GetWantedFeedback(), FocusArea: area, Expectation: req.GetExpectation(),
	}, err
}

// decodeFilter reads which visits are asked for. The database is always asked with all
// bounds, since a statement whose text never changes keeps its plan.
func decodeFilter(req *pb.ListObservationsRequest) (filter, error) {
	// No states are all of them; an empty list, and not nil, which the statement would take for
	// null.
	f := filter{from: time.Unix(0, 0), to: farFuture, states: []string{}}
	switch req.GetRole() {
	case pb.ObservationRole_OBSERVATION_ROLE_OBSERVER:
		f.role = string(AsObserver)
	case pb.ObservationRole_OBSERVATION_ROLE_OBSERVED:
		f.role = string(AsObserved)
	}
	for _, s := range req.GetStates() {
		f.states = append(f.states, wire.Name(s))
	}
	if t := req.GetStartAfter(); t != nil {
		f.from = wire.Time(t)
	}
	if t := req.GetStartBefore(); t != nil {
		f.to = wire.Time(t)
	}
	last, err := wire.ReadPageToken(req.GetPageToken(), place{At: farFuture, ID: uuid.Max})
	f.before, f.behind = last.At, last.ID
	return f, err
}

// place is where a page of visits or of notes ends.
type place struct {
	At time.Time
	ID uuid.UUID
}

// Encode writes a visit for the contract, in the words of a language, as it stands at a time.
// Both of the two get the same visit but for the language: no field shows one of them more
// than the other.
func Encode(v *Visit, language string, now time.Time) *pb.Observation {
	talkAt := v.Talk.At
	// Where nobody has named a time, the talk follows the lesson.
	if talkAt.IsZero() {
		talkAt = v.End
	}
	o := &pb.Observation{
		Id: v.ID.String(), SchoolId: v.School.String(),
		State:      wire.Enum[pb.ObservationState](v.State),
		ObserverId: v.Observer.String(), ObservedId: v.Observed.String(),
		StartTime: wire.EncodeTime(v.Start), EndTime: wire.EncodeTime(v.End), Place: v.Place, CoTaught: v.CoTaught,
		MutualObservationId: wire.EncodeID(v.Twin),
		FocusQuestion:       v.Card.Focus, SuggestedFocusQuestion: v.Suggested, Intention: v.Card.Intention,
		LookFor: v.Card.LookFor, DoNotNote: v.Card.DoNotNote, WantedFeedback: v.Card.WantedFeedback,
		FocusAreaId: wire.EncodeID(v.Card.FocusArea), Revision: v.Revision,
		FeedbackDueTime: wire.EncodeTime(v.FeedbackDue), AnswerDueTime: wire.EncodeTime(v.AnswerDue), TakeawayDueTime: wire.EncodeTime(v.TakeawayDue),
		NextStep:       encodeNext(v.NextStep(now), language),
		Talk:           &pb.Talk{StartTime: wire.EncodeTime(talkAt), Duration: durationpb.New(time.Duration(v.Talk.Minutes) * time.Minute), Arena: wire.Enum[pb.Arena](v.Talk.Arena)},
		RoundId:        wire.EncodeID(v.Round),
		ExitWishedById: wire.EncodeID(v.ExitWish), ReopenWishedById: wire.EncodeID(v.ReopenWish),
		FeedbackOpened: v.Opened, AcknowledgeTime: wire.EncodeTime(v.Acknowledged),
		CreateTime: wire.EncodeTime(v.Created), UpdateTime: wire.EncodeTime(v.Updated),
		Expectation: v.Card.Expectation, IntentionTime: wire.EncodeTime(v.Card.Intended), LaterIntention: EncodeLater(v.Card.Later),
		Audience: wire.Enum[pb.Audience](v.Readers),
	}
	for _, u := range v.Unseen {
		o.UnseenChanges = append(o.UnseenChanges, &pb.UnseenChange{PersonId: u.Person.String(),
			Kind: wire.Enum[pb.ChangeKind](u.Kind), ChangeTime: wire.EncodeTime(u.At), Revision: u.Revision})
	}
	// In this order for both readers: an order of their own would be a difference between them.
	for _, r := range []Role{AsObserver, AsObserved} {
		if v.Left[r] {
			o.LeftIds = append(o.LeftIds, v.Person(r).String())
		}
	}
	o.EndedAloneById = wire.EncodeID(v.EndedAlone)
	if m := v.Move; m != nil {
		o.Move = &pb.MoveProposal{ProposedById: m.By.String(), StartTime: wire.EncodeTime(m.Start),
			EndTime: wire.EncodeTime(m.End), CreateTime: wire.EncodeTime(m.Created)}
	}
	if n := v.NameWish; n != nil {
		o.NameWish = &pb.NameWish{Name: n.Name, WishedById: n.By.String()}
	}
	o.Agreement = &pb.Agreement{Version: AgreementVersion}
	// The lines go out with each visit, in the reader's language, so that what was agreed to is
	// read where it holds; the version says to which wording each has said yes.
	for i := range agreementLines {
		o.Agreement.Lines = append(o.Agreement.Lines, words.Say(language, "agreement."+itoa(int64(i+1))))
	}
	for _, yes := range []struct {
		person uuid.UUID
		Consent
	}{{v.Observer, v.ObserverConsent}, {v.Observed, v.ObservedConsent}} {
		if !yes.At.IsZero() {
			o.Agreement.Consents = append(o.Agreement.Consents,
				&pb.AgreementConsent{PersonId: yes.person.String(), AcceptTime: wire.EncodeTime(yes.At), Version: yes.Version})
		}
	}
	return o
}

// EncodeLater writes how intention and expectation are put since the lesson began; nil
// where they were left as they are.
func EncodeLater(l Later) *pb.LaterIntention {
	if l.At.IsZero() {
		return nil
	}
	return &pb.LaterIntention{Intention: l.Intention, Expectation: l.Expectation, WriteTime: wire.EncodeTime(l.At)}
}

// encodeNext writes whose move it is. Both read the same fields; the words say
// what is to be done, not by whom, so that they too are the same for both.
func encodeNext(s NextStep, language string) *pb.NextStep {
	out := &pb.NextStep{Todo: wire.Enum[pb.NextTodo](s.Todo), DueTime: wire.EncodeTime(s.Due), Overdue: s.Late}
	for _, m := range s.Movers {
		out.PersonIds = append(out.PersonIds, m.String())
	}
	out.Text = words.Say(language, "next.ended")
	if s.Todo != "" {
		out.Text = words.Say(language, "next."+string(s.Todo))
	}
	return out
}
