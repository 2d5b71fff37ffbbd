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
	if actor.Person != p.Observer && actor.Person != p.Observed {
		return nil, refusal.New(refusal.RoleRequired).With("role", "OBSERVER or OBSERVED")
	}
	visits := p.visits(actor.Person, now)
	reply := func() *pb.ProposeObservationResponse {
		r := &pb.ProposeObservationResponse{Observation: Encode(visits[0], actor.Language, now)}
		if len(visits) == 2 {
			r.MutualObservation = Encode(visits[1], actor.Language, now)
		}
		return r
	}
	call := once.Call{As: as(actor), RPC: "ProposeObservation", Request: req, Now: now}
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (*pb.ProposeObservationResponse, error) {
		visits = p.visits(actor.Person, now)
		tx.About(p.ID)
		if len(visits) == 2 {
			tx.Forget() // it holds words of two visits, each with an end of its own
		}
		err := s.propose(ctx, tx, actor, p, visits, now)
		return reply(), err
	}, func(ctx context.Context) (*pb.ProposeObservationResponse, error) {
		err := s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
			for _, v := range visits {
				QueueVisit(b, actor.Owner, actor.Person, v.ID, v)
			}
		})
		return reply(), err
	})
}

func (s *Service) propose(ctx context.Context, tx *once.Tx, actor school.Actor, p *Proposal, visits []*Visit, now time.Time) error {
	var in obstacles
	places := map[uuid.UUID][]string{}
	round := &Round{}
	err := tx.Ask(ctx, func(b *pgx.Batch) {
		queuePlaces(b, actor.Owner, p.School, []uuid.UUID{p.Observer, p.Observed}, places)
		queueObstacles(b, visits[0], actor.Person, len(visits) == 2, now, &in)
		if p.Round.Valid {
			queueRound(b, roundByID, actor.Owner, actor.Person, p.Round.UUID, round)
		}
	})
	if err != nil {
		return err
	}
	peers, err := p.peers(places)
	if err != nil {
		return err
	}
	if p.Round.Valid && !round.Takes(p.Observer, p.Observed) {
		return refusal.New(refusal.RoundNotJoined).With("round_id", round.ID.String())
	}
	c := &change{w: tx, owner: actor.Owner, person: actor.Person, now: now}
	for _, v := range visits {
		v.Peers = peers
		insert(tx, actor.Owner, v, now)
	}
	for _, v := range visits {
		if err := c.take(v, Propose, in.facts()); err != nil {
			return err
		}
	}
	return nil
}

// stepRequest is a request for a change of one visit.
type stepRequest interface {
	once.Request
	GetObservationId() string
}

// step carries out a change of one visit: it locks and reads the visit, and what
// read asks for besides, in one flight; decide refuses, or queues the writes.
func step[R proto.Message](ctx context.Context, s *Service, req stepRequest,
	read func(*pgx.Batch, *change), decide func(*change) error, reply func(*pb.Observation) R) (R, error) {
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
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (R, error) {
		c := &change{w: tx, owner: actor.Owner, person: actor.Person, now: now}
		tx.About(id)
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			QueueLock(b, actor.Owner, actor.Person, id)
			queueTwins(b, actor.Owner, actor.Person, id, &c.visit, &c.twin)
			if read != nil {
				read(b, c)
			}
		})
		if err != nil {
			return none, err
		}
		if err := decide(c); err != nil {
			return none, err
		}
		return reply(Encode(&c.visit, actor.Language, now)), nil
	}, func(ctx context.Context) (R, error) {
		v, err := s.read(ctx, actor, id)
		return reply(Encode(v, actor.Language, now)), err
	})
}

func (s *Service) read(ctx context.Context, actor school.Actor, id uuid.UUID) (*Visit, error) {
	v := new(Visit)
	err := s.db.Read(ctx, as(actor), func(b *pgx.Batch) { QueueVisit(b, actor.Owner, actor.Person, id, v) })
	return v, err
}

// readObstacles reads what stands in the way of taking the visit's hours, or
// others that are proposed for it.
func readObstacles(id string, start, end time.Time) func(*pgx.Batch, *change) {
	return func(b *pgx.Batch, c *change) {
		visit, _ := uuid.Parse(id) // step has refused what is no id
		queueObstaclesOf(b, c.owner, visit, c.person, start, end, c.now, &c.obstacles)
		school.QueueRulesAbout(b, c.owner, AboutVisit, visit, c.now, &c.rules)
	}
}

func readRules(id string) func(*pgx.Batch, *change) {
	return func(b *pgx.Batch, c *change) {
		visit, _ := uuid.Parse(id)
		school.QueueRulesAbout(b, c.owner, AboutVisit, visit, c.now, &c.rules)
	}
}

// CounterPropose names another time.
func (s *Service) CounterPropose(ctx context.Context, req *pb.CounterProposeRequest) (*pb.CounterProposeResponse, error) {
	start, end := wire.Time(req.GetStartTime()), wire.Time(req.GetEndTime())
	if err := CheckSpan(start, end, s.moment()); err != nil {
		return nil, err
	}
	return step(ctx, s, req, readObstacles(req.GetObservationId(), start, end),
		func(c *change) error { return c.counter(start, end, req.GetPlace(), decodeTalk(req.GetTalk())) },
		func(o *pb.Observation) *pb.CounterProposeResponse { return &pb.CounterProposeResponse{Observation: o} })
}

// SetFocus writes the visit card.
func (s *Service) SetFocus(ctx context.Context, req *pb.SetFocusRequest) (*pb.SetFocusResponse, error) {
	card, err := decodeCard(req)
	if err != nil {
		return nil, err
	}
	return step(ctx, s, req, nil,
		func(c *change) error { return c.setFocus(card, req.GetRevision()) },
		func(o *pb.Observation) *pb.SetFocusResponse { return &pb.SetFocusResponse{Observation: o} })
}

// AcceptObservation agrees to the visit.
func (s *Service) AcceptObservation(ctx context.Context, req *pb.AcceptObservationRequest) (*pb.AcceptObservationResponse, error) {
	return step(ctx, s, req, readObstacles(req.GetObservationId(), time.Time{}, time.Time{}), (*change).accept,
		func(o *pb.Observation) *pb.AcceptObservationResponse {
			return &pb.AcceptObservationResponse{Observation: o}
		})
}

// DeclineObservation says no.
func (s *Service) DeclineObservation(ctx context.Context, req *pb.DeclineObservationRequest) (*pb.DeclineObservationResponse, error) {
	return step(ctx, s, req, nil, (*change).decline, func(o *pb.Observation) *pb.DeclineObservationResponse {
		return &pb.DeclineObservationResponse{Observation: o}
	})
}

// CancelObservation calls the visit off.
func (s *Service) CancelObservation(ctx context.Context, req *pb.CancelObservationRequest) (*pb.CancelObservationResponse, error) {
	return step(ctx, s, req, nil, (*change).cancel, func(o *pb.Observation) *pb.CancelObservationResponse {
		return &pb.CancelObservationResponse{Observation: o}
	})
}

// WithdrawObservation erases every text of the visit for both.
func (s *Service) WithdrawObservation(ctx context.Context, req *pb.WithdrawObservationRequest) (*pb.WithdrawObservationResponse, error) {
	return step(ctx, s, req, nil, (*change).withdraw, func(o *pb.Observation) *pb.WithdrawObservationResponse {
		return &pb.WithdrawObservationResponse{Observation: o}
	})
}

// MarkObserved says that the visit took place.
func (s *Service) MarkObserved(ctx context.Context, req *pb.MarkObservedRequest) (*pb.MarkObservedResponse, error) {
	return step(ctx, s, req, nil, (*change).observe, func(o *pb.Observation) *pb.MarkObservedResponse {
		return &pb.MarkObservedResponse{Observation: o}
	})
}

// EndWithoutExchange is the honest exit.
func (s *Service) EndWithoutExchange(ctx context.Context, req *pb.EndWithoutExchangeRequest) (*pb.EndWithoutExchangeResponse, error) {
	return step(ctx, s, req, nil,
		func(c *change) error { return c.endWithoutExchange(req.GetTakeBack()) },
		func(o *pb.Observation) *pb.EndWithoutExchangeResponse {
			return &pb.EndWithoutExchangeResponse{Observation: o}
		})
}

// ReopenObservation opens a closed visit again.
func (s *Service) ReopenObservation(ctx context.Context, req *pb.ReopenObservationRequest) (*pb.ReopenObservationResponse, error) {
	return step(ctx, s, req, readRules(req.GetObservationId()),
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
