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
	// still be under way.
	settled = time.Minute
	// fullEvery is how often everything is fetched: a delta says nothing again of a row
	// that was odd or asked about.
	fullEvery = 7 * 24 * time.Hour
	// maxDropped is how large a file is read at all.
	maxDropped = 64 << 20
)

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

func runDrop(ctx context.Context, out, progress io.Writer, dir string, now time.Time, f rosterFlags) error {
	ending := ".zip"
	if f.school != "" {
		ending = ".csv"
	}
	files, err := dropped(dir, ending, now)
	if err != nil || len(files) == 0 {
		return err
	}
	newest := files[len(files)-1]
	info, err := os.Stat(filepath.Join(dir, newest))
	if err != nil {
		return err
	}
	if info.Size() > maxDropped {
		return errors.Join(fmt.Errorf("%s is larger than 64 MB", newest), put(dir, "held", now, newest))
	}
	content, err := os.ReadFile(filepath.Join(dir, newest))
	if err != nil {
		return err
	}
	fmt.Fprintln(out, newest)
	err = runImport(ctx, out, progress, newest, content, f)
	if err != nil && !errors.Is(err, errOdd) {
		return errors.Join(err, put(dir, "held", now, newest))
	}
	return errors.Join(err, put(dir, "done", now, files...))
}

// dropped are the files of a folder that nobody is writing any more, the oldest first.
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

// put moves files into a folder beside, under a name that says when.
func put(dir, to string, now time.Time, files ...string) error {
	if err := os.MkdirAll(filepath.Join(dir, to), 0o700); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Rename(filepath.Join(dir, f), filepath.Join(dir, to, now.UTC().Format("20060102T150405-")+f)); err != nil {
			return err
		}
	}
	return nil
}

// fetched is what is remembered of an endpoint.
type fetched struct {
	Since time.Time `json:"since"` // the newest change that was seen
	Full  time.Time `json:"full"`  // when everything was fetched last
}

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

func runFetch(ctx context.Context, out, progress io.Writer, sourceFile, stateFile string, full bool, now time.Time, f rosterFlags) error {
	var source rest.Source
	if err := readJSON(sourceFile, &source); err != nil {
		return err
	}
	var was fetched
	if stateFile != "" {
		if err := readJSON(stateFile, &was); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	since := was.Since
	if full || now.Sub(was.Full) >= fullEvery {
		since = time.Time{}
	}
	content, latest, err := rest.Fetch(ctx, source, since)
	if err != nil {
		return fmt.Errorf("fetching the roster: %w", err)
	}
	err = runImport(ctx, out, progress, source.URL, content, f)
	if stateFile == "" || f.dryRun || err != nil && !errors.Is(err, errOdd) {
		return err
	}
	if was.Since = latest; since.IsZero() {
		was.Full = now
	}
	raw, marshalled := json.Marshal(was)
	return errors.Join(err, marshalled, os.WriteFile(stateFile+".new", raw, 0o600), os.Rename(stateFile+".new", stateFile))
}

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
