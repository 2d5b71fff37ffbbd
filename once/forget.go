package once

import (
	"context"
	"time"

	"github.com/google/uuid"

	"undring/postgres"
)

const (
	forgetRequests = "select forget_requests($1, $2)"

	// forgetMost is how many requests are forgotten in one transaction, and forgetRounds
	// how many of these one call of Forget makes: the rest waits for the next one.
	forgetMost   = 1000
	forgetRounds = 1000
)

// Forget takes away an owner's requests that are older than [Memory], with what was
// remembered of their replies.
func Forget(ctx context.Context, db *postgres.DB, owner uuid.UUID, now time.Time) error {
	return db.Sweep(ctx, postgres.As{Owner: owner}, forgetRounds, forgetMost, forgetRequests, now.Add(-Memory))
}
