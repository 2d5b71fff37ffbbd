package observation

import (
	"time"

	"github.com/google/uuid"

	"undring/refusal"
)

// Moment is a time in a lesson that one of the two wants to find words for later: a tap
// costs nothing while one listens, words do. It belongs to whoever made it, alone.
type Moment struct {
	ID    uuid.UUID
	Visit uuid.UUID
	At    time.Time // by the visit's clock
}

// marking is a change of a moment.
type marking struct {
	Change
	visit  Visit
	moment Moment
	there  *Moment // as it was; nil: it is new
	count  int     // of the caller's moments in the visit
}

// mark keeps the moment. That it came once already, under another request, is no clash:
// a phone that lost the reply may send it again. What comes after the lesson is taken
// as well, since a phone may have had no network in it.
func (c *marking) mark() error {
	w, err := c.May(KeepMoment)
	if err != nil {
		return err
	}
	opens := c.Visit.Start.Add(-NotesOpen)
	switch {
	case c.Now.Before(opens):
		return c.Refuse(refusal.New(refusal.TooEarly).With("opens_at", opens.Format(time.RFC3339)))
	case c.there != nil && c.there.Visit != c.Visit.ID:
		return c.Refuse(refusal.New(refusal.IDTaken))
	case c.there != nil:
		c.moment = *c.there
		return nil
	case c.count >= MaxMoments:
		return refusal.Beyond("id", refusal.MostMoments, MaxMoments)
	}
	if c.moment.At.IsZero() {
		c.moment.At = c.Now
	}
	w.Queue(insertMoment, c.Owner, c.moment.ID, c.Visit.ID, c.Person, c.Visit.Observer, c.Visit.Observed, c.moment.At, c.Now)
	return nil
}

// takeBack takes the moment away: words have been found for it, or it was nothing.
func (c *marking) takeBack() error {
	w, err := c.May(KeepMoment)
	if err != nil {
		return err
	}
	if c.there == nil || c.there.Visit != c.Visit.ID {
		return refusal.New(refusal.NotThere)
	}
	w.Queue(deleteMoment, c.Owner, c.moment.ID, c.Person)
	return nil
}
