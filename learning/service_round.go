package learning

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

// trying is a round that somebody does something with.
// people and told are counts that no reply carries: guard decides what of them is told.
type trying struct {
	round        *Round
	calendar     school.Calendar
	there        bool // the team is one of the school's
	open         int  // rounds of the caller's that have not ended
	people, told int
}

// StartActionRound begins a round.
func (s *Service) StartActionRound(ctx context.Context, req *pb.StartActionRoundRequest) (*pb.StartActionRoundResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	r := Round{School: at, Starter: actor.Person, Here: true, Question: req.GetQuestion(), Action: req.GetAction()}
	if r.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	if r.Team, err = wire.OptionalID("team_id", req.GetTeamId()); err != nil {
		return nil, err
	}
	if r.Area, err = wire.OptionalID("focus_area_id", req.GetFocusAreaId()); err != nil {
		return nil, err
	}
	if r.Due, err = wire.Date("due_date", req.GetDueDate()); err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "StartActionRound", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *trying) {
			school.QueueCalendar(b, actor.Owner, at, &c.calendar)
			school.QueueTeamThere(b, actor.Owner, at, r.Team, &c.there)
			// Counted without a lock: two rounds that are started in the same second may make eleven,
			// and do no harm.
			b.Queue(openRoundsOf, actor.Owner, at, actor.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&c.open) })
			b.Queue(`select takes_part($1, $2, $3)`, at, r.Team, actor.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&r.Takes) })
		},
		func(w once.Writer, c *trying) error {
			if !c.there {
				return refusal.New(refusal.NotThere)
			}
			r.Today = c.calendar.DateOf(now)
			r.Day = r.Today
			if err := r.startable(actor.Is(school.Teacher, at), actor.Is(school.Leader, at), c.open); err != nil {
				return err
			}
			r.insert(w, actor.Owner)
			return nil
		},
		func(*trying) *pb.StartActionRoundResponse {
			out := r.encode(actor)
			out.Question, out.Action = "", ""
			return &pb.StartActionRoundResponse{Round: out}
		},
	).Strip(ctx, s.db, func(reply *pb.StartActionRoundResponse) {
		reply.Round.Question, reply.Round.Action = req.GetQuestion(), req.GetAction()
	},
		once.Gone[trying](refusal.New(refusal.NotThere)))
}

// roundRequest is a request about one round.
type roundRequest interface {
	once.Request
	GetRoundId() string
}

// onRound carries out a change of a round, and answers with it as it then stands.
// The reply is the round as decide has left it; only a repetition reads it anew.
func onRound[R proto.Message](ctx context.Context, s *Service, rpc string, req roundRequest,
	decide func(once.Writer, school.Actor, *trying) error, reply func(*pb.ActionRound) R) (none R, err error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return none, err
	}
	id, err := wire.ID("round_id", req.GetRoundId())
	if err != nil {
		return none, err
	}
	now := s.moment()
	again := func(b *pgx.Batch, c *trying) { queueRound(b, actor.Owner, actor.Person, id, now, &c.round) }
	read := func(b *pgx.Batch, c *trying) {
		again(b, c)
		// No row once it has ended, or for whoever may not end it; the counts stay zero then, and
		// [Round.end] refuses.
		b.Queue(roundCount, id).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&c.people, &c.told); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
	call := once.Call{As: actor.As(), RPC: rpc, Request: req, Now: now}
	return once.New(call, once.AboutNothing, read,
		func(w once.Writer, c *trying) error {
			if c.round == nil {
				return refusal.New(refusal.NotThere)
			}
			return decide(w, actor, c)
		},
		func(c *trying) R { return reply(c.round.encode(actor)) },
	).ReadAnew(ctx, s.db, once.Read(again))
}

// ReportOnRound tells how it went.
func (s *Service) ReportOnRound(ctx context.Context, req *pb.ReportOnRoundRequest) (*pb.ReportOnRoundResponse, error) {
	return onRound(ctx, s, "ReportOnRound", req,
		func(w once.Writer, actor school.Actor, c *trying) error {
			p := RoundReport{Person: actor.Person, Did: req.GetDid(), Happened: req.GetHappened(), Questioned: req.GetQuestioned(), Learning: DecodeLearning(req.GetLearning())}
			if err := c.round.report(p); err != nil {
				return err
			}
			p.save(w, actor.Owner, c.round)
			return nil
		},
		func(r *pb.ActionRound) *pb.ReportOnRoundResponse { return &pb.ReportOnRoundResponse{Round: r} })
}

// EndActionRound ends a round.
func (s *Service) EndActionRound(ctx context.Context, req *pb.EndActionRoundRequest) (*pb.EndActionRoundResponse, error) {
	return onRound(ctx, s, "EndActionRound", req,
		func(w once.Writer, actor school.Actor, c *trying) error {
			if err := c.round.end(actor.Person, req.GetNowDifferently(), c.people, c.told); err != nil {
				return err
			}
			c.round.saveEnd(w, actor.Owner)
			return nil
		},
		func(r *pb.ActionRound) *pb.EndActionRoundResponse { return &pb.EndActionRoundResponse{Round: r} })
}

// roundPlace is where a page of rounds ended.
// Open is 1 or 0 and sorts before the date, as in the query.
type roundPlace struct {
	Open int
	Due  time.Time
	ID   uuid.UUID
}

// ListActionRounds lists the rounds of a school.
func (s *Service) ListActionRounds(ctx context.Context, req *pb.ListActionRoundsRequest) (*pb.ListActionRoundsResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	// Open 2 and a date without end come before every round.
	from, err := wire.ReadPageToken(req.GetPageToken(), roundPlace{Open: 2, Due: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, err
	}
	size := wire.PageSize(req.GetPageSize())
	var all []Round
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(roundsOfSchool, actor.Owner, actor.Person, s.moment(), at, from.Open, from.Due, from.ID, size+1).Query(func(rows pgx.Rows) error {
			return eachRound(rows, func(r Round) { all = append(all, r) })
		})
	})
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListActionRoundsResponse)
	all, reply.NextPageToken = wire.Page(all, size, (*Round).place)
	for i := range all {
		reply.Rounds = append(reply.Rounds, all[i].encode(actor))
	}
	return reply, nil
}

// place is where a round stands in the list: the open ones first.
func (r *Round) place() any {
	if r.Ended.IsZero() {
		return roundPlace{1, r.Due, r.ID}
	}
	return roundPlace{0, r.Due, r.ID}
}

// PhoneRounds reads the rounds of some schools, as their phones keep them.
func PhoneRounds(b *pgx.Batch, actor school.Actor, schools []uuid.UUID, now time.Time) func(uuid.UUID) []*pb.ActionRound {
	found := map[uuid.UUID][]*pb.ActionRound{}
	// Ended ones of ninety days: long enough to be talked about in the next meeting.
	b.Queue(roundsOnPhones, actor.Owner, actor.Person, now, schools, now.AddDate(0, 0, -90), MostRoundsOnPhone).Query(func(rows pgx.Rows) error {
		return eachRound(rows, func(r Round) { found[r.School] = append(found[r.School], r.encode(actor)) })
	})
	return func(id uuid.UUID) []*pb.ActionRound { return found[id] }
}

// encode writes a round for the contract, as somebody reads it.
func (r *Round) encode(actor school.Actor) *pb.ActionRound {
	out := &pb.ActionRound{
		Id: r.ID.String(), SchoolId: r.School.String(), TeamId: wire.EncodeID(r.Team), FocusAreaId: wire.EncodeID(r.Area),
		Question: r.Question, Action: r.Action, DueDate: r.Due.Format(time.DateOnly), Day: r.Day.Format(time.DateOnly),
		NowDifferently: r.NowDifferently, TakingPart: r.Takes, MayEnd: r.mayEnd(actor.Person),
	}
	// Whoever has left has no name here: the round is the school's, and goes on.
	if r.Here {
		out.StarterId = r.Starter.String()
	}
	if !r.Ended.IsZero() {
		out.EndedDay = r.Ended.Format(time.DateOnly)
		// Too few people, and nothing is said: not even that it is few.
		if r.Count.Shown() {
			out.Count = &pb.RoundCount{Low: int32(r.Count.Low), High: int32(r.Count.High), PeopleLow: int32(r.Count.PeopleLow), PeopleHigh: int32(r.Count.PeopleHigh)}
		}
	}
	for _, p := range r.Reports {
		out.Reports = append(out.Reports, &pb.RoundReport{
			PersonId: p.Person.String(), Did: p.Did, Happened: p.Happened, Questioned: p.Questioned, Learning: EncodeLearning(p.Learning), Day: p.Day,
		})
	}
	return out
}
