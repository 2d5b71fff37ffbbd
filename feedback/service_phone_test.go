package feedback

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/school"
)

// A phone that pulls asks as many statements for a hundred exchanges as for one.
func TestAPullAsksTheSameOfOneExchangeAndOfAHundred(t *testing.T) {
	t.Parallel()
	statements := func(exchanges int) int {
		b := new(pgx.Batch)
		visits := make([]uuid.UUID, exchanges)
		for i := range visits {
			visits[i] = uuid.New()
		}
		PhoneExchanges(b, school.Actor{Owner: uuid.New(), Person: uuid.New()}, visits, time.Time{})
		return b.Len()
	}
	if one, hundred := statements(1), statements(100); one != hundred || one > 11 {
		t.Errorf("one exchange: %d statements; a hundred: %d", one, hundred)
	}
}
