package server_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"undring/town"

	"github.com/jackc/pgx/v5"
)

// shared are the tables that all who work at a school read. Everything else is
// somebody's.
var shared = []string{"school_owner", "school", "exchange_policy", "free_day", "busy_plan", "busy_period", "person", "membership", "team", "team_member", "prompt", "time_budget", "time_slot", "open_lesson",
	"need", "need_support", "focus_area", "hearing_voice", "focus_change", "learning", "learning_response", "action_round", "meeting", "meeting_decision", "meeting_norms"}

// filledElsewhere are the tables that no story below fills: accounts at a provider,
// see TestG22; what is counted of visits, see TestR21; anonymous needs, see package focus; what goes out of the app, see package notify.
var filledElsewhere = []string{"need_box", "message", "delivery_failure", "sign_in_link", "sign_in_failure", "culture_term", "culture_school", "culture_member", "culture_fact", "culture_cursor"}

// closed are the tables that the application role reads nothing of, in whose name
// ever.
var closed = []string{"need_box", "culture_term", "culture_school", "culture_member", "culture_fact", "culture_cursor", "pulse_answer"}

// asSomebody asks the database, on a connection of the application role, with an
// identity.
func asSomebody(app *pgx.Conn, owner, person, sql string, scan func(pgx.Rows) error) error {
	ctx := context.Background()
	return pgx.BeginFunc(ctx, app, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select set_config('undring.owner', $1, true), set_config('undring.person', $2, true)", owner, person); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sql)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// G9 (R12): behind the services stands the database. After everything that can
// happen in a visit, the application role reads nothing without an identity,
// nothing with another owner's, and with a colleague's only what is shared or
// names them.
func TestG9TheDatabaseStandsBehindIt(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	filled := map[string]bool{}
	var tables []string
	t.Run("after", func(t *testing.T) {
		for name, story := range town.Stories() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := town.New(t)
				c := story(w)
				c.Send(t, name)
				app := w.DB.App(t)
				all := town.Column(t, w.DB, `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
					join pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
					where n.nspname = 'public' and c.relkind = 'r' union select 'school_owner'`)
				mu.Lock()
				tables = all
				mu.Unlock()
				for _, table := range all {
					if n := town.One[int](w, "select count(*) from "+pgx.Identifier{table}.Sanitize()); n > 0 {
						mu.Lock()
						filled[table] = true
						mu.Unlock()
					}
					count := func(owner, person string) (n int, err error) {
						err = asSomebody(app, owner, person, "select count(*) from "+pgx.Identifier{table}.Sanitize(), func(r pgx.Rows) error { return r.Scan(&n) })
						return n, err
					}
					if slices.Contains(closed, table) {
						if _, err := count(w.Owner.String(), w.Kari.ID); err == nil {
							t.Errorf("the application role reads %s", table)
						}
						continue
					}
					if n, err := count("", ""); err == nil && n > 0 {
						t.Errorf("nobody reads %d rows of %s", n, table)
					}
					for who, person := range map[string]string{"somebody": town.NewID().String(), "the same person": w.Kari.ID, "the house": "00000000-0000-0000-0000-000000000000"} {
						if n, err := count(town.NewID().String(), person); err != nil || n > 0 {
							t.Errorf("%s, by another owner's name, reads %d rows of %s (%v)", who, n, table, err)
						}
					}
					if slices.Contains(shared, table) {
						continue
					}
					for _, p := range []*town.Person{w.Nils, w.Leif} { // who have no part in any of it
						var others []string
						sql := fmt.Sprintf("select to_jsonb(x)::text from %s x where to_jsonb(x)::text not like '%%%s%%'", pgx.Identifier{table}.Sanitize(), p.ID)
						err := asSomebody(app, w.Owner.String(), p.ID, sql, func(r pgx.Rows) error {
							var row string
							err := r.Scan(&row)
							others = append(others, row)
							return err
						})
						if err != nil || len(others) > 0 {
							t.Errorf("%s reads of %s what is not about them: %v (%v)", p.Name, table, others, err)
						}
					}
				}
			})
		}
	})
	for _, table := range tables {
		if filled[table] == slices.Contains(filledElsewhere, table) {
			t.Errorf("%s: filled by a story: %t, and the list says otherwise", table, filled[table])
		}
	}
}

// G9: the application role has no way around row level security.
func TestG9TheApplicationRoleCantBypassIt(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	if may := town.One[bool](w, `select bool_or(rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
		or pg_has_role('undring_app', 'undring_owner', 'member')) from pg_roles where rolname = 'undring_app'`); may {
		t.Error("undring_app has a right that it must not have")
	}
	for _, name := range town.Column(t, w.DB, `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'public' and pg_get_userbyid(c.relowner) = 'undring_app'`) {
		t.Errorf("undring_app owns %s", name)
	}
	for _, sql := range []string{
		"alter table visit disable row level security", "alter table visit no force row level security",
		"create policy all_in on visit using (true)", "set role undring_owner", "set session authorization undring_owner",
		"create table public.mine (x int)", "create temporary table mine (x int)", "truncate visit",
	} {
		if _, err := w.DB.App(t).Exec(context.Background(), sql); err == nil {
			t.Errorf("undring_app may %q", sql)
		}
	}
}
