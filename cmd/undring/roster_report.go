package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/words"
)

// report prints for people what an import did, or would do. The changes are listed by a dry
// run alone, at most 50 of them: after the import they stand in the app, and a first import
// has hundreds.
func report(out io.Writer, d school.Difference, dryRun bool) {
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
		// Each brake in words, with how many of how many: what would stop the import
		// without --approve.
		for _, b := range d.Brakes {
			fmt.Fprintf(out, "%s (%d of %d)\n", words.Say(language(), "brake."+string(b)), d.Ended, d.Of)
		}
		fmt.Fprintf(out, "To do just this, import with --approve %s\n", d.ID)
	}
	reportQuestions(out, d.Questions)
	reportErrors(out, d)
}

// reportQuestions prints each question with the two flags that answer it, ready to be
// copied. Neither of the two is touched until the answer is there (G29), so a question is
// never urgent.
func reportQuestions(out io.Writer, questions []school.Question) {
	if len(questions) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%d questions; until they are answered nothing is done about these:\n", len(questions))
	for _, q := range questions {
		fmt.Fprintf(out, "  is %s %s (%s:%d) the same as %s %s?\n    yes: --same '%s=%s'   no: --same '%s=new'\n",
			q.Name, q.Email, q.File, q.Line, q.ThereName, q.ThereEmail, q.SourcedID, q.There, q.SourcedID)
	}
}

// reportErrors prints odd rows by file and line, and whether what was left of the row was
// taken. A title that nobody knows is printed once, with how many have it, and with the
// flag that maps it.
func reportErrors(out io.Writer, d school.Difference) {
	if len(d.Errors) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%d odd rows:\n", len(d.Errors)+d.More)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, e := range d.Errors {
		taken, said := "left out", words.Say(language(), "roster."+string(e.Reason))
		if e.Applied {
			taken = "taken"
		}
		// The flag stands there to be copied; which role the title means, whoever imports
		// has to say.
		if e.Title != "" {
			said += fmt.Sprintf(" «%s», %d ×. --title '%s=teacher'", e.Title, e.Count, e.Title)
		}
		fmt.Fprintf(table, "%s:%d\t%s\t%s\t%s\n", e.File, e.Line, e.Reason, taken, said)
	}
	table.Flush()
	if d.More > 0 {
		fmt.Fprintf(out, "… and %d more\n", d.More)
	}
}

// writeDifference writes for programs what report writes for people, with every change. An import
// that was refused says so.
func writeDifference(out io.Writer, d school.Difference, dryRun bool, refused error) error {
	// The names in JSON are a contract with whatever runs at night: none is renamed.
	type row struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Reason  string `json:"reason"`
		Applied bool   `json:"applied"`
		Title   string `json:"title,omitempty"`
		Count   int    `json:"count,omitempty"`
	}
	all := struct {
		DryRun      bool             `json:"dry_run"`
		Refused     string           `json:"refused,omitempty"`
		Difference  string           `json:"difference"`
		Created     int              `json:"created"`
		Updated     int              `json:"updated"`
		Deactivated int              `json:"deactivated"`
		Unchanged   int              `json:"unchanged"`
		Skipped     int              `json:"skipped"`
		Ended       int              `json:"ended"`
		Of          int              `json:"of"`
		Brakes      []school.Brake   `json:"brakes"`
		Changes     []map[string]any `json:"changes"`
		RowErrors   []row            `json:"row_errors"`
		More        int              `json:"more_row_errors"`
		Questions   []map[string]any `json:"questions"`
		// Lists are empty and never null, so that a reader need not ask.
	}{DryRun: dryRun, Difference: d.ID, Created: d.Created, Updated: d.Updated, Deactivated: d.Deactivated, Unchanged: d.Unchanged, Skipped: d.Skipped,
		Ended: d.Ended, Of: d.Of, Brakes: append([]school.Brake{}, d.Brakes...), Changes: []map[string]any{}, RowErrors: []row{}, More: d.More, Questions: []map[string]any{}}
	if refused != nil {
		all.Refused = refused.Error()
	}
	for _, c := range d.Changes {
		all.Changes = append(all.Changes, map[string]any{"kind": c.Kind, "name": c.Name, "email": c.Email})
	}
	for _, e := range d.Errors {
		all.RowErrors = append(all.RowErrors, row{e.File, e.Line, string(e.Reason), e.Applied, e.Title, e.Count})
	}
	for _, q := range d.Questions {
		all.Questions = append(all.Questions, map[string]any{"sourced_id": q.SourcedID, "file": q.File, "line": q.Line, "name": q.Name, "email": q.Email,
			"of_school": q.OfSchool, "there_id": q.There, "there_name": q.ThereName, "there_email": q.ThereEmail})
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

// rosterLogCommand is `undring roster log`, which shows those held by the brake, too, with the
// word that approves them. It reads every import of the owner, those from the app included.
func rosterLogCommand() *cobra.Command {
	var f rosterFlags
	cmd := &cobra.Command{
		Use: "log", Short: "List who imported what, and when", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return atRoster(cmd.Context(), f, func(ctx context.Context, db *postgres.DB, house postgres.As) error {
				entries, err := school.Imports(ctx, db, house, time.Now().UTC())
				table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				for _, e := range entries {
					fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d created\t%d updated\t%d deactivated\t%d odd\t%s\n", e.ID, e.At.Local().Format("2006-01-02 15:04"),
						e.Source, who(e), e.Created, e.Updated, e.Deactivated, e.OddRows, state(e))
				}
				// What was read is printed also where reading broke off.
				return errors.Join(err, table.Flush())
			})
		},
	}
	ownerFlags(cmd, &f)
	return cmd
}

// who names whoever imported; what came by the command line has no name.
func who(e school.ImportEntry) string {
	if e.ByName == "" {
		return "(command)"
	}
	return e.ByName
}

// state says what can still be done about an import. Held comes first: such an import has
// changed nothing that could be undone.
func state(e school.ImportEntry) string {
	switch {
	case e.Held:
		return "held: --approve " + e.Difference
	case !e.Undone.IsZero():
		return "undone"
	case e.CanUndo:
		return "can be undone"
	}
	return ""
}

// rosterUndoCommand is `undring roster undo`. Only the last import can be undone: a later one
// has built on those before it. How long it can be undone is the school's rule, and the
// database checks it again.
func rosterUndoCommand() *cobra.Command {
	var f rosterFlags
	cmd := &cobra.Command{
		Use: "undo IMPORT", Short: "Undo the last import, by its id in `undring roster log`", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := uuid.Parse(args[0])
			if err != nil {
				return err
			}
			return atRoster(cmd.Context(), f, func(ctx context.Context, db *postgres.DB, house postgres.As) error {
				err := db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) error {
					return school.Undo(ctx, tx, house, id, time.Now().UTC().Truncate(time.Microsecond))
				})
				// The two are one to the reader: this import can't be undone, whatever the
				// reason.
				if r := refusal.ReasonOf(err); r == refusal.WrongState || r == refusal.NotThere {
					return errors.New("this is not the last import, or it can't be undone any more")
				}
				return err
			})
		},
	}
	ownerFlags(cmd, &f)
	return cmd
}
