package feedback

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "undring/gen/undring/v1"
	"undring/learning"
	"undring/observation"
	"undring/refusal"
	"undring/review"
	"undring/school"
	"undring/tables"
	"undring/wire"
)

// ref reads by what a call names its visit: the visit itself, or a question, note or
// talk in it. The visit is then found and locked in the same flight.
func ref(field, kind, text string) (observation.Ref, error) {
	id, err := wire.ID(field, text)
	return observation.Ref{Kind: kind, ID: id}, err
}

// languageOr is the language that a text is written in. A writer who names none is
// taken to write in the language that they read.
func languageOr(language string, actor school.Actor) string {
	if language == "" {
		return actor.Language
	}
	return language
}

// decodeGift reads what is handed over. Ids that stand twice are refused here:
// the database would only say that one is taken.
func (s *Service) decodeGift(req *pb.GiveFeedbackRequest, actor school.Actor) (*Gift, error) {
	g := new(Gift)
	// Across points and questions alike: they are kept in one set of threads.
	seen := map[uuid.UUID]bool{}
	id := func(field, text string) (uuid.UUID, error) {
		id, err := wire.IDOr(field, text, s.newID)
		if err == nil && seen[id] {
			err = refusal.Invalidf(field, "is used twice in this request")
		}
		seen[id] = true
		return id, err
	}
	var err error
	for i, p := range req.GetPoints() {
		point := Point{Text: p.GetText(), Effect: p.GetEffect(), Readers: tables.ByTwo}
		field := fmt.Sprintf("points[%d]", i)
		if point.ID, err = id(field+".id", p.GetId()); err != nil {
			return nil, err
		}
		if point.Notes, err = wire.IDs(field+".note_ids", p.GetNoteIds()); err != nil {
			return nil, err
		}
		g.Points = append(g.Points, point)
	}
	for i, q := range req.GetQuestions() {
		question := Question{Text: q.GetText(), Language: languageOr(q.GetLanguage(), actor), StandBy: q.GetStandBy(), Source: q.GetSource(), Readers: tables.ByTwo}
		field := fmt.Sprintf("questions[%d]", i)
		if question.ID, err = id(field+".id", q.GetId()); err != nil {
			return nil, err
		}
		if question.Notes, err = wire.IDs(field+".about_note_ids", q.GetAboutNoteIds()); err != nil {
			return nil, err
		}
		g.Questions = append(g.Questions, question)
	}
	g.Shared, err = wire.IDs("shared_note_ids", req.GetSharedNoteIds())
	return g, err
}

// decodeAction reads what somebody will try. It has a date or a lesson; that one of
// them is there is the contract's to check.
// Nil where none is drafted. Slot, owner and visit come from the change.
func (s *Service) decodeAction(draft *pb.ActionDraft) (*learning.Action, error) {
	if draft == nil {
		return nil, nil
	}
	a := &learning.Action{Text: draft.GetText(), Lesson: draft.GetLesson()}
	var err error
	if a.ID, err = wire.IDOr("action.id", draft.GetId(), s.newID); err != nil {
		return nil, err
	}
	if text := draft.GetDueDate(); text != "" {
		if a.Due, err = wire.Date("action.due_date", text); err != nil {
			return nil, err
		}
	}
	a.FocusArea, err = wire.OptionalID("action.focus_area_id", draft.GetFocusAreaId())
	return a, err
}

// The draft is kept as the phone sent it, without its revision.
func encodeDraftBody(d *pb.FeedbackDraft) ([]byte, error) {
	body := proto.Clone(d).(*pb.FeedbackDraft)
	// The table counts revisions; a second count in the body could differ.
	body.Revision = 0
	out, err := proto.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("keeping the draft: %w", err)
	}
	// The column takes no null: an empty draft is a draft.
	if out == nil {
		out = []byte{}
	}
	return out, nil
}

// decodeDraftBody reads a draft that was kept as the phone sent it.
func decodeDraftBody(body []byte) (*pb.FeedbackDraft, error) {
	d := new(pb.FeedbackDraft)
	if err := proto.Unmarshal(body, d); err != nil {
		return nil, fmt.Errorf("reading the draft: %w", err)
	}
	return d, nil
}

var kinds = map[review.Kind]pb.QuestionKind{
	review.Wondering:        pb.QuestionKind_QUESTION_KIND_WONDERING,
	review.Clarifying:       pb.QuestionKind_QUESTION_KIND_CLARIFYING,
	review.Closed:           pb.QuestionKind_QUESTION_KIND_CLOSED,
	review.DefenceProvoking: pb.QuestionKind_QUESTION_KIND_DEFENCE_PROVOKING,
	review.AdviceInDisguise: pb.QuestionKind_QUESTION_KIND_ADVICE_IN_DISGUISE,
	review.Logistics:        pb.QuestionKind_QUESTION_KIND_LOGISTICS,
	review.NotAQuestion:     pb.QuestionKind_QUESTION_KIND_NOT_A_QUESTION,
}

// encodeKind writes what the review takes a question for.
func encodeKind(k review.Kind) pb.QuestionKind { return kinds[k] }

// hintKinds is how the contract calls the hints of the review.
// A hint of the review that is not in here would be told as unspecified.
var hintKinds = map[string]pb.TextHintKind{
	"judging": pb.TextHintKind_TEXT_HINT_KIND_JUDGING,
	"pupil":   pb.TextHintKind_TEXT_HINT_KIND_PUPIL,
	"should":  pb.TextHintKind_TEXT_HINT_KIND_SHOULD,
	"praise":  pb.TextHintKind_TEXT_HINT_KIND_PRAISE,
	"person":  pb.TextHintKind_TEXT_HINT_KIND_PERSON,
	"bare":    pb.TextHintKind_TEXT_HINT_KIND_BARE,
}

// momentOf is the name that the prompts' own file has for a moment.
func momentOf(m pb.PromptMoment) string { return strings.ToLower(wire.Name(m)) }

// What is written in which state of a visit.
var momentsOf = map[pb.ObservationState][]string{
	pb.ObservationState_OBSERVATION_STATE_PROPOSED:       {"card"},
	pb.ObservationState_OBSERVATION_STATE_AGREED:         {"warm_up", "during"},
	pb.ObservationState_OBSERVATION_STATE_OBSERVED:       {"feedback", "question"},
	pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN: {"own_view", "answer", "ask_back"},
	pb.ObservationState_OBSERVATION_STATE_ANSWERED:       {"take_away", "action"},
	pb.ObservationState_OBSERVATION_STATE_CLOSED:         {"report"},
}

// decodeMoments says for which moments prompts are asked: one by its name, or those
// that belong to where a visit stands.
func decodeMoments(req *pb.ListPromptsRequest) []string {
	if m := momentOf(req.GetMoment()); m != "" {
		return []string{m}
	}
	return momentsOf[req.GetState()]
}

// encodeOpening writes what was said of a question; nil where nothing was.
func encodeOpening(o *Opening) *pb.Opening {
	if o == nil {
		return nil
	}
	return &pb.Opening{Opened: o.Opened, Text: o.Text, SayTime: wire.EncodeTime(o.At), Audience: wire.Enum[pb.Audience](o.Readers)}
}

// encodeExchange writes what a person may read of an exchange. What is hidden from
// them was not read: this leaves nothing out by itself but notes that were not shared.
// Complex because it writes the whole of the largest message, one part after the
// other; nothing in it decides.
func encodeExchange(e *Exchange, person uuid.UUID) *pb.Exchange {
	if e == nil {
		return nil
	}
	v := &e.Visit
	out := &pb.Exchange{
		ObservationId: v.ID.String(), Opened: e.mayRead(person), FocusQuestion: v.Card.Focus, Intention: v.Card.Intention,
		Expectation: v.Card.Expectation, LaterIntention: observation.EncodeLater(v.Card.Later),
	}
	// Replies come in the order in which they were written, for all threads of the visit at once.
	threads := map[uuid.UUID][]*pb.ThreadReply{}
	for _, r := range e.Replies {
		threads[r.About] = append(threads[r.About],
			&pb.ThreadReply{Id: r.ID.String(), AuthorId: r.Author.String(), Text: r.Text, CreateTime: wire.EncodeTime(r.At), Audience: wire.Enum[pb.Audience](r.Readers)})
	}
	for _, p := range e.Points {
		out.Points = append(out.Points, &pb.FeedbackPoint{Id: p.ID.String(), Text: p.Text, NoteIds: wire.EncodeIDs(p.Notes), Effect: p.Effect, Replies: threads[p.ID], Audience: wire.Enum[pb.Audience](p.Readers)})
	}
	for _, q := range e.Questions {
		out.Questions = append(out.Questions, &pb.Question{
			Id: q.ID.String(), AskerId: q.Asker.String(), AddresseeId: q.Addressee.String(), Text: q.Text, Language: q.Language,
			Wondering: q.Wondering, StandBy: q.StandBy, AboutNoteIds: wire.EncodeIDs(q.Notes),
			State:  wire.Enum[pb.QuestionState](q.State),
			Answer: q.Answer, SettleTime: wire.EncodeTime(q.Settled), DueTime: wire.EncodeTime(q.Due), Source: q.Source, Replies: threads[q.ID],
			Audience: wire.Enum[pb.Audience](q.Readers),
			Opening:  encodeOpening(q.Opening),
		})
	}
	for i := range e.Notes {
		if !e.Notes[i].Shared {
			continue
		}
		shared := &pb.SharedNote{Note: observation.EncodeNote(&e.Notes[i])}
		// Beside the note, never in its place: see [change.correctNote].
		if c, there := e.Corrections[e.Notes[i].ID]; there {
			shared.Correction = &pb.Correction{Text: c.Text, CreateTime: wire.EncodeTime(c.At),
				Resolution: wire.Enum[pb.CorrectionResolution](c.Resolution), Audience: wire.Enum[pb.Audience](c.Readers)}
		}
		out.SharedNotes = append(out.SharedNotes, shared)
	}
	if o := e.OwnView; o != nil {
		out.OwnView = &pb.OwnView{Text: o.Text, Skipped: o.Skipped, RecordTime: wire.EncodeTime(o.At), Audience: wire.Enum[pb.Audience](o.Readers)}
	}
	for i, c := range e.Conversations {
		talk := &pb.Conversation{
			Id: c.ID.String(), RecordedById: c.RecordedBy.String(), TalkedAt: wire.EncodeTime(c.TalkedAt),
			Duration: durationpb.New(time.Duration(c.Minutes) * time.Minute), Summary: c.Summary, Confirmed: c.ConfirmedBy.Valid,
			Audience: wire.Enum[pb.Audience](c.Readers),
		}
		// One that was told of before stays in sight: questions may rest on it.
		if i == len(e.Conversations)-1 {
			out.Conversation = talk
		} else {
			out.EarlierConversations = append(out.EarlierConversations, talk)
		}
	}
	for _, t := range e.Takeaways {
		takeaway := &pb.Takeaway{Text: t.Text, Borrowed: t.Borrowed, Learning: learning.EncodeLearning(t.Learning), RecordTime: wire.EncodeTime(t.At), Audience: wire.Enum[pb.Audience](t.Readers)}
		// A visit that was reopened has the take-aways of before beside those of now.
		if t.Edition == v.Edition {
			out.Takeaway = takeaway
		} else {
			out.EarlierTakeaways = append(out.EarlierTakeaways, takeaway)
		}
	}
	for i := range e.Actions {
		out.Actions = append(out.Actions, learning.Encode(&e.Actions[i]))
	}
	return out
}
