package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"undring/postgres"
	"undring/refusal"
	"undring/school"
)

// ownerCommand is `undring owner`: the first step on an empty database. Everything else
// belongs to an owner. A new one each time: two owners may have the same name.
func ownerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "owner NAME",
		Short: "Add a school owner (a municipality, say), and print its id; or let one take its own along, and end",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atDatabase(cmd.Context(), func(ctx context.Context, db *postgres.DB) error {
				// The id is what every later command asks for; the name is for people.
				owner := newID()
				if err := school.EnsureOwner(ctx, db, owner, args[0]); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), owner)
				return nil
			})
		},
	}
	cmd.AddCommand(ownerExportCommand(), ownerEndCommand())
	return cmd
}

// schoolCommand is `undring school`, for owners whose register can't export OneRoster, which
// would name the schools itself. As for [ownerCommand], the same name twice is two schools;
// the id is what counts.
func schoolCommand() *cobra.Command {
	var owner string
	cmd := &cobra.Command{
		Use:   "school NAME",
		Short: "Add a school whose people come from a simple CSV, and print its id",
		Long: `Add a school whose people come from a simple CSV, and print its id, which is what
--school of roster import takes. A OneRoster zip brings its schools along.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atDatabase(cmd.Context(), func(ctx context.Context, db *postgres.DB) error {
				at, err := ownerID(owner)
				if err != nil {
					return err
				}
				id := newID()
				if err := school.AddSchool(ctx, db, postgres.As{Owner: at}, id, args[0], time.Now().UTC()); err != nil {
					return fmt.Errorf("adding the school: is %s the id of a school owner? %w", at, err)
				}
				fmt.Fprintln(cmd.OutOrStdout(), id)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&owner, "owner", os.Getenv("UNDRING_OWNER"), "id of the school owner (UUID)")
	return cmd
}

// ownerID reads the id of an owner, and says how to come by one where it is missing. There
// is no owner by default, or an import meant for one would change another's people.
func ownerID(flag string) (uuid.UUID, error) {
	id, err := uuid.Parse(flag)
	if err != nil {
		return id, errors.New("--owner or UNDRING_OWNER is needed: the id of the school owner (UUID); `undring owner NAME` makes one")
	}
	return id, nil
}

// inviteCommand is `undring invite`. Without it nobody could be the first to sign in, as
// invitations come from an administrator.
func inviteCommand() *cobra.Command {
	var owner string
	var now bool
	cmd := &cobra.Command{
		Use:   "invite EMAIL",
		Short: "Print a one-time code by which somebody of the roster signs in",
		Long: `Print a one-time code by which somebody of the roster signs in: the first
administrator of a school owner, who invites the others. It counts for 7 days; for
somebody who has signed in before, only after 72 hours, and only if they are not
seen on a device of theirs meanwhile.

With --now it counts at once for an administrator where no other one is signed in,
who could invite them: nobody could get in otherwise. It ends their sessions, so
that they see that it was used.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atDatabase(cmd.Context(), func(ctx context.Context, db *postgres.DB) error {
				id, err := ownerID(owner)
				if err != nil {
					return err
				}
				return runInvite(ctx, cmd.OutOrStdout(), db, id, args[0], now)
			})
		},
	}
	cmd.Flags().StringVar(&owner, "owner", os.Getenv("UNDRING_OWNER"), "id of the school owner (UUID)")
	cmd.Flags().BoolVar(&now, "now", false, "count at once, where no administrator could get in otherwise")
	return cmd
}

// runInvite prints the code on a line of its own, so that a script can take it, and then from
// when until when it counts. The rules of who may be invited are the school's; here they get
// words. Times are those of the machine's zone, as an administrator reads them.
func runInvite(ctx context.Context, out io.Writer, db *postgres.DB, owner uuid.UUID, email string, now bool) error {
	code, from, until, err := school.Invite(ctx, db, owner, email, now, newID, moment())
	// Only for --now, and only where somebody else could invite: it is no way past a
	// colleague.
	if refusal.ReasonOf(err) == refusal.RoleRequired {
		return errors.New("--now is for an administrator where no other one is signed in: let another one invite them, or leave --now away")
	}
	if refusal.ReasonOf(err) == refusal.NotThere {
		return fmt.Errorf("%s is the address of no active person of this owner, or of several", email)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(out, code)
	fmt.Fprintf(out, "counts from %s until %s\n", from.Local().Format("2006-01-02 15:04"), until.Local().Format("2006-01-02 15:04"))
	return nil
}

// atDatabase does something at the database of the server. By the server's own role, so a
// command can do nothing that row level security forbids the server. Two connections are
// more than one command needs.
func atDatabase(ctx context.Context, do func(context.Context, *postgres.DB) error) error {
	url := os.Getenv("UNDRING_DATABASE_URL")
	if url == "" {
		return errors.New("UNDRING_DATABASE_URL is not set: the address of the database, for the role undring_app")
	}
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer db.Close()
	return do(ctx, db)
}
