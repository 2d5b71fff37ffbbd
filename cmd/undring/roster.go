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

// rosterFlags are the flags of all commands about people; each command offers those that it
// knows, and the others stay empty.
type rosterFlags struct {
	// Each command offers some of them as flags; what it does not offer keeps the zero
	// value.
	dryRun bool
	json   bool
	// The id of a difference, as a dry run prints it; empty: none is approved.
	approved  string
	owner     string
	ownerName string
	school    string
	// ID=PERSON each, and TITLE=ROLE; a flag may be given several times.
	same   []string
	titles []string
}

// rosterCommand is `undring roster`: people, from whatever register a school has. Each has
// the same exit status, so that one timer can watch all of them.
func rosterCommand() *cobra.Command {
	root := &cobra.Command{Use: "roster", Short: "Take in people from a school's register"}
	root.AddCommand(rosterImportCommand(), rosterLogCommand(), rosterUndoCommand(), rosterDropCommand(), rosterFetchCommand())
	return root
}

// rosterImportCommand is `undring roster import`. Its help names the brake and the
// questions, since they are what one meets with a real file.
func rosterImportCommand() *cobra.Command {
	var f rosterFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import a OneRoster zip (1.0, 1.1, 1.2), or with --school a CSV name,email,role,team",
		Long: `Import a OneRoster zip (1.0, 1.1 and 1.2, bulk and delta), or, with --school, a simple
CSV with the columns name,email,role,team, under these or other usual headings.
Teachers, leaders and administrators are taken in; pupils and guardians are left out.
Odd rows are named with file, line and reason; the others are applied, all in one
transaction. People who are there, and whose row is odd, stay as they were.

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
	// It also says what the file is: a OneRoster zip names its schools itself, a simple CSV
	// can't.
	cmd.Flags().StringVar(&f.school, "school", "", "id of the school (UUID) that a simple CSV is about")
	cmd.Flags().StringArrayVar(&f.same, "same", nil, "answer a question, ID=PERSON or ID=new (ID=SCHOOL for schools); may be repeated")
	cmd.Flags().StringArrayVar(&f.titles, "title", nil, "what a title stands for, TITLE=teacher, leader or administrator; may be repeated")
	ownerFlags(cmd, &f)
	return cmd
}

// ownerFlags offers the flags that name the owner, and those that make a new one.
func ownerFlags(cmd *cobra.Command, f *rosterFlags) {
	cmd.Flags().StringVar(&f.owner, "owner", os.Getenv("UNDRING_OWNER"), "id of the school owner (UUID); the demo's where the database is private")
	cmd.Flags().StringVar(&f.ownerName, "owner-name", "", "name of a school owner that is new")
}

// errOdd ends an import that was done, in part: exit status 2. It is an error for the sake
// of the status alone: whatever is applied is committed by then.
var errOdd = errors.New("some rows were odd, or questions are open: see above")

// runImport carries an import out and prints what it did. A difference is printed as JSON even
// where the import was refused, as a program that asked needs it to approve; for people the
// refusal says the same in words.
func runImport(ctx context.Context, out, progress io.Writer, file string, content []byte, f rosterFlags) error {
	i, err := newImport(content, f)
	if err != nil {
		return explain(file, err)
	}
	// To standard error: standard output holds the report, which a program may read.
	i.Progress = newProgress(progress, "rows written", time.Now).tell
	return atRoster(ctx, f, func(ctx context.Context, db *postgres.DB, house postgres.As) error {
		// A difference has an id as soon as it was worked out, whether or not it was
		// carried out.
		d, err := carryOut(ctx, db, house, i, f)
		if d.ID != "" {
			// Printed even with an error, and the error is kept: the exit status is the
			// same as for people.
			if f.json {
				err = errors.Join(writeDifference(out, d, f.dryRun, err), err)
			} else if err == nil {
				report(out, d, f.dryRun)
			}
		}
		// More are the odd rows beyond those that are listed.
		if err == nil && len(d.Errors)+d.More+len(d.Questions) > 0 {
			return errOdd
		}
		return err
	})
}

// newImport reads the file, as the flags say. It needs no database, so a file that can't be
// a roster is refused before anything is opened.
func newImport(content []byte, f rosterFlags) (school.Import, error) {
	// The log of imports keeps the hash and not the file, which holds whole staffs; it
	// shows whether the same file came twice.
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

// answers reads the --same flags: which person, by id, a row of the register is. Nil means
// somebody new. The last = divides, as ids of registers may hold one.
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

// titlesOf reads the --title flags: which role a job title stands for that we do not know.
// In capitals or not. Only the three roles that a school has: a title can't make somebody a
// representative.
func titlesOf(flags []string) (map[string]roster.Role, error) {
	out := map[string]roster.Role{}
	for _, f := range flags {
		at := strings.LastIndexByte(f, '=')
		role := roster.Role("")
		// Before the sign there has to be a title, and after it a role.
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

// explain says of a file that can't be a roster why it can't. The code stands behind the
// words, so that it can be looked up in docs/field.md.
func explain(file string, err error) error {
	var r *refusal.Refusal
	if errors.As(err, &r) {
		return fmt.Errorf("%s: %s (%s)", file, words.At(language(), words.Of(language(), "refusal."+string(r.Reason), r.Meta["code"]), r.Meta), r.Meta["code"])
	}
	return err
}

// atRoster does something with the people of an owner. Two connections are more than one command
// needs; a server beside it needs the others.
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
	// A dry run makes no owner either; of an owner that is not there everything is then
	// new.
	if f.ownerName != "" && !f.dryRun {
		if err := school.EnsureOwner(ctx, db, owner, f.ownerName); err != nil {
			return err
		}
	}
	return do(ctx, db, postgres.As{Owner: owner})
}

// carryOut imports. What the brake holds stands in the log afterwards. The refusal has
// rolled the import back, so the log is written by a transaction of its own: the
// administrator finds there in the morning what the night's import was held for.
func carryOut(ctx context.Context, db *postgres.DB, house postgres.As, i school.Import, f rosterFlags) (school.Difference, error) {
	var d school.Difference
	err := db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) (err error) {
		// Run decides and queues; a difference that is refused comes back with the refusal.
		d, err = i.Run(ctx, tx, house)
		return err
	})
	switch refusal.ReasonOf(err) {
	// The message names the command that would make one: at a shell there is no list to
	// choose from.
	case refusal.NotThere:
		return d, fmt.Errorf("there is no school %s at this owner: `undring school NAME` makes one", f.school)
	// The roster, or the file, has changed since the dry run: what was approved is not what
	// would happen now.
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
// the demo's. UNDRING_DATABASE_URL decides, as it does for every other command. Where there
// is no error, stop has to be called.
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
		// The demo's people have to be there first: an import into an empty demo would
		// otherwise be its whole staff.
		err = demo.Seed(ctx, db, time.Now().UTC().Truncate(time.Second))
		db.Close()
	}
	if err != nil {
		stop()
		return "", owner, nil, err
	}
	return url, demo.Owner, stop, nil
}

// language is that of the shell; English where we don't speak it. "no" is what some systems
// call bokmål.
func language() string {
	if lang, _, _ := strings.Cut(os.Getenv("LANG"), "_"); slices.Contains([]string{"nb", "nn", "no"}, lang) {
		return words.Match(lang)
	}
	return "en"
}
