package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"undring/postgres"
	"undring/school"
	"undring/school/roster"
)

// beginning is what an owner begins with. All but at go into the database; at is only for
// the link that is printed.
type beginning struct {
	owner, school, name, email, at string
}

// beginCommand is `undring begin`: all that needs a shell before the desk in the browser takes
// over. Whoever has a database and this command needs no other; it prints the link and
// never sends it.
func beginCommand() *cobra.Command {
	var b beginning
	cmd := &cobra.Command{
		Use:   "begin",
		Short: "Add a school owner, its first school and administrator, and print a one-time link",
		Long: `Add a school owner with its first school and its first administrator, and print a
one-time link by which they sign in. Everything else (people, calendar, timetables,
sign-in, invitations) they do in the browser, on the page that the link leads to. The
link counts for 7 days; ` + "`undring invite`" + ` makes another one.`,
		Example: `undring begin --owner-name "Bergsli kommune" --school "Bergsli skole" --name "Siv Lund" \
  --email siv.lund@bergsli.example --at https://undring.bergsli.example`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := b.check(); err != nil {
				return err
			}
			return atDatabase(cmd.Context(), func(ctx context.Context, db *postgres.DB) error {
				return b.run(ctx, cmd.OutOrStdout(), db)
			})
		},
	}
	// Which of them are missing is said by check, all at once; cobra would name only the
	// flag and not what it is for.
	f := cmd.Flags()
	f.StringVar(&b.owner, "owner-name", "", "name of the school owner, a municipality say")
	f.StringVar(&b.school, "school", "", "name of its first school")
	f.StringVar(&b.name, "name", "", "name of its first administrator")
	f.StringVar(&b.email, "email", "", "their address")
	f.StringVar(&b.at, "at", os.Getenv("UNDRING_URL"), "where people reach the service, such as https://undring.bergsli.example")
	return cmd
}

// check says everything that is missing.
func (b beginning) check() error {
	var missing []error
	for _, flag := range []struct{ name, value string }{{"owner-name", b.owner}, {"school", b.school}, {"name", b.name}, {"email", b.email}} {
		if strings.TrimSpace(flag.value) == "" {
			missing = append(missing, fmt.Errorf("--%s is needed", flag.name))
		}
	}
	// http is taken for a trial on a machine of one's own.
	if u, err := url.Parse(b.at); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		missing = append(missing, errors.New("--at is needed: where people reach the service, such as https://undring.bergsli.example"))
	}
	return errors.Join(missing...)
}

// run adds the three, and prints the owner's id, which the settings of the sign-in name, and
// the link. Each step is a transaction of its own. Where a later one fails, an owner
// without an administrator is left, which nobody can sign in to; running it again makes
// another one.
func (b beginning) run(ctx context.Context, out io.Writer, db *postgres.DB) error {
	owner, at, now := newID(), newID(), time.Now().UTC()
	if err := school.EnsureOwner(ctx, db, owner, b.owner); err != nil {
		return fmt.Errorf("adding the school owner: %w", err)
	}
	house := postgres.As{Owner: owner}
	if err := school.AddSchool(ctx, db, house, at, b.school, now); err != nil {
		return fmt.Errorf("adding the school: %w", err)
	}
	if err := b.addAdministrator(ctx, db, house, at, now); err != nil {
		return fmt.Errorf("adding the administrator: %w", err)
	}
	// Nobody has signed in yet, so the code counts from now on.
	code, _, until, err := school.Invite(ctx, db, owner, b.email, false, newID, moment())
	if err != nil {
		return fmt.Errorf("inviting the administrator: %w", err)
	}
	fmt.Fprintf(out, "owner   %s\nschool  %s\nuntil   %s\n\n%s/#/sign-in?code=%s\n", owner, at, until.Format(time.RFC3339), strings.TrimRight(b.at, "/"), code)
	return nil
}

// addAdministrator brings the administrator in as a roster of one. So the first
// administrator goes by the same rules of names and addresses as everybody later, and a
// later import of the register finds the same person.
func (b beginning) addAdministrator(ctx context.Context, db *postgres.DB, house postgres.As, at uuid.UUID, now time.Time) error {
	list := fmt.Sprintf("name,email,role,team\n%s,%s,administrator,\n", quoted(b.name), quoted(b.email))
	set, err := roster.Read([]byte(list), roster.SimpleCSV, roster.Options{Now: now})
	if err != nil {
		return err
	}
	// A roster with an odd row would import nobody and succeed.
	if len(set.Errors) > 0 {
		return fmt.Errorf("the name or the address is odd: %s", set.Errors[0].Reason)
	}
	return db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := school.Import{Set: set, School: at, Now: now, NewID: newID}.Run(ctx, tx, house)
		return err
	})
}

// quoted is a cell of a CSV. A name may hold a comma; blanks around it are a slip of the
// shell.
func quoted(s string) string { return `"` + strings.ReplaceAll(strings.TrimSpace(s), `"`, `""`) + `"` }
