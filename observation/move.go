package observation

import (
	"time"

	"github.com/google/uuid"

	"undring/once"
	"undring/refusal"
)

// Move is another time that one of the two proposes for an agreed visit. Until the other
// one has answered, the visit's own time stands; so does the card, whatever the answer.
type Move struct {
	By      uuid.UUID
	Start   time.Time
	End     time.Time
	Created time.Time
}

const (
	// A second proposal takes the place of the first, whoever made that one.
	upsertMove = `
		insert into visit_move (owner_id, visit_id, by_id, other_id, start_at, end_at, created_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (owner_id, visit_id) do update
			set by_id = excluded.by_id, other_id = excluded.other_id, start_at = excluded.start_at, end_at = excluded.end_at,
				created_at = excluded.created_at`

	deleteMove = `delete from visit_move where owner_id = $1 and visit_id = $2`
)

// agreed are the visits that move together: of a mutual one both, as long as both are
// agreed for the same lesson. One twin can't have another time than the other, since
// they are one lesson.
func (c *change) agreed() []*Change {
	v, t := &c.visit, c.twin
	if t != nil && v.State == Agreed && t.State == Agreed && v.Start.Equal(t.Start) && v.End.Equal(t.End) {
		twin := c.Change
		twin.Visit = t
		return []*Change{&c.Change, &twin}
	}
	return []*Change{&c.Change}
}

// proposeMove names another time, in which the one who proposes it has nothing else.
// What the other one has then is theirs to know, and is asked when they say yes.
func (c *change) proposeMove(start, end time.Time) error {
	if c.visit.hasLeft(c.Person) {
		return c.Refuse(refusal.New(refusal.PersonLeft))
	}
	if c.visit.State == Agreed && start.Equal(c.visit.Start) && end.Equal(c.visit.End) {
		return c.Refuse(refusal.Beyond("start_time", refusal.SameTime, 0))
	}
	for _, one := range c.agreed() {
		w, err := one.May(WriteMove)
		if err != nil {
			return err
		}
		if c.obstacles.busy {
			return one.Refuse(refusal.New(refusal.DoubleBooked))
		}
		v := one.Visit
		v.Move = &Move{By: c.Person, Start: start, End: end, Created: c.Now}
		w.Queue(upsertMove, c.Owner, v.ID, c.Person, v.otherOf(c.Person), start, end, c.Now)
		one.Touch(w)
	}
	return nil
}

// takeMoveBack lets the own proposal go. Where there is none, as after a second tap,
// nothing happens.
func (c *change) takeMoveBack() error {
	for _, one := range c.agreed() {
		w, err := one.May(WriteMove)
		if err != nil {
			return err
		}
		if m := one.Visit.Move; m == nil || m.By != c.Person {
			continue
		}
		one.dropMove(w)
	}
	return nil
}

// acceptMove gives the visit the other time, where both have nothing else then. The
// time for feedback is counted anew from there.
func (c *change) acceptMove(meant time.Time) error {
	move := *c.visit.Move
	if err := c.isMeant(meant, move.Start); err != nil {
		return err
	}
	if err := CheckSpan(move.Start, move.End, c.Now); err != nil {
		return c.Refuse(err)
	}
	facts := c.other(c.obstacles.facts())
	for _, one := range c.agreed() {
		v := one.Visit
		if v.Move == nil || v.Move.By != move.By {
			continue
		}
		err := one.Take(Moved, facts, func(w once.Writer) {
			v.FeedbackDue = c.rules.FeedbackDue(move.End)
			one.Save(w) // with the old time still: the step sets the other one
		})
		if err != nil {
			return err
		}
		v.Start, v.End, v.Talk.At = move.Start, move.End, time.Time{} // as the database has them now
	}
	return nil
}

// declineMove says no to the other time alone; the one who proposed it sees that.
func (c *change) declineMove(meant time.Time) error {
	if err := c.isMeant(meant, c.visit.Move.Start); err != nil {
		return err
	}
	if !c.visit.Who(c.Person).Awaited {
		return c.Refuse(refusal.New(refusal.NotYourMove))
	}
	for _, one := range c.agreed() {
		w, err := one.May(WriteMove)
		if err != nil {
			return err
		}
		if m := one.Visit.Move; m != nil && m.By != c.Person {
			by := m.By
			one.dropMove(w)
			one.Visit.tell(by, MoveRefused, c.Now)
		}
	}
	return nil
}

// dropMove takes a proposal of another time away. The visit is counted first: what the
// database keeps of a no goes by its revision.
func (c *Change) dropMove(w once.Writer) {
	c.Visit.Move = nil
	c.Touch(w)
	w.Queue(deleteMove, c.Owner, c.Visit.ID)
}

// isMeant refuses an answer to another time than the one that is proposed: it was long
// on its way, and nobody says yes to what they have not read. The zero time means
// whichever is proposed.
func (c *change) isMeant(meant, proposed time.Time) error {
	if meant.IsZero() || meant.Equal(proposed) {
		return nil
	}
	return c.Refuse(refusal.New(refusal.NothingToAnswer))
}
