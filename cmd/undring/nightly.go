package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"undring/school/roster/rest"
)

const (
	// settled is for how long a dropped file must have been left alone: an upload may
	// still be under way. SFTP writes a file in place, under its own name, so its age is
	// all there is to go by.
	settled = time.Minute
	// fullEvery is how often everything is fetched: a delta says nothing again of a row
	// that was odd or asked about. A week is thus the longest that an answer to a question
	// waits, or a corrected row.
	fullEvery = 7 * 24 * time.Hour
	// maxDropped is how large a file is read at all. It keeps a file that was dropped by
	// mistake from filling the memory; what a roster may hold is judged when it is read.
	maxDropped = 64 << 20
)

// rosterDropCommand is `undring roster drop`, for registers that send a file each night. A
// timer runs it rather than the server, which then needs no right to the folder.
func rosterDropCommand() *cobra.Command {
	var f rosterFlags
	cmd := &cobra.Command{
		Use:   "drop DIR",
		Short: "Import the newest OneRoster zip (with --school: CSV) of a folder that files are dropped into",
		Long: `Import the newest OneRoster zip (with --school: CSV) of a folder, such as one that a
register's nightly export is sent to by SFTP. The file goes to DIR/done then, or, where
the brake held it or it can't be a roster, to DIR/held; older ones go to DIR/done
unread. A file that was written to in the last minute is left for the next time. With
the status of roster import; 0 where there is nothing to do. deploy/ has a timer unit.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDrop(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0], time.Now(), f)
		},
	}
	cmd.Flags().StringVar(&f.school, "school", "", "id of the school (UUID) that the CSVs are about")
	ownerFlags(cmd, &f)
	return cmd
}

// runDrop imports the newest file and puts it away under done or held, so that the next
// night does not meet it again. The older ones are not read: each export holds everything,
// and an old one would bring back those who have left since.
func runDrop(ctx context.Context, out, progress io.Writer, dir string, now time.Time, f rosterFlags) error {
	// One kind at a time: a folder for zips may hold CSVs for people to read, and the other
	// way round.
	ending := ".zip"
	if f.school != "" {
		ending = ".csv"
	}
	files, err := dropped(dir, ending, now)
	if err != nil || len(files) == 0 {
		return err
	}
	// By its time of writing: registers name their files as they like.
	newest := files[len(files)-1]
	info, err := os.Stat(filepath.Join(dir, newest))
	if err != nil {
		return err
	}
	// Put away as well, or it would be met again each night.
	if info.Size() > maxDropped {
		return errors.Join(fmt.Errorf("%s is larger than 64 MB", newest), put(dir, "held", now, files...))
	}
	content, err := os.ReadFile(filepath.Join(dir, newest))
	if err != nil {
		return err
	}
	// The name comes first, so that a mail of the timer says what it is about.
	fmt.Fprintln(out, newest)
	err = runImport(ctx, out, progress, newest, content, f)
	// A file that could not be imported because the database was away is held, too: the
	// next night brings a newer one. The older ones are put away with it. Left where they are,
	// the next night would take the newest of them, and let in again who has left since.
	if err != nil && !errors.Is(err, errOdd) {
		return errors.Join(err, put(dir, "held", now, files...))
	}
	// Odd rows do not hold a file: the others are applied, and the status reports them.
	return errors.Join(err, put(dir, "done", now, files...))
}

// dropped are the files of a folder that nobody is writing any more, the oldest first. The
// newest is the last one. Two of the same second go by name, which most registers number.
func dropped(dir, ending string, now time.Time) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	at := map[string]time.Time{}
	var out []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.EqualFold(filepath.Ext(e.Name()), ending) || strings.HasPrefix(e.Name(), ".") ||
			now.Sub(info.ModTime()) < settled {
			continue // gone meanwhile, no file of ours, or still on its way
		}
		at[e.Name()] = info.ModTime()
		out = append(out, e.Name())
	}
	slices.SortFunc(out, func(a, b string) int {
		if c := at[a].Compare(at[b]); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return out, nil
}

// put moves files into a folder beside, under a name that says when. The time keeps last
// night's file of the same name. Only the register's own folder and its subfolders are
// touched, so a rename is enough and never half done.
func put(dir, to string, now time.Time, files ...string) error {
	if err := os.MkdirAll(filepath.Join(dir, to), 0o700); err != nil {
		return err
	}
	for _, f := range files {
		// The first that fails ends it: the rest stay where they are, and the error names
		// the file.
		if err := os.Rename(filepath.Join(dir, f), filepath.Join(dir, to, now.UTC().Format("20060102T150405-")+f)); err != nil {
			return err
		}
	}
	return nil
}

// fetched is what is remembered of an endpoint. The zero value is a first run, which
// fetches everything.
type fetched struct {
	Since time.Time `json:"since"` // the newest change that was seen
	Full  time.Time `json:"full"`  // when everything was fetched last
}

// rosterFetchCommand is `undring roster fetch`, for registers that can be asked. The secret
// stands in the file and not in a flag, where every user of the machine could read it.
func rosterFetchCommand() *cobra.Command {
	var f rosterFlags
	var state string
	var full bool
	cmd := &cobra.Command{
		Use:   "fetch SOURCE",
		Short: "Import from a OneRoster 1.2 REST endpoint",
		Long: `Import from a OneRoster 1.2 REST endpoint. SOURCE is a file of JSON: url (in front of
/orgs and /users), token_url, client_id, client_secret, scopes. With --state, what has
changed since the last time is fetched, and everything once a week; without it,
everything. With the status of roster import. deploy/ has a timer unit.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runFetch(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0], state, full, time.Now(), f)
		},
	}
	// A file and not the database: each endpoint has its own, and deleting it fetches
	// everything again.
	cmd.Flags().StringVar(&state, "state", "", "file that remembers what was fetched")
	cmd.Flags().BoolVar(&full, "full", false, "fetch everything")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only tell what would happen")
	cmd.Flags().BoolVar(&f.json, "json", false, "tell it as JSON")
	cmd.Flags().StringVar(&f.approved, "approve", "", "import only if it makes the difference that a dry run told")
	cmd.Flags().StringArrayVar(&f.same, "same", nil, "answer a question, ID=PERSON or ID=new (ID=SCHOOL for schools); may be repeated")
	cmd.Flags().StringArrayVar(&f.titles, "title", nil, "what a title stands for, TITLE=teacher, leader or administrator; may be repeated")
	ownerFlags(cmd, &f)
	return cmd
}

// runFetch asks for what has changed since the last time, and imports it. The state is written
// only after the import, to a file beside it that then takes its place: broken off anywhere,
// the same rows are fetched again, and none is passed over.
func runFetch(ctx context.Context, out, progress io.Writer, sourceFile, stateFile string, full bool, now time.Time, f rosterFlags) error {
	var source rest.Source
	if err := readJSON(sourceFile, &source); err != nil {
		return err
	}
	// A state that is not there is a first run; one that can't be read stops it, as
	// fetching everything may be what the brake would hold.
	var was fetched
	if stateFile != "" {
		if err := readJSON(stateFile, &was); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	// The zero time asks for everything.
	since := was.Since
	if full || now.Sub(was.Full) >= fullEvery {
		since = time.Time{}
	}
	// It comes as a zip of CSVs, so from here on it is what an upload would be.
	content, latest, err := rest.Fetch(ctx, source, since)
	if err != nil {
		return fmt.Errorf("fetching the roster: %w", err)
	}
	err = runImport(ctx, out, progress, source.URL, content, f)
	// The state moves on only past what was applied; odd rows are not waited for, as the
	// weekly full fetch brings them again.
	if stateFile == "" || f.dryRun || err != nil && !errors.Is(err, errOdd) {
		return err
	}
	// The newest change seen, by the register's clock and not by this machine's; but never one that
	// is to come: a row of the year 2926 would keep all others from being fetched.
	if was.Since = latest; latest.After(now) {
		was.Since = now
	}
	if since.IsZero() {
		was.Full = now
	}
	return errors.Join(err, keepState(stateFile, was))
}

// keepState writes the state beside the old one and then puts it in its place: on a full disk
// the old one stays, and the next fetch begins where that says.
func keepState(file string, s fetched) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// readJSON reads a small file of settings, and names it where it can't be read.
func readJSON(file string, into any) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
