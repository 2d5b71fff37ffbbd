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
	"undring/refusal"
	"undring/school"
)

// atOwner does something about the people of an owner. Unlike [atRoster] it never falls
// back to the demo: these commands are about real people, and each needs the owner named.
func atOwner(cmd *cobra.Command, owner string, do func(context.Context, *postgres.DB, uuid.UUID) error) error {
	return atDatabase(cmd.Context(), func(ctx context.Context, db *postgres.DB) error {
		id, err := ownerID(owner)
		if err != nil {
			return err
		}
		return do(ctx, db, id)
	})
}

// withOwner gives a command the flag by which its owner is named.
func withOwner(cmd *cobra.Command, owner *string) *cobra.Command {
	cmd.Flags().StringVar(owner, "owner", os.Getenv("UNDRING_OWNER"), "id of the school owner (UUID)")
	return cmd
}

// moment is now, as exact as the database keeps it, so that what was written and what is read
// compare equal.
func moment() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// person finds somebody by address, name of sign-in, or id. An id is taken as it is;
// whether it is of this owner, the change itself finds out.
func person(ctx context.Context, db *postgres.DB, owner uuid.UUID, who string) (uuid.UUID, error) {
	// What reads as a UUID is taken for an id.
	if id, err := uuid.Parse(who); err == nil {
		return id, nil
	}
	id, err := school.PersonOf(ctx, db, owner, who)
	if refusal.ReasonOf(err) == refusal.NotThere {
		return id, fmt.Errorf("%s is the address of no active person of this owner, or of several", who)
	}
	return id, err
}

// relinkCommand is `undring relink`. It exists for the provider that was exchanged for
// another; the 72 hours keep it from being a way into somebody's account. Whoever has the
// shell of the server is trusted with the data, and still not with becoming somebody unseen
// (G29).
func relinkCommand() *cobra.Command {
	var owner string
	return withOwner(&cobra.Command{
		Use:   "relink PERSON",
		Short: "Let another sign-in at a provider take the place of somebody's",
		Long: `Let another sign-in at a provider take the place of somebody's: the next who comes
with their address or name of sign-in is they. For a provider that knows people by
other subjects now. PERSON is an address, a name of sign-in, or an id.

It counts after 72 hours. The person is told in the app, and it is void when they
say no; whoever is seen on a device of theirs meanwhile has to say yes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atOwner(cmd, owner, func(ctx context.Context, db *postgres.DB, owner uuid.UUID) error {
				who, err := person(ctx, db, owner, args[0])
				if err != nil {
					return err
				}
				// Waiting is the rule even for the shell: nothing here can shorten it.
				until, err := school.RelinkPerson(ctx, db, owner, who, newID(), moment())
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "counts from %s\n", until.Local().Format("2006-01-02 15:04"))
				return nil
			})
		},
	}, &owner)
}

// personCommand is `undring person`, for the colleague whom two registers know by two ids. The
// two merged keep one history, and can be put apart again. Which of the two has visits
// decides which is kept, since visits can't be moved to another person.
func personCommand() *cobra.Command {
	root := &cobra.Command{Use: "person", Short: "Make two entries of one person one, put them apart again, or erase somebody"}
	// One for each command: a flag belongs to the command it is given to.
	var owner, undoOwner, eraseOwner string
	root.AddCommand(withOwner(&cobra.Command{
		Use:   "merge KEEP OTHER",
		Short: "Make two entries of one person one: OTHER becomes part of KEEP",
		Long: `Make two entries of one person one: KEEP has the places, teams, register ids and ways
to sign in of both from then on, and OTHER has no access. Each is an address, a name
of sign-in, or an id. It prints an id, by which person undo puts them apart again.

Whoever of the two has visits stays, whichever is named first. Where both have, it
comes to nothing: visits are those of the two in them, and nobody moves them. Keep
the entry under which the person goes on, and take the other one out of the list;
they can read and end the visits of the old one until then.

Where one of them has signed in before, it counts after 72 hours. They are told in
the app, and it is void when one of them says no.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atOwner(cmd, owner, func(ctx context.Context, db *postgres.DB, owner uuid.UUID) error {
				keep, err := person(ctx, db, owner, args[0])
				if err != nil {
					return err
				}
				gone, err := person(ctx, db, owner, args[1])
				if err != nil {
					return err
				}
				// The id is printed, as undoing needs it.
				id := newID()
				done, err := school.MergePeople(ctx, db, owner, keep, gone, id, moment())
				switch refusal.ReasonOf(err) {
				// Both reasons have the same remedy, so one message names both.
				case refusal.WrongState:
					return errors.New("a merge of one of the two waits already")
				case refusal.NotThere:
					return errors.New("one of the two is nobody of this owner")
				}
				if err != nil {
					return err
				}
				said := "done"
				// Nothing is done yet: whoever is merged is asked first (G29).
				if !done {
					said = "counts in 72 hours, unless one of them says no"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s\n", id, said)
				return nil
			})
		},
	}, &owner), withOwner(&cobra.Command{
		Use: "undo MERGE", Short: "Put two people apart again, by the id that merge has printed", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := uuid.Parse(args[0])
			if err != nil {
				return err
			}
			return atOwner(cmd, undoOwner, func(ctx context.Context, db *postgres.DB, owner uuid.UUID) error {
				return school.UndoMerge(ctx, db, owner, id, moment())
			})
		},
	}, &undoOwner), withOwner(eraseCommand(&eraseOwner), &eraseOwner))
	return root
}

// eraseCommand is `undring person erase`. It is for those who can't do it themselves, and
// does what the app's own button does. It asks for --for-good where others have --dry-run:
// there is nothing to show beforehand.
func eraseCommand(owner *string) *cobra.Command {
	var meant bool
	cmd := &cobra.Command{
		Use:   "erase PERSON",
		Short: "Erase somebody who can't do it themselves: one who has died, or has asked for it in writing",
		Long: `Erase somebody who can't do it themselves: one who has died, or has asked for it in
writing. It does what "Erase me" does in the app: nobody finds them any more, they
can't sign in, and their words go, but for what was addressed to a colleague. A server
that runs goes through their visits within ten minutes. Nothing brings it back.
PERSON is an address, a name of sign-in, or an id.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			// Before the database is opened: a slip costs nothing.
			if !meant {
				return errors.New("nothing brings it back: say --for-good if it is meant")
			}
			return atOwner(cmd, *owner, func(ctx context.Context, db *postgres.DB, owner uuid.UUID) error {
				who, err := person(ctx, db, owner, args[0])
				if err != nil {
					return err
				}
				// From this transaction on nobody finds them; the visits, which may be
				// many, are the running server's to go through.
				return privacy.Begin(ctx, db, owner, who, moment())
			})
		},
	}
	cmd.Flags().BoolVar(&meant, "for-good", false, "it is meant")
	return cmd
}
