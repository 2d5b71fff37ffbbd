package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
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
	json      bool
	approved  string
	owner     string
	ownerName string
	school    string
	same      []string
	titles    []string
}

func rosterCommand() *cobra.Command {
	root := &cobra.Command{Use: "roster", Short: "Take in people from a school's register"}
	root.AddCommand(rosterImportCommand(), rosterLogCommand(), rosterUndoCommand(), rosterDropCommand(), rosterFetchCommand())
	return root
}

func rosterImportCommand() *cobra.Command {
	var f rosterFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import a OneRoster zip (1.0, 1.1, 1.2), or with --school a CSV name,email,role,team",
		Long: `Import a OneRoster zip (1.0, 1.1 and 1.2, bulk and delta), or, with --school, a simple
CSV with the columns name,email,role,team, under these or other usual headings.
Teachers, leaders and administrators are taken in; pupils and guardians are left out.
Odd rows are named with file, line and reason; the others are applied, all in one
transaction. Who is there, and of whom an odd row speaks, stays as they were.

An import that would end the access of more than one in ten and more than three
people, of the last administrator or of a whole school does nothing until the
difference that --dry-run tells is given to --approve. Where the file can't say
whether somebody is one who is there already, the dry run asks, and neither is
touched until --same answers.

The exit status is 0 when all was taken, 2 when rows were odd or questions are open,
and 1 when nothing was done.

Without UNDRING_DATABASE_URL the people join the demo, running or not.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			content, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			return runImport(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0], content, f)
		},
	}
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only tell what would happen")
	cmd.Flags().BoolVar(&f.json, "json", false, "tell it as JSON")
	cmd.Flags().StringVar(&f.approved, "approve", "", "import only if it makes the difference that a dry run told")
	cmd.Flags().StringVar(&f.school, "school", "", "id of the school (UUID) that a simple CSV is about")
	cmd.Flags().StringArrayVar(&f.same, "same", nil, "answer a question, ID=PERSON or ID=new (ID=SCHOOL for schools); may be repeated")
	cmd.Flags().StringArrayVar(&f.titles, "title", nil, "what a title stands for, TITLE=teacher, leader or administrator; may be repeated")
	ownerFlags(cmd, &f)
	return cmd
}

func ownerFlags(cmd *cobra.Command, f *rosterFlags) {
	cmd.Flags().StringVar(&f.owner, "owner", os.Getenv("UNDRING_OWNER"), "id of the school owner (UUID); the demo's where the database is private")
	cmd.Flags().StringVar(&f.ownerName, "owner-name", "", "name of a school owner that is new")
}

// errOdd ends an import that was done, in part: exit status 2.
var errOdd = errors.New("some rows were odd, or questions are open: see above")

func runImport(ctx context.Context, out, progress io.Writer, file string, content []byte, f rosterFlags) error {
	i, err := newImport(content, f)
	if err != nil {
		return explain(file, err)
	}
	i.Progress = newProgress(progress, "rows written", time.Now).tell
	return atRoster(ctx, f, func(ctx context.Context, db *postgres.DB, house postgres.As) error {
		d, err := carryOut(ctx, db, house, i, f)
		if d.ID != "" {
			if f.json {
				err = errors.Join(writeDifference(out, d, f.dryRun, err), err)
			} else if err == nil {
				report(out, d, f.dryRun)
			}
		}
		if err == nil && len(d.Errors)+d.More+len(d.Questions) > 0 {
			return errOdd
		}
		return err
	})
}

// newImport reads the file, as the flags say.
func newImport(content []byte, f rosterFlags) (school.Import, error) {
	hash := sha256.Sum256(content)
	i := school.Import{DryRun: f.dryRun, Approved: f.approved, Now: time.Now().UTC().Truncate(time.Microsecond), NewID: newID, FileHash: hash[:]}
	format := roster.OneRosterZip
	var err error
	if f.school != "" {
		format = roster.SimpleCSV
		if i.School, err = uuid.Parse(f.school); err != nil {
			return i, fmt.Errorf("--school: %w", err)
		}
	}
	if i.Same, err = answers(f.same); err != nil {
		return i, err
	}
	titles, err := titlesOf(f.titles)
	if err != nil {
		return i, err
	}
	i.Set, err = roster.Read(content, format, roster.Options{Now: i.Now, Titles: titles})
	return i, err
}

func answers(flags []string) (map[string]uuid.UUID, error) {
	out := map[string]uuid.UUID{}
	for _, f := range flags {
		at := strings.LastIndexByte(f, '=')
		if at < 1 {
			return nil, fmt.Errorf("--same %s: ID=PERSON or ID=new is needed", f)
		}
		id := uuid.Nil
		if f[at+1:] != "new" {
			var err error
			if id, err = uuid.Parse(f[at+1:]); err != nil {
				return nil, fmt.Errorf("--same %s: %w", f, err)
			}
		}
		out[f[:at]] = id
	}
	return out, nil
}

func titlesOf(flags []string) (map[string]roster.Role, error) {
	out := map[string]roster.Role{}
	for _, f := range flags {
		at := strings.LastIndexByte(f, '=')
		role := roster.Role("")
		if at > 0 {
			role = roster.Role(strings.ToUpper(f[at+1:]))
		}
		if !slices.Contains([]roster.Role{roster.Teacher, roster.Leader, roster.Administrator}, role) {
			return nil, fmt.Errorf("--title %s: TITLE=teacher, TITLE=leader or TITLE=administrator is needed", f)
		}
		out[f[:at]] = role
	}
	return out, nil
}

// explain says of a file that can't be a roster why it can't.
func explain(file string, err error) error {
	var r *refusal.Refusal
	if errors.As(err, &r) {
		return fmt.Errorf("%s: %s (%s)", file, words.At(language(), words.Of(language(), "refusal."+string(r.Reason), r.Meta["code"]), r.Meta), r.Meta["code"])
	}
	return err
}

// atRoster does something with the people of an owner.
func atRoster(ctx context.Context, f rosterFlags, do func(context.Context, *postgres.DB, postgres.As) error) error {
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
	if f.ownerName != "" && !f.dryRun {
		if err := school.EnsureOwner(ctx, db, owner, f.ownerName); err != nil {
			return err
		}
	}
	return do(ctx, db, postgres.As{Owner: owner})
}

// carryOut imports. What the brake holds stands in the log afterwards.
func carryOut(ctx context.Context, db *postgres.DB, house postgres.As, i school.Import, f rosterFlags) (school.Difference, error) {
	var d school.Difference
	err := db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) (err error) {
		d, err = i.Run(ctx, tx, house)
		return err
	})
	switch refusal.ReasonOf(err) {
	case refusal.NotThere:
		return d, fmt.Errorf("there is no school %s at this owner: `undring school NAME` makes one", f.school)
	case refusal.StaleRevision:
		return d, fmt.Errorf("the difference is no longer %s, and nothing was changed: look at --dry-run again", f.approved)
	case refusal.ApprovalNeeded:
		if noted := i.RecordHeld(ctx, db, house, d); noted != nil {
			return d, errors.Join(err, noted)
		}
		return d, fmt.Errorf("%s (%d of %d) Look at --dry-run; if it is right, import with --approve %s",
			words.Of(language(), "refusal.APPROVAL_NEEDED", string(d.Brakes[0])), d.Ended, d.Of, d.ID)
	}
	return d, err
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

// language is that of the shell; English where we don't speak it.
func language() string {
	if lang, _, _ := strings.Cut(os.Getenv("LANG"), "_"); slices.Contains([]string{"nb", "nn", "no"}, lang) {
		return words.Match(lang)
	}
	return "en"
}
