package demo_test

import (
	"context"
	"log/slog"
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
	// Months later no request is remembered any more.
	if _, err := db.Owner.Exec(ctx, "delete from request"); err != nil {
		t.Fatal(err)
	}
	if err := demo.Seed(ctx, db.DB, now.AddDate(0, 2, 0)); err != nil {
		t.Fatalf("two months later: %v", err)
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
	if people != 41 || teams != 4 || free < 6 {
		t.Errorf("%d people, %d teams, %d teachers without an open visit; want 41, 4, at least 6", people, teams, free)
	}
	// Two half-years are over, and their sheets are there, whenever the demo begins.
	for range 2 { // the second time nothing changes
		if err := demo.History(ctx, db.DB, db.Open(t, db.CultureURL), slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	}
	var sheets, shown, pulses, small int
	err = db.Owner.QueryRow(ctx, `select count(distinct term) filter (where page = 'SHEET' and kind = 'SCHOOL' and shown),
		count(*) filter (where page = 'SHEET' and kind = 'TEAM'), count(distinct term) filter (where page = 'PULSE'), count(*) filter (where not shown and page = 'SHEET')
		from published.sheet`).Scan(&sheets, &shown, &pulses, &small)
	if err != nil {
		t.Fatal(err)
	}
	if sheets != 2 || shown != 4 || pulses != 2 || small != 2 {
		t.Errorf("%d half-years with a sheet, %d sheets of teams, %d pulses, %d sheets of the small school; want 2, 4, 2, 2", sheets, shown, pulses, small)
	}
	var told int
	if err := db.Owner.QueryRow(ctx, `select min(n) from (select count(*) filter (where high > 0) as n from published.publication p
		join published.sheet s using (owner_id, term, page, cell_id) where s.kind = 'SCHOOL' and s.shown and s.page = 'SHEET' group by p.term) x`).Scan(&told); err != nil {
		t.Fatal(err)
	}
	if told < 8 {
		t.Errorf("a sheet of the demo tells %d figures, want at least 8", told)
	}
	together(t, db)
}

// What the school works on together is there, in every state that one would look for.
func together(t *testing.T, db *pgtest.Instance) {
	t.Helper()
	for what, q := range map[string]string{
		"needs with each answer, and two that wait":          "select count(distinct status) filter (where status <> 'OPEN') = 4 and count(*) filter (where status = 'OPEN') = 2 from need",
		"a need without a name":                              "select count(*) = 1 from need where person_id is null",
		"a leader's reason with every answer":                "select bool_and(answer <> '') from need where status <> 'OPEN'",
		"nothing overdue when the demo begins":               "select not bool_or(due_on < (select max(created_at) from school)::date) from need where status = 'OPEN'",
		"an area of teachers and one of leaders in the plan": "select count(*) filter (where origin = 'TEACHERS') = 1 and count(*) filter (where origin = 'LEADERS') = 1 from focus_area where state = 'ADOPTED'",
		"one that is being heard":                            "select count(*) = 1 from focus_area where state = 'HEARING' and hearing_until >= (select max(created_at) from school)::date",
		"a round that ended and one that runs":               "select count(*) filter (where ended_on is not null and now_differently <> '') = 1 and count(*) filter (where ended_on is null) = 1 from action_round",
		"reports of both kinds":                              "select count(distinct learning) = 2 from round_report",
		"a practice, with three who tried it":                "select count(*) = 1 from learning l where practice <> '' and (select count(*) from learning_response r where r.learning_id = l.id and kind = 'TRIED') = 3",
		"a learning that nobody has asked about":             "select count(*) = 1 from learning l where published and not exists (select from learning_response r where r.learning_id = l.id)",
		"visits on the area":                                 "select count(*) = 3 from visit where focus_area_id is not null and state = 'CLOSED'",
		"a meeting that was held and one ahead":              "select count(*) filter (where ended_at is not null) = 1 and count(*) filter (where ended_at is null and start_at > (select max(created_at) from school)) = 1 from meeting",
	} {
		var there bool
		if err := db.Owner.QueryRow(context.Background(), q).Scan(&there); err != nil || !there {
			t.Errorf("not in the demo: %s (%v)", what, err)
		}
	}
}
