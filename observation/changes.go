package observation

import (
	"time"

	"github.com/google/uuid"

	"undring/once"
	"undring/refusal"
	"undring/school"
)

// change is a change of a visit with all that its rules may ask for.
type change struct {
	Change
	visit     Visit
	twin      *Visit // the visit the other way, of a mutual one
	obstacles obstacles
	rules     school.Rules
}

// proposed are the visits that a proposal is about: of a mutual one both, as long as both are
// proposed. Once one of them has been agreed on or has ended, each goes its own way.
func (c *change) proposed() []*Change {
	if c.twin != nil && c.twin.State == Proposed && c.visit.State == Proposed {
		twin := c.Change
		twin.Visit = c.twin
		return []*Change{&c.Change, &twin}
	}
	return []*Change{&c.Change}
}

// takeAll lets an event happen in each visit of the proposal. One that refuses refuses for
// both: nothing has been written yet.
func (c *change) takeAll(event Event, facts Facts) error {
	for _, one := range c.proposed() {
		if err := one.Take(event, facts, nil); err != nil {
			return err
		}
	}
	return nil
}

// consent keeps someone's yes, with the version of what they said yes to.
func (v *Visit) consent(person uuid.UUID, now time.Time) {
	yes := Consent{At: now, Version: AgreementVersion}
	if person == v.Observer {
		v.ObserverConsent = yes
	} else {
		v.ObservedConsent = yes
	}
}

// Proposal is what someone asks for, or offers.
type Proposal struct {
	ID          uuid.UUID
	School      uuid.UUID
	Observer    uuid.UUID
	Observed    uuid.UUID
	Start       time.Time
	End         time.Time
	Place       string
	CoTaught    bool
	Talk        Talk
	Focus       string // the observed's own, or the observer's suggestion
	Intention   string // counts when the observed proposes
	Expectation string // the same
	FocusArea   uuid.NullUUID
	Round       uuid.NullUUID
	// TwinID is the visit the other way, of a mutual one; TwinFocus its focus,
	// by the one who proposes.
	TwinID    uuid.NullUUID
	TwinFocus string
}

// visits makes the visits that a proposal asks for: one, or two the opposite way for a mutual
// one. They wait for the other one of the two. Each of them begins with the proposer's
// consent. The focus belongs to whoever is observed: what an observer writes there is a
// suggestion, and stands apart from the card.
func (p *Proposal) visits(proposer uuid.UUID, now time.Time) []*Visit {
	v := &Visit{
		ID: p.ID, School: p.School, Observer: p.Observer, Observed: p.Observed, Occasion: p.ID,
		Twin: p.TwinID, Round: p.Round, State: None, Start: p.Start, End: p.End, Place: p.Place,
		CoTaught: p.CoTaught, Talk: p.Talk, Edition: 1, Takeaways: map[Role]bool{}, Created: now, Updated: now, Readers: visitReaders,
	}
	v.Card.FocusArea = p.FocusArea
	out := []*Visit{v}
	if p.TwinID.Valid {
		twin := *v
		twin.ID, twin.Twin = p.TwinID.UUID, uuid.NullUUID{UUID: p.ID, Valid: true}
		twin.Observer, twin.Observed = p.Observed, p.Observer
		// A leg of a round goes one way: the visit back is no part of it.
		twin.Round = uuid.NullUUID{}
		twin.Takeaways = map[Role]bool{}
		out = append(out, &twin)
	}
	focus := []string{p.Focus, p.TwinFocus}
	for i, v := range out {
		role, _ := v.RoleOf(proposer)
		v.Awaits = uuid.NullUUID{UUID: v.Person(role.Other()), Valid: true}
		v.consent(proposer, now)
		if role == AsObserver {
			v.Suggested = focus[i]
			continue
		}
		v.Card.Focus = focus[i]
		if i == 0 {
			v.Card = v.Card.rewrite(Card{Focus: focus[i], Intention: p.Intention, Expectation: p.Expectation, FocusArea: p.FocusArea}, v.Start, now)
		}
	}
	return out
}

// peers says what both are at the school: they teach, or they lead. Whoever has no
// place there is not found.
func (p *Proposal) peers(places map[uuid.UUID][]string) (string, error) {
	of := map[string]int{}
	for _, person := range []uuid.UUID{p.Observer, p.Observed} {
		if len(places[person]) == 0 {
			return "", refusal.New(refusal.NotThere)
		}
		for _, role := range places[person] {
			of[role]++
		}
	}
	// Teachers first: two who both teach and lead meet as teachers.
	for _, both := range []school.Role{school.Teacher, school.Leader} {
		if of[string(both)] == 2 {
			return string(both), nil
		}
	}
	return "", refusal.New(refusal.NotPeers)
}

// counter names another time, and with it a place and a talk where the answer says so.
// Both twins of a mutual visit move together, since they are one acceptance. Whoever
// counters agrees to their own proposal by it.
func (c *change) counter(start, end time.Time, place string, talk *Talk) error {
	facts := c.other(c.obstacles.facts())
	for _, one := range c.proposed() {
		err := one.Take(Counter, facts, func(w once.Writer) {
			v := one.Visit
			v.Start, v.End = start, end
			// A talk that was set for the old time would lie anywhere; the new one follows the
			// lesson again.
			v.Talk.At = time.Time{}
			if place != "" {
				v.Place = place
			}
			if talk != nil {
				v.Talk = *talk
			}
			v.consent(c.Person, c.Now)
			one.Save(w)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// setFocus writes the card. Once there is one, who rewrites it has to have read
// it.
func (c *change) setFocus(card Card, revision int64) error {
	v := &c.visit
	w, err := c.May(WriteCard)
	if err != nil {
		return err
	}
	if (revision != 0 || v.Card.Focus != "") && revision != v.Revision {
		return c.Refuse(refusal.ChangedSince(v.Revision))
	}
	v.Card = v.Card.rewrite(card, v.Start, c.Now)
	c.Touch(w)
	return nil
}

// accept agrees to the proposal, and to its twin. What is missing in either is said at
// once, so that a card that lacks its focus is not found only after the other one was
// filled in. The time for feedback is counted from here, by the rules that hold now: a
// change of the policy does not move what two have agreed on.
func (c *change) accept(meant time.Time) error {
	if c.visit.Move != nil {
		return c.acceptMove(meant)
	}
	if err := c.isMeant(meant, c.visit.Start); err != nil {
		return err
	}
	facts := c.other(c.obstacles.facts())
	for _, one := range c.proposed() {
		if !Says(one.Visit.Card.Focus) {
			facts.Lack(NeedFocus, one.Visit.ID.String())
		}
	}
	for _, one := range c.proposed() {
		err := one.Take(Accept, facts, func(w once.Writer) {
			one.Visit.consent(c.Person, c.Now)
			one.Visit.FeedbackDue = c.rules.FeedbackDue(one.Visit.End)
			one.Save(w)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cancel calls a visit off: a proposal at any time, what is agreed until the
// lesson begins.
func (c *change) cancel() error {
	facts := Facts{}
	if !c.Now.Before(c.visit.Start) {
		facts.Lack(NeedNotBegun)
	}
	return c.takeAll(Cancel, facts)
}

// decline says no to the proposal and its twin. It asks for nothing: a no needs no
// reason.
func (c *change) decline(meant time.Time) error {
	if c.visit.Move != nil {
		return c.declineMove(meant)
	}
	if err := c.isMeant(meant, c.visit.Start); err != nil {
		return err
	}
	return c.takeAll(Decline, nil)
}

// withdraw erases every word of the visit. Once it is agreed, the visit the
// other way stands for itself; a proposal is one and goes as one.
func (c *change) withdraw() error {
	for _, one := range c.proposed() {
		if err := one.Take(Withdraw, nil, nil); err != nil {
			return err
		}
		v := one.Visit // as the database leaves it
		v.Place, v.Talk.At, v.Talk.Arena, v.Suggested = "", time.Time{}, "", ""
		v.Card = Card{}
		v.Acknowledged = time.Time{}
	}
	return nil
}

// observe says that the lesson is under way or over. The first note does the same by
// itself; this is for a visit in which nothing was written down. The refusal says from
// when on it can be said.
func (c *change) observe() error {
	facts := Facts{}
	opens := c.visit.Start.Add(-NotesOpen)
	if c.Now.Before(opens) {
		facts.Lack(NeedItsTime)
	}
	err := c.Take(Observe, facts, nil)
	if refusal.ReasonOf(err) == refusal.TooEarly {
		return err.(*refusal.Refusal).With("opens_at", opens.Format(time.RFC3339))
	}
	return err
}

// endWithoutExchange keeps someone's wish for the honest exit, takes it back, or
// ends the visit when the other one wished for it before.
func (c *change) endWithoutExchange(takeBack bool) error {
	return c.wish(WishExit, Exit, &c.visit.ExitWish, takeBack, nil)
}

// reopen does the same for reopening a closed visit. Both then write anew what
// they take with them; what they wrote before stays.
func (c *change) reopen(takeBack bool) error {
	return c.wish(WishReopen, Reopen, &c.visit.ReopenWish, takeBack, c.takeawaysDue)
}

// answerWish answers the other one's wish: yes carries it out, no lets it go, and the
// database keeps for the one who wished that it was refused. Nobody answers their own.
func (c *change) answerWish(of Wish, yes bool) error {
	v := &c.visit
	event, wish, refused := Exit, &v.ExitWish, ExitRefused
	if v.wished() == WishToReopen {
		event, wish, refused = Reopen, &v.ReopenWish, ReopenRefused
	}
	w, err := c.May(AnsweringWish)
	switch {
	case err != nil:
		return err
	case !wish.Valid, of != "" && of != v.wished():
		return c.Refuse(refusal.New(refusal.NothingToAnswer))
	case wish.UUID == c.Person:
		return c.Refuse(refusal.New(refusal.NotYourMove))
	case yes && event == Reopen:
		return c.Take(Reopen, nil, c.takeawaysDue)
	case yes:
		return c.Take(Exit, nil, nil)
	}
	*wish = uuid.NullUUID{}
	c.Touch(w)
	// As the database keeps it, see wish_refused.
	v.tell(v.otherOf(c.Person), refused, c.Now)
	return nil
}

// takeawaysDue says by when both write anew what they take along.
func (c *change) takeawaysDue(w once.Writer) {
	c.visit.TakeawayDue = c.rules.TakeawayDue(c.Now)
	c.Save(w)
}

// wish keeps a wish of one of the two, or lets the event happen once both have it.
func (c *change) wish(act Act, event Event, wish *uuid.NullUUID, takeBack bool, prove func(once.Writer)) error {
	w, err := c.May(act)
	if err != nil {
		return err
	}
	mine := wish.Valid && wish.UUID == c.Person
	switch {
	case mine != takeBack: // as it was
		return nil
	case takeBack:
		*wish = uuid.NullUUID{}
	case c.visit.hasLeft(c.Person): // nobody would answer
		return c.Refuse(refusal.New(refusal.PersonLeft))
	case wish.Valid: // the other one's
		return c.Take(event, nil, prove)
	default:
		*wish = uuid.NullUUID{UUID: c.Person, Valid: true}
	}
	c.Touch(w)
	return nil
}

// saveNote writes a note, or rewrites the one that was read. The first note says
// that the visit took place.
// Complex because a note that is new, one that is rewritten and one that is only sent
// again share one look at the visit, and each is refused for reasons of its own.
func (c *change) saveNote(n *Note, there *Note, count int, revision int64) error {
	v := &c.visit
	w, err := c.mayNote()
	switch {
	case err != nil:
		return err
	case there != nil && there.Visit != v.ID:
		return c.Refuse(refusal.New(refusal.IDTaken))
	// Rewriting what has been taken away meanwhile would bring it back.
	case there == nil && revision != 0:
		return c.Refuse(refusal.New(refusal.NotThere))
	case there == nil && count >= MaxNotes:
		return refusal.Beyond("id", refusal.MostNotes, MaxNotes)
	}
	if there != nil && n.ObservedAt.IsZero() {
		n.ObservedAt = there.ObservedAt
	}
	// A phone that lost the reply may send the same words under another request: that is no
	// clash.
	unchanged := there != nil && n.same(there)
	if there != nil && !unchanged && revision != there.Revision {
		return c.Refuse(refusal.ChangedSince(there.Revision))
	}
	if v.State == Agreed {
		if err := c.Take(Observe, nil, nil); err != nil {
			return err
		}
	}
	switch {
	case unchanged:
		*n = *there
	case there == nil:
		n.begin(c.Now)
		n.insert(w, c.Owner, v)
	default:
		n.Revision, n.Created, n.Updated, n.Shared = there.Revision+1, there.Created, c.Now, there.Shared
		n.save(w, c.Owner)
	}
	return nil
}

// deleteNote takes a note away for good, while notes can be written.
func (c *Change) deleteNote(id uuid.UUID, there *Note, revision int64) error {
	w, err := c.mayNote()
	if err != nil {
		return err
	}
	if revision != 0 && there != nil && revision != there.Revision {
		return c.Refuse(refusal.ChangedSince(there.Revision))
	}
	w.Queue(deleteNote, c.Owner, id)
	return nil
}
