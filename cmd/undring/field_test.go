package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"undring/postgres"
	"undring/school/roster/fieldtest"
)

// shell is a school owner of its own in one database, with the program at it.
type shell struct {
	t     *testing.T
	env   []string
	owner string
	admin *pgxpool.Pool
}

// field is a database for all shells.
var field = sync.OnceValues(func() (func(role string) string, error) {
	c, err := cluster()
	if err != nil {
		return nil, err
	}
	if err := c.CreateDatabase(context.Background(), "field"); err != nil {
		return nil, err
	}
	return func(role string) string { return c.URL("field", role) }, postgres.Migrate(context.Background(), c.URL("field", "postgres"))
})

func newShell(t *testing.T) *shell {
	t.Helper()
	url, err := field()
	if err != nil {
		t.Fatal(err)
	}
	admin, err := pgxpool.New(t.Context(), url("postgres")+"&pool_max_conns=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	s := &shell{t: t, admin: admin, env: append(os.Environ(), "UNDRING_DATABASE_URL="+url("undring_app"), "LANG=nb_NO.UTF-8")}
	out, odd, _ := s.run("owner", "Storfjord kommune")
	if s.owner = strings.TrimSpace(out); s.owner == "" {
		t.Fatal(odd)
	}
	s.env = append(s.env, "UNDRING_OWNER="+s.owner)
	return s
}

// run runs the program, and tells what it printed and its status.
func (s *shell) run(args ...string) (stdout, stderr string, status int) {
	s.t.Helper()
	var out, odd bytes.Buffer
	cmd := exec.CommandContext(s.t.Context(), "undring", args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = s.env, &out, &odd
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return out.String(), odd.String(), cmd.ProcessState.ExitCode()
}

// Files in the shape of what schools' systems send, by the command: each gives what is
// right for it, and the status that a job can go by. The call goes through the same
// table.
func TestRostersOfTheFieldByTheCommand(t *testing.T) {
	t.Parallel()
	for _, c := range fieldtest.Cases() {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			s := newShell(t)
			school, _, _ := s.run("school", c.School)
			bring := func(file string) (string, string, int) {
				args := []string{"roster", "import", "--json", fieldtest.Path(file)}
				if strings.HasSuffix(file, ".csv") {
					args = append(args, "--school", strings.TrimSpace(school))
				}
				return s.run(args...)
			}
			for _, f := range c.After {
				if _, odd, status := bring(f); status != 0 {
					t.Fatalf("%s: %s", f, odd)
				}
			}
			stdout, stderr, status := bring(c.File)
			want := 0
			switch {
			case c.Refused != "":
				want = 1
				if !strings.Contains(stderr, "("+c.Refused+")") {
					t.Errorf("refused with %q, want %s", stderr, c.Refused)
				}
			case len(c.Odd)+len(c.Questions) > 0:
				want = 2
			}
			if status != want {
				t.Errorf("status %d, want %d: %s", status, want, stderr)
			}
			if diff := cmp.Diff(c.Odd, oddRows(t, stdout)); diff != "" {
				t.Errorf("odd rows (-want +got):\n%s", diff)
			}
			var people string
			if err := s.admin.QueryRow(t.Context(), fieldtest.AsText, s.owner).Scan(&people); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.People, people); diff != "" {
				t.Errorf("people (-want +got):\n%s", diff)
			}
		})
	}
}

func oddRows(t *testing.T, told string) []string {
	t.Helper()
	if told == "" {
		return nil
	}
	var d struct {
		RowErrors []struct {
			File   string `json:"file"`
			Line   int    `json:"line"`
			Reason string `json:"reason"`
		} `json:"row_errors"`
	}
	if err := json.Unmarshal([]byte(told), &d); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range d.RowErrors {
		out = append(out, fmt.Sprintf("%s:%d %s", e.File, e.Line, e.Reason))
	}
	return out
}
