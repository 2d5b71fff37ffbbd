package session

import (
	"context"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/metadata"
)

const (
	// One row a day and version, whoever it was: a count that named sessions would show who
	// works when.
	countApp = `select count_app($1, $2)`

	forgetApps = `delete from app_version where owner_id = $1 and day < $2`

	apps = `
		select day, app, sessions from app_version
		where owner_id = $1 and day >= $2
		order by day desc, sessions desc, app
		limit 200`
)

// appDays is for how many days it is kept which versions were in use.
const appDays = 30

// appHeader is where an app tells its kind and version, such as web/Cq3x_f0d.
const appHeader = "undring-app"

// otherApp stands for an app that tells nothing of the kind.
const otherApp = "OTHER"

var isApp = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,40}$`)

// appOf is the version of the app that calls.
func appOf(ctx context.Context) string {
	if said := metadata.ValueFromIncomingContext(ctx, appHeader); len(said) > 0 && isApp.MatchString(said[0]) {
		return said[0]
	}
	return otherApp
}

// Apps are the sessions of one version that came by on a day: how many, and nobody's.
type Apps struct {
	Day      time.Time // a date, by the clock of Greenwich
	App      string
	Sessions int
}

// QueueApps reads which versions were in use on an owner's last days, the newest first.
func QueueApps(b *pgx.Batch, owner uuid.UUID, now time.Time, take func(Apps)) {
	b.Queue(apps, owner, now.UTC().AddDate(0, 0, -appDays)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var a Apps
			if err := rows.Scan(&a.Day, &a.App, &a.Sessions); err != nil {
				return err
			}
			take(a)
		}
		return rows.Err()
	})
}
