package observation

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// ChangeKind is what happened to a visit by one of the two, for the other to see.
type ChangeKind string

// What can have happened. The database makes these, see visit_tells and wish_refused
// in the migrations: no way of changing a visit leaves one out.
const (
	CalledOff     ChangeKind = "CALLED_OFF"
	WasDeclined   ChangeKind = "DECLINED"
	WasWithdrawn  ChangeKind = "WITHDRAWN"
	ExitRefused   ChangeKind = "EXIT_REFUSED"
	ReopenRefused ChangeKind = "REOPEN_REFUSED"
	WasMoved      ChangeKind = "MOVED"
	MoveRefused   ChangeKind = "MOVE_REFUSED"
	NameRefused   ChangeKind = "NAME_REFUSED"
)

// Unseen is something that one of the two has not seen yet.
type Unseen struct {
	Person   uuid.UUID // who is to see it; the other one did it
	Kind     ChangeKind
	At       time.Time
	Revision int64 // the visit's, that it came with
}

// Wish is what somebody wishes for that both have to wish for.
type Wish string

// The wishes. Empty: whichever stands.
const (
	WishToExit   Wish = "EXIT"
	WishToReopen Wish = "REOPEN"
)

// NameWish is the wish of one of the two that a name, such as a child's, goes out of
// every text of the visit. The other one's yes carries it out (see package feedback).
type NameWish struct {
	Name string
	By   uuid.UUID
}

// wished is the wish that can stand in the state of the visit: before it has ended the
// honest exit, after it to reopen.
func (v *Visit) wished() Wish {
	if v.State == Closed {
		return WishToReopen
	}
	return WishToExit
}

// asked is whom a wish waits for: the other one of whom has it. False where nobody
// wishes for anything.
func (v *Visit) asked() (uuid.UUID, bool) {
	wish := v.ExitWish
	if v.wished() == WishToReopen {
		wish = v.ReopenWish
	}
	// Whoever has left is asked for nothing.
	return v.otherOf(wish.UUID), wish.Valid && !v.hasLeft(wish.UUID)
}

// toSee is the step of those who have not seen what happened to a visit that has ended;
// nobody's where all is seen.
func (v *Visit) toSee() NextStep {
	var step NextStep
	for _, person := range []uuid.UUID{v.Observer, v.Observed} {
		if slices.ContainsFunc(v.Unseen, func(u Unseen) bool { return u.Person == person }) {
			step.Movers, step.Todo = append(step.Movers, person), SeeChange
		}
	}
	return step
}

// tells foretells what the database keeps for the other one when an event happens, so
// that the answer of the call says it too (see visit_tells).
func (v *Visit) tells(event Event, from State, by uuid.UUID, now time.Time) {
	_, known := v.RoleOf(by)
	var kind ChangeKind
	switch {
	case !known:
		return
	case event == Cancel:
		kind = CalledOff
	case event == Decline:
		kind = WasDeclined
	case event == Moved:
		kind = WasMoved
	case event == Withdraw && underWay(from):
		kind = WasWithdrawn
	default:
		return
	}
	v.tell(v.otherOf(by), kind, now)
}

// tell adds what somebody is to see; it came with the visit's revision.
func (v *Visit) tell(person uuid.UUID, kind ChangeKind, now time.Time) {
	v.Unseen = append(v.Unseen, Unseen{Person: person, Kind: kind, At: now, Revision: v.Revision})
}

// underWay says whether something is still to be done in a visit that stands so.
func underWay(s State) bool {
	return slices.Contains([]State{Proposed, Agreed, Observed, FeedbackGiven, Answered}, s)
}

const seeChanges = `
		delete from visit_notice
		where owner_id = $1 and visit_id = $2 and person_id = $3 and revision <= $4`

// seeUntil notes that the person has seen what came with a revision of the visit, or
// before; 0 for all that there is. It is no change of the visit itself: nobody who
// rewrites the card meanwhile is refused for it.
func (c *Change) seeUntil(revision int64) error {
	w, err := c.May(SeeingChange)
	if err != nil {
		return err
	}
	v := c.Visit
	if revision == 0 {
		revision = v.Revision
	}
	seen := func(u Unseen) bool { return u.Person == c.Person && u.Revision <= revision }
	if slices.ContainsFunc(v.Unseen, seen) {
		w.Queue(seeChanges, c.Owner, v.ID, c.Person, revision)
		v.Unseen = slices.DeleteFunc(v.Unseen, seen)
	}
	return nil
}
