package notify

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// failureDays is for how long it is kept what did not go out.
	failureDays = 30

	failuresOfOwner = `
		select day, channel, reason, retried, given_up from delivery_failure
		where owner_id = $1 and day > $2
		order by day desc, channel, reason
		limit 200`

	forgetFailures = `
		with gone as (
			delete from delivery_failure f using (select day, channel, reason from delivery_failure where owner_id = $1 and day < $2 limit $3) old
			where f.owner_id = $1 and f.day = old.day and f.channel = old.channel and f.reason = old.reason
			returning 1)
		select count(*) from gone`
)

// Failures are messages of a day that did not go out at once: how many, and nobody's.
// A trigger of the table of messages counts them, so that no way of settling leaves one out.
type Failures struct {
	Day     time.Time // a date, by the clock of Greenwich
	Channel Channel
	Reason  string
	Retried int // tries that were to be repeated
	GivenUp int // messages that never went out
}

// QueueFailures reads those of an owner's last days, the newest first.
func QueueFailures(b *pgx.Batch, owner uuid.UUID, now time.Time, take func(Failures)) {
	b.Queue(failuresOfOwner, owner, now.UTC().AddDate(0, 0, -failureDays)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var f Failures
			if err := rows.Scan(&f.Day, &f.Channel, &f.Reason, &f.Retried, &f.GivenUp); err != nil {
				return err
			}
			take(f)
		}
		return rows.Err()
	})
}
