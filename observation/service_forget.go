package observation

import (
	"context"

	"github.com/google/uuid"

	"undring/postgres"
)

const (
	forgetVisits = "select count(*) from forget_visits($1, $2)"

	// forgetMost is how many visits are forgotten in one transaction. Each takes a dozen
	// statements, under the lock of its row: all of them together stay within 100 ms.
	forgetMost = 5
	// forgetRounds is how many of these one call of Forget makes. It is work for some
	// minutes; the rest waits for the next one.
	forgetRounds = 8000
)

// Forget takes away the words of an owner's visits whose months are over: those that
// the policy of the visit's school counts, from the end of the lesson or the last step
// of the two, whichever is later. It is the erasure of a withdrawal; the visit stands
// WITHDRAWN, and its steps stay. What is forgotten stays so wherever the call ends.
func (s *Service) Forget(ctx context.Context, owner uuid.UUID) error {
	return s.db.Sweep(ctx, postgres.As{Owner: owner}, forgetRounds, forgetMost, forgetVisits, s.moment())
}
