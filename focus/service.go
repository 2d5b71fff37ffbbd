package focus

import (
	"context"
	"math"
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

// Service serves the FocusService of the contract.
type Service struct {
	pb.UnimplementedFocusServiceServer
	db    *postgres.DB
	now   func() time.Time
	newID func() uuid.UUID
}

// NewService makes the service. newID makes ids for what clients leave unnamed. now and newID
// are passed in so that tests decide on time and ids.
func NewService(db *postgres.DB, now func() time.Time, newID func() uuid.UUID) *Service {
	return &Service{db: db, now: now, newID: newID}
}

// moment is the time of a change, as exact as the database keeps it.
func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// needing is a need that somebody does something with. Not every change reads all of it:
// calendar and open are asked for where a need is new.
type needing struct {
	need     *Need
	calendar school.Calendar
	open     int // needs of the caller's that wait for an answer
}

// SubmitNeed drops a need into the box. The date by which a leader is to answer is fixed here,
// by the school's calendar as it stands: a day off that is added later moves no promise. The
// text is not remembered with the reply, but taken from the repeated request.
func (s *Service) SubmitNeed(ctx context.Context, req *pb.SubmitNeedRequest) (*pb.SubmitNeedResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	if req.GetAnonymous() {
		return s.submitUnnamed(ctx, actor, at, req)
	}
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	n := &Need{ID: id, School: at, Text: req.GetText(), Person: uuid.NullUUID{UUID: actor.Person, Valid: true}, Status: Open, Revision: 1}
	call := once.Call{As: actor.As(), RPC: "SubmitNeed", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *needing) {
			school.QueueCalendar(b, actor.Owner, at, &c.calendar)
			b.Queue(openNeedsOf, actor.Owner, actor.Person, at).QueryRow(func(row pgx.Row) error { return row.Scan(&c.open) })
		},
		func(w once.Writer, c *needing) error {
			// Counted of named needs alone; an anonymous one has nobody to count it with.
			if c.open >= MostOpenNeeds {
				return refusal.Beyond("text", refusal.TooMany, MostOpenNeeds)
			}
			n.Day = c.calendar.DateOf(now)
			n.Due, n.Today = due(n.Day, c.calendar), n.Day
			n.insert(w, actor.Owner)
			return nil
		},
		func(c *needing) *pb.SubmitNeedResponse {
			without := *n
			without.Text = ""
			return &pb.SubmitNeedResponse{Need: without.encode()}
		},
	).Strip(ctx, s.db, func(r *pb.SubmitNeedResponse) { r.Need.Text = req.GetText() },
		once.Gone[needing](refusal.New(refusal.NotThere)))
}

// submitUnnamed drops a need in of which nobody is to know who wrote it. The memory of
// requests is about persons: all that it gets to know is that there was one, and the day; the
// hash that it keeps is of a request without words. It gets no id that the caller knows, and
// no limit counts it: either would be a thread back to its writer.
func (s *Service) submitUnnamed(ctx context.Context, actor school.Actor, at uuid.UUID, req *pb.SubmitNeedRequest) (*pb.SubmitNeedResponse, error) {
	now := s.moment()
	call := once.Call{
		As: actor.As(), RPC: "SubmitNeed", Now: now.Truncate(24 * time.Hour),
		Request: &pb.SubmitNeedRequest{RequestId: req.GetRequestId(), SchoolId: req.GetSchoolId(), Anonymous: true},
	}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *needing) { school.QueueCalendar(b, actor.Owner, at, &c.calendar) },
		func(w once.Writer, c *needing) error {
			n := Need{School: at, Text: req.GetText(), Day: c.calendar.DateOf(now)}
			n.Due = due(n.Day, c.calendar)
			n.drop(w, actor.Owner)
			return nil
		},
		func(*needing) *pb.SubmitNeedResponse { return &pb.SubmitNeedResponse{} },
	).ReadAnew(ctx, s.db, once.Same[needing]())
}

// needPlace is where a page of needs ended. Needs of one day are sorted by a digest of their
// ids, so the place holds that and not the id.
type needPlace struct {
	Day    time.Time
	Digest string
}

// ListNeeds lists the needs of a school. The latest day first; all of one day in an order that
// says nothing of when each was written. Anonymous ones are among them from the day after.
func (s *Service) ListNeeds(ctx context.Context, req *pb.ListNeedsRequest) (*pb.ListNeedsResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	from, err := wire.ReadPageToken(req.GetPageToken(), needPlace{Day: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, err
	}
	size := wire.PageSize(req.GetPageSize())
	var needs []Need
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(needsOfSchool, actor.Owner, actor.Person, s.moment(), at, req.GetOpenOnly(), from.Day, from.Digest, size+1).Query(func(rows pgx.Rows) error {
			return eachNeed(rows, func(n Need) { needs = append(needs, n) })
		})
	})
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListNeedsResponse)
	needs, reply.NextPageToken = wire.Page(needs, size, func(last *Need) any { return needPlace{last.Day, digest(last.ID)} })
	for i := range needs {
		reply.Needs = append(reply.Needs, needs[i].encode())
	}
	return reply, nil
}

// changeNeed carries out a change of a need: it reads, decides, and answers with the need as
// it then stands, read anew where the request is repeated. NOT_FOUND for a need of a school
// that the caller does not work at: row level security hides it.
func changeNeed[R proto.Message](ctx context.Context, s *Service, rpc string, req needRequest,
	decide func(once.Writer, school.Actor, *needing, func(*pgx.Batch)) error, reply func(*pb.Need) R) (none R, err error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return none, err
	}
	id, err := wire.ID("need_id", req.GetNeedId())
	if err != nil {
		return none, err
	}
	now := s.moment()
	read := func(b *pgx.Batch, c *needing) { queueNeed(b, actor.Owner, actor.Person, id, now, &c.need) }
	call := once.Call{As: actor.As(), RPC: rpc, Request: req, Now: now}
	return once.New(call, once.AboutNothing, read,
		func(w once.Writer, c *needing) error {
			if c.need == nil {
				return refusal.New(refusal.NotThere)
			}
			return decide(w, actor, c, func(b *pgx.Batch) { read(b, c) })
		},
		func(c *needing) R { return reply(c.need.encode()) },
	).ReadAnew(ctx, s.db, once.Read(read))
}

// needRequest is a request about one need.
type needRequest interface {
	once.Request
	GetNeedId() string
}

// SupportNeed says that the caller has the same need. They may tell a story from their
// practice with it; told again, the newer one stands. Support can be taken back.
func (s *Service) SupportNeed(ctx context.Context, req *pb.SupportNeedRequest) (*pb.SupportNeedResponse, error) {
	return changeNeed(ctx, s, "SupportNeed", req,
		func(w once.Writer, actor school.Actor, c *needing, again func(*pgx.Batch)) error {
			n := c.need
			if req.GetTakeBack() {
				w.Queue(noLongerSupport, actor.Owner, n.ID, actor.Person)
			} else {
				w.Queue(support, actor.Owner, n.ID, actor.Person, n.School, req.GetStory(), n.Today)
			}
			once.Behind(w, again) // how many support it is counted once this is written
			return nil
		},
		func(n *pb.Need) *pb.SupportNeedResponse { return &pb.SupportNeedResponse{Need: n} })
}

// AnswerNeed says what becomes of a need. Leaders of the school only, with a reason.
// STALE_REVISION where another leader was quicker, so that no answer is lost under a second
// one.
func (s *Service) AnswerNeed(ctx context.Context, req *pb.AnswerNeedRequest) (*pb.AnswerNeedResponse, error) {
	return changeNeed(ctx, s, "AnswerNeed", req,
		func(w once.Writer, actor school.Actor, c *needing, _ func(*pgx.Batch)) error {
			n := c.need
			err := n.answer(actor.Is(school.Leader, n.School), actor.Person, req.GetRevision(), Status(wire.Name(req.GetStatus())), req.GetAnswer())
			if err != nil {
				return err
			}
			n.saveAnswer(w, actor.Owner)
			return nil
		},
		func(n *pb.Need) *pb.AnswerNeedResponse { return &pb.AnswerNeedResponse{Need: n} })
}

// WithdrawNeed takes a need of the caller's back. An anonymous one is nobody's to take back:
// nobody can show that it is theirs.
func (s *Service) WithdrawNeed(ctx context.Context, req *pb.WithdrawNeedRequest) (*pb.WithdrawNeedResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("need_id", req.GetNeedId())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "WithdrawNeed", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *needing) { queueNeed(b, actor.Owner, actor.Person, id, now, &c.need) },
		func(w once.Writer, c *needing) error {
			switch {
			case c.need == nil:
				return refusal.New(refusal.NotThere)
			// An anonymous one has no person, and is nobody's.
			case c.need.Person.UUID != actor.Person:
				return refusal.New(refusal.NotYourMove)
			}
			w.Queue(withdrawNeed, actor.Owner, id, actor.Person)
			return nil
		},
		func(*needing) *pb.WithdrawNeedResponse { return &pb.WithdrawNeedResponse{} },
	).Remember(ctx, s.db, once.Same[needing]())
}

// PhoneNeeds reads the needs of some schools, as their phones keep them.
func PhoneNeeds(b *pgx.Batch, actor school.Actor, schools []uuid.UUID, now time.Time) func(uuid.UUID) []*pb.Need {
	found := map[uuid.UUID][]Need{}
	b.Queue(needsOnPhones, actor.Owner, actor.Person, now, schools, now.AddDate(0, 0, -answeredOnPhone), MostNeedsOnPhone).Query(func(rows pgx.Rows) error {
		return eachNeed(rows, func(n Need) { found[n.School] = append(found[n.School], n) })
	})
	return func(id uuid.UUID) []*pb.Need {
		var out []*pb.Need
		for i := range found[id] {
			out = append(out, found[id][i].encode())
		}
		return out
	}
}

// encode writes a need for the contract.
func (n *Need) encode() *pb.Need {
	out := &pb.Need{
		Id: n.ID.String(), SchoolId: n.School.String(), Text: n.Text, PersonId: wire.EncodeID(n.Person), Day: n.Day.Format(time.DateOnly),
		Status: wire.Enum[pb.NeedStatus](n.Status), Answer: n.Answer, AnsweredById: wire.EncodeID(n.AnsweredBy),
		AnswerDueDate: n.Due.Format(time.DateOnly), Overdue: n.Overdue(),
		Supporters: int32(min(n.Supporters, math.MaxInt32)), Supported: n.Supported, Revision: n.Revision,
	}
	if !n.AnsweredOn.IsZero() {
		out.AnswerDay = n.AnsweredOn.Format(time.DateOnly)
	}
	for _, s := range n.Stories {
		out.Stories = append(out.Stories, &pb.PracticeStory{PersonId: s.Person.String(), Text: s.Text, Day: s.Day})
	}
	return out
}
