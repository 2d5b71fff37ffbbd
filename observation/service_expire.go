package observation

import (
	"context"

	"github.com/google/uuid"

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
	return s.db.Sweep(ctx, postgres.As{Owner: owner}, expireRounds, expireMost, expireVisits, now.Add(-Patience), now)
}
