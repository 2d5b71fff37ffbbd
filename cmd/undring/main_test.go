package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"undring/postgres"
)

// The program itself is on the path of every script, and of what a page says.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"undring": main}) }

// cluster is an empty PostgreSQL, as whoever installs Undring has it: no database,
// no role.
var cluster = sync.OnceValues(func() (*postgres.Private, error) {
	// Named as those of pgtest, whose next run removes what a killed one leaves.
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("undring-pgtest-%d", os.Getpid()))
	return postgres.StartPrivate(context.Background(), postgres.PrivateOptions{Dir: dir, MaxConnections: 100, Log: slog.New(slog.DiscardHandler)})
})

func newCluster(t *testing.T) *postgres.Private {
	t.Helper()
	c, err := cluster()
	if err != nil {
		t.Fatalf("a PostgreSQL for the test: %v", err)
	}
	return c
}

// Each script has an empty database: $ADMIN_URL may everything there, $APP_URL is
// the server's.
func TestScripts(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			name := strings.ReplaceAll(filepath.Base(env.WorkDir), "-", "_")
			if err := c.CreateDatabase(context.Background(), name); err != nil {
				return err
			}
			env.Setenv("ADMIN_URL", c.URL(name, "postgres"))
			env.Setenv("APP_URL", c.URL(name, "undring_app"))
			env.Setenv("LANG", "nb_NO.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// keep NAME: the first word of what was last printed.
			"keep": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Setenv(args[0], strings.Fields(ts.ReadFile("stdout"))[0])
			},
			// exits STATUS PROGRAM ARGS...: the program ends with this status.
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				err := ts.Exec(args[1], args[2:]...)
				var exit *exec.ExitError
				if !errors.As(err, &exit) || fmt.Sprint(exit.ExitCode()) != args[0] {
					ts.Fatalf("%v, want status %s", err, args[0])
				}
			},
			// approved NAME: the difference that a dry run has told last.
			"approved": func(ts *testscript.TestScript, _ bool, args []string) {
				_, after, found := strings.Cut(ts.ReadFile("stdout"), "--approve ")
				if !found {
					ts.Fatalf("no difference is told")
				}
				ts.Setenv(args[0], strings.Fields(after)[0])
			},
		},
	})
}
