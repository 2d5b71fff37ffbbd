package feedback

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"undring/learning"
	"undring/observation"
	"undring/refusal"
	"undring/school"
)

// deed is one change of an exchange under way: what was read, in whose name, and
// where the writes go.
type deed struct {
	Exchange
	w      observation.Writer
	owner  uuid.UUID
	person uuid.UUID
	now    time.Time
	rules  school.Rules
}

func (d *deed) may(what observation.Deed) error {
	err := observation.May(what, d.Visit.State, d.Visit.Who(d.person))
	if r, ok := err.(*refusal.Refusal); ok {
		return r.With("observation_id", d.Visit.ID.String())
	}
	return err
}

// mayOpened is may for what the observed can do once the feedback is opened.
func (d *deed) mayOpened(what observation.Deed) error {
	if err := d.may(what); err != nil {
		return err
	}
	return d.needOpened(d.person)
}

func (d *deed) take(event observation.Event, facts observation.Facts) error {
	return d.Visit.Take(d.w, d.owner, d.person, event, facts, d.now)
}

// touch counts the change on the visit, for the other one's phone.
func (d *deed) touch() {
	d.Visit.Touch(d.now)
	d.Visit.Save(d.w, d.owner)
}

func (d *deed) give(g *Gift) error {
	// Whose move it is comes before what is missing.
	facts := observation.Facts{}
	if d.Visit.State == observation.Observed && d.person == d.Visit.Observer {
		var err error
		if facts, err = g.check(d.Notes); err != nil {
			return err
		}
	}
	v := &d.Visit
	v.AnswerDue = d.rules.AnswerDue(d.now)
	kinds := map[uuid.UUID]observation.Kind{}
	for i := range d.Notes {
		kinds[d.Notes[i].ID] = d.Notes[i].Kind
	}
	d.share(g.Shared)
	for i := range g.Points {
		saw, _ := g.Points[i].evidence(kinds)
		d.insertPoint(&g.Points[i], i+1, saw)
	}
	var wondering uuid.UUID
	for i := range g.Questions {
		q := &g.Questions[i]
		q.Asker, q.Addressee, q.State, q.Due = v.Observer, v.Observed, Open, v.AnswerDue
		if q.Wondering && wondering == uuid.Nil {
			wondering = q.ID
		}
		d.insertQuestion(q, i+1, false)
	}
	if len(g.Points) > 0 {
		d.witnessGift(g.Points[0].ID, wondering)
	}
	d.touch()
	if err := d.take(observation.Give, facts); err != nil {
		return err
	}
	d.Points, d.Questions = g.Points, g.Questions
	for i := range d.Notes {
		for _, id := range g.Shared {
			d.Notes[i].Shared = d.Notes[i].Shared || d.Notes[i].ID == id
		}
	}
	return nil
}

func (d *deed) acknowledge() error {
	if err := d.mayOpened(observation.Acknowledge); err != nil {
		return err
	}
	if d.Visit.Acknowledged.IsZero() {
		d.Visit.Acknowledged = d.now
		d.touch()
	}
	return nil
}

// settle settles a question: by a text, by "we talked", or by parking it.
func (d *deed) settle(id uuid.UUID, to QuestionState, text string) error {
	if err := d.mayOpened(observation.Answer); err != nil {
		return err
	}
	q := d.question(id)
	switch {
	case q == nil:
		return refusal.New(refusal.NotThere)
	case q.Addressee != d.person, to == Parked && d.person != d.Visit.Observed:
		return refusal.New(refusal.NotYourMove).With("observation_id", d.Visit.ID.String())
	case q.State == Answered, q.State == Talked, q.State == to:
		return refusal.New(refusal.WrongState).With("question_id", id.String()).With("state", string(q.State))
	}
	if to == Talked && !d.talkConfirmed() {
		if d.Visit.State == observation.Answered {
			return refusal.All([]refusal.Missing{{Reason: refusal.QuestionOpen, Subject: id.String()}})
		}
		to = TalkedUnconfirmed
	}
	if q.State == to {
		return nil
	}
	q.State, q.Answer, q.Settled = to, text, d.now
	d.saveQuestion(q)
	d.touch()
	return d.goOn()
}

// goOn moves the visit as far as what has been said carries it: to ANSWERED when
// all is settled, to CLOSED when both have written what they take along.
func (d *deed) goOn() error {
	v := &d.Visit
	if v.State == observation.FeedbackGiven {
		facts := d.unsettled()
		if len(facts) > 0 {
			return nil
		}
		v.TakeawayDue = d.rules.TakeawayDue(d.now)
		v.HasAnswer = true
		d.witnessAnswer(d.answer().ID)
		v.Save(d.w, d.owner)
		if err := d.take(observation.Settle, facts); err != nil {
			return err
		}
	}
	if v.State == observation.Answered && v.Takeaways[observation.AsObserver] && v.Takeaways[observation.AsObserved] {
		return d.take(observation.Close, nil)
	}
	return nil
}

// askBack puts a question to the observer. An answered visit goes back: it has
// an open question again.
func (d *deed) askBack(q Question) error {
	if err := d.mayOpened(observation.PutBack); err != nil {
		return err
	}
	if d.asked(d.person) >= MaxQuestions {
		return refusal.Beyond("text", refusal.MostQuestions, MaxQuestions)
	}
	q.Asker, q.Addressee, q.State, q.Due = d.Visit.Observed, d.Visit.Observer, Open, d.rules.AnswerDue(d.now)
	if d.Visit.State == observation.Answered {
		if err := d.take(observation.AskBack, nil); err != nil {
			return err
		}
	}
	d.insertQuestion(&q, d.asked(d.person)+1, true)
	d.Questions = append(d.Questions, q)
	d.touch()
	return nil
}

func (d *deed) reply(r Reply) error {
	if err := d.mayOpened(observation.AddReply); err != nil {
		return err
	}
	known := d.question(r.About) != nil
	for _, p := range d.Points {
		known = known || p.ID == r.About
	}
	if !known {
		return refusal.New(refusal.NotThere)
	}
	n := 0
	for _, there := range d.Replies {
		if there.About == r.About {
			n++
		}
	}
	if n >= MaxReplies {
		return refusal.Beyond("about_id", refusal.MostEntries, MaxReplies)
	}
	d.insertReply(&r, n+1)
	d.Replies = append(d.Replies, r)
	d.touch()
	return nil
}

func (d *deed) recordConversation(c Conversation) error {
	if err := d.may(observation.TellTalk); err != nil {
		return err
	}
	switch {
	case c.TalkedAt.After(d.now):
		return refusal.Beyond("talked_at", refusal.Future, 0)
	case len(d.Conversations) >= MaxConversations:
		return refusal.Beyond("id", refusal.MostTalks, MaxConversations)
	}
	d.insertConversation(&c)
	d.Conversations = append(d.Conversations, c)
	d.touch()
	return nil
}

// confirmConversation confirms what the other one recorded. What was settled by
// "we talked" counts from then on.
func (d *deed) confirmConversation(id uuid.UUID) error {
	if err := d.may(observation.ConfirmTalk); err != nil {
		return err
	}
	var talk *Conversation
	for i := range d.Conversations {
		if d.Conversations[i].ID == id {
			talk = &d.Conversations[i]
		}
	}
	switch {
	case talk == nil:
		return refusal.New(refusal.NotThere)
	case talk.RecordedBy == d.person:
		return refusal.New(refusal.NotYourMove).With("observation_id", d.Visit.ID.String())
	case talk.ConfirmedBy.Valid:
		return nil
	}
	talk.ConfirmedBy = uuid.NullUUID{UUID: d.person, Valid: true}
	d.confirm(id)
	for i := range d.Questions {
		if d.Questions[i].State == TalkedUnconfirmed {
			d.Questions[i].State = Talked
		}
	}
	d.confirmTalked()
	d.touch()
	if !d.mayRead(d.person) {
		return nil // no question can have been settled yet
	}
	return d.goOn()
}

func (d *deed) correctNote(id uuid.UUID, text string) error {
	if err := d.mayOpened(observation.CorrectNote); err != nil {
		return err
	}
	if n := d.note(id); n == nil || !n.Shared {
		return refusal.New(refusal.NotThere)
	}
	c := Correction{Text: text, At: d.now}
	d.Corrections[id] = c
	d.saveCorrection(id, c)
	d.touch()
	return nil
}

func (d *deed) resolveCorrection(id uuid.UUID, resolution string) error {
	if err := d.may(observation.Resolve); err != nil {
		return err
	}
	if n := d.note(id); n == nil || !n.Shared {
		return refusal.New(refusal.NotThere)
	}
	c, there := d.Corrections[id]
	if !there {
		return refusal.New(refusal.WrongState).With("note_id", id.String())
	}
	c.Resolution = resolution
	d.Corrections[id] = c
	d.saveResolution(id, resolution)
	d.touch()
	return nil
}

// recordTakeaway keeps what one of the two takes along; written again, the newer
// one stands. With the second one, an answered visit closes.
func (d *deed) recordTakeaway(t Takeaway, a *learning.Action) error {
	if err := d.mayOpened(observation.WriteTakeaway); err != nil {
		return err
	}
	v := &d.Visit
	role, _ := v.RoleOf(d.person)
	t.Edition, t.At = v.Edition, d.now
	d.saveTakeaway(&t)
	d.witnessTakeaway(role)
	v.Takeaways[role] = true
	if len(d.Takeaways) > 0 && d.Takeaways[0].Edition == t.Edition {
		d.Takeaways[0] = t
	} else {
		d.Takeaways = append([]Takeaway{t}, d.Takeaways...)
	}
	if a != nil {
		slot, err := learning.FreeSlot(d.Actions)
		if err != nil {
			return err
		}
		a.Slot, a.Visit, a.Owner, a.State, a.Created = slot, v.ID, d.person, learning.Proposed, d.now
		a.Insert(d.w, d.owner, v)
		d.Actions = append(d.Actions, *a)
	}
	d.touch()
	return d.goOn()
}

func (d *deed) agreeAction(id uuid.UUID) error {
	if err := d.may(observation.AgreeToAction); err != nil {
		return err
	}
	for i := range d.Actions {
		a := &d.Actions[i]
		if a.ID != id {
			continue
		}
		changed, err := a.Agree(d.person)
		if err == nil && changed {
			a.Save(d.w, d.owner)
			d.touch()
		}
		return err
	}
	return refusal.New(refusal.NotThere)
}

// Draft is what the observer has written so far, as the phone sent it.
type Draft struct {
	Body     []byte
	Revision int64 // 0: there is none
}

// saveDraft replaces the draft that was read.
func (d *deed) saveDraft(there Draft, body []byte, revision int64) (Draft, error) {
	if err := d.may(observation.WriteDraft); err != nil {
		return there, err
	}
	if revision != there.Revision {
		return there, refusal.New(refusal.StaleRevision).With("current_revision", strconv.FormatInt(there.Revision, 10))
	}
	next := Draft{Body: body, Revision: there.Revision + 1}
	d.writeDraft(&next)
	return next, nil
}
