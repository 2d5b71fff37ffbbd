package learning

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/observation"
	"undring/once"
	"undring/postgres"
	"undring/school"
	"undring/wire"
)

// Service serves the LearningService of the contract.
type Service struct {
	pb.UnimplementedLearningServiceServer
	db    *postgres.DB
	now   func() time.Time
	newID func() uuid.UUID
}

// NewService makes the service. newID makes ids for what clients leave unnamed.
func NewService(db *postgres.DB, now func() time.Time, newID func() uuid.UUID) *Service {
	return &Service{db: db, now: now, newID: newID}
}

// moment is the time of a change.
func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// ListActions lists the actions of the caller's visits, the nearest due first.
func (s *Service) ListActions(ctx context.Context, req *pb.ListActionsRequest) (*pb.ListActionsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	var actions []Action
	err = s.db.Read(ctx, postgres.As{Owner: actor.Owner, Person: actor.Person}, func(b *pgx.Batch) {
		queueActionsOfPerson(b, actor.Owner, actor.Person, req.GetOpenOnly(), s.moment(), &actions)
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
		Learning: DecodeLearning(req.GetLearning()), Outcome: wire.Name(req.GetOutcome()), At: now,
	}
	call := once.Call{As: postgres.As{Owner: actor.Owner, Person: actor.Person}, RPC: "ReportAction", Request: req, Now: now}
	return once.New(call, once.About(func(c *reporting) uuid.UUID { return c.visit.ID }),
		func(b *pgx.Batch, c *reporting) {
			// The lock first: the agreement of the other one waits, or is seen.
			observation.QueueLockAbout(b, actor.Owner, actor.Person, about)
			observation.QueueVisitAbout(b, actor.Owner, actor.Person, about, &c.visit)
			queueAction(b, actor.Owner, actor.Person, about, now, &c.action)
		},
		func(w once.Writer, c *reporting) error {
			change := observation.NewChange(w, actor.Owner, actor.Person, now, &c.visit)
			return c.action.tell(&change, report)
		},
		func(c *reporting) *pb.ReportActionResponse {
			return &pb.ReportActionResponse{Action: Encode(&c.action)}
		},
	).ReadAnew(ctx, s.db, once.Read(func(b *pgx.Batch, c *reporting) {
		queueAction(b, actor.Owner, actor.Person, about, now, &c.action)
	}))
}

// reporting is a report of an action under way.
type reporting struct {
	visit  observation.Visit
	action Action
}

// DecodeLearning reads what a take-away or a report did.
func DecodeLearning(l pb.Learning) string { return wire.Name(l) }

// EncodeLearning writes the same.
func EncodeLearning(l string) pb.Learning { return wire.Enum[pb.Learning](l) }

// Encode writes an action for the contract.
// A report is told only where there is one: an empty message would look like a report
// without words.
func Encode(a *Action) *pb.Action {
	out := &pb.Action{
		Id: a.ID.String(), ObservationId: a.Visit.String(), PersonId: a.Owner.String(), Text: a.Text, Lesson: a.Lesson,
		State: wire.Enum[pb.ActionState](a.State), ReportDue: a.ReportDue, FocusAreaId: wire.EncodeID(a.FocusArea), Audience: wire.Enum[pb.Audience](a.Readers),
	}
	if !a.Due.IsZero() {
		out.DueDate = a.Due.Format(time.DateOnly)
	}
	if r := a.Report; a.State == Reported {
		out.Report = &pb.ActionReport{
			Did: r.Did, Happened: r.Happened, Questioned: r.Questioned, Next: r.Next,
			Learning: EncodeLearning(r.Learning), Outcome: wire.Enum[pb.ActionOutcome](r.Outcome), ReportTime: wire.EncodeTime(r.At),
		}
	}
	return out
}
