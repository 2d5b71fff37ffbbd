package observation

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/refusal"
	"undring/words"
)

// agreementLines is how many lines the agreement has in the catalogues.
const agreementLines = 6

func parseID(field, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, refusal.Invalidf(field, "must be a UUID")
	}
	return id, nil
}

func parseOptional(field, text string) (uuid.NullUUID, error) {
	if text == "" {
		return uuid.NullUUID{}, nil
	}
	id, err := parseID(field, text)
	return uuid.NullUUID{UUID: id, Valid: true}, err
}

// decodeTime is a time as exact as the database keeps it; zero where it is
// absent.
func decodeTime(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime().Truncate(time.Microsecond)
}

func encodeTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func encodeID(id uuid.NullUUID) string {
	if !id.Valid {
		return ""
	}
	return id.UUID.String()
}

var arenas = map[pb.Arena]string{
	pb.Arena_ARENA_UNSPECIFIED: "",
	pb.Arena_ARENA_CLASSROOM:   "CLASSROOM",
	pb.Arena_ARENA_OFFICE:      "OFFICE",
	pb.Arena_ARENA_WALK:        "WALK",
	pb.Arena_ARENA_CAFE:        "CAFE",
	pb.Arena_ARENA_OUTDOORS:    "OUTDOORS",
	pb.Arena_ARENA_DIGITAL:     "DIGITAL",
}

// decodeTalk reads the talk that is to be booked; nil where none is named.
func decodeTalk(t *pb.Talk) *Talk {
	if t == nil {
		return nil
	}
	out := &Talk{At: decodeTime(t.GetStartTime()), Minutes: DefaultTalk, Arena: arenas[t.GetArena()]}
	if d := t.GetDuration(); d != nil {
		out.Minutes = int(d.AsDuration() / time.Minute)
	}
	return out
}

func (s *Service) decodeProposal(req *pb.ProposeObservationRequest) (*Proposal, error) {
	p := &Proposal{
		Start: decodeTime(req.GetStartTime()), End: decodeTime(req.GetEndTime()), Place: req.GetPlace(),
		CoTaught: req.GetCoTaught(), Talk: Talk{Minutes: DefaultTalk},
		Focus: req.GetFocusQuestion(), Intention: req.GetIntention(), TwinFocus: req.GetMutualFocusQuestion(),
	}
	if t := decodeTalk(req.GetTalk()); t != nil {
		p.Talk = *t
	}
	if req.GetMutual() {
		p.TwinID = uuid.NullUUID{UUID: s.newID(), Valid: true}
	}
	var err error
	if p.ID, err = s.idOr(req.GetId()); err != nil {
		return nil, err
	}
	if p.School, err = parseID("school_id", req.GetSchoolId()); err != nil {
		return nil, err
	}
	if p.Observer, err = parseID("observer_id", req.GetObserverId()); err != nil {
		return nil, err
	}
	if p.Observed, err = parseID("observed_id", req.GetObservedId()); err != nil {
		return nil, err
	}
	if p.Observer == p.Observed {
		return nil, refusal.Beyond("observed_id", refusal.Oneself, 0)
	}
	if p.FocusArea, err = parseOptional("focus_area_id", req.GetFocusAreaId()); err != nil {
		return nil, err
	}
	p.Round, err = parseOptional("round_id", req.GetRoundId())
	return p, err
}

func decodeCard(req *pb.SetFocusRequest) (Card, error) {
	area, err := parseOptional("focus_area_id", req.GetFocusAreaId())
	return Card{
		Focus: req.GetFocusQuestion(), Intention: req.GetIntention(), LookFor: req.GetLookFor(),
		DoNotNote: req.GetDoNotNote(), WantedFeedback: req.GetWantedFeedback(), FocusArea: area,
	}, err
}

func stateOf(s pb.ObservationState) State {
	return State(s.String()[len("OBSERVATION_STATE_"):])
}

func decodeFilter(req *pb.ListObservationsRequest) (filter, error) {
	f := filter{from: time.Unix(0, 0), to: farFuture, before: farFuture, behind: uuid.Max, states: []string{}}
	switch req.GetRole() {
	case pb.ObservationRole_OBSERVATION_ROLE_OBSERVER:
		f.role = string(AsObserver)
	case pb.ObservationRole_OBSERVATION_ROLE_OBSERVED:
		f.role = string(AsObserved)
	}
	for _, s := range req.GetStates() {
		f.states = append(f.states, string(stateOf(s)))
	}
	if t := req.GetStartAfter(); t != nil {
		f.from = decodeTime(t)
	}
	if t := req.GetStartBefore(); t != nil {
		f.to = decodeTime(t)
	}
	if token := req.GetPageToken(); token != "" {
		var err error
		if f.before, f.behind, err = readPageToken(token); err != nil {
			return f, err
		}
	}
	return f, nil
}

// A page ends at a time and an id, so that it stays where it is whatever is
// written meanwhile.
func pageToken(at time.Time, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro())), id[:]...))
}

func readPageToken(token string) (time.Time, uuid.UUID, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 8+16 {
		return time.Time{}, uuid.Nil, refusal.Invalidf("page_token", "is none that this server gave")
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw)))
	if at.Year() < 1 || at.Year() > 9999 {
		return time.Time{}, uuid.Nil, refusal.Invalidf("page_token", "is none that this server gave")
	}
	return at, uuid.UUID(raw[8:]), nil
}

// Encode writes a visit for the contract, in the words of a language, as it
// stands at a time.
func Encode(v *Visit, language string, now time.Time) *pb.Observation {
	talkAt := v.Talk.At
	if talkAt.IsZero() {
		talkAt = v.End
	}
	o := &pb.Observation{
		Id: v.ID.String(), SchoolId: v.School.String(),
		State:      pb.ObservationState(pb.ObservationState_value["OBSERVATION_STATE_"+string(v.State)]),
		ObserverId: v.Observer.String(), ObservedId: v.Observed.String(),
		StartTime: encodeTime(v.Start), EndTime: encodeTime(v.End), Place: v.Place, CoTaught: v.CoTaught,
		MutualObservationId: encodeID(v.Twin),
		FocusQuestion:       v.Card.Focus, SuggestedFocusQuestion: v.Suggested, Intention: v.Card.Intention,
		LookFor: v.Card.LookFor, DoNotNote: v.Card.DoNotNote, WantedFeedback: v.Card.WantedFeedback,
		FocusAreaId: encodeID(v.Card.FocusArea), Revision: v.Revision,
		FeedbackDueTime: encodeTime(v.FeedbackDue), AnswerDueTime: encodeTime(v.AnswerDue), TakeawayDueTime: encodeTime(v.TakeawayDue),
		NextStep:       encodeStep(v.NextStep(now), language),
		Talk:           &pb.Talk{StartTime: encodeTime(talkAt), Duration: durationpb.New(time.Duration(v.Talk.Minutes) * time.Minute)},
		RoundId:        encodeID(v.Round),
		ExitWishedById: encodeID(v.ExitWish), ReopenWishedById: encodeID(v.ReopenWish),
		FeedbackOpened: v.Opened, AcknowledgeTime: encodeTime(v.Acknowledged),
		CreateTime: encodeTime(v.Created), UpdateTime: encodeTime(v.Updated),
	}
	for arena, name := range arenas {
		if name == v.Talk.Arena {
			o.Talk.Arena = arena
		}
	}
	o.Agreement = &pb.Agreement{Version: AgreementVersion}
	for i := range agreementLines {
		o.Agreement.Lines = append(o.Agreement.Lines, words.Say(language, "agreement."+itoa(int64(i+1))))
	}
	for _, yes := range []struct {
		person uuid.UUID
		Consent
	}{{v.Observer, v.ObserverConsent}, {v.Observed, v.ObservedConsent}} {
		if !yes.At.IsZero() {
			o.Agreement.Consents = append(o.Agreement.Consents,
				&pb.AgreementConsent{PersonId: yes.person.String(), AcceptTime: encodeTime(yes.At), Version: yes.Version})
		}
	}
	return o
}

// encodeStep writes whose move it is. Both read the same fields; the words say
// what is to be done, not by whom, so that they too are the same for both.
func encodeStep(s Step, language string) *pb.NextStep {
	out := &pb.NextStep{Todo: pb.NextTodo(pb.NextTodo_value["NEXT_TODO_"+string(s.Todo)]), DueTime: encodeTime(s.Due), Overdue: s.Late}
	for _, m := range s.Movers {
		out.PersonIds = append(out.PersonIds, m.String())
	}
	out.Text = words.Say(language, "next.ended")
	if s.Todo != "" {
		out.Text = words.Say(language, "next."+string(s.Todo))
	}
	return out
}
