package observation

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"undring/once"
	"undring/refusal"
)

// Change is a change of one visit under way: the visit as it was read, in whose
// name, and when. Where its writes go is behind the rules: [Change.May] and
// [Change.Take] speak first, and hand it out.
type Change struct {
	Visit  *Visit
	Owner  uuid.UUID
	Person uuid.UUID
	Now    time.Time

	writes once.Writer
}

// NewChange begins to decide a change of a visit that has been read and locked.
func NewChange(w once.Writer, owner, person uuid.UUID, now time.Time, v *Visit) Change {
	return Change{Visit: v, Owner: owner, Person: person, Now: now, writes: w}
}

// May says whether the person may do something in the visit as it stands, and hands
// out where to write it. Refuses as [May] does.
func (c *Change) May(a Act) (once.Writer, error) {
	if err := May(a, c.Visit.State, c.Visit.Who(c.Person)); err != nil {
		return nil, c.Refuse(err)
	}
	return c.writes, nil
}

// Take lets an event happen: it refuses as [Next] does, or moves the visit, and leaves
// it as the database will have it. What the event rests on is written by prove, before
// it, since the database asks for it (nil: nothing but the visit itself).
func (c *Change) Take(event Event, facts Facts, prove func(once.Writer)) error {
	v := c.Visit
	to, err := Next(v.State, event, v.Who(c.Person), facts)
	if err != nil {
		return c.Refuse(err)
	}
	if prove != nil {
		prove(c.writes)
	}
	writeEvent(c.writes, c.Owner, c.Person, v, event, to, c.Now)
	if event == Counter {
		role, _ := v.RoleOf(c.Person)
		v.Awaits.UUID = v.Person(role.Other())
	}
	if to != Proposed {
		v.Awaits = uuid.NullUUID{}
	}
	if event == Reopen {
		v.Edition++
		v.Takeaways = map[Role]bool{}
	}
	v.ExitWish, v.ReopenWish, v.EndedAlone, v.Move = uuid.NullUUID{}, uuid.NullUUID{}, uuid.NullUUID{}, nil
	from := v.State
	v.State = to
	v.Seq++
	v.touch(c.Now)
	v.tells(event, from, c.Person, c.Now)
	return nil
}

// Touch counts a change that is no event, for the other one's phone, and writes the
// visit. The writer comes from a rule that has spoken.
func (c *Change) Touch(w once.Writer) {
	c.Visit.touch(c.Now)
	c.Visit.save(w, c.Owner)
}

// Save writes the visit's own row, within the event that counts the change.
func (c *Change) Save(w once.Writer) { c.Visit.save(w, c.Owner) }

// Refuse names the visit and where it stands in a refusal, for the client. Whatever
// a change of a visit refuses in the middle goes through here.
func (c *Change) Refuse(err error) error { return about(err, c.Visit) }

// about adds to a refusal which visit it is of and where that visit stands, so that a
// client can mend its picture without another call. Of a visit that is not there
// nothing is added: the answer must be the same as for one that never was.
func about(err error, v *Visit) error {
	var r *refusal.Refusal
	if !errors.As(err, &r) || r.Reason == refusal.NotThere { // of what is not there nothing is said
		return err
	}
	r.With("observation_id", v.ID.String())
	if _, said := r.Meta["state"]; !said { // that of a question stays
		r.With("state", string(v.State))
	}
	return err
}

// touch counts a change in the visit as it is held in memory, as the statement that is
// written with it does in the database.
func (v *Visit) touch(now time.Time) {
	v.Revision++
	v.Updated = now
}
