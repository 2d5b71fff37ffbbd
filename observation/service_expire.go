package observation

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
)

const (
	expireVisits = "select count(*) from end_unvisited($1, $2, $3)"

	// expireMost is how many visits are ended in one transaction, which holds their
	// locks, and expireRounds how many of these one call of Expire makes: the rest waits
	// for the next one.
	expireMost   = 500
	expireRounds = 20
)

// Expire ends the visits of a school owner that nobody went to within [Patience] of
// the lesson.
func (s *Service) Expire(ctx context.Context, owner uuid.UUID) error {
	now := s.moment()
	for range expireRounds {
		ended := 0
		err := s.db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Ask(ctx, func(b *pgx.Batch) {
				b.Queue(expireVisits, now.Add(-Patience), now, expireMost).QueryRow(func(row pgx.Row) error { return row.Scan(&ended) })
			})
		})
		if err != nil || ended < expireMost {
			return err
		}
	}
	return nil
}
