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

// report tells people what an import did, or would do.
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
		for _, b := range d.Brakes {
			fmt.Fprintf(out, "%s (%d of %d)\n", words.Say(language(), "brake."+string(b)), d.Ended, d.Of)
		}
		fmt.Fprintf(out, "To do just this, import with --approve %s\n", d.ID)
	}
	reportQuestions(out, d.Questions)
	reportErrors(out, d)
}

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

// writeDifference tells programs. An import that was refused says so.
func writeDifference(out io.Writer, d school.Difference, dryRun bool, refused error) error {
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
				return errors.Join(err, table.Flush())
			})
		},
	}
	ownerFlags(cmd, &f)
	return cmd
}

func who(e school.ImportEntry) string {
	if e.ByName == "" {
		return "(command)"
	}
	return e.ByName
}

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
