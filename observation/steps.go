package observation

import (
	"time"

	"github.com/google/uuid"

	"undring/refusal"
	"undring/school"
)

// change is one change of a visit under way: what was read, in whose name, and
// where the writes go.
type change struct {
	w         Writer
	owner     uuid.UUID
	person    uuid.UUID
	now       time.Time
	visit     Visit
	twin      *Visit // the visit the other way, of a mutual one
	obstacles obstacles
	rules     school.Rules
}

// proposed are the visits that a proposal is about: of a mutual one both, as
// long as both are proposed.
func (c *change) proposed() []*Visit {
	if c.twin != nil && c.twin.State == Proposed && c.visit.State == Proposed {
		return []*Visit{&c.visit, c.twin}
	}
	return []*Visit{&c.visit}
}

func (c *change) take(v *Visit, event Event, facts Facts) error {
	return v.Take(c.w, c.owner, c.person, event, facts, c.now)
}

// takeAll takes a step in each visit of the proposal.
func (c *change) takeAll(event Event, facts Facts) error {
	for _, v := range c.proposed() {
		if err := c.take(v, event, facts); err != nil {
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
	ID        uuid.UUID
	School    uuid.UUID
	Observer  uuid.UUID
	Observed  uuid.UUID
	Start     time.Time
	End       time.Time
	Place     string
	CoTaught  bool
	Talk      Talk
	Focus     string // the observed's own, or the observer's suggestion
	Intention string // counts when the observed proposes
	FocusArea uuid.NullUUID
	Round     uuid.NullUUID
	// TwinID is the visit the other way, of a mutual one; TwinFocus its focus,
	// by the one who proposes.
	TwinID    uuid.NullUUID
	TwinFocus string
}

// visits makes the visits that a proposal asks for: one, or two the opposite way
// for a mutual one. They wait for the other one of the two.
func (p *Proposal) visits(proposer uuid.UUID, now time.Time) []*Visit {
	v := &Visit{
		ID: p.ID, School: p.School, Observer: p.Observer, Observed: p.Observed, Occasion: p.ID,
		Twin: p.TwinID, Round: p.Round, State: None, Start: p.Start, End: p.End, Place: p.Place,
		CoTaught: p.CoTaught, Talk: p.Talk, Edition: 1, Takeaways: map[Role]bool{}, Created: now, Updated: now,
	}
	v.Card.FocusArea = p.FocusArea
	out := []*Visit{v}
	if p.TwinID.Valid {
		twin := *v
		twin.ID, twin.Twin = p.TwinID.UUID, uuid.NullUUID{UUID: p.ID, Valid: true}
		twin.Observer, twin.Observed = p.Observed, p.Observer
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
			v.Card.Intention = p.Intention
		}
	}
	return out
}

// peers says what both are at the school: they teach, or they lead. Who has no
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
	for _, both := range []school.Role{school.Teacher, school.Leader} {
		if of[string(both)] == 2 {
			return string(both), nil
		}
	}
	return "", refusal.New(refusal.NotPeers)
}

func (c *change) counter(start, end time.Time, place string, talk *Talk) error {
	facts := c.obstacles.facts()
	for _, v := range c.proposed() {
		v.Start, v.End = start, end
		v.Talk.At = time.Time{}
		if place != "" {
			v.Place = place
		}
		if talk != nil {
			v.Talk = *talk
		}
		v.consent(c.person, c.now)
		v.Save(c.w, c.owner)
		if err := c.take(v, Counter, facts); err != nil {
			return err
		}
	}
	return nil
}

// setFocus writes the card. Once there is one, who rewrites it has to have read
// it.
func (c *change) setFocus(card Card, revision int64) error {
	v := &c.visit
	if err := May(WriteCard, v.State, v.Who(c.person)); err != nil {
		return about(err, v)
	}
	if (revision != 0 || v.Card.Focus != "") && revision != v.Revision {
		return stale(v.Revision)
	}
	v.Card = card
	v.Touch(c.now)
	v.Save(c.w, c.owner)
	return nil
}

func (c *change) accept() error {
	facts := c.obstacles.facts()
	for _, v := range c.proposed() {
		if v.Card.Focus == "" {
			facts.Lack(NeedFocus, v.ID.String())
		}
	}
	for _, v := range c.proposed() {
		v.consent(c.person, c.now)
		v.FeedbackDue = c.rules.FeedbackDue(v.End)
		v.Save(c.w, c.owner)
	}
	return c.takeAll(Accept, facts)
}

// cancel calls a visit off: a proposal at any time, what is agreed until the
// lesson begins.
func (c *change) cancel() error {
	facts := Facts{}
	if !c.now.Before(c.visit.Start) {
		facts.Lack(NeedNotBegun)
	}
	return c.takeAll(Cancel, facts)
}

func (c *change) decline() error { return c.takeAll(Decline, nil) }

// withdraw erases every word of the visit. Once it is agreed, the visit the
// other way stands for itself; a proposal is one and goes as one.
func (c *change) withdraw() error {
	for _, v := range c.proposed() {
		if err := c.take(v, Withdraw, nil); err != nil {
			return err
		}
		v.Place, v.Talk.At, v.Talk.Arena, v.Suggested = "", time.Time{}, "", ""
		v.Card = Card{}
		v.Acknowledged = time.Time{}
	}
	return nil
}

func (c *change) observe() error {
	facts := Facts{}
	opens := c.visit.Start.Add(-NotesOpen)
	if c.now.Before(opens) {
		facts.Lack(NeedItsTime)
	}
	err := c.take(&c.visit, Observe, facts)
	if refusal.ReasonOf(err) == refusal.TooEarly {
		return err.(*refusal.Refusal).With("opens_at", opens.Format(time.RFC3339))
	}
	return err
}

// endWithoutExchange keeps someone's wish for the honest exit, takes it back, or
// ends the visit when the other one wished for it before.
func (c *change) endWithoutExchange(takeBack bool) error {
	return c.wish(WishExit, Exit, &c.visit.ExitWish, takeBack)
}

// reopen does the same for reopening a closed visit. Both then write anew what
// they take with them; what they wrote before stays.
func (c *change) reopen(takeBack bool) error {
	v := &c.visit
	if !takeBack && v.State == Closed && v.ReopenWish.Valid && v.ReopenWish.UUID != c.person {
		v.TakeawayDue = c.rules.TakeawayDue(c.now)
		v.Save(c.w, c.owner)
	}
	return c.wish(WishReopen, Reopen, &v.ReopenWish, takeBack)
}

func (c *change) wish(deed Deed, event Event, wish *uuid.NullUUID, takeBack bool) error {
	v := &c.visit
	if err := May(deed, v.State, v.Who(c.person)); err != nil {
		return about(err, v)
	}
	mine := wish.Valid && wish.UUID == c.person
	switch {
	case mine != takeBack: // as it was
		return nil
	case takeBack:
		*wish = uuid.NullUUID{}
	case wish.Valid: // the other one's
		return c.take(v, event, nil)
	default:
		*wish = uuid.NullUUID{UUID: c.person, Valid: true}
	}
	v.Touch(c.now)
	v.Save(c.w, c.owner)
	return nil
}

func stale(current int64) error {
	return refusal.New(refusal.StaleRevision).With("current_revision", itoa(current))
}

// saveNote writes a note, or rewrites the one that was read. The first note says
// that the visit took place.
func (c *change) saveNote(n *Note, there *Note, count int, revision int64) error {
	v := &c.visit
	if err := v.mayNote(c.person, c.now); err != nil {
		return err
	}
	if there != nil && there.Visit != v.ID {
		return refusal.New(refusal.IDTaken)
	}
	if v.State == Agreed {
		if err := c.take(v, Observe, nil); err != nil {
			return err
		}
	}
	if there == nil {
		switch {
		case revision != 0:
			return refusal.New(refusal.NotThere)
		case count >= MaxNotes:
			return refusal.Beyond("id", refusal.MostNotes, MaxNotes)
		}
		n.begin(c.now)
		n.insert(c.w, c.owner, v)
		return nil
	}
	if n.ObservedAt.IsZero() {
		n.ObservedAt = there.ObservedAt
	}
	if n.same(there) {
		*n = *there
		return nil
	}
	if revision != there.Revision {
		return stale(there.Revision)
	}
	n.Revision, n.Created, n.Updated, n.Shared = there.Revision+1, there.Created, c.now, there.Shared
	n.save(c.w, c.owner)
	return nil
}
