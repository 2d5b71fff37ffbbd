package observation

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

// Service serves the ObservationService of the contract.
type Service struct {
	pb.UnimplementedObservationServiceServer
	db    *postgres.DB
	now   func() time.Time
	newID func() uuid.UUID

	lessons lessons
}

// NewService makes the service. newID makes ids for what clients leave unnamed.
func NewService(db *postgres.DB, now func() time.Time, newID func() uuid.UUID) *Service {
	return &Service{db: db, now: now, newID: newID}
}

// moment is the time of a change, as exact as the database keeps it.
func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// as is the identity in whose name the database is asked: row level security goes by
// it.
func as(a school.Actor) postgres.As { return postgres.As{Owner: a.Owner, Person: a.Person} }

// ProposeObservation asks for a visit or offers one.
func (s *Service) ProposeObservation(ctx context.Context, req *pb.ProposeObservationRequest) (*pb.ProposeObservationResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.decodeProposal(req)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	if err := CheckSpan(p.Start, p.End, now); err != nil {
		return nil, err
	}
	// Nobody arranges a visit between two others.
	if actor.Person != p.Observer && actor.Person != p.Observed {
		return nil, refusal.New(refusal.RoleRequired).With("role", "OBSERVER or OBSERVED")
	}
	call := once.Call{As: as(actor), RPC: "ProposeObservation", Request: req, Now: now}
	change := once.New(call, once.About(func(*proposing) uuid.UUID { return p.ID }),
		func(b *pgx.Batch, c *proposing) { c.read(b, actor, p, now) },
		func(w once.Writer, c *proposing) error { return c.decide(w, actor, p, now) },
		func(c *proposing) *pb.ProposeObservationResponse {
			r := &pb.ProposeObservationResponse{Observation: Encode(c.visits[0], actor.Language, now)}
			if len(c.visits) == 2 {
				r.MutualObservation = Encode(c.visits[1], actor.Language, now)
			}
			return r
		})
	again := once.Read(func(b *pgx.Batch, c *proposing) {
		c.visits = p.visits(actor.Person, now)
		for _, v := range c.visits {
			QueueVisit(b, actor.Owner, actor.Person, v.ID, v)
		}
	})
	if p.TwinID.Valid { // the reply holds words of two visits, each with an end of its own
		return change.ReadAnew(ctx, s.db, again)
	}
	return change.Remember(ctx, s.db, again)
}

// proposing is a proposal under way.
type proposing struct {
	visits []*Visit // one, or two for a mutual one
	taken  bool     // an id that the client chose is a visit's already
	in     obstacles
	places map[uuid.UUID][]string
	round  Round
}

// read queues all that a proposal depends on, in one flight: where the two have their
// places, who has hours or debts in the way, and the round that it is part of.
func (c *proposing) read(b *pgx.Batch, actor school.Actor, p *Proposal, now time.Time) {
	c.visits, c.places = p.visits(actor.Person, now), map[uuid.UUID][]string{}
	school.QueuePlaces(b, actor.Owner, p.School, []uuid.UUID{p.Observer, p.Observed}, c.places)
	queueTaken(b, c.visits, &c.taken)
	queueObstacles(b, c.visits[0], actor.Person, p.TwinID.Valid, now, &c.in)
	if p.Round.Valid {
		queueRound(b, roundByID, actor.Owner, actor.Person, p.Round.UUID, &c.round)
	}
}

// decide lets the proposal in, or its two visits where it is mutual. Ids come first: a
// proposal that can't succeed must not tell about hours. Then peers, because who may
// visit whom does not depend on the time.
func (c *proposing) decide(w once.Writer, actor school.Actor, p *Proposal, now time.Time) error {
	if c.taken {
		return refusal.New(refusal.IDTaken)
	}
	peers, err := p.peers(c.places)
	if err != nil {
		return err
	}
	if p.Round.Valid && !c.round.Takes(p.Observer, p.Observed) {
		return refusal.New(refusal.RoundNotJoined).With("round_id", c.round.ID.String())
	}
	for _, v := range c.visits {
		v.Peers = peers
		one := NewChange(w, actor.Owner, actor.Person, now, v)
		err := one.Take(Propose, c.in.facts(), func(w once.Writer) { insert(w, actor.Owner, v, now) })
		if err != nil {
			return err
		}
	}
	return nil
}

// visitRequest is a request for a change of one visit.
type visitRequest interface {
	once.Request
	GetObservationId() string
}

// changeVisit carries out a change of one visit: it locks and reads the visit, and
// what more asks besides (nil: nothing), in one flight; decide refuses, or queues the
// writes.
func changeVisit[R proto.Message](ctx context.Context, s *Service, req visitRequest, more question,
	decide func(*change) error, reply func(*pb.Observation) R) (R, error) {
	var none R
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return none, err
	}
	id, err := wire.ID("observation_id", req.GetObservationId())
	if err != nil {
		return none, err
	}
	now := s.moment()
	call := once.Call{As: as(actor), RPC: string(req.ProtoReflect().Descriptor().Name()), Request: req, Now: now}
	return once.New(call, once.About(func(*change) uuid.UUID { return id }),
		func(b *pgx.Batch, c *change) {
			QueueLock(b, actor.Owner, actor.Person, id)
			// Always with its twin: whether a proposal is one visit or two is known only once
			// both are read.
			queueTwins(b, actor.Owner, actor.Person, id, &c.visit, &c.twin)
			if more != nil {
				more(b, actor, id, now, c)
			}
		},
		func(w once.Writer, c *change) error {
			c.Change = NewChange(w, actor.Owner, actor.Person, now, &c.visit)
			return decide(c)
		},
		func(c *change) R { return reply(Encode(&c.visit, actor.Language, now)) },
	).Remember(ctx, s.db, once.Read(func(b *pgx.Batch, c *change) { QueueVisit(b, actor.Owner, actor.Person, id, &c.visit) }))
}

// question is what a change asks besides its visit.
type question func(*pgx.Batch, school.Actor, uuid.UUID, time.Time, *change)

// read reads a visit in the name of the caller. NOT_FOUND for anybody but the two.
func (s *Service) read(ctx context.Context, actor school.Actor, id uuid.UUID) (*Visit, error) {
	v := new(Visit)
	err := s.db.Read(ctx, as(actor), func(b *pgx.Batch) { QueueVisit(b, actor.Owner, actor.Person, id, v) })
	return v, err
}

// obstaclesAt asks what stands in the way of taking the visit's hours, or others that
// are proposed for it.
func obstaclesAt(start, end time.Time) question {
	return func(b *pgx.Batch, actor school.Actor, visit uuid.UUID, now time.Time, c *change) {
		queueObstaclesOf(b, actor.Owner, visit, actor.Person, start, end, now, &c.obstacles)
		rules(b, actor, visit, now, c)
	}
}

// rules asks for the rules of the visit's school.
func rules(b *pgx.Batch, actor school.Actor, visit uuid.UUID, now time.Time, c *change) {
	school.QueueRulesAbout(b, actor.Owner, AboutVisit, visit, now, &c.rules)
}

// CounterPropose names another time.
func (s *Service) CounterPropose(ctx context.Context, req *pb.CounterProposeRequest) (*pb.CounterProposeResponse, error) {
	start, end := wire.Time(req.GetStartTime()), wire.Time(req.GetEndTime())
	if err := CheckSpan(start, end, s.moment()); err != nil {
		return nil, err
	}
	return changeVisit(ctx, s, req, obstaclesAt(start, end),
		func(c *change) error { return c.counter(start, end, req.GetPlace(), decodeTalk(req.GetTalk())) },
		func(o *pb.Observation) *pb.CounterProposeResponse { return &pb.CounterProposeResponse{Observation: o} })
}

// SetFocus writes the visit card.
func (s *Service) SetFocus(ctx context.Context, req *pb.SetFocusRequest) (*pb.SetFocusResponse, error) {
	card, err := decodeCard(req)
	if err != nil {
		return nil, err
	}
	return changeVisit(ctx, s, req, nil,
		func(c *change) error { return c.setFocus(card, req.GetRevision()) },
		func(o *pb.Observation) *pb.SetFocusResponse { return &pb.SetFocusResponse{Observation: o} })
}

// AcceptObservation agrees to the visit.
func (s *Service) AcceptObservation(ctx context.Context, req *pb.AcceptObservationRequest) (*pb.AcceptObservationResponse, error) {
	return changeVisit(ctx, s, req, obstaclesAt(time.Time{}, time.Time{}), (*change).accept,
		func(o *pb.Observation) *pb.AcceptObservationResponse {
			return &pb.AcceptObservationResponse{Observation: o}
		})
}

// DeclineObservation says no.
func (s *Service) DeclineObservation(ctx context.Context, req *pb.DeclineObservationRequest) (*pb.DeclineObservationResponse, error) {
	return changeVisit(ctx, s, req, nil, (*change).decline, func(o *pb.Observation) *pb.DeclineObservationResponse {
		return &pb.DeclineObservationResponse{Observation: o}
	})
}

// CancelObservation calls the visit off.
func (s *Service) CancelObservation(ctx context.Context, req *pb.CancelObservationRequest) (*pb.CancelObservationResponse, error) {
	return changeVisit(ctx, s, req, nil, (*change).cancel, func(o *pb.Observation) *pb.CancelObservationResponse {
		return &pb.CancelObservationResponse{Observation: o}
	})
}

// WithdrawObservation erases every text of the visit for both.
func (s *Service) WithdrawObservation(ctx context.Context, req *pb.WithdrawObservationRequest) (*pb.WithdrawObservationResponse, error) {
	return changeVisit(ctx, s, req, nil, (*change).withdraw, func(o *pb.Observation) *pb.WithdrawObservationResponse {
		return &pb.WithdrawObservationResponse{Observation: o}
	})
}

// MarkObserved says that the visit took place.
func (s *Service) MarkObserved(ctx context.Context, req *pb.MarkObservedRequest) (*pb.MarkObservedResponse, error) {
	return changeVisit(ctx, s, req, nil, (*change).observe, func(o *pb.Observation) *pb.MarkObservedResponse {
		return &pb.MarkObservedResponse{Observation: o}
	})
}

// EndWithoutExchange is the honest exit.
func (s *Service) EndWithoutExchange(ctx context.Context, req *pb.EndWithoutExchangeRequest) (*pb.EndWithoutExchangeResponse, error) {
	return changeVisit(ctx, s, req, nil,
		func(c *change) error { return c.endWithoutExchange(req.GetTakeBack()) },
		func(o *pb.Observation) *pb.EndWithoutExchangeResponse {
			return &pb.EndWithoutExchangeResponse{Observation: o}
		})
}

// ReopenObservation opens a closed visit again.
func (s *Service) ReopenObservation(ctx context.Context, req *pb.ReopenObservationRequest) (*pb.ReopenObservationResponse, error) {
	return changeVisit(ctx, s, req, rules,
		func(c *change) error { return c.reopen(req.GetTakeBack()) },
		func(o *pb.Observation) *pb.ReopenObservationResponse {
			return &pb.ReopenObservationResponse{Observation: o}
		})
}

// GetObservation reads a visit of the caller's.
func (s *Service) GetObservation(ctx context.Context, req *pb.GetObservationRequest) (*pb.GetObservationResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("observation_id", req.GetObservationId())
	if err != nil {
		return nil, err
	}
	v, err := s.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return &pb.GetObservationResponse{Observation: Encode(v, actor.Language, s.moment())}, nil
}

// ListObservations lists the caller's visits, the latest lesson first.
func (s *Service) ListObservations(ctx context.Context, req *pb.ListObservationsRequest) (*pb.ListObservationsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	f, err := decodeFilter(req)
	if err != nil {
		return nil, err
	}
	page := wire.PageSize(req.GetPageSize())
	var visits []Visit
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		// One more than the page tells whether there is another page, without counting.
		queueVisitsOfPerson(b, actor.Owner, actor.Person, f, page+1, &visits)
	})
	if err != nil {
		return nil, err
	}
	reply, now := new(pb.ListObservationsResponse), s.moment()
	if len(visits) > page {
		visits = visits[:page]
		last := visits[page-1]
		reply.NextPageToken = wire.PageToken(place{last.Start, last.ID})
	}
	for i := range visits {
		reply.Observations = append(reply.Observations, Encode(&visits[i], actor.Language, now))
	}
	return reply, nil
}
