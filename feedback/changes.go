package feedback

import (
	"slices"

	"github.com/google/uuid"

	"undring/learning"
	"undring/observation"
	"undring/once"
	"undring/refusal"
	"undring/school"
	"undring/tables"
)

// change is a change of an exchange under way: of its visit, by the rules of that,
// with what was read of the exchange.
// It is one value of a call: everything that a phase finds out is in it, and a transaction
// that begins anew begins with an empty one.
type change struct {
	observation.Change
	Exchange
	rules school.Rules
	draft Draft
	// then is the exchange as it was read behind the writes; nil: it is as this
	// change left it.
	then *Exchange
}

// visit is the visit of the exchange.
func (c *change) visit() *observation.Visit { return &c.Exchange.Visit }

// mayOpened is May for what the observed can do once the feedback is opened. Whose move it is
// comes before whether it is opened, so that a stranger to the move does not learn how far the
// other one is.
func (c *change) mayOpened(a observation.Act) (once.Writer, error) {
	w, err := c.May(a)
	if err != nil {
		return nil, err
	}
	if !c.mayRead(c.Person) {
		return nil, c.Refuse(refusal.New(refusal.OwnViewMissing))
	}
	return w, nil
}

// give hands a gift over. What it consists of is written where the rule lets the event
// through. In every other state the rule of the visit refuses the event by itself, with the
// reason that fits.
func (c *change) give(g *Gift) error {
	facts := observation.Facts{}
	if c.visit().State == observation.Observed && c.Person == c.visit().Observer { // whose move it is comes before what is missing
		var err error
		if facts, err = g.check(c.Notes); err != nil {
			return c.Refuse(err)
		}
	}
	err := c.Take(observation.Give, facts, func(w once.Writer) { c.writeGift(w, g) })
	if err != nil {
		return err
	}
	// The reply is made of what was read, brought up to what is written now.
	c.Points, c.Questions = g.Points, g.Questions
	for i := range c.Notes {
		c.Notes[i].Shared = c.Notes[i].Shared || slices.Contains(g.Shared, c.Notes[i].ID)
	}
	return nil
}

// writeGift writes the whole of a feedback: what is shared, the points, the questions, and the
// ids of one point and one wondering question on the visit. The database asks for these two as
// foreign keys, so that no feedback stands without them, whoever writes.
func (c *change) writeGift(w once.Writer, g *Gift) {
	v := c.visit()
	v.AnswerDue = c.rules.AnswerDue(c.Now)
	kinds := kindsOf(c.Notes)
	c.ShareNotes(w, g.Shared)
	for i := range g.Points {
		// check has refused a point without; the note found is the one that the row names.
		saw, _ := g.Points[i].evidence(kinds)
		c.insertPoint(w, &g.Points[i], i+1, saw)
	}
	var wondering uuid.UUID
	for i := range g.Questions {
		q := &g.Questions[i]
		q.Asker, q.Addressee, q.State, q.Due = v.Observer, v.Observed, Open, v.AnswerDue
		if q.Wondering && wondering == uuid.Nil {
			wondering = q.ID
		}
		c.insertQuestion(w, q, i+1, false)
	}
	c.WitnessGift(w, g.Points[0].ID, wondering)
	c.Touch(w)
}

// recordOwnView keeps the observed's own two lines, and opens the feedback. Skipping
// takes no lines away.
func (c *change) recordOwnView(text string, skip bool) error {
	w, err := c.May(observation.WriteOwnView)
	if err != nil {
		return err
	}
	c.saveOwnView(w, text, skip)
	c.Touch(w)
	return nil
}

// acknowledge says that the feedback was read. The second time changes nothing, since two
// devices may say so. Only the first time counts, because the observer has been told of that
// one.
func (c *change) acknowledge() error {
	w, err := c.mayOpened(observation.Acknowledge)
	if err != nil {
		return err
	}
	if v := c.visit(); v.Acknowledged.IsZero() {
		v.Acknowledged = c.Now
		c.Touch(w)
	}
	return nil
}

// settle settles a question: by a text, by "we talked", or by parking it. What is settled
// stays: a parked question may still be answered, an answered one is not asked again.
func (c *change) settle(id uuid.UUID, to QuestionState, text string) error {
	w, err := c.mayOpened(observation.Answer)
	if err != nil {
		return err
	}
	q := c.question(id)
	switch {
	case q == nil:
		return refusal.New(refusal.NotThere)
	// Parking is for the one who was visited: a question back is the observer's to answer or to
	// talk about.
	case q.Addressee != c.Person, to == Parked && c.Person != c.visit().Observed:
		return c.Refuse(refusal.New(refusal.NotYourMove))
	case q.State == Answered, q.State == Talked, q.State == to:
		return c.Refuse(refusal.New(refusal.WrongState).With("question_id", id.String()).With("state", string(q.State)))
	case to == Answered && !observation.Says(text):
		return c.Refuse(refusal.New(refusal.AnswerEmpty).With("question_id", id.String()))
	}
	// One of the two alone cannot make a talk count: until the other one confirms it, the
	// question stays open.
	if to == Talked && !c.talkConfirmed() {
		if c.visit().State == observation.Answered {
			return c.Refuse(refusal.All([]refusal.Missing{{Reason: refusal.QuestionOpen, Subject: id.String()}}))
		}
		to = TalkedUnconfirmed
	}
	// Said "we talked" twice, before anybody has confirmed it.
	if q.State == to {
		return nil
	}
	q.State, q.Answer, q.Settled = to, text, c.Now
	c.saveQuestion(w, q)
	c.Touch(w)
	return c.goOn()
}

// goOn moves the visit as far as what has been said carries it: to ANSWERED when
// all is settled, to CLOSED when both have written what they take along.
func (c *change) goOn() error {
	v := c.visit()
	if v.State == observation.FeedbackGiven {
		// A question that is still open is no error here: the visit just stays where it is.
		facts := c.unsettled()
		if len(facts) > 0 {
			return nil
		}
		err := c.Take(observation.Settle, facts, func(w once.Writer) {
			v.TakeawayDue = c.rules.TakeawayDue(c.Now)
			v.HasAnswer = true
			c.WitnessAnswer(w, c.answer().ID)
			c.Save(w)
		})
		if err != nil {
			return err
		}
	}
	if v.State == observation.Answered && v.Takeaways[observation.AsObserver] && v.Takeaways[observation.AsObserved] {
		return c.Take(observation.Close, nil, nil)
	}
	return nil
}

// sayWhatItOpened keeps what the observed says of a question of the observer's, or takes
// it back. It moves nothing and is owed by nobody, so the visit is not touched.
func (c *change) sayWhatItOpened(id uuid.UUID, said *Opening) error {
	w, err := c.mayOpened(observation.SayOpening)
	if err != nil {
		return err
	}
	q := c.question(id)
	switch {
	case q == nil:
		return refusal.New(refusal.NotThere)
	case q.Addressee != c.Person: // one's own question back
		return c.Refuse(refusal.New(refusal.NotYourMove))
	}
	q.Opening = said
	c.saveOpening(w, id, said)
	return nil
}

// askBack puts a question to the observer. An answered visit goes back: it has an open
// question again. Position and limit count the observed's own questions, apart from those of
// the observer.
func (c *change) askBack(q Question) error {
	w, err := c.mayOpened(observation.AskingBack)
	if err != nil {
		return err
	}
	if c.asked(c.Person) >= MaxQuestions {
		return refusal.Beyond("text", refusal.MostQuestions, MaxQuestions)
	}
	q.Asker, q.Addressee, q.State, q.Due = c.visit().Observed, c.visit().Observer, Open, c.rules.AnswerDue(c.Now)
	if c.visit().State == observation.Answered {
		// The step comes first: the question is written in the state in which it can be open.
		if err := c.Take(observation.AskBack, nil, nil); err != nil {
			return err
		}
	}
	c.insertQuestion(w, &q, c.asked(c.Person)+1, true)
	c.Questions = append(c.Questions, q)
	c.Touch(w)
	return nil
}

// reply adds to the thread of a point or a question. The limit keeps a thread a
// supplement to the exchange: what needs more is better talked about.
func (c *change) reply(r Reply) error {
	w, err := c.mayOpened(observation.AddReply)
	if err != nil {
		return err
	}
	known := c.question(r.About) != nil
	for _, p := range c.Points {
		known = known || p.ID == r.About
	}
	if !known {
		return refusal.New(refusal.NotThere)
	}
	n := 0
	for _, there := range c.Replies {
		if there.About == r.About {
			n++
		}
	}
	if n >= MaxReplies {
		return refusal.Beyond("about_id", refusal.MostEntries, MaxReplies)
	}
	c.insertReply(w, &r, n+1)
	c.Replies = append(c.Replies, r)
	c.Touch(w)
	return nil
}

// recordConversation says that the two have talked. It counts once the other one has
// confirmed it; until then questions that "we talked" has settled stay open.
func (c *change) recordConversation(talk Conversation) error {
	w, err := c.May(observation.AddConversation)
	if err != nil {
		return err
	}
	switch {
	case talk.TalkedAt.After(c.Now):
		return refusal.Beyond("talked_at", refusal.Future, 0)
	case len(c.Conversations) >= MaxConversations:
		return refusal.Beyond("id", refusal.MostTalks, MaxConversations)
	}
	c.insertConversation(w, &talk)
	c.Conversations = append(c.Conversations, talk)
	c.Touch(w)
	return nil
}

// confirmConversation confirms what the other one recorded. What was settled by
// "we talked" counts from then on.
func (c *change) confirmConversation(id uuid.UUID) error {
	w, err := c.May(observation.ConfirmConversation)
	if err != nil {
		return err
	}
	var talk *Conversation
	for i := range c.Conversations {
		if c.Conversations[i].ID == id {
			talk = &c.Conversations[i]
		}
	}
	switch {
	case talk == nil:
		return refusal.New(refusal.NotThere)
	case talk.RecordedBy == c.Person:
		return c.Refuse(refusal.New(refusal.NotYourMove))
	// Confirmed by another device of the same person.
	case talk.ConfirmedBy.Valid:
		return nil
	}
	talk.ConfirmedBy = uuid.NullUUID{UUID: c.Person, Valid: true}
	c.confirm(w, id)
	for i := range c.Questions {
		if c.Questions[i].State == TalkedUnconfirmed {
			c.Questions[i].State = Talked
		}
	}
	// One statement for all of them: a talk settles every question that was left to it.
	c.confirmTalked(w)
	c.Touch(w)
	if !c.mayRead(c.Person) {
		return nil // no question can have been settled yet
	}
	return c.goOn()
}

// correctNote sets the observed's wording beside the observer's. Neither replaces the
// other: two who were there may remember differently.
func (c *change) correctNote(id uuid.UUID, text string) error {
	w, err := c.mayOpened(observation.CorrectNote)
	if err != nil {
		return err
	}
	if n := c.note(id); n == nil || !n.Shared {
		return refusal.New(refusal.NotThere)
	}
	wording := Correction{Text: text, At: c.Now, Readers: tables.ByTwo}
	c.Corrections[id] = wording
	c.saveCorrection(w, id, wording)
	c.Touch(w)
	return nil
}

// resolveCorrection says what the observer makes of the other wording. The observer may change
// their mind: the newest resolution stands.
func (c *change) resolveCorrection(id uuid.UUID, resolution string) error {
	w, err := c.May(observation.Resolve)
	if err != nil {
		return err
	}
	if n := c.note(id); n == nil || !n.Shared {
		return refusal.New(refusal.NotThere)
	}
	wording, there := c.Corrections[id]
	if !there {
		return c.Refuse(refusal.New(refusal.WrongState).With("note_id", id.String()))
	}
	wording.Resolution = resolution
	c.Corrections[id] = wording
	c.saveResolution(w, id, resolution)
	c.Touch(w)
	return nil
}

// recordTakeaway keeps what one of the two takes along; written again, the newer one stands.
// With the second one, an answered visit closes. After a reopening there is a new edition, and
// the earlier one is kept beside it. What is written before the visit is answered waits for
// its end.
func (c *change) recordTakeaway(t Takeaway, a *learning.Action) error {
	w, err := c.mayOpened(observation.WriteTakeaway)
	if err != nil {
		return err
	}
	v := c.visit()
	var slot int
	if a != nil {
		if slot, err = learning.FreeSlot(c.Actions); err != nil {
			return err
		}
	}
	role, _ := v.RoleOf(c.Person)
	t.Edition, t.At = v.Edition, c.Now
	c.saveTakeaway(w, &t)
	c.WitnessTakeaway(w, role)
	v.Takeaways[role] = true
	if len(c.Takeaways) > 0 && c.Takeaways[0].Edition == t.Edition {
		c.Takeaways[0] = t
	} else {
		c.Takeaways = append([]Takeaway{t}, c.Takeaways...)
	}
	if a != nil {
		made := *a
		made.Slot, made.Visit, made.Owner, made.State, made.Created = slot, v.ID, c.Person, learning.Proposed, c.Now
		made.Readers = learning.Readers
		made.Insert(w, c.Owner, v)
		c.Actions = append(c.Actions, made)
	}
	c.Touch(w)
	return c.goOn()
}

// agreeAction agrees to an action of the other one's. The action knows who may.
func (c *change) agreeAction(id uuid.UUID) error {
	for i := range c.Actions {
		if a := &c.Actions[i]; a.ID == id {
			return a.Agree(&c.Change)
		}
	}
	return refusal.New(refusal.NotThere)
}

// Draft is what the observer has written so far, as the phone sent it. The server keeps the
// body as it came and does not look into it: points that name no note yet and questions
// without a mark are what a draft is for.
type Draft struct {
	Body     []byte
	Revision int64 // 0: there is none
}

// saveDraft replaces the draft that was read. STALE_REVISION names the revision that is there,
// so that the phone can fetch it and ask.
func (c *change) saveDraft(body []byte, revision int64) error {
	w, err := c.May(observation.WriteDraft)
	if err != nil {
		return err
	}
	if revision != c.draft.Revision {
		return c.Refuse(refusal.ChangedSince(c.draft.Revision))
	}
	c.draft = Draft{Body: body, Revision: revision + 1}
	c.writeDraft(w)
	return nil
}
