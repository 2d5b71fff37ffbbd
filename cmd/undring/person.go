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
	"undring/refusal"
	"undring/school"
)

// atOwner does something about the people of an owner.
func atOwner(cmd *cobra.Command, owner string, do func(context.Context, *postgres.DB, uuid.UUID) error) error {
	return atDatabase(cmd.Context(), func(ctx context.Context, db *postgres.DB) error {
		id, err := ownerID(owner)
		if err != nil {
			return err
		}
		return do(ctx, db, id)
	})
}

func withOwner(cmd *cobra.Command, owner *string) *cobra.Command {
	cmd.Flags().StringVar(owner, "owner", os.Getenv("UNDRING_OWNER"), "id of the school owner (UUID)")
	return cmd
}

func moment() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// person finds somebody by address, name of sign-in, or id.
func person(ctx context.Context, db *postgres.DB, owner uuid.UUID, who string) (uuid.UUID, error) {
	if id, err := uuid.Parse(who); err == nil {
		return id, nil
	}
	id, err := school.PersonOf(ctx, db, owner, who)
	if refusal.ReasonOf(err) == refusal.NotThere {
		return id, fmt.Errorf("%s is the address of no active person of this owner, or of several", who)
	}
	return id, err
}

func relinkCommand() *cobra.Command {
	var owner string
	return withOwner(&cobra.Command{
		Use:   "relink PERSON",
		Short: "Let another sign-in at a provider take the place of somebody's",
		Long: `Let another sign-in at a provider take the place of somebody's: the next who comes
with their address or name of sign-in is they. For a provider that knows people by
other subjects now. PERSON is an address, a name of sign-in, or an id.

It counts after 72 hours. The person is told in the app, and it is void when they
say no; who is seen on a device of theirs meanwhile has to say yes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return atOwner(cmd, owner, func(ctx context.Context, db *postgres.DB, owner uuid.UUID) error {
				who, err := person(ctx, db, owner, args[0])
				if err != nil {
					return err
				}
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

func personCommand() *cobra.Command {
	root := &cobra.Command{Use: "person", Short: "Make two entries of one person one, or put them apart again"}
	var owner, undoOwner string
	root.AddCommand(withOwner(&cobra.Command{
		Use:   "merge KEEP OTHER",
		Short: "Make two entries of one person one: OTHER, who has no visits, becomes part of KEEP",
		Long: `Make two entries of one person one: KEEP has the places, teams, register ids and ways
to sign in of both from then on, and OTHER, who has no visits, has no access. Each is
an address, a name of sign-in, or an id. It prints an id, by which person undo puts
them apart again.

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
				id := newID()
				done, err := school.MergePeople(ctx, db, owner, keep, gone, id, moment())
				switch refusal.ReasonOf(err) {
				case refusal.WrongState:
					return errors.New("OTHER has visits, or a merge of the two waits already: keep the one who has visits")
				case refusal.NotThere:
					return errors.New("one of the two is nobody of this owner")
				}
				if err != nil {
					return err
				}
				said := "done"
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
	}, &undoOwner))
	return root
}
