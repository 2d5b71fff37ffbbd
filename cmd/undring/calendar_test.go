package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/school"
)

// Each calendar of the field, on the command line: what stands then is what is
// right. The clock is that of the day on which the files were tried.
func TestCalendarsFromTheField(t *testing.T) {
	const dir = "../../school/timetable/testdata/field"
	var all map[string]struct{ Lessons, Days, Odd []string }
	content, err := os.ReadFile(filepath.Join(dir, "right.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &all); err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	ctx, now := t.Context(), time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	c, name := newCluster(t), "field"
	if err := c.CreateDatabase(ctx, name); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(ctx, c.URL(name, "postgres")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("UNDRING_DATABASE_URL", c.URL(name, "undring_app"))
	db, err := postgres.Open(ctx, c.URL(name, "undring_app"), postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	above, err := pgx.Connect(ctx, c.URL(name, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = above.Close(context.Background()) })
	for file, want := range all {
		t.Run(file, func(t *testing.T) {
			owner, at := newID(), newID()
			house := postgres.As{Owner: owner}
			people := filepath.Join(t.TempDir(), "people.csv")
			if err := os.WriteFile(people, []byte("name,email,role,team\nKari Berg,kari@nesset.example,teacher,\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			f := calendarFlags{rosterFlags: rosterFlags{owner: owner.String(), school: at.String()}, now: func() time.Time { return now }}
			if err := school.EnsureOwner(ctx, db, owner, "Nesset kommune"); err != nil {
				t.Fatal(err)
			}
			if err := school.AddSchool(ctx, db, house, at, "Nesset skule", now); err != nil {
				t.Fatal(err)
			}
			if err := run(ctx, "roster", "import", "--owner", owner.String(), "--school", at.String(), people); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, file)
			if filepath.Ext(file) == ".csv" {
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				path = filepath.Join(t.TempDir(), file)
				if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(content), "@", "kari@nesset.example")), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			right, sql := want.Days, `select day::text from free_day where owner_id = $1 order by 1`
			if want.Days != nil {
				f.source = sourceOf(path)
				err = runDays(ctx, &out, path, f, false)
			} else {
				f.person = "kari@nesset.example"
				right = want.Lessons
				sql = `select to_char(lower(span) at time zone 'UTC', 'MM-DD HH24:MI') || '-' || to_char(upper(span) at time zone 'UTC', 'HH24:MI')
					from booking where owner_id = $1 and kind = 2 order by span`
				err = runLessons(ctx, &out, path, f)
			}
			if err != nil {
				t.Fatal(err)
			}
			rows, err := above.Query(ctx, sql, owner)
			if err != nil {
				t.Fatal(err)
			}
			got, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, right) {
				t.Errorf("there stand %v\nright is     %v", got, right)
			}
			for _, odd := range want.Odd {
				if reason := strings.Fields(odd)[2]; !strings.Contains(out.String(), reason) {
					t.Errorf("%s is not named in\n%s", reason, out.String())
				}
			}
		})
	}
}

// run runs the program itself, in this process.
func run(ctx context.Context, args ...string) error {
	c := command()
	c.SetArgs(args)
	c.SetOut(new(bytes.Buffer))
	c.SetErr(new(bytes.Buffer))
	return c.ExecuteContext(ctx)
}
