package feedback

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/learning"
	"undring/observation"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/review"
	"undring/school"
	"undring/wire"
)

// Service serves the FeedbackService of the contract.
type Service struct {
	pb.UnimplementedFeedbackServiceServer
	db    *postgres.DB
	now   func() time.Time
	newID func() uuid.UUID
}

// NewService makes the service. newID makes ids for what clients leave unnamed.
func NewService(db *postgres.DB, now func() time.Time, newID func() uuid.UUID) *Service {
	return &Service{db: db, now: now, newID: newID}
}

// moment is the time of a change. All that one call writes bears the same.
func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// as is the identity in whose name the database is asked.
func as(a school.Actor) postgres.As { return postgres.As{Owner: a.Owner, Person: a.Person} }

// ReviewQuestion tells what kind of question a text is.
func (s *Service) ReviewQuestion(ctx context.Context, req *pb.ReviewQuestionRequest) (*pb.ReviewQuestionResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	j := review.Question(req.GetText(), review.Language(languageOr(req.GetLanguage(), actor)))
	return &pb.ReviewQuestionResponse{Kind: encodeKind(j.Kind), Reason: j.Reason, Suggestions: j.Suggestions}, nil
}

// GetExchange reads what the caller may read of the exchange.
func (s *Service) GetExchange(ctx context.Context, req *pb.GetExchangeRequest) (*pb.GetExchangeResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	e, _, err := s.read(ctx, actor, about, s.moment())
	return &pb.GetExchangeResponse{Exchange: e}, err
}

// read reads the exchange and its visit together, so that the two can't contradict
// each other.
func (s *Service) read(ctx context.Context, actor school.Actor, about observation.Ref, now time.Time) (*pb.Exchange, *pb.Observation, error) {
	var e Exchange
	err := s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		queueExchange(b, actor.Owner, actor.Person, about, now, false, &e)
	})
	if err != nil {
		return nil, nil, err
	}
	return encodeExchange(&e, actor.Person), observation.Encode(&e.Visit, actor.Language, now), nil
}

// more is what a change of an exchange asks besides, and how it differs.
type more struct {
	allNotes bool // those, too, that have not been shared
	reread   bool // the change opens what it could not read before
}

// changeExchange carries out a change of an exchange: it locks and reads the visit
// and its exchange in one flight; decide refuses, or queues the writes. The reply is
// made of both people's words, so it is not remembered but read anew.
func changeExchange[R proto.Message](ctx context.Context, s *Service, req once.Request, about observation.Ref, more more,
	decide func(*change) error, reply func(*pb.Exchange, *pb.Observation) R) (R, error) {
	var none R
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return none, err
	}
	now := s.moment()
	call := once.Call{As: as(actor), RPC: string(req.ProtoReflect().Descriptor().Name()), Request: req, Now: now}
	return once.New(call, once.About(func(c *change) uuid.UUID { return c.visit().ID }),
		func(b *pgx.Batch, c *change) {
			observation.QueueLockAbout(b, actor.Owner, actor.Person, about)
			queueExchange(b, actor.Owner, actor.Person, about, now, more.allNotes, &c.Exchange)
			school.QueueRulesAbout(b, actor.Owner, about.Kind, about.ID, now, &c.rules)
		},
		func(w once.Writer, c *change) error {
			c.Change = observation.NewChange(w, actor.Owner, actor.Person, now, c.visit())
			if err := decide(c); err != nil {
				return err
			}
			c.count()
			if more.reread {
				c.then = new(Exchange)
				once.Behind(w, func(b *pgx.Batch) { queueExchange(b, actor.Owner, actor.Person, about, now, false, c.then) })
			}
			return nil
		},
		func(c *change) R {
			e := cmp.Or(c.then, &c.Exchange)
			return reply(encodeExchange(e, actor.Person), observation.Encode(&e.Visit, actor.Language, now))
		},
	).ReadAnew(ctx, s.db, once.Read(func(b *pgx.Batch, c *change) {
		queueExchange(b, actor.Owner, actor.Person, about, now, false, &c.Exchange)
	}))
}

// GiveFeedback hands everything over in one step.
func (s *Service) GiveFeedback(ctx context.Context, req *pb.GiveFeedbackRequest) (*pb.GiveFeedbackResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	gift, err := s.decodeGift(req, actor)
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{allNotes: true}, func(c *change) error {
		return c.give(gift.fresh())
	}, func(e *pb.Exchange, o *pb.Observation) *pb.GiveFeedbackResponse {
		return &pb.GiveFeedbackResponse{Exchange: e, Observation: o}
	})
}

// RecordOwnView keeps the observed's own two lines and opens the feedback.
func (s *Service) RecordOwnView(ctx context.Context, req *pb.RecordOwnViewRequest) (*pb.RecordOwnViewResponse, error) {
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{reread: true}, func(c *change) error {
		return c.recordOwnView(req.GetText(), req.GetSkip())
	}, func(e *pb.Exchange, o *pb.Observation) *pb.RecordOwnViewResponse {
		return &pb.RecordOwnViewResponse{Exchange: e, Observation: o}
	})
}

// AcknowledgeFeedback tells the observer that the feedback was read.
func (s *Service) AcknowledgeFeedback(ctx context.Context, req *pb.AcknowledgeFeedbackRequest) (*pb.AcknowledgeFeedbackResponse, error) {
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, (*change).acknowledge, func(e *pb.Exchange, o *pb.Observation) *pb.AcknowledgeFeedbackResponse {
		return &pb.AcknowledgeFeedbackResponse{Exchange: e, Observation: o}
	})
}

// AnswerQuestion settles a question.
func (s *Service) AnswerQuestion(ctx context.Context, req *pb.AnswerQuestionRequest) (*pb.AnswerQuestionResponse, error) {
	about, err := ref("question_id", observation.AboutQuestion, req.GetQuestionId())
	if err != nil {
		return nil, err
	}
	to := Answered
	switch {
	case req.GetTalked():
		to = Talked
	case req.GetParked():
		to = Parked
	}
	return changeExchange(ctx, s, req, about, more{},
		func(c *change) error { return c.settle(about.ID, to, req.GetText()) },
		func(e *pb.Exchange, o *pb.Observation) *pb.AnswerQuestionResponse {
			return &pb.AnswerQuestionResponse{Exchange: e, Observation: o}
		})
}

// AskBack puts a question to the observer.
func (s *Service) AskBack(ctx context.Context, req *pb.AskBackRequest) (*pb.AskBackResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	q := Question{Text: req.GetText(), Language: languageOr(req.GetLanguage(), actor)}
	if q.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error { return c.askBack(q) },
		func(e *pb.Exchange, o *pb.Observation) *pb.AskBackResponse {
			return &pb.AskBackResponse{Exchange: e, Observation: o}
		})
}

// Reply adds to the thread of a point or a question.
func (s *Service) Reply(ctx context.Context, req *pb.ReplyRequest) (*pb.ReplyResponse, error) {
	about, err := ref("about_id", observation.AboutThread, req.GetAboutId())
	if err != nil {
		return nil, err
	}
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error {
		return c.reply(Reply{ID: id, About: about.ID, Author: c.Person, Text: req.GetText(), At: c.Now})
	}, func(e *pb.Exchange, o *pb.Observation) *pb.ReplyResponse {
		return &pb.ReplyResponse{Exchange: e, Observation: o}
	})
}

// RecordConversation says that the two have talked.
func (s *Service) RecordConversation(ctx context.Context, req *pb.RecordConversationRequest) (*pb.RecordConversationResponse, error) {
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error {
		return c.recordConversation(Conversation{
			ID: id, RecordedBy: c.Person, TalkedAt: wire.Time(req.GetTalkedAt()),
			Minutes: int(req.GetDuration().AsDuration() / time.Minute), Summary: req.GetSummary(), Created: c.Now,
		})
	}, func(e *pb.Exchange, o *pb.Observation) *pb.RecordConversationResponse {
		return &pb.RecordConversationResponse{Exchange: e, Observation: o}
	})
}

// ConfirmConversation confirms what the other one recorded.
func (s *Service) ConfirmConversation(ctx context.Context, req *pb.ConfirmConversationRequest) (*pb.ConfirmConversationResponse, error) {
	about, err := ref("conversation_id", observation.AboutConversation, req.GetConversationId())
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error { return c.confirmConversation(about.ID) },
		func(e *pb.Exchange, o *pb.Observation) *pb.ConfirmConversationResponse {
			return &pb.ConfirmConversationResponse{Exchange: e, Observation: o}
		})
}

// CorrectNote puts the observed's wording beside a shared note.
func (s *Service) CorrectNote(ctx context.Context, req *pb.CorrectNoteRequest) (*pb.CorrectNoteResponse, error) {
	about, err := ref("note_id", observation.AboutNote, req.GetNoteId())
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error { return c.correctNote(about.ID, req.GetText()) },
		func(e *pb.Exchange, o *pb.Observation) *pb.CorrectNoteResponse {
			return &pb.CorrectNoteResponse{Exchange: e, Observation: o}
		})
}

// ResolveCorrection accepts a correction, or lets both wordings stand.
func (s *Service) ResolveCorrection(ctx context.Context, req *pb.ResolveCorrectionRequest) (*pb.ResolveCorrectionResponse, error) {
	about, err := ref("note_id", observation.AboutNote, req.GetNoteId())
	if err != nil {
		return nil, err
	}
	resolution := wire.Name(req.GetResolution())
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error { return c.resolveCorrection(about.ID, resolution) },
		func(e *pb.Exchange, o *pb.Observation) *pb.ResolveCorrectionResponse {
			return &pb.ResolveCorrectionResponse{Exchange: e, Observation: o}
		})
}

// RecordTakeaway keeps what the caller takes with them.
func (s *Service) RecordTakeaway(ctx context.Context, req *pb.RecordTakeawayRequest) (*pb.RecordTakeawayResponse, error) {
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	action, err := s.decodeAction(req.GetAction())
	if err != nil {
		return nil, err
	}
	t := Takeaway{Text: req.GetText(), Borrowed: req.GetBorrowed(), Learning: learning.DecodeLearning(req.GetLearning())}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error { return c.recordTakeaway(t, action) },
		func(e *pb.Exchange, o *pb.Observation) *pb.RecordTakeawayResponse {
			return &pb.RecordTakeawayResponse{Exchange: e, Observation: o}
		})
}

// AgreeAction agrees to an action that the other one committed to.
func (s *Service) AgreeAction(ctx context.Context, req *pb.AgreeActionRequest) (*pb.AgreeActionResponse, error) {
	about, err := ref("action_id", observation.AboutAction, req.GetActionId())
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error { return c.agreeAction(about.ID) },
		func(e *pb.Exchange, o *pb.Observation) *pb.AgreeActionResponse {
			return &pb.AgreeActionResponse{Exchange: e, Observation: o}
		})
}

// SaveFeedbackDraft keeps what the observer has written so far.
func (s *Service) SaveFeedbackDraft(ctx context.Context, req *pb.SaveFeedbackDraftRequest) (*pb.SaveFeedbackDraftResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	body, err := encodeDraftBody(req.GetDraft())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: as(actor), RPC: "SaveFeedbackDraft", Request: req, Now: now}
	return once.New(call, once.About(func(*change) uuid.UUID { return about.ID }),
		func(b *pgx.Batch, c *change) {
			observation.QueueLock(b, actor.Owner, actor.Person, about.ID)
			observation.QueueVisit(b, actor.Owner, actor.Person, about.ID, c.visit())
			queueDraft(b, actor.Owner, actor.Person, about.ID, &c.draft)
		},
		func(w once.Writer, c *change) error {
			c.Change = observation.NewChange(w, actor.Owner, actor.Person, now, c.visit())
			return c.saveDraft(body, req.GetDraft().GetRevision())
		},
		func(c *change) *pb.SaveFeedbackDraftResponse {
			return &pb.SaveFeedbackDraftResponse{Draft: &pb.FeedbackDraft{Revision: c.draft.Revision}}
		},
	).Strip(ctx, s.db, func(r *pb.SaveFeedbackDraftResponse) {
		// The words are the request's own; only the revision was remembered.
		revision := r.GetDraft().GetRevision()
		r.Draft = proto.Clone(req.GetDraft()).(*pb.FeedbackDraft)
		r.Draft.Revision = revision
	}, once.Gone[change](refusal.New(refusal.WrongState).With("observation_id", about.ID.String()))) // gone with its visit
}

// GetFeedbackDraft reads the observer's own draft.
func (s *Service) GetFeedbackDraft(ctx context.Context, req *pb.GetFeedbackDraftRequest) (*pb.GetFeedbackDraftResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	var v observation.Visit
	var draft Draft
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		observation.QueueVisit(b, actor.Owner, actor.Person, about.ID, &v)
		queueDraft(b, actor.Owner, actor.Person, about.ID, &draft)
	})
	if err != nil {
		return nil, err
	}
	// The observed knows of the visit, so this gives nothing away; whether there is a draft, it
	// does not say.
	if actor.Person != v.Observer {
		return nil, refusal.New(refusal.NotYourMove).With("observation_id", v.ID.String())
	}
	out, err := decodeDraftBody(draft.Body)
	if err != nil {
		return nil, err
	}
	out.Revision = draft.Revision
	return &pb.GetFeedbackDraftResponse{Draft: out}, nil
}
