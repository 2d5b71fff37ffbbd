package learning

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/observation"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

// Service serves the LearningService of the contract.
type Service struct {
	pb.UnimplementedLearningServiceServer
	db  *postgres.DB
	now func() time.Time
}

// NewService makes the service.
func NewService(db *postgres.DB, now func() time.Time) *Service { return &Service{db: db, now: now} }

func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// ListActions lists the actions of the caller's visits, the nearest due first.
func (s *Service) ListActions(ctx context.Context, req *pb.ListActionsRequest) (*pb.ListActionsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	var actions []Action
	err = s.db.Read(ctx, postgres.As{Owner: actor.Owner, Person: actor.Person}, func(b *pgx.Batch) {
		b.Queue(actionsOfPerson, actor.Owner, actor.Person, s.moment(), req.GetOpenOnly()).Query(eachAction(&actions))
	})
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListActionsResponse)
	for i := range actions {
		reply.Actions = append(reply.Actions, Encode(&actions[i]))
	}
	return reply, nil
}

// ReportAction tells how an action went.
func (s *Service) ReportAction(ctx context.Context, req *pb.ReportActionRequest) (*pb.ReportActionResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("action_id", req.GetActionId())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	about := observation.Ref{Kind: observation.AboutAction, ID: id}
	report := Report{
		Did: req.GetDid(), Happened: req.GetHappened(), Questioned: req.GetQuestioned(), Next: req.GetNext(),
		Learning: DecodeLearning(req.GetLearning()), At: now,
	}
	as := postgres.As{Owner: actor.Owner, Person: actor.Person}
	call := once.Call{As: as, RPC: "ReportAction", Request: req, Now: now}
	find := func(actions []Action) (*Action, error) {
		if i := slices.IndexFunc(actions, func(a Action) bool { return a.ID == id }); i >= 0 {
			return &actions[i], nil
		}
		return nil, refusal.New(refusal.NotThere)
	}
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (*pb.ReportActionResponse, error) {
		var v observation.Visit
		var actions []Action
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			observation.QueueLockAbout(b, actor.Owner, actor.Person, about)
			observation.QueueVisitAbout(b, actor.Owner, actor.Person, about, &v)
			QueueActions(b, actor.Owner, actor.Person, about, now, &actions)
		})
		if err != nil {
			return nil, err
		}
		tx.About(v.ID)
		tx.Forget()
		a, err := find(actions)
		if err != nil {
			return nil, err
		}
		if err := observation.May(observation.ReportOnAction, v.State, v.Who(actor.Person)); err != nil {
			return nil, err
		}
		if err := a.Tell(actor.Person, report); err != nil {
			return nil, err
		}
		a.Save(tx, actor.Owner)
		return &pb.ReportActionResponse{Action: Encode(a)}, nil
	}, func(ctx context.Context) (*pb.ReportActionResponse, error) {
		var actions []Action
		err := s.db.Read(ctx, as, func(b *pgx.Batch) {
			QueueActions(b, actor.Owner, actor.Person, about, now, &actions)
		})
		if err != nil {
			return nil, err
		}
		a, err := find(actions)
		if err != nil {
			return nil, err
		}
		return &pb.ReportActionResponse{Action: Encode(a)}, nil
	})
}

// DecodeLearning reads what a take-away or a report did.
func DecodeLearning(l pb.Learning) string { return wire.Name(l) }

// EncodeLearning writes the same.
func EncodeLearning(l string) pb.Learning { return wire.Enum[pb.Learning](l) }

// Encode writes an action for the contract.
func Encode(a *Action) *pb.Action {
	out := &pb.Action{
		Id: a.ID.String(), ObservationId: a.Visit.String(), PersonId: a.Owner.String(), Text: a.Text, Lesson: a.Lesson,
		State: wire.Enum[pb.ActionState](a.State), ReportDue: a.ReportDue, FocusAreaId: wire.EncodeID(a.FocusArea),
	}
	if !a.Due.IsZero() {
		out.DueDate = a.Due.Format(time.DateOnly)
	}
	if r := a.Report; a.State == Reported {
		out.Report = &pb.ActionReport{
			Did: r.Did, Happened: r.Happened, Questioned: r.Questioned, Next: r.Next,
			Learning: EncodeLearning(r.Learning), ReportTime: wire.EncodeTime(r.At),
		}
	}
	return out
}
