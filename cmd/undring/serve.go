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

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func newLog(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

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
// took away would be played again.
func fillSchool(ctx context.Context, at addresses, log *slog.Logger) error {
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

func runDemo(ctx context.Context, out io.Writer) error {
	if os.Getenv("UNDRING_DATABASE_URL") != "" {
		return errors.New("the demo lets anyone in, so it runs on a database of its own only: unset UNDRING_DATABASE_URL, or use `undring serve`")
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
	visitor, visited, err := demo.Pair(ctx, db.app)
	if err != nil {
		return err
	}
	key, err := demoKey()
	if err != nil {
		return err
	}
	s, err := server.New(server.Options{DB: db.app, Culture: db.culture, Metrics: db.metrics, Now: time.Now, NewID: newID, Keys: []ed25519.PrivateKey{key}, Page: app.Handler(), Tracing: seen, Demo: demo.Owner, Log: log})
	if err != nil {
		return err
	}
	rpc, web, admin, err := listen()
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
	return s.Serve(ctx, rpc, web, admin)
}

// doors are the addresses at which a browser is the two of a visit: one host for
// each, so that the two share no storage and can be open side by side.
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

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the server on a database of yours",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runServe(cmd.Context()) },
	}
}

// runServe refuses to start half-configured, and says everything that is missing
// at once.
func runServe(ctx context.Context) error {
	c, err := readConfig(os.Getenv, os.ReadFile)
	if err != nil {
		return err
	}
	for _, url := range []string{c.at.app, c.at.culture, c.at.metrics} {
		if err := postgres.CheckSafe(ctx, url); err != nil {
			return fmt.Errorf("the database is not safe for people's words:\n%w", err)
		}
	}
	if err := postgres.CheckVersion(ctx, c.at.app); err != nil {
		return err
	}
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
	s, err := server.New(server.Options{DB: db.app, Culture: db.culture, Metrics: db.metrics, Now: time.Now, NewID: newID, Keys: c.keys, Providers: c.providers, Proxies: c.proxies, Page: app.Handler(), Tracing: seen, Log: log})
	if err != nil {
		return err
	}
	rpc, web, admin, err := listen()
	if err != nil {
		return err
	}
	return s.Serve(ctx, rpc, web, admin)
}

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema of UNDRING_DATABASE_URL to this version",
		Long: `Bring the schema of UNDRING_DATABASE_URL to this version. The address names a
role that may create roles and tables, not undring_app.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
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
