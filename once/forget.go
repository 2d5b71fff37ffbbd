package once

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
	for range forgetRounds {
		gone := 0
		err := db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Ask(ctx, func(b *pgx.Batch) {
				b.Queue(forgetRequests, now.Add(-Memory), forgetMost).QueryRow(func(row pgx.Row) error { return row.Scan(&gone) })
			})
		})
		if err != nil || gone < forgetMost {
			return err
		}
	}
	return nil
}
