package observation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

// Few enough to choose from at a glance; the caller may ask for up to [MaxPartners].
const defaultPartners = 5

// SuggestPartners names colleagues to visit next. Those whom the caller has kept from being
// suggested are left out, and named beside, so that this can be taken back.
func (s *Service) SuggestPartners(ctx context.Context, req *pb.SuggestPartnersRequest) (*pb.SuggestPartnersResponse, error) {
	actor, place, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	most := int(req.GetPageSize())
	if most == 0 {
		most = defaultPartners
	}
	now := s.moment()
	var all []Colleague
	var kept []uuid.UUID
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueColleagues(b, place, now, &all)
		queueTeaching(b, place, now, &all)
		b.Queue(keptFromSuggestions, actor.Owner, actor.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&kept) })
	})
	if err != nil {
		return nil, err
	}
	// Asked for one colleague, such as on the page of a proposal: no others are ranked for it.
	if one := strings.ToLower(req.GetPersonId()); one != "" {
		all = slices.DeleteFunc(all, func(c Colleague) bool { return c.Person.String() != one })
	}
	reply := new(pb.SuggestPartnersResponse)
	for _, p := range Partners(actor.Person, all, now, min(most, MaxPartners)) {
		reply.Suggestions = append(reply.Suggestions, encodeSuggestion(p))
	}
	for _, k := range kept {
		reply.KeptPersonIds = append(reply.KeptPersonIds, k.String())
	}
	return reply, nil
}

// encodeSuggestion writes a colleague with the grounds on which they are suggested.
// How many visits they have had is left out: that would rank them.
func encodeSuggestion(p Suggestion) *pb.PartnerSuggestion {
	out := &pb.PartnerSuggestion{PersonId: p.Person.String(), Name: p.Name, FreeSlots: encodeSlots(p.Free), TeachingHours: int32(p.Hours), TeachingSlots: encodeSlots(p.Teaches)}
	for _, g := range p.Grounds {
		out.Reasons = append(out.Reasons, wire.Enum[pb.SuggestionReason](g))
	}
	if p.ReturnRole != "" {
		out.ReturnRole = wire.Enum[pb.ObservationRole](p.ReturnRole)
	}
	return out
}

// encodeSlots writes times that two have free in common.
// An instant of free time says nothing of the lesson or the visit beside it.
func encodeSlots(slots []Slot) []*pb.TimeSlot {
	var out []*pb.TimeSlot
	for _, f := range slots {
		out = append(out, &pb.TimeSlot{StartTime: wire.EncodeTime(f.Start), EndTime: wire.EncodeTime(f.End)})
	}
	return out
}

// KeepFromSuggestions keeps one colleague from being suggested to the caller. What the
// colleague is suggested stays as it is, so that nothing they see has changed.
func (s *Service) KeepFromSuggestions(ctx context.Context, req *pb.KeepFromSuggestionsRequest) (*pb.KeepFromSuggestionsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	other, err := wire.ID("person_id", req.GetPersonId())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "KeepFromSuggestions", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, known *bool) {
			// It is undone without a question: whoever has left since is no colleague any more.
			if *known = req.GetTakeBack(); *known {
				return
			}
			school.QueueColleague(b, actor.Owner, actor.Person, other, known)
		},
		func(w once.Writer, known *bool) error {
			if !*known {
				return refusal.New(refusal.NotThere)
			}
			sql := keepFromSuggestions
			if req.GetTakeBack() {
				sql = suggestAgain
			}
			w.Queue(sql, actor.Owner, actor.Person, other)
			return nil
		},
		func(*bool) *pb.KeepFromSuggestionsResponse { return &pb.KeepFromSuggestionsResponse{} },
	).Remember(ctx, s.db, once.Same[bool]())
}

// SetAvailability says when the caller can visit or be visited.
func (s *Service) SetAvailability(ctx context.Context, req *pb.SetAvailabilityRequest) (*pb.SetAvailabilityResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if len(req.GetSlots()) > MaxSlots {
		return nil, refusal.Beyond("slots", refusal.TooMany, MaxSlots)
	}
	now := s.moment()
	slots := make([]Slot, len(req.GetSlots()))
	for i, f := range req.GetSlots() {
		slots[i] = Slot{Start: wire.Time(f.GetStartTime()), End: wire.Time(f.GetEndTime())}
		switch {
		// What overlaps is no mistake: see below.
		case !slots[i].End.After(slots[i].Start):
			return nil, refusal.Beyond(fmt.Sprintf("slots[%d].end_time", i), refusal.Span, int(LongestSlot/time.Hour))
		case slots[i].Start.After(now.Add(FurthestAhead)):
			return nil, tooFarAhead(fmt.Sprintf("slots[%d].start_time", i))
		}
	}
	// Times that overlap or touch become one, so that what two have free in common is found
	// whole.
	slots = Merge(slots)
	call := once.Call{As: actor.As(), RPC: "SetAvailability", Request: req, Now: now}
	return once.New(call, once.AboutNothing, once.ReadNothing,
		func(w once.Writer, _ *struct{}) error {
			writeAvailability(w, actor.Owner, actor.Person, slots)
			return nil
		},
		func(*struct{}) *pb.SetAvailabilityResponse {
			return &pb.SetAvailabilityResponse{Slots: encodeSlots(slots)}
		},
	).Remember(ctx, s.db, once.Same[struct{}]())
}

// openVisits is how many of someone's open visits are looked through for whose
// move it is: far more than one person has.
const openVisits = 200

// GetBalance tells the caller what they have given and received.
func (s *Service) GetBalance(ctx context.Context, _ *pb.GetBalanceRequest) (*pb.GetBalanceResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	// Whose move it is, only the machine knows: it is asked visit by visit, not in SQL.
	open := filter{from: time.Unix(0, 0), to: farFuture, before: farFuture, behind: uuid.Max,
		states: []string{string(Proposed), string(Agreed), string(Observed), string(FeedbackGiven), string(Answered)}}
	var visits []Visit
	reply := new(pb.GetBalanceResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(balance, actor.Owner, actor.Person).QueryRow(func(row pgx.Row) error {
			return row.Scan(&reply.Visited, &reply.WasVisited, &reply.GaveFeedback, &reply.Answered)
		})
		queueVisitsOfPerson(b, actor.Owner, actor.Person, open, openVisits, &visits)
	})
	if err != nil {
		return nil, err
	}
	now := s.moment()
	for i := range visits {
		if slices.Contains(visits[i].NextStep(now).Movers, actor.Person) {
			reply.MyMove++
		}
	}
	return reply, nil
}

// StartRound makes a round of two or three.
func (s *Service) StartRound(ctx context.Context, req *pb.StartRoundRequest) (*pb.StartRoundResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	r := &Round{Joined: []uuid.UUID{actor.Person}, Created: s.moment()}
	if r.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	if r.School, err = wire.ID("school_id", req.GetSchoolId()); err != nil {
		return nil, err
	}
	if r.Members, err = wire.IDs("member_ids", req.GetMemberIds()); err != nil {
		return nil, err
	}
	// Nobody makes a round for others.
	if !slices.Contains(r.Members, actor.Person) {
		return nil, refusal.New(refusal.RoleRequired).With("role", "member")
	}
	call := once.Call{As: actor.As(), RPC: "StartRound", Request: req, Now: r.Created}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *rounding) {
			c.places = map[uuid.UUID][]string{}
			school.QueuePlaces(b, actor.Owner, r.School, r.Members, c.places)
		},
		func(w once.Writer, c *rounding) error {
			// Each leg becomes a visit, so each pair has to be one that may visit each other.
			for _, l := range r.Legs() {
				if _, err := (&Proposal{Observer: l.Observer, Observed: l.Observed}).peers(c.places); err != nil {
					return err
				}
			}
			r.insert(w, actor.Owner)
			c.round = *r
			return nil
		},
		func(c *rounding) *pb.StartRoundResponse { return &pb.StartRoundResponse{Round: encodeRound(&c.round)} },
	).Remember(ctx, s.db, readRound(actor, r.ID))
}

// rounding is a change of a round.
type rounding struct {
	round  Round
	places map[uuid.UUID][]string // what its members are at the school
}

// readRound answers a repetition with the round as it now stands.
func readRound(actor school.Actor, id uuid.UUID) once.Again[rounding] {
	return once.Read(func(b *pgx.Batch, c *rounding) { queueRound(b, roundByID, actor.Owner, actor.Person, id, &c.round) })
}

// JoinRound agrees to a round.
// Joined already, it changes nothing: two devices may say so.
func (s *Service) JoinRound(ctx context.Context, req *pb.JoinRoundRequest) (*pb.JoinRoundResponse, error) {
	r, err := s.changeRound(ctx, "JoinRound", req, func(w once.Writer, r *Round, actor school.Actor, _ time.Time) error {
		if !r.Ended.IsZero() {
			return wrongState("ENDED")
		}
		if !slices.Contains(r.Joined, actor.Person) {
			r.Joined = append(r.Joined, actor.Person)
			w.Queue(joinRound, actor.Owner, r.ID, actor.Person)
		}
		return nil
	})
	return &pb.JoinRoundResponse{Round: r}, err
}

// LeaveRound ends a round for all of it.
// A round of two or three is nobody's without one of them; visits that have come of it stay.
func (s *Service) LeaveRound(ctx context.Context, req *pb.LeaveRoundRequest) (*pb.LeaveRoundResponse, error) {
	r, err := s.changeRound(ctx, "LeaveRound", req, func(w once.Writer, r *Round, actor school.Actor, now time.Time) error {
		if r.Ended.IsZero() {
			r.Ended = now
			w.Queue(endRound, actor.Owner, r.ID, now)
		}
		return nil
	})
	return &pb.LeaveRoundResponse{Round: r}, err
}

// roundRequest is a request for a change of one round.
type roundRequest interface {
	once.Request
	GetRoundId() string
}

// changeRound carries out a change of a round, which it locks and reads.
// The lock is the row itself, taken by the query that reads it. NOT_FOUND for whoever is not
// one of its members.
func (s *Service) changeRound(ctx context.Context, rpc string, req roundRequest,
	decide func(once.Writer, *Round, school.Actor, time.Time) error) (*pb.Round, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("round_id", req.GetRoundId())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: rpc, Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *rounding) { queueRound(b, lockRound, actor.Owner, actor.Person, id, &c.round) },
		func(w once.Writer, c *rounding) error { return decide(w, &c.round, actor, now) },
		func(c *rounding) *pb.Round { return encodeRound(&c.round) },
	).Remember(ctx, s.db, readRound(actor, id))
}

// ListRounds lists the caller's rounds.
func (s *Service) ListRounds(ctx context.Context, _ *pb.ListRoundsRequest) (*pb.ListRoundsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListRoundsResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(roundsOfPerson, actor.Owner, actor.Person).Query(func(rows pgx.Rows) error {
			return eachRound(rows, func(r Round) { reply.Rounds = append(reply.Rounds, encodeRound(&r)) })
		})
	})
	return reply, err
}

// encodeRound writes a round as all members read it: who has joined, and which of its
// visits have come to an answer.
func encodeRound(r *Round) *pb.Round {
	out := &pb.Round{Id: r.ID.String(), SchoolId: r.School.String(), Ended: !r.Ended.IsZero(), CreateTime: wire.EncodeTime(r.Created)}
	for _, m := range r.Members {
		out.Members = append(out.Members, &pb.RoundMember{PersonId: m.String(), Joined: slices.Contains(r.Joined, m)})
	}
	for _, l := range r.Legs() {
		out.Legs = append(out.Legs, &pb.RoundLeg{ObserverId: l.Observer.String(), ObservedId: l.Observed.String(), Done: l.Done})
	}
	out.Complete = len(r.Members) > 0 && r.Complete()
	return out
}
