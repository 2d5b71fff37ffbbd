package observation

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/school"
	"undring/wire"
)

// MarkMoment keeps a moment of the lesson for words later, or takes one away.
func (s *Service) MarkMoment(ctx context.Context, req *pb.MarkMomentRequest) (*pb.MarkMomentResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	m := Moment{At: wire.Time(req.GetMarkedAt())}
	if m.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	if m.Visit, err = wire.ID("observation_id", req.GetObservationId()); err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "MarkMoment", Request: req, Now: now}
	return once.New(call, once.About(func(*marking) uuid.UUID { return m.Visit }),
		func(b *pgx.Batch, c *marking) { c.read(b, call, m) },
		func(w once.Writer, c *marking) error {
			c.Change, c.moment = NewChange(w, actor.Owner, actor.Person, now, &c.visit), m
			if req.GetTakeBack() {
				return c.takeBack()
			}
			return c.mark()
		},
		func(c *marking) *pb.MarkMomentResponse {
			if req.GetTakeBack() {
				return &pb.MarkMomentResponse{}
			}
			return &pb.MarkMomentResponse{Moment: encodeMoment(&c.moment)}
		},
	).Remember(ctx, s.db, once.Same[marking]())
}

// encodeMoment writes a moment for the contract.
func encodeMoment(m *Moment) *pb.Moment {
	return &pb.Moment{Id: m.ID.String(), ObservationId: m.Visit.String(), MarkedAt: wire.EncodeTime(m.At)}
}

// PhoneMoments reads the moments among some that the caller marked.
func PhoneMoments(b *pgx.Batch, actor school.Actor, ids []uuid.UUID, _ time.Time) func(uuid.UUID) (*pb.Change, error) {
	found := map[uuid.UUID]*Moment{}
	queueMoments(b, actor.Owner, actor.Person, ids, func(m Moment) { found[m.ID] = &m })
	return func(id uuid.UUID) (*pb.Change, error) {
		m := found[id]
		if m == nil {
			return nil, nil
		}
		return &pb.Change{What: &pb.Change_Moment{Moment: encodeMoment(m)}}, nil
	}
}
