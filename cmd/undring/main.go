// Command undring is the whole of Undring: the demo, the server, migrations and
// the import of rosters.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// SIGINT and SIGTERM end the context, by which every part stops in order (G17). An error is
// printed here alone.
func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "undring:", err)
		os.Exit(status(err))
	}
}

// status is 2 for what was done in part, and 1 for what was not done at all. Timers and
// scripts tell the two apart, so the numbers stay.
func status(err error) int {
	if errors.Is(err, errOdd) {
		return 2
	}
	return 1
}

// command is the program with all that it can do. The environment is described here, once,
// since most settings count for several commands. SilenceUsage: an error of the work is no
// reason to print how a command is called.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "undring",
		Short: "Teachers visit each other's lessons and talk about what happened",
		Long: `Undring carries visits between teachers: notes, feedback, a wondering question
and an answer.

Environment:
  UNDRING_DATABASE_URL  database of the server; without it, a private PostgreSQL
                        in the data folder
  UNDRING_CULTURE_URL   serve: the same database, for the role undring_culture, and
  UNDRING_METRICS_URL   for undring_metrics, which reads published figures alone;
                        not set: UNDRING_DATABASE_URL with these names in it
  UNDRING_DATA_DIR      data folder (default: the user's, /var/lib/undring as root)
  UNDRING_GRPC_ADDR     gRPC (default 127.0.0.1:7070)
  UNDRING_WEB_ADDR      gRPC-Web, Connect, JSON and the page (default 127.0.0.1:7080)
  UNDRING_ADMIN_ADDR    health and profiles (default 127.0.0.1:7090)
  UNDRING_KEY           serve: the file of the Ed25519 key that signs tokens, PKCS #8
                        PEM; after a comma, those that it took the place of
  UNDRING_MEMORY        how much memory there is, such as 1GiB (default: the
                        container's, or the machine's)
  UNDRING_TRUSTED_PROXIES
                        serve: addresses and networks of the proxies before it, such
                        as 10.0.0.0/8, whose X-Forwarded-For counts; with commas
  UNDRING_SIGN_IN       serve: the file of the providers that people sign in by
                        (docs/running.md); without it, invitations alone
  UNDRING_URL           where people reach the service, for links in mail, such as
                        https://undring.example.no
  UNDRING_SMTP_URL      where mail goes, smtp://user:password@host:port, or smtps;
  UNDRING_SMTP_FROM     and whom it comes from, such as Undring <undring@skole.no>;
                        not set: no mail
  UNDRING_VAPID_KEY     Web Push: the file of a P-256 key, PEM, or the key in base64;
                        not set: none (the demo makes one)
  UNDRING_FCM_KEY       Android phones: the file of a Firebase service account
  UNDRING_APNS_KEY      Apple's phones: the .p8 file, and UNDRING_APNS_KEY_ID,
                        UNDRING_APNS_TEAM, UNDRING_APNS_TOPIC (docs/running.md)
  UNDRING_DEMO_CLOCK    demo: moves its time, jobs included, such as +840h
  OTEL_EXPORTER_OTLP_ENDPOINT
                        where traces of calls go, by OTLP/gRPC, such as
                        http://127.0.0.1:4317; not set: nowhere
  UNDRING_OWNER         roster, school, days, lessons, invite: the id of the
                        school owner`,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return boundMemory(os.Getenv("UNDRING_MEMORY")) },
	}
	root.AddCommand(demoCommand(), serveCommand(), migrateCommand(), rosterCommand(), ownerCommand(), schoolCommand(), daysCommand(), lessonsCommand(), beginCommand(), inviteCommand(), relinkCommand(), personCommand(), loadCommand(), attackCommand())
	return root
}
