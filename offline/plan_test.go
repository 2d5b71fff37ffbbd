package offline

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// A pull is one look-up in one index from where the cursor stands, however much
// the feed holds, and nothing is sorted. With nothing new it reads no row.
func TestAPullIsOneLookUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := context.Background()
	owner, person := uuid.New(), uuid.New()
	for _, sql := range []string{
		`insert into feed (owner_id, person_id, thing, subject_id) select $1, $2, 'NOTE', gen_random_uuid() from generate_series(1, 10000)`,
		`insert into feed (owner_id, person_id, thing, subject_id) select $1, md5($2::text || n % 100)::uuid, 'NOTE', gen_random_uuid() from generate_series(1, 50000) n`,
	} {
		if _, err := db.Owner.Exec(ctx, sql, owner, person); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Owner.Exec(ctx, "analyze feed"); err != nil {
		t.Fatal(err)
	}
	var last Moment
	if err := db.Owner.QueryRow(ctx, "select xid::text::bigint, seq from feed where person_id = $1 order by xid desc, seq desc limit 1", person).Scan(&last.XID, &last.Seq); err != nil {
		t.Fatal(err)
	}
	app := db.App(t)
	if _, err := app.Exec(ctx, "select set_config('undring.owner', $1, false), set_config('undring.person', $2, false)", owner.String(), person.String()); err != nil {
		t.Fatal(err)
	}
	rows, err := app.Query(ctx, "explain (analyze, buffers, costs off, timing off, summary off) "+feedBehind, owner, person, xidText(last.XID), last.Seq, false, defaultPage+1)
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
