package observation

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

// OfferLesson opens a lesson of the caller's to colleagues. The hour must be free of visits of
// the caller's own; an offer takes no hour by itself, since nobody may ask for it.
func (s *Service) OfferLesson(ctx context.Context, req *pb.OfferLessonRequest) (*pb.OfferLessonResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	l, err := s.decodeLesson(req, actor, now)
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "OfferLesson", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *offering) {
			b.Queue(roomForLesson, actor.Owner, l.Person, l.Start, l.End, l.ID, now).
				QueryRow(func(row pgx.Row) error { return row.Scan(&c.busy, &c.there) })
		},
		func(w once.Writer, c *offering) error {
			if err := l.offered(c.busy, c.there); err != nil {
				return err
			}
			l.insert(w, actor.Owner)
			return nil
		},
		func(*offering) *pb.OfferLessonResponse { return &pb.OfferLessonResponse{OpenLesson: encodeLesson(l)} },
	).ReadAnew(ctx, s.db, once.Same[offering]()) // its words are the request's
}

// offering is what an offer depends on.
type offering struct {
	busy  bool
	there int // offers of the caller's to come
}

// ListOpenLessons lists the open lessons of a school. The soonest first, of a school that the
// caller belongs to; those that somebody has been given a place in are marked as taken.
func (s *Service) ListOpenLessons(ctx context.Context, req *pb.ListOpenLessonsRequest) (*pb.ListOpenLessonsResponse, error) {
	actor, id, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListOpenLessonsResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueLessons(b, actor.Owner, []uuid.UUID{id}, s.moment(), func(l Lesson) { reply.OpenLessons = append(reply.OpenLessons, encodeLesson(&l)) })
	})
	return reply, err
}

// AskForPlace asks to visit an open lesson: an ordinary proposal comes of it. What it
// is about has to be known before hours and debts can be asked for, so the lesson is
// read first, and once more under the change.
func (s *Service) AskForPlace(ctx context.Context, req *pb.AskForPlaceRequest) (*pb.AskForPlaceResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	lesson, err := wire.ID("open_lesson_id", req.GetOpenLessonId())
	if err != nil {
		return nil, err
	}
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	var l *Lesson
	if err := s.db.Read(ctx, actor.As(), func(b *pgx.Batch) { queueLesson(b, actor.Owner, lesson, &l) }); err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "AskForPlace", Request: req, Now: now}
	return once.New(call, once.About(func(*asking) uuid.UUID { return id }),
		func(b *pgx.Batch, c *asking) { c.queue(b, actor, l, id, now) },
		func(w once.Writer, c *asking) error { return c.settle(w, actor, id, now) },
		func(c *asking) *pb.AskForPlaceResponse {
			return &pb.AskForPlaceResponse{Observation: Encode(c.visits[0], actor.Language, now)}
		},
	).Remember(ctx, s.db, once.Gone[asking](refusal.New(refusal.NotThere))) // gone with its visit
}

// asking is a place that is being asked for. It is a proposal, and besides what is known of
// the lesson when the change is made.
type asking struct {
	proposing
	lesson *Lesson // as it is under the change; nil: it is there no more
	before bool    // the caller has asked already
}

// queue reads what the proposal depends on. Of a lesson that is not there nothing is
// asked: a repetition has its reply, and whatever else is refused.
func (c *asking) queue(b *pgx.Batch, actor school.Actor, l *Lesson, id uuid.UUID, now time.Time) {
	if l == nil {
		return
	}
	c.read(b, actor, l.proposal(id, actor.Person), now)
	queueLesson(b, actor.Owner, l.ID, &c.lesson)
	b.Queue(askedBefore, actor.Owner, actor.Person, l.Person, l.Start, l.End).
		QueryRow(func(row pgx.Row) error { return row.Scan(&c.before) })
}

// settle proposes the visit, with the offer's words as its card.
func (c *asking) settle(w once.Writer, actor school.Actor, id uuid.UUID, now time.Time) error {
	l := c.lesson
	if l == nil {
		return refusal.New(refusal.NotThere)
	}
	if err := l.asked(actor.Person, c.before, now); err != nil {
		return err
	}
	if err := c.decide(w, actor, l.proposal(id, actor.Person), now); err != nil {
		return err
	}
	// Behind the visit that it writes to; what is told of the card is the same text.
	w.Queue(cardOfLesson, id, l.ID)
	c.visits[0].Card.Focus, c.visits[0].Card.WantedFeedback = l.Focus, l.Wanted
	return nil
}

// WithdrawLesson takes an offer back. Visits that have come of it already stay: they are
// called off like any other.
func (s *Service) WithdrawLesson(ctx context.Context, req *pb.WithdrawLessonRequest) (*pb.WithdrawLessonResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("open_lesson_id", req.GetOpenLessonId())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "WithdrawLesson", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, l **Lesson) { queueLesson(b, actor.Owner, id, l) },
		func(w once.Writer, l **Lesson) error {
			switch {
			case *l == nil:
				return refusal.New(refusal.NotThere)
			// Colleagues see the offer anyway, so this tells them nothing that they do not
			// know.
			case (*l).Person != actor.Person:
				return refusal.New(refusal.NotYourMove)
			}
			w.Queue(withdrawLesson, actor.Owner, id, actor.Person)
			return nil
		},
		func(**Lesson) *pb.WithdrawLessonResponse { return &pb.WithdrawLessonResponse{} },
	).Remember(ctx, s.db, once.Same[*Lesson]())
}

// PhoneLessons reads the open lessons of some schools, as their phones keep them. To
// whoever only represents others they are not told.
func PhoneLessons(b *pgx.Batch, actor school.Actor, schools []uuid.UUID, now time.Time) func(school.Actor, uuid.UUID) []*pb.OpenLesson {
	found := map[uuid.UUID][]*pb.OpenLesson{}
	queueLessons(b, actor.Owner, schools, now, func(l Lesson) { found[l.School] = append(found[l.School], encodeLesson(&l)) })
	return func(actor school.Actor, id uuid.UUID) []*pb.OpenLesson {
		// By the actor of the batch, who is handed in once it is back.
		if actor.OnlyRepresents() {
			return nil
		}
		return found[id]
	}
}

// decodeLesson reads an offer. Whoever neither teaches nor leads at the school has no
// lesson to open.
func (s *Service) decodeLesson(req *pb.OfferLessonRequest, actor school.Actor, now time.Time) (*Lesson, error) {
	l := &Lesson{
		Person: actor.Person, Start: wire.Time(req.GetStartTime()), End: wire.Time(req.GetEndTime()), Place: req.GetPlace(),
		Title: req.GetTitle(), Focus: req.GetFocusQuestion(), Wanted: req.GetWantedFeedback(), Created: now, Readers: lessonReaders,
	}
	var err error
	if l.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	if l.School, err = wire.ID("school_id", req.GetSchoolId()); err != nil {
		return nil, err
	}
	switch {
	case !actor.Belongs(l.School):
		return nil, refusal.New(refusal.NotThere)
	case !actor.Is(school.Teacher, l.School) && !actor.Is(school.Leader, l.School):
		return nil, refusal.New(refusal.RoleRequired).With("role", string(school.Teacher))
	}
	return l, l.check(now)
}

// encodeLesson writes an open lesson.
func encodeLesson(l *Lesson) *pb.OpenLesson {
	return &pb.OpenLesson{
		Id: l.ID.String(), SchoolId: l.School.String(), PersonId: l.Person.String(),
		StartTime: wire.EncodeTime(l.Start), EndTime: wire.EncodeTime(l.End), Place: l.Place,
		Title: l.Title, FocusQuestion: l.Focus, WantedFeedback: l.Wanted, Taken: l.Taken, CreateTime: wire.EncodeTime(l.Created),
		Audience: wire.Enum[pb.Audience](l.Readers),
	}
}
