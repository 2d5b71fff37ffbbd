package learning

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/observation"
	"undring/once"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

// sharing is a learning that somebody does something with.
type sharing struct {
	visit  observation.Visit
	rules  school.Rules
	teams  []uuid.UUID // of the caller
	shared *Shared
}

// ProposeLearning writes down what the two of a visit learned.
func (s *Service) ProposeLearning(ctx context.Context, req *pb.ProposeLearningRequest) (*pb.ProposeLearningResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	// Both are taken to be there: who proposes is, and the other one is asked next.
	l := Shared{Text: req.GetText(), Source: req.GetSource(), Mark: wire.Name(req.GetMark()), WriterHere: true, OtherHere: true}
	if l.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	visit, err := wire.ID("observation_id", req.GetObservationId())
	if err != nil {
		return nil, err
	}
	if l.Team, err = wire.OptionalID("team_id", req.GetTeamId()); err != nil {
		return nil, err
	}
	if l.Area, err = wire.OptionalID("focus_area_id", req.GetFocusAreaId()); err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "ProposeLearning", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *sharing) {
			// No lock: a visit that has been answered stays so, or is closed, and either is enough.
			observation.QueueVisit(b, actor.Owner, actor.Person, visit, &c.visit)
			school.QueueRulesAbout(b, actor.Owner, observation.AboutVisit, visit, now, &c.rules)
			school.QueueTeamsOf(b, actor.Owner, actor.Person, &c.teams)
		},
		func(w once.Writer, c *sharing) error {
			if err := l.from(&c.visit, actor.Person); err != nil {
				return err
			}
			// Only with a team of one's own can it be shared: that of others is not there to choose.
			if l.Team.Valid && !slices.Contains(c.teams, l.Team.UUID) {
				return refusal.New(refusal.NotThere)
			}
			l.Day = c.rules.Calendar.DateOf(now)
			l.insert(w, actor.Owner)
			return nil
		},
		func(*sharing) *pb.ProposeLearningResponse {
			out := l.encode(actor)
			out.Text, out.Source = "", ""
			return &pb.ProposeLearningResponse{Learning: out}
		},
	).Strip(ctx, s.db, func(r *pb.ProposeLearningResponse) {
		r.Learning.Text, r.Learning.Source = req.GetText(), req.GetSource()
	},
		once.Gone[sharing](refusal.New(refusal.NotThere)))
}

// sharedRequest is a request about one learning.
type sharedRequest interface {
	once.Request
	GetLearningId() string
}

// onShared carries out a change of a learning, and answers with it as it then stands.
// It is read again behind the writes, since answers, thanks and what is counted of them
// come from other tables than the one that decide looks at.
func onShared[R proto.Message](ctx context.Context, s *Service, rpc string, req sharedRequest,
	decide func(once.Writer, school.Actor, *Shared) error, reply func(*pb.SharedLearning) R) (none R, err error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return none, err
	}
	id, err := wire.ID("learning_id", req.GetLearningId())
	if err != nil {
		return none, err
	}
	now := s.moment()
	read := func(b *pgx.Batch, c *sharing) { queueShared(b, actor.Owner, actor.Person, id, now, &c.shared) }
	call := once.Call{As: actor.As(), RPC: rpc, Request: req, Now: now}
	return once.New(call, once.AboutNothing, read,
		func(w once.Writer, c *sharing) error {
			if c.shared == nil {
				return refusal.New(refusal.NotThere)
			}
			if err := decide(w, actor, c.shared); err != nil {
				return err
			}
			once.Behind(w, func(b *pgx.Batch) { queueShared(b, actor.Owner, actor.Person, id, now, &c.shared) })
			return nil
		},
		func(c *sharing) R { return reply(c.shared.encode(actor)) },
	).ReadAnew(ctx, s.db, once.Read(read))
}

// ApproveLearning publishes a learning.
func (s *Service) ApproveLearning(ctx context.Context, req *pb.ApproveLearningRequest) (*pb.ApproveLearningResponse, error) {
	return onShared(ctx, s, "ApproveLearning", req,
		func(w once.Writer, actor school.Actor, l *Shared) error {
			if err := l.approve(actor.Person); err != nil {
				return err
			}
			// The statement names the other one again, and only what is not published: said twice, the
			// day stays that of the first yes.
			w.Queue(publishShared, actor.Owner, l.ID, l.Day, actor.Person)
			return nil
		},
		func(l *pb.SharedLearning) *pb.ApproveLearningResponse {
			return &pb.ApproveLearningResponse{Learning: l}
		})
}

// WithdrawLearning takes a learning back.
func (s *Service) WithdrawLearning(ctx context.Context, req *pb.WithdrawLearningRequest) (*pb.WithdrawLearningResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("learning_id", req.GetLearningId())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "WithdrawLearning", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *sharing) { queueShared(b, actor.Owner, actor.Person, id, now, &c.shared) },
		func(w once.Writer, c *sharing) error {
			switch {
			case c.shared == nil:
				return refusal.New(refusal.NotThere)
			case !c.shared.ofTwo(actor.Person):
				return refusal.New(refusal.NotYourMove)
			}
			// The row goes, and its answers and thanks with it; other people's words about a learning
			// have no place of their own.
			w.Queue(withdrawShared, actor.Owner, id, actor.Person)
			return nil
		},
		func(*sharing) *pb.WithdrawLearningResponse { return &pb.WithdrawLearningResponse{} },
	).Remember(ctx, s.db, once.Same[sharing]())
}

// RespondToLearning answers a learning.
func (s *Service) RespondToLearning(ctx context.Context, req *pb.RespondToLearningRequest) (*pb.RespondToLearningResponse, error) {
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	kind := AnswerKind(wire.Name(req.GetKind()))
	return onShared(ctx, s, "RespondToLearning", req,
		func(w once.Writer, actor school.Actor, l *Shared) error {
			if err := l.answer(actor.Person, kind); err != nil {
				return err
			}
			w.Queue(insertAnswer, actor.Owner, id, l.ID, l.School, actor.Person, kind, req.GetText(), l.Today)
			return nil
		},
		func(l *pb.SharedLearning) *pb.RespondToLearningResponse {
			return &pb.RespondToLearningResponse{Learning: l}
		})
}

// ThankForLearning thanks the two.
// Thanks are counted for the two alone: a number for all to see would be a ranking.
func (s *Service) ThankForLearning(ctx context.Context, req *pb.ThankForLearningRequest) (*pb.ThankForLearningResponse, error) {
	return onShared(ctx, s, "ThankForLearning", req,
		func(w once.Writer, actor school.Actor, l *Shared) error {
			if err := l.thank(actor.Person); err != nil {
				return err
			}
			if req.GetTakeBack() {
				w.Queue(removeThanks, actor.Owner, l.ID, actor.Person)
			} else {
				w.Queue(insertThanks, actor.Owner, l.ID, actor.Person, l.School)
			}
			return nil
		},
		func(l *pb.SharedLearning) *pb.ThankForLearningResponse {
			return &pb.ThankForLearningResponse{Learning: l}
		})
}

// DecideOurPractice writes down what the staff decided.
func (s *Service) DecideOurPractice(ctx context.Context, req *pb.DecideOurPracticeRequest) (*pb.DecideOurPracticeResponse, error) {
	return onShared(ctx, s, "DecideOurPractice", req,
		func(w once.Writer, actor school.Actor, l *Shared) error {
			// A leader of that very school: leading another one gives no say here.
			if err := l.decide(actor.Person, actor.Is(school.Leader, l.School), req.GetPractice(), req.GetAgreedWith()); err != nil {
				return err
			}
			w.Queue(decideShared, actor.Owner, l.ID, l.Practice, l.AgreedWith, l.DecidedBy, l.DecidedOn)
			return nil
		},
		func(l *pb.SharedLearning) *pb.DecideOurPracticeResponse {
			return &pb.DecideOurPracticeResponse{Learning: l}
		})
}

// sharedPlace is where a page of learnings ended.
type sharedPlace struct {
	Day time.Time
	ID  uuid.UUID
}

// ListLearnings lists the learnings of a school that the caller reads.
func (s *Service) ListLearnings(ctx context.Context, req *pb.ListLearningsRequest) (*pb.ListLearningsResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	// A day after all days: the list is walked from the newest back.
	from, err := wire.ReadPageToken(req.GetPageToken(), sharedPlace{Day: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, err
	}
	size := wire.PageSize(req.GetPageSize())
	var all []Shared
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		// One more is asked for than a page holds, which tells whether there is a next one.
		b.Queue(sharedOfSchool, actor.Owner, actor.Person, s.moment(), at, from.Day, from.ID, size+1).Query(func(rows pgx.Rows) error {
			return eachShared(rows, func(l Shared) { all = append(all, l) })
		})
	})
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListLearningsResponse)
	all, reply.NextPageToken = wire.Page(all, size, func(last *Shared) any { return sharedPlace{last.Day, last.ID} })
	for i := range all {
		reply.Learnings = append(reply.Learnings, all[i].encode(actor))
	}
	return reply, nil
}

// SearchLearnings finds learnings by their words.
// Only published ones, the best match first. The query is what a person types into any
// search: quotes, or, and a minus mean something (websearch_to_tsquery), and nothing that is
// typed is an error.
func (s *Service) SearchLearnings(ctx context.Context, req *pb.SearchLearningsRequest) (*pb.SearchLearningsResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	reply := new(pb.SearchLearningsResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(sharedByWords, actor.Owner, actor.Person, s.moment(), at, req.GetQuery(), MostShared).Query(func(rows pgx.Rows) error {
			return eachShared(rows, func(l Shared) { reply.Learnings = append(reply.Learnings, l.encode(actor)) })
		})
	})
	return reply, err
}

// PhoneLearnings reads the learnings of some schools that the caller reads, as their
// phones keep them.
// The newest of each school; what is older is found by searching, with a network.
func PhoneLearnings(b *pgx.Batch, actor school.Actor, schools []uuid.UUID, now time.Time) func(uuid.UUID) []*pb.SharedLearning {
	found := map[uuid.UUID][]*pb.SharedLearning{}
	b.Queue(sharedOnPhones, actor.Owner, actor.Person, now, schools, MostShared).Query(func(rows pgx.Rows) error {
		return eachShared(rows, func(l Shared) { found[l.School] = append(found[l.School], l.encode(actor)) })
	})
	return func(id uuid.UUID) []*pb.SharedLearning { return found[id] }
}

// encode writes a learning for the contract, as somebody reads it. Whoever has left is a
// former colleague, without a name or an id.
func (l *Shared) encode(actor school.Actor) *pb.SharedLearning {
	out := &pb.SharedLearning{
		Id: l.ID.String(), SchoolId: l.School.String(), TeamId: wire.EncodeID(l.Team), FocusAreaId: wire.EncodeID(l.Area),
		Text: l.Text, Source: l.Source, Mark: wire.Enum[pb.LearningMark](l.Mark), Published: l.Published, Day: l.Day.Format(time.DateOnly),
		HasDialogue: l.Dialogue, Tried: int32(l.Tried), Thanks: int32(l.Thanks), Thanked: l.Thanked,
		Practice: l.Practice, AgreedWith: l.AgreedWith, Mine: l.ofTwo(actor.Person), AwaitsMe: !l.Published && actor.Person == l.Other,
	}
	if l.WriterHere {
		out.WriterId = l.Writer.String()
	}
	if l.OtherHere {
		out.OtherId = l.Other.String()
	}
	if !l.DecidedOn.IsZero() {
		out.DecidedDay = l.DecidedOn.Format(time.DateOnly)
	}
	for _, r := range l.Answers {
		out.Responses = append(out.Responses, &pb.LearningAnswer{
			Id: r.ID.String(), PersonId: wire.EncodeID(r.Person), Kind: wire.Enum[pb.LearningResponseKind](r.Kind), Text: r.Text, Day: r.Day,
		})
	}
	return out
}
