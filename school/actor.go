package school

import (
	"context"
	"time"

	"github.com/google/uuid"

	"undring/postgres"
	"undring/refusal"
)

// OwnDataTime is how long after a sign-in that was made for it one may take a copy of all that is
// one's own, or be erased; and how long before it a provider may have asked who one is.
const OwnDataTime = 10 * time.Minute

// Role is what someone is at a school.
type Role string

// The roles at a school.
const (
	Teacher       Role = "TEACHER"
	Leader        Role = "LEADER"
	Administrator Role = "ADMINISTRATOR"
	// Representative speaks for the teachers or for their safety: reads the policy
	// and its log, and nothing else.
	Representative Role = "REPRESENTATIVE"
)

// Membership is one place that a person holds at one school.
// Somebody may hold several: a teacher who also keeps the roster has two at one school.
type Membership struct {
	School     uuid.UUID
	SchoolName string
	Role       Role
}

// Actor is the one who acts: a person of one owner, with the places that they
// hold now.
type Actor struct {
	Owner  uuid.UUID
	Person uuid.UUID
	// The tenant: it goes into every query, and row level security holds the query to it.
	Session     uuid.UUID // the session that the call comes by
	Until       time.Time // the access token is good for so long
	Memberships []Membership
	// Language is what the caller reads: nb, nn or en.
	Language string
}

// Is says whether the actor holds a role at a school.
func (a Actor) Is(role Role, school uuid.UUID) bool {
	for _, m := range a.Memberships {
		if m.School == school && m.Role == role {
			return true
		}
	}
	return false
}

// IsAny says whether the actor holds a role at any school of the owner.
// It opens what is the owner's as a whole, such as the roster; what is a school's own asks
// [Actor.Is] with that school.
func (a Actor) IsAny(role Role) bool {
	for _, m := range a.Memberships {
		if m.Role == role {
			return true
		}
	}
	return false
}

// Serves says whether the actor does more at a school than represent others there:
// what a person is at one school gives no right at another.
func (a Actor) Serves(school uuid.UUID) bool {
	for _, m := range a.Memberships {
		if m.School == school && m.Role != Representative {
			return true
		}
	}
	return false
}

// OnlyRepresents says whether the actor reads the policy and nothing else.
// Somebody without any place does, too: nothing that needs one is open to them.
func (a Actor) OnlyRepresents() bool {
	for _, m := range a.Memberships {
		if m.Role != Representative {
			return false
		}
	}
	return true
}

// Belongs says whether the actor holds any place at a school.
func (a Actor) Belongs(school uuid.UUID) bool {
	for _, m := range a.Memberships {
		if m.School == school {
			return true
		}
	}
	return false
}

// As is the identity in whose name the database is asked.
// The owner and the person are set for each transaction, and every policy of row level
// security compares with them.
func (a Actor) As() postgres.As { return postgres.As{Owner: a.Owner, Person: a.Person} }

// actorKey is a type of its own, so that no other package can put an actor into a context.
type actorKey struct{}

// WithActor returns a context that carries the one who acts.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom finds the one who acts. Only a room's service asks; below it the
// actor is an argument. Without one: NOT_SIGNED_IN.
func ActorFrom(ctx context.Context) (Actor, error) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	if !ok {
		return Actor{}, refusal.New(refusal.NotSignedIn)
	}
	return a, nil
}
