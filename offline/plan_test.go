package offline

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres/pgtest"
)

// A pull is one look-up in one index from where the cursor stands, however much the
// feed holds, of this person or of others, and nothing is sorted. With nothing new it
// reads no row. The plan is the one that is kept for any cursor.
func TestAPullIsOneLookUp(t *testing.T) {
	t.Parallel()
	for name, others := range map[string]int{"a municipality": 5000, "a school": 50} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pullIsOneLookUp(t, others)
		})
	}
}

func pullIsOneLookUp(t *testing.T, others int) {
	db := pgtest.New(t)
	ctx := context.Background()
	owner, person := uuid.New(), uuid.New()
	do := func(sql string, args ...any) {
		t.Helper()
		if _, err := db.Owner.Exec(ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	add := func(rows int, whose string) {
		t.Helper()
		do(`insert into feed (owner_id, person_id, thing, subject_id) select $1, `+whose+`, 'NOTE', gen_random_uuid() from generate_series(1, $3) n`, owner, person, rows)
	}
	add(1000, "$2")
	var last Moment
	if err := db.Owner.QueryRow(ctx, "select xid::text::bigint, seq from feed where person_id = $1 order by xid desc, seq desc limit 1", person).Scan(&last.XID, &last.Seq); err != nil {
		t.Fatal(err)
	}
	for range 10 { // what has happened to others since
		add(5000, fmt.Sprintf("md5($2::text || n %% %d)::uuid", others))
	}
	do("analyze feed")
	app := db.App(t)
	if _, err := app.Exec(ctx, "select set_config('undring.owner', $1, false), set_config('undring.person', $2, false)", owner.String(), person.String()); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Exec(ctx, "prepare pull (uuid, uuid, text, bigint, boolean, bigint) as "+feedBehind); err != nil {
		t.Fatal(err)
	}
	rows, err := app.Query(ctx, fmt.Sprintf("explain (analyze, buffers, costs off, timing off, summary off) execute pull ('%s', '%s', '%s', %d, false, %d)",
		owner, person, xidText(last.XID), last.Seq, defaultPage+1))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	plan := strings.Join(lines, "\n")
	for _, want := range []string{"Index Scan using feed_of_person on feed (actual rows=0", "(ROW(xid, seq) > ROW("} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan has no %q", want)
		}
	}
	for _, bad := range []string{"Sort", "Seq Scan", "Rows Removed"} {
		if strings.Contains(plan, bad) {
			t.Errorf("the plan has a %q", bad)
		}
	}
	t.Log(plan)
}
