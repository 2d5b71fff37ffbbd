package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"undring/demo"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/school/roster"
	"undring/words"
)

type rosterFlags struct {
	dryRun    bool
	approved  string
	owner     string
	ownerName string
	school    string
}

func rosterCommand() *cobra.Command {
	var f rosterFlags
	root := &cobra.Command{Use: "roster", Short: "Take in people from a school's register"}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import a OneRoster zip (1.1, 1.2), or with --school a CSV name,email,role,team",
		Long: `Import a OneRoster zip (1.1 and 1.2, bulk and delta), or, with --school, a simple
CSV with the columns name,email,role,team. Teachers, leaders and administrators
are taken in; pupils and guardians are left out. Odd rows are named with file,
line and reason; the others are applied, all in one transaction.

Without UNDRING_DATABASE_URL the people join the demo, running or not.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runImport(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0], f)
		},
	}
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only tell what would happen")
	cmd.Flags().StringVar(&f.approved, "approve", "", "import only if it makes the difference that a dry run told")
	cmd.Flags().StringVar(&f.owner, "owner", os.Getenv("UNDRING_OWNER"), "id of the school owner (UUID); the demo's where the database is private")
	cmd.Flags().StringVar(&f.ownerName, "owner-name", "", "name of a school owner that is new")
	cmd.Flags().StringVar(&f.school, "school", "", "id of the school (UUID) that a simple CSV is about")
	root.AddCommand(cmd)
	return root
}

func runImport(ctx context.Context, out, progress io.Writer, file string, f rosterFlags) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	i := school.Import{DryRun: f.dryRun, Approved: f.approved, Now: time.Now().UTC(), NewID: newID,
		Progress: newProgress(progress, "rows written", time.Now).tell}
	format := roster.OneRosterZip
	if f.school != "" {
		format = roster.SimpleCSV
		if i.School, err = uuid.Parse(f.school); err != nil {
			return fmt.Errorf("--school: %w", err)
		}
	}
	if i.Set, err = roster.Read(content, format, roster.Options{Now: i.Now}); err != nil {
		var r *refusal.Refusal
		if errors.As(err, &r) {
			return fmt.Errorf("%s: %s (%s)", file, words.At(language(), words.Of(language(), "refusal."+string(r.Reason), r.Meta["code"]), r.Meta), r.Meta["code"])
		}
		return err
	}
	url, owner, stop, err := rosterDatabase(ctx, f)
	if err != nil {
		return err
	}
	defer stop()
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer db.Close()
	house := postgres.As{Owner: owner}
	if f.ownerName != "" && !f.dryRun {
		if err := school.EnsureOwner(ctx, db, owner, f.ownerName); err != nil {
			return err
		}
	}
	var d school.Difference
	err = db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) (err error) {
		d, err = i.Run(ctx, tx, house)
		return err
	})
	switch refusal.ReasonOf(err) {
	case refusal.NotThere:
		return fmt.Errorf("there is no school %s at this owner: `undring school NAME` makes one", f.school)
	case refusal.StaleRevision:
		return fmt.Errorf("the difference is no longer %s, and nothing was changed: look at --dry-run again", f.approved)
	}
	if err != nil {
		return err
	}
	report(out, d, i.Set, f.dryRun)
	return nil
}

// rosterDatabase finds the database and whose people these are. A private one is
// the demo's.
func rosterDatabase(ctx context.Context, f rosterFlags) (url string, owner uuid.UUID, stop func(), err error) {
	if url = os.Getenv("UNDRING_DATABASE_URL"); url != "" {
		owner, err = ownerID(f.owner)
		return url, owner, func() {}, err
	}
	at, stop, err := private(ctx, newLog(os.Stderr))
	if err != nil {
		return "", owner, nil, err
	}
	url = at.app
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
	if err == nil {
		err = demo.Seed(ctx, db, time.Now().UTC().Truncate(time.Second))
		db.Close()
	}
	if err != nil {
		stop()
		return "", owner, nil, err
	}
	return url, demo.Owner, stop, nil
}

func report(out io.Writer, d school.Difference, set *roster.Set, dryRun bool) {
	if dryRun {
		fmt.Fprintln(out, "Dry run: nothing was changed. This would happen:")
	}
	fmt.Fprintf(out, "people: %d created, %d updated, %d deactivated, %d unchanged; %d left out (pupils, guardians)\n",
		d.Created, d.Updated, d.Deactivated, d.Unchanged, d.Skipped)
	if dryRun {
		for _, change := range d.Changes[:min(len(d.Changes), 50)] {
			fmt.Fprintf(out, "  %-12s %s %s\n", strings.ToLower(string(change.Kind)), change.Name, change.Email)
		}
		if more := len(d.Changes) - 50; more > 0 {
			fmt.Fprintf(out, "  … and %d more\n", more)
		}
		fmt.Fprintf(out, "To do just this, import with --approve %s\n", d.ID)
	}
	if len(set.Errors) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%d odd rows:\n", len(set.Errors)+set.More)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, e := range set.Errors {
		taken := "left out"
		if e.Applied {
			taken = "taken"
		}
		fmt.Fprintf(table, "%s:%d\t%s\t%s\t%s\n", e.File, e.Line, e.Reason, taken, words.Say(language(), "roster."+string(e.Reason)))
	}
	table.Flush()
	if set.More > 0 {
		fmt.Fprintf(out, "… and %d more\n", set.More)
	}
}

// language is that of the shell; English where it is none of ours.
func language() string {
	if lang, _, _ := strings.Cut(os.Getenv("LANG"), "_"); slices.Contains([]string{"nb", "nn", "no"}, lang) {
		return words.Match(lang)
	}
	return "en"
}
