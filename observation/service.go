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

	readings school.Readings // nil: nobody writes readings down

	lessons lessons
}

// NewService makes the service. newID makes ids for what clients leave unnamed. now and newID
// are passed in so that tests decide on time and ids.
func NewService(db *postgres.DB, now func() time.Time, newID func() uuid.UUID) *Service {
	return &Service{db: db, now: now, newID: newID}
}

// NoteReadings names what writes down who is sent what. Before the first call.
func (s *Service) NoteReadings(r school.Readings) { s.readings = r }

// moment is the time of a change, as exact as the database keeps it.
func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// ProposeObservation asks for a visit or offers one. The caller is one of the two. A mutual
// proposal makes two visits at once, which the other one accepts with one yes. The refusals
// come in an order that tells nobody about other people's hours: ids, then whether the two are
// peers, then the round, then hours and debts.
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
	call := once.Call{As: actor.As(), RPC: "ProposeObservation", Request: req, Now: now}
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

// visitRequest is a request for a change of one visit. Each names its visit by the same field,
// so one function carries all of them out.
type visitRequest interface {
	once.Request
	GetObservationId() string
}

// changeVisit carries out a change of one visit: it locks and reads the visit, and what more
// asks besides (nil: nothing), in one flight; decide refuses, or queues the writes. What
// decide is told stays true until they are written, since the visit is locked by then. A
// repetition is answered with the first reply, or, where that held words that have been erased
// since, with the visit as it is.
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
	call := once.Call{As: actor.As(), RPC: string(req.ProtoReflect().Descriptor().Name()), Request: req, Now: now}
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
	sent := school.Reading{Visits: []uuid.UUID{id}}
	err := sent.Read(ctx, s.db, s.readings, actor, s.moment(), func(b *pgx.Batch) { QueueVisit(b, actor.Owner, actor.Person, id, v) })
	return v, err
}

// obstaclesAt asks what stands in the way of taking the visit's hours, or others that are
// proposed for it. Zero times stand for the visit's own. The rules of the school are read in
// the same flight, because a gate may be among the obstacles.
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

// CounterPropose names another time. Whoever the proposal waits for may do so; then it waits
// for the other one. The card stays as it is, and may be written meanwhile.
func (s *Service) CounterPropose(ctx context.Context, req *pb.CounterProposeRequest) (*pb.CounterProposeResponse, error) {
	start, end := wire.Time(req.GetStartTime()), wire.Time(req.GetEndTime())
	if err := CheckSpan(start, end, s.moment()); err != nil {
		return nil, err
	}
	return changeVisit(ctx, s, req, obstaclesAt(start, end),
		func(c *change) error { return c.counter(start, end, req.GetPlace(), decodeTalk(req.GetTalk())) },
		func(o *pb.Observation) *pb.CounterProposeResponse { return &pb.CounterProposeResponse{Observation: o} })
}

// SetFocus writes the visit card. It is the observed's, until the visit is observed; what is
// said of intention and expectation once the lesson has begun is kept beside what was said
// before. STALE_REVISION where another device was quicker.
func (s *Service) SetFocus(ctx context.Context, req *pb.SetFocusRequest) (*pb.SetFocusResponse, error) {
	card, err := decodeCard(req)
	if err != nil {
		return nil, err
	}
	return changeVisit(ctx, s, req, nil,
		func(c *change) error { return c.setFocus(card, req.GetRevision()) },
		func(o *pb.Observation) *pb.SetFocusResponse { return &pb.SetFocusResponse{Observation: o} })
}

// AcceptObservation agrees to the visit. The request names the time that the caller has read:
// a yes that was long on its way would otherwise be one to a time that was changed meanwhile. It
// takes both people's hours, and keeps to which version of the agreement the yes was.
func (s *Service) AcceptObservation(ctx context.Context, req *pb.AcceptObservationRequest) (*pb.AcceptObservationResponse, error) {
	return changeVisit(ctx, s, req, obstaclesAt(time.Time{}, time.Time{}),
		func(c *change) error { return c.accept(wire.Time(req.GetStartTime())) },
		func(o *pb.Observation) *pb.AcceptObservationResponse {
			return &pb.AcceptObservationResponse{Observation: o}
		})
}

// DeclineObservation says no. No reason is asked for. It names the time that it is about, as a
// yes does.
func (s *Service) DeclineObservation(ctx context.Context, req *pb.DeclineObservationRequest) (*pb.DeclineObservationResponse, error) {
	return changeVisit(ctx, s, req, nil,
		func(c *change) error { return c.decline(wire.Time(req.GetStartTime())) },
		func(o *pb.Observation) *pb.DeclineObservationResponse {
			return &pb.DeclineObservationResponse{Observation: o}
		})
}

// CancelObservation calls the visit off. LESSON_STARTED once an agreed one is under way: from
// then on the honest exit is the way out. The other one finds it on their home screen until
// they have seen it.
func (s *Service) CancelObservation(ctx context.Context, req *pb.CancelObservationRequest) (*pb.CancelObservationResponse, error) {
	return changeVisit(ctx, s, req, nil, (*change).cancel, func(o *pb.Observation) *pb.CancelObservationResponse {
		return &pb.CancelObservationResponse{Observation: o}
	})
}

// WithdrawObservation erases every text of the visit for both. Either of the two may, in every
// state and without the other's yes. There is no way back, and the other one is told.
func (s *Service) WithdrawObservation(ctx context.Context, req *pb.WithdrawObservationRequest) (*pb.WithdrawObservationResponse, error) {
	return changeVisit(ctx, s, req, nil, (*change).withdraw, func(o *pb.Observation) *pb.WithdrawObservationResponse {
		return &pb.WithdrawObservationResponse{Observation: o}
	})
}

// MarkObserved says that the visit took place, as the first note says too. It is the
// observer's to say: TOO_EARLY as long as notes are not open yet, with the time at which they
// open.
func (s *Service) MarkObserved(ctx context.Context, req *pb.MarkObservedRequest) (*pb.MarkObservedResponse, error) {
	return changeVisit(ctx, s, req, nil, (*change).observe, func(o *pb.Observation) *pb.MarkObservedResponse {
		return &pb.MarkObservedResponse{Observation: o}
	})
}

// EndWithoutExchange is the honest exit. It takes both: the first call wishes it, the other
// one's agrees, and no reason is written down. With take_back a wish is withdrawn.
func (s *Service) EndWithoutExchange(ctx context.Context, req *pb.EndWithoutExchangeRequest) (*pb.EndWithoutExchangeResponse, error) {
	return changeVisit(ctx, s, req, nil,
		func(c *change) error { return c.endWithoutExchange(req.GetTakeBack()) },
		func(o *pb.Observation) *pb.EndWithoutExchangeResponse {
			return &pb.EndWithoutExchangeResponse{Observation: o}
		})
}

// ReopenObservation opens a closed visit again. It takes both, as the exit does. The visit
// begins a new edition, in which both write what they take along once more.
func (s *Service) ReopenObservation(ctx context.Context, req *pb.ReopenObservationRequest) (*pb.ReopenObservationResponse, error) {
	return changeVisit(ctx, s, req, rules,
		func(c *change) error { return c.reopen(req.GetTakeBack()) },
		func(o *pb.Observation) *pb.ReopenObservationResponse {
			return &pb.ReopenObservationResponse{Observation: o}
		})
}

// ProposeMove proposes another time for an agreed visit, or takes that back. The visit stays
// agreed at its old time, and keeps that time's hours, until the other one has said yes:
// nobody is left without any time.
func (s *Service) ProposeMove(ctx context.Context, req *pb.ProposeMoveRequest) (*pb.ProposeMoveResponse, error) {
	reply := func(o *pb.Observation) *pb.ProposeMoveResponse { return &pb.ProposeMoveResponse{Observation: o} }
	if req.GetTakeBack() {
		return changeVisit(ctx, s, req, nil, (*change).takeMoveBack, reply)
	}
	start, end := wire.Time(req.GetStartTime()), wire.Time(req.GetEndTime())
	if err := CheckSpan(start, end, s.moment()); err != nil {
		return nil, err
	}
	return changeVisit(ctx, s, req, obstaclesAt(start, end), func(c *change) error { return c.proposeMove(start, end) }, reply)
}

// AnswerWish answers the other one's wish with yes or no. NOTHING_TO_ANSWER where the wish was
// taken back in the meantime. A no leaves the visit as it was, and the one who wished is told.
func (s *Service) AnswerWish(ctx context.Context, req *pb.AnswerWishRequest) (*pb.AnswerWishResponse, error) {
	return changeVisit(ctx, s, req, rules,
		func(c *change) error { return c.answerWish(Wish(wire.Name(req.GetWish())), req.GetYes()) },
		func(o *pb.Observation) *pb.AnswerWishResponse { return &pb.AnswerWishResponse{Observation: o} })
}

// AcknowledgeChange says that the caller has seen what happened to the visit. Up to a
// revision, the one that their phone showed: what happened after it is still unseen.
func (s *Service) AcknowledgeChange(ctx context.Context, req *pb.AcknowledgeChangeRequest) (*pb.AcknowledgeChangeResponse, error) {
	return changeVisit(ctx, s, req, nil,
		func(c *change) error { return c.seeUntil(req.GetSeenRevision()) },
		func(o *pb.Observation) *pb.AcknowledgeChangeResponse {
			return &pb.AcknowledgeChangeResponse{Observation: o}
		})
}

// EndAlone ends a visit whose other one has left the school. OTHER_IS_THERE as long as the
// other one is a member of the school. What was addressed to the caller can be read
// afterwards, though nobody waits for an answer.
func (s *Service) EndAlone(ctx context.Context, req *pb.EndAloneRequest) (*pb.EndAloneResponse, error) {
	return changeVisit(ctx, s, req, nil, (*change).endAlone,
		func(o *pb.Observation) *pb.EndAloneResponse { return &pb.EndAloneResponse{Observation: o} })
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

// ListObservations lists the caller's visits, the latest lesson first. A page ends at a time
// and an id, not at a count, so that a visit that is proposed meanwhile shifts no page.
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
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueVisitsOfPerson(b, actor.Owner, actor.Person, f, page+1, &visits)
	})
	if err != nil {
		return nil, err
	}
	reply, now := new(pb.ListObservationsResponse), s.moment()
	visits, reply.NextPageToken = wire.Page(visits, page, func(last *Visit) any { return place{last.Start, last.ID} })
	sent := school.Reading{}
	for i := range visits {
		sent.Visits = append(sent.Visits, visits[i].ID)
		reply.Observations = append(reply.Observations, Encode(&visits[i], actor.Language, now))
	}
	return reply, sent.Told(ctx, s.db, s.readings, actor, now)
}
