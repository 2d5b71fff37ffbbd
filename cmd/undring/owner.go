package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"undring/postgres"
	"undring/privacy"
	"undring/server"
)

// ownerExportCommand is `undring owner export`.
func ownerExportCommand() *cobra.Command {
	var owner string
	return withOwner(&cobra.Command{
		Use:   "export FILE.zip",
		Short: "Write what is a school owner's own into a zip",
		Long: `Write what is a school owner's own into a zip: schools, people and their places,
teams, rules, calendars, plans, what is published, and what administrators did, one
JSON file for each table. What is written in a visit, and who visits whom, is not in
it: only the two read that, and each takes a copy in the app, under "Mine".
data/about.json names everything that is left out. A file that is there already is
not written over.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atOwner(cmd, owner, func(ctx context.Context, db *postgres.DB, owner uuid.UUID) error {
				size, err := sizeOf(ctx, db, owner)
				if err != nil {
					return err
				}
				// For its owner's eyes: names and addresses of all people are in it.
				file, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return err
				}
				err = errors.Join(privacy.ExportOwner(ctx, db, server.Tables(), owner, moment(), file), file.Close())
				if err != nil {
					return errors.Join(err, os.Remove(args[0])) // half of it would look like all of it
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d schools and %d people in %s\n", size.Name, size.Schools, size.People, args[0])
				return nil
			})
		},
	}, &owner)
}

// sizeOf looks at an owner, and says so where there is none.
func sizeOf(ctx context.Context, db *postgres.DB, owner uuid.UUID) (privacy.OwnerSize, error) {
	size, err := privacy.SizeOfOwner(ctx, db, owner)
	if err == nil && size.Name == "" {
		err = fmt.Errorf("%s is the id of no school owner", owner)
	}
	return size, err
}

// ownerEndCommand is `undring owner end`.
func ownerEndCommand() *cobra.Command {
	var owner, name string
	cmd := withOwner(&cobra.Command{
		Use:   "end",
		Short: "Take away all that there is of a school owner",
		Long: `Take away all that there is of a school owner: people, visits and every word in them,
rules, figures. Nothing brings it back. Without --name it takes nothing, and says what
it would take.

First nobody can sign in any more. The rest goes in short steps, while a server runs,
and their number and the longest are reported. It may be interrupted; run again, it goes on. What is
gone from the tables is gone from the database's files once they are written anew
(vacuum full), and from backups when these are too old: see docs/running.md. Let people
take a copy of what is theirs before it, and take the owner's: undring owner export.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return atOwner(cmd, owner, func(ctx context.Context, db *postgres.DB, owner uuid.UUID) error {
				size, err := sizeOf(ctx, db, owner)
				if err != nil {
					return err
				}
				out := cmd.OutOrStdout()
				fmt.Fprintf(out, "%s: %d schools, %d people, and all that they have written\n", size.Name, size.Schools, size.People)
				// The name is what one has to know to mean it; an id is pasted too easily.
				switch name {
				case "":
					fmt.Fprintf(out, "nothing was taken away; if it is meant, say --name %q\n", size.Name)
					return nil
				case size.Name:
				default:
					return fmt.Errorf("the owner's name is %q, and not %q: nothing was taken away", size.Name, name)
				}
				// Each step is a transaction, and its time is how long somebody else may have waited for it.
				steps, longest, begun := 0, time.Duration(0), moment()
				err = privacy.EndOwner(ctx, db, owner, begun, func() {
					done := moment()
					steps, longest, begun = steps+1, max(longest, done.Sub(begun)), done
				})
				fmt.Fprintf(out, "%d steps, the longest %d ms\n", steps, longest.Milliseconds())
				if err != nil {
					return fmt.Errorf("it is not all gone; run it again: %w", err)
				}
				fmt.Fprintln(out, "gone from every table; the files and backups follow, see docs/running.md")
				return nil
			})
		},
	}, &owner)
	cmd.Flags().StringVar(&name, "name", "", "the owner's name, as a sign that it is meant")
	return cmd
}
