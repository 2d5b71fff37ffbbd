package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"undring/demo"
	"undring/postgres"
	"undring/server"
	"undring/tracing"
	app "undring/web"
)

// newID is the next id: a UUIDv7, so that ids sort by time and new rows lie side by side in
// each index.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// newLog writes a line of JSON for each event. It goes to standard error, since standard
// output is what people and scripts read.
func newLog(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

// demoCommand is `undring demo`. It takes no flags: whoever tries Undring out has nothing
// to configure, and everything is on this machine alone.
func demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Run an invented school to try everything out, with a database of its own",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), cmd.OutOrStdout()) },
	}
}

// fillSchool plays what has happened at the invented school, where that is not there
// yet. It does not wait for the disk at each of some 500 steps: what a power cut
// took away would be played again. At the next start nothing of it is done again: each part
// looks first whether it is there.
func fillSchool(ctx context.Context, at addresses, log *slog.Logger) error {
	// The app's role and the one that counts write here; the one that reads figures does not.
	const hasty = "&synchronous_commit=off"
	db, err := openPools(ctx, addresses{app: at.app + hasty, culture: at.culture + hasty, metrics: at.metrics}, nil)
	if err != nil {
		return err
	}
	defer db.close()
	if err := demo.Seed(ctx, db.app, time.Now().UTC().Truncate(time.Second)); err != nil {
		return err
	}
	return demo.History(ctx, db.app, db.culture, log)
}

// runDemo starts everything in the order in which one part needs another, and ends it in
// the reverse. It returns when the server has been stopped.
func runDemo(ctx context.Context, out io.Writer) error {
	// Otherwise a variable that is left in a shell would open a real school to anyone on
	// the machine.
	if os.Getenv("UNDRING_DATABASE_URL") != "" {
		return errors.New("the demo lets anyone in, so it runs on a database of its own only: unset UNDRING_DATABASE_URL, or use `undring serve`")
	}
	now, moved, err := demoClock(os.Getenv)
	if err != nil {
		return err
	}
	log := newLog(os.Stderr)
	fmt.Fprintln(out, "Starting the database …")
	at, stop, err := private(ctx, log)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintln(out, "Filling the school …")
	if err := fillSchool(ctx, at, log); err != nil {
		return err
	}
	// After the history: a trace of each of its steps would be no use to anybody.
	seen, err := tracing.Start(ctx, os.Getenv, log)
	if err != nil {
		return err
	}
	defer seen.Stop()
	db, err := openPools(ctx, at, seen.Statements())
	if err != nil {
		return err
	}
	defer db.close()
	// From the database and not from the script: the school may be one that was played days
	// ago.
	visitor, visited, err := demo.Pair(ctx, db.app)
	if err != nil {
		return err
	}
	key, err := demoKey()
	if err != nil {
		return err
	}
	rpc, web, admin, err := listen()
	if err != nil {
		return err
	}
	outside, err := demoOutside(web.Addr().String())
	if err != nil {
		return err
	}
	s, err := server.New(server.Options{
		DB: db.app, Culture: db.culture, Metrics: db.metrics, Now: now, ClockMoved: moved, NewID: newID, Keys: []ed25519.PrivateKey{key}, Page: app.Handler(), Tracing: seen,
		Demo: demo.Owner, Outside: outside, Log: log,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `
Undring is running: Fjordvik skole, thirty teachers, visits in every state.

  gRPC      %s
  web       http://%s   (page, Connect, JSON)
  admin     http://%s/healthz

The app, as a teacher who has visited, and as the colleague whose lesson it was:

%s
Try it by hand (README.md tells the whole visit):

  go tool grpcurl -plaintext %[1]s undring.v1.SessionService/GetSignInOptions

Stop with Ctrl-C. The school is kept for the next time.
`, rpc.Addr(), web.Addr(), admin.Addr(), doors(web.Addr(), visitor, visited))
	go giveBack(ctx)
	return s.Serve(ctx, rpc, web, admin)
}

// doors are the addresses at which a browser is the two of a visit: one host for
// each, so that the two share no storage and can be open side by side. The browser keeps a
// phone's store for each origin, and "127.0.0.1" and "localhost" are two.
func doors(at net.Addr, visitor, visited demo.Teacher) string {
	_, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return ""
	}
	door := func(host string, t demo.Teacher) string {
		return fmt.Sprintf("  %-15s http://%s/#/as/%s\n", t.Name, net.JoinHostPort(host, port), t.ID)
	}
	return door("127.0.0.1", visitor) + door("localhost", visited)
}

// serveCommand is `undring serve`. All its settings come from the environment, so that a unit,
// a container and a shell say them in the same way. It has no database of its own: a
// private cluster has no backup, and its schema is changed at each start.
func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the server on a database of yours",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runServe(cmd.Context()) },
	}
}

// runServe refuses to start half-configured, and says everything that is missing
// at once. A server that ran without a safe database would keep its promises by luck: row
// level security is switched off for a superuser, and a log of statements would hold
// people's words (G9, G11).
func runServe(ctx context.Context) error {
	c, err := readConfig(os.Getenv, os.ReadFile)
	if err != nil {
		return err
	}
	// Each role by itself: a server is as safe as the least safe of the three.
	for _, url := range []string{c.at.app, c.at.culture, c.at.metrics} {
		if err := postgres.CheckSafe(ctx, url); err != nil {
			return fmt.Errorf("the database is not safe for people's words:\n%w", err)
		}
	}
	// The schema is never changed here, as the server's role may not: an older schema ends
	// the start.
	if err := postgres.CheckVersion(ctx, c.at.app); err != nil {
		return err
	}
	// The leaders' pages are read by this role; one that could read more would break G10
	// however right the code is.
	if err := postgres.CheckNarrow(ctx, c.at.metrics); err != nil {
		return fmt.Errorf("UNDRING_METRICS_URL: %w", err)
	}
	log := newLog(os.Stderr)
	seen, err := tracing.Start(ctx, os.Getenv, log)
	if err != nil {
		return err
	}
	defer seen.Stop()
	db, err := openPools(ctx, c.at, seen.Statements())
	if err != nil {
		return err
	}
	defer db.close()
	s, err := server.New(server.Options{DB: db.app, Culture: db.culture, Metrics: db.metrics, Now: time.Now, NewID: newID, Keys: c.keys, Providers: c.providers, Proxies: c.proxies, Page: app.Handler(), Tracing: seen, Outside: c.outside, Log: log})
	if err != nil {
		return err
	}
	rpc, web, admin, err := listen()
	if err != nil {
		return err
	}
	// It ends when the context does, after the calls under way; the pools are closed after
	// it.
	go giveBack(ctx)
	return s.Serve(ctx, rpc, web, admin)
}

// migrateCommand is `undring migrate`. It is a command of its own, as the server's role may
// not change the schema. It may run while servers of the version before are at work (G17).
func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema of UNDRING_DATABASE_URL to this version",
		Long: `Bring the schema of UNDRING_DATABASE_URL to this version. The address names a
role that may create roles and tables, not undring_app.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Never the private database: that one brings its schema up to date by itself.
			url := os.Getenv("UNDRING_DATABASE_URL")
			if url == "" {
				return errors.New("UNDRING_DATABASE_URL is not set: the address of the database, for a role that may create roles and tables")
			}
			if err := postgres.Migrate(cmd.Context(), url); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "The schema is up to date.")
			return nil
		},
	}
}
