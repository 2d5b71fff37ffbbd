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
	"undring/tables"
	"undring/wire"
)

// Service serves the FeedbackService of the contract.
type Service struct {
	pb.UnimplementedFeedbackServiceServer
	db    *postgres.DB
	now   func() time.Time
	newID func() uuid.UUID

	// Set once by [Service.NoteReadings], before the first call, and only read afterwards.
	readings school.Readings // nil: nobody writes readings down
}

// NewService makes the service. newID makes ids for what clients leave unnamed. now and newID
// are passed in so that tests decide on time and ids.
func NewService(db *postgres.DB, now func() time.Time, newID func() uuid.UUID) *Service {
	return &Service{db: db, now: now, newID: newID}
}

// NoteReadings names what writes down who is sent what. Before the first call.
func (s *Service) NoteReadings(r school.Readings) { s.readings = r }

// moment is the time of a change. All that one call writes bears the same.
func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// ReviewQuestion tells what kind of question a text is. It reads nothing and keeps nothing:
// the same text gets the same answer on a phone without a network, by the same rules. The
// language is the one that was asked for, else the caller's.
func (s *Service) ReviewQuestion(ctx context.Context, req *pb.ReviewQuestionRequest) (*pb.ReviewQuestionResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	j := review.Question(req.GetText(), review.Language(languageOr(req.GetLanguage(), actor)))
	return &pb.ReviewQuestionResponse{Kind: encodeKind(j.Kind), Reason: j.Reason, Suggestions: j.Suggestions}, nil
}

// ReviewText gives hints on words that somebody else will read.
func (s *Service) ReviewText(ctx context.Context, req *pb.ReviewTextRequest) (*pb.ReviewTextResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	var colleagues []string
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		school.QueueColleagues(b, actor.Owner, actor.Person, &colleagues)
	})
	if err != nil {
		return nil, err
	}
	reply := new(pb.ReviewTextResponse)
	for _, h := range hintsOn(req, review.Language(languageOr(req.GetLanguage(), actor)), colleagues) {
		reply.Hints = append(reply.Hints, &pb.TextHint{Kind: hintKinds[h.ID], Text: h.Text, Word: h.Word})
	}
	return reply, nil
}

// hintsOn gives the hints that belong to a field: a note of what was seen and a point are
// looked at for what the method asks of them, everything for names of pupils.
func hintsOn(req *pb.ReviewTextRequest, language review.Language, colleagues []string) []review.Hint {
	switch req.GetField() {
	case "note":
		saw := req.GetNoteKind() == pb.NoteKind_NOTE_KIND_SAW || req.GetNoteKind() == pb.NoteKind_NOTE_KIND_UNSPECIFIED
		return review.Note(saw, req.GetText(), language, colleagues...)
	case "point":
		return review.Point(req.GetText(), language, colleagues...)
	}
	return review.Names(req.GetText(), language, colleagues...)
}

// GetExchange reads what the caller may read of the exchange. NOT_FOUND for anybody but the
// two. Before the observed has opened the feedback, they get the visit without the words of
// the other one; the statements that read them see to that.
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
	sent := school.Reading{Visits: []uuid.UUID{about.ID}}
	err := sent.Read(ctx, s.db, s.readings, actor, now, func(b *pgx.Batch) {
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
	call := once.Call{As: actor.As(), RPC: string(req.ProtoReflect().Descriptor().Name()), Request: req, Now: now}
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

// GiveFeedback hands everything over in one step. What is missing comes back all at once, with
// one entry for each thing, so that a phone can lead from one to the next. The notes are read
// with those that are not shared yet: a point may rest on any of them, and giving shares them.
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

// RecordOwnView keeps the observed's own two lines and opens the feedback. The words of the
// observer come with the reply for the first time, so the exchange is read once more behind
// the writes: the first reading was still closed to the caller.
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

// AcknowledgeFeedback tells the observer that the feedback was read. It moves nothing and can
// be repeated. OWN_VIEW_MISSING before the caller has opened the feedback.
func (s *Service) AcknowledgeFeedback(ctx context.Context, req *pb.AcknowledgeFeedbackRequest) (*pb.AcknowledgeFeedbackResponse, error) {
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, (*change).acknowledge, func(e *pb.Exchange, o *pb.Observation) *pb.AcknowledgeFeedbackResponse {
		return &pb.AcknowledgeFeedbackResponse{Exchange: e, Observation: o}
	})
}

// AnswerQuestion settles a question. There are three ways: an answer in words, "we talked
// about it", which counts once the other one has confirmed the conversation, and parking,
// which is open to the observed alone. With the last open question the visit goes on to
// ANSWERED.
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

// SayWhatItOpened says of a question whether it opened something. Only the asker reads it, and
// no figure counts it.
func (s *Service) SayWhatItOpened(ctx context.Context, req *pb.SayWhatItOpenedRequest) (*pb.SayWhatItOpenedResponse, error) {
	about, err := ref("question_id", observation.AboutQuestion, req.GetQuestionId())
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error {
		if req.GetTakeBack() {
			return c.sayWhatItOpened(about.ID, nil)
		}
		return c.sayWhatItOpened(about.ID, &Opening{Opened: req.GetOpened(), Text: req.GetText(), At: c.Now, Readers: tables.ByTwo})
	}, func(e *pb.Exchange, o *pb.Observation) *pb.SayWhatItOpenedResponse {
		return &pb.SayWhatItOpenedResponse{Exchange: e, Observation: o}
	})
}

// AskBack puts a question to the observer. The id may come from the phone, which knows the
// question by it before it is sent. INVALID_FIELD beyond [MaxQuestions]; an answered visit goes
// back to FEEDBACK_GIVEN, because a question is open again.
func (s *Service) AskBack(ctx context.Context, req *pb.AskBackRequest) (*pb.AskBackResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	q := Question{Text: req.GetText(), Language: languageOr(req.GetLanguage(), actor), Readers: tables.ByTwo}
	if q.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error { return c.askBack(q) },
		func(e *pb.Exchange, o *pb.Observation) *pb.AskBackResponse {
			return &pb.AskBackResponse{Exchange: e, Observation: o}
		})
}

// Reply adds to the thread of a point or a question. INVALID_FIELD beyond [MaxReplies] in one
// thread.
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
		return c.reply(Reply{ID: id, About: about.ID, Author: c.Person, Text: req.GetText(), At: c.Now, Readers: tables.ByTwo})
	}, func(e *pb.Exchange, o *pb.Observation) *pb.ReplyResponse {
		return &pb.ReplyResponse{Exchange: e, Observation: o}
	})
}

// RecordConversation says that the two have talked. Until the other one confirms it, it
// settles no question. A time that is still to come is refused: this is no appointment.
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
			Minutes: int(req.GetDuration().AsDuration() / time.Minute), Summary: req.GetSummary(), Created: c.Now, Readers: tables.ByTwo,
		})
	}, func(e *pb.Exchange, o *pb.Observation) *pb.RecordConversationResponse {
		return &pb.RecordConversationResponse{Exchange: e, Observation: o}
	})
}

// ConfirmConversation confirms what the other one recorded. Questions that were settled by "we
// talked" count from then on, so the visit may go on to ANSWERED with this call. Confirming
// twice changes nothing.
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

// CorrectNote puts the observed's wording beside a shared note. The observer's wording stays:
// both stand, each with its writer.
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

// ResolveCorrection accepts a correction, or lets both wordings stand. WRONG_STATE where there
// is no other wording to answer.
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

// RecordTakeaway keeps what the caller takes with them. It may bring an action, something that
// the caller means to try by a date. With the second of the two take-aways an answered visit
// closes.
func (s *Service) RecordTakeaway(ctx context.Context, req *pb.RecordTakeawayRequest) (*pb.RecordTakeawayResponse, error) {
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	action, err := s.decodeAction(req.GetAction())
	if err != nil {
		return nil, err
	}
	t := Takeaway{Text: req.GetText(), Borrowed: req.GetBorrowed(), Learning: learning.DecodeLearning(req.GetLearning()), Readers: tables.ByWriter}
	return changeExchange(ctx, s, req, about, more{}, func(c *change) error { return c.recordTakeaway(t, action) },
		func(e *pb.Exchange, o *pb.Observation) *pb.RecordTakeawayResponse {
			return &pb.RecordTakeawayResponse{Exchange: e, Observation: o}
		})
}

// AgreeAction agrees to an action that the other one committed to. The one who committed to it
// can't agree in the other's place.
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

// TakeOutName takes a name out of every text of the visit, once both say so.
func (s *Service) TakeOutName(ctx context.Context, req *pb.TakeOutNameRequest) (*pb.TakeOutNameResponse, error) {
	about, err := ref("observation_id", observation.AboutVisit, req.GetObservationId())
	if err != nil {
		return nil, err
	}
	return changeExchange(ctx, s, req, about, more{reread: true}, func(c *change) error { return c.takeOutName(req.GetName(), req.GetLetGo()) },
		func(e *pb.Exchange, o *pb.Observation) *pb.TakeOutNameResponse {
			return &pb.TakeOutNameResponse{Exchange: e, Observation: o}
		})
}

// SaveFeedbackDraft keeps what the observer has written so far. The revision is the one that
// the phone has read: two devices that write at once are told apart by it, and the later one
// is asked which words to keep (STALE_REVISION). What is remembered of the reply is the
// revision alone.
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
	call := once.Call{As: actor.As(), RPC: "SaveFeedbackDraft", Request: req, Now: now}
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

// GetFeedbackDraft reads the observer's own draft. Nobody else can read it, the observed least
// of all: it is what has not been said yet.
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
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
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
