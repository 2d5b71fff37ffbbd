package observation

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"undring/once"
	"undring/refusal"
	"undring/tables"
)

// Kind keeps describing and interpreting apart: the split is the method.
type Kind string

// The kinds of notes.
const (
	Saw            Kind = "SAW"
	Interpretation Kind = "INTERPRETATION"
	Wondering      Kind = "WONDERING"
)

// Note is one thing that the observer wrote down. Read by the observer alone,
// until it is shared with the feedback and the observed has opened that.
type Note struct {
	ID         uuid.UUID
	Visit      uuid.UUID
	Kind       Kind
	Text       string
	ObservedAt time.Time // by the visit's clock; kept when the text is edited
	Tag        string
	AboutFocus bool
	Revision   int64
	Shared     bool
	Created    time.Time
	Updated    time.Time
	Readers    tables.Audience
}

// same says whether two notes say the same.
func (n *Note) same(o *Note) bool {
	return n.Kind == o.Kind && n.Text == o.Text && n.Tag == o.Tag && n.AboutFocus == o.AboutFocus && n.ObservedAt.Equal(o.ObservedAt)
}

// begin is the first version of a note.
func (n *Note) begin(now time.Time) {
	if n.ObservedAt.IsZero() {
		n.ObservedAt = now
	}
	n.Revision, n.Created, n.Updated, n.Readers = 1, now, now, noteReaders
}

// roomForOthers is how many notes are never written straight away, without the
// visit's lock: that many could be written at the same moment at most.
const roomForOthers = 50

// mostLessons bounds the memory of lessons that are on.
const mostLessons = 20_000

// lessons remembers visits that notes were written in of late. It is a guess,
// which saves a question: a note goes straight into a visit that is on, and where
// it is not on any more the database refuses it.
type lessons struct {
	mu     sync.Mutex
	visits map[uuid.UUID]struct{}
}

// on says whether notes of a visit went straight in before, so that the first reading
// of the visit can be left out.
func (l *lessons) on(visit uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, on := l.visits[visit]
	return on
}

// begin remembers that the visit is under way. When the memory is full it is forgotten
// as a whole: what is lost by that is one reading for each visit, and nothing has to
// be counted or dated.
func (l *lessons) begin(visit uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.visits == nil || len(l.visits) >= mostLessons {
		l.visits = make(map[uuid.UUID]struct{})
	}
	l.visits[visit] = struct{}{}
}

// mayNote refuses a note outside its time: from 15 minutes before the start
// until feedback is given.
func (c *Change) mayNote() (once.Writer, error) {
	w, err := c.May(WriteNote)
	if err != nil {
		return nil, err
	}
	if opens := c.Visit.Start.Add(-NotesOpen); c.Now.Before(opens) {
		return nil, c.Refuse(refusal.New(refusal.NotesClosed).With("opens_at", opens.Format(time.RFC3339)))
	}
	return w, nil
}
