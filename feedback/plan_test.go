package feedback

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres/pgtest"
)

// An exchange can be looked up in an index by the visit that it belongs to, in the plan that is
// kept for any visit. Which index is taken depends on what the tables hold; here they are empty.
func TestAnExchangeCanBeLookedUpByItsVisit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := context.Background()
	app := db.App(t)
	owner, person := uuid.New(), uuid.New()
	for _, sql := range []string{
		fmt.Sprintf("select set_config('undring.owner', '%s', false), set_config('undring.person', '%s', false)", owner, person),
		"set plan_cache_mode = force_generic_plan",
	} {
		if _, err := app.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	for name, sql := range map[string]string{
		"points": pointsOfVisit, "questions": questionsOfVisit, "openings": openingsOfVisit, "replies": repliesOfVisit,
		"corrections": correctionsOfVisit, "own_view": ownViewOfVisit, "conversations": conversationsOfVisit, "takeaways": takeawaysOfPerson,
	} {
		if _, err := app.Exec(ctx, "prepare "+name+" (uuid, uuid, text, uuid, uuid[]) as "+sql); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rows, err := app.Query(ctx, fmt.Sprintf("explain (costs off) execute %s ('%s', '%s', 'VISIT', '%s', null)", name, owner, person, uuid.New()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		// A value that is known before the first row, and no expression: that one would be no condition of any index.
		if plan := strings.Join(lines, "\n"); !strings.Contains(plan, "visit_id = ANY ($") {
			t.Errorf("%s can't be looked up by their visit:\n%s", name, plan)
		}
	}
}
