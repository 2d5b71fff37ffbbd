package demo_test

import (
	"context"
	"testing"
	"time"

	"undring/demo"
	"undring/observation"
	"undring/postgres/pgtest"
)

func TestTheDemoHasAVisitInEveryState(t *testing.T) {
	t.Parallel()
	for name, begun := range map[string]time.Time{
		"a Monday at noon":        time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		"a Saturday night":        time.Date(2026, 11, 28, 23, 30, 0, 0, time.UTC),
		"early on New Year's Day": time.Date(2027, 1, 1, 1, 0, 0, 0, time.UTC),
		"the clock goes forward":  time.Date(2027, 3, 28, 6, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seeded(t, begun)
		})
	}
}

func seeded(t *testing.T, now time.Time) {
	db := pgtest.New(t)
	ctx := context.Background()
	for range 2 { // the second time nothing changes
		if err := demo.Seed(ctx, db.DB, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(48 * time.Hour)
	}
	states := map[string]int{}
	rows, err := db.Owner.Query(ctx, "select state, count(*) from visit group by 1")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			t.Fatal(err)
		}
		states[state] = n
	}
	for _, s := range observation.States() {
		if s != observation.Expired && states[string(s)] == 0 { // the server ends what nobody went to
			t.Errorf("no visit is %s: %v", s, states)
		}
	}
	var people, teams, free int
	err = db.Owner.QueryRow(ctx, `select (select count(*) from person), (select count(*) from team),
		(select count(*) from membership m where role = 'TEACHER' and not exists (
			select from visit v where m.person_id in (v.observer_id, v.observed_id)
				and v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED') and v.end_at > $1))`, now.AddDate(0, 0, -14)).Scan(&people, &teams, &free)
	if err != nil {
		t.Fatal(err)
	}
	if people != 33 || teams != 4 || free < 6 {
		t.Errorf("%d people, %d teams, %d teachers without an open visit; want 33, 4, at least 6", people, teams, free)
	}
}
