package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"undring/load"
	"undring/postgres"
)

// loadFlags are the flags of `undring load`; the help says what each is for. Their defaults
// are a million notes, and 1, 16 and 64 clients in turn.
type loadFlags struct {
	notes   int
	clients []int
	span    time.Duration
	rounds  int
	only    string
	buffers string
	keep    string
	draw    string
	morning int
}

// loadCommand is `undring load`, by which docs/performance.md was measured and can be measured
// again. It measures on this machine only: the ratio to pgbench is what travels, and the
// absolute figures do not.
func loadCommand() *cobra.Command {
	var f loadFlags
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Measure what the server bears, against pgbench on the same database",
		Long: `Fill a database of its own with schools, let people work in them, and print what
the server bears beside what pgbench bears with the same rows, in turn.

It runs a PostgreSQL of its own in the data folder. UNDRING_ADMIN_ADDR opens the
admin port meanwhile, for profiles.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.draw != "" {
				return load.Draw(cmd.OutOrStdout(), f.draw)
			}
			return runLoad(cmd.Context(), cmd.OutOrStdout(), f)
		},
	}
	cmd.Flags().IntVar(&f.notes, "notes", 1_000_000, "about so many notes there are, 10 thousand to 10 million")
	cmd.Flags().IntSliceVar(&f.clients, "clients", []int{1, 16, 64}, "how many clients at once")
	cmd.Flags().DurationVar(&f.span, "span", 5*time.Second, "how long each measurement takes")
	cmd.Flags().IntVar(&f.rounds, "rounds", 3, "how often server and pgbench take turns")
	cmd.Flags().StringVar(&f.only, "only", "", "how the names of the operations begin")
	cmd.Flags().StringVar(&f.buffers, "shared-buffers", "", "what the database keeps in memory, such as 12GB, and reads into it first (128MB, and nothing read)")
	cmd.Flags().IntVar(&f.morning, "morning", 0, "only let something be due for about so many people at one moment, and tell them by mail and push while the first number of clients call")
	cmd.Flags().StringVar(&f.keep, "keep", "", "file that the result is added to, as a line, such as docs/performance/history.jsonl")
	cmd.Flags().StringVar(&f.draw, "draw", "", "only draw the history in this file")
	return cmd
}

// commit is what the program was built from. "and changes" marks a tree that no commit
// stands for; empty where the program was built without version control, as under go run.
func commit() string {
	info, _ := debug.ReadBuildInfo()
	return revisionIn(info)
}

// revisionIn is the commit that a build tells of, in twelve letters. Nil: it tells nothing.
func revisionIn(info *debug.BuildInfo) string {
	if info == nil {
		return ""
	}
	revision := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)] + revision
		case s.Key == "vcs.modified" && s.Value == "true":
			revision += " and changes"
		}
	}
	return revision
}

// runLoad measures on a cluster in a folder of its own, never on the demo's or a server's: it
// fills the database with up to ten million rows. The rows are printed even when a later one
// failed; the history only gets whole runs. 200 connections leave room for pgbench's 64
// beside the server's own.
func runLoad(ctx context.Context, out io.Writer, f loadFlags) error {
	dir, err := dataDir()
	if err != nil {
		return err
	}
	cluster, err := postgres.StartPrivate(ctx, postgres.PrivateOptions{Dir: filepath.Join(dir, "load"), MaxConnections: 200, SharedBuffers: f.buffers, Log: newLog(os.Stderr)})
	if err != nil {
		return err
	}
	defer func() {
		if err := cluster.Stop(); err != nil {
			fmt.Fprintln(out, err)
		}
	}()
	o := load.Options{Notes: f.notes, Clients: f.clients, Span: f.span, Rounds: f.rounds, Only: f.only, Warm: f.buffers != "", Out: out}
	if address := os.Getenv("UNDRING_ADMIN_ADDR"); address != "" {
		if o.Admin, err = net.Listen("tcp", address); err != nil {
			return err
		}
	}
	if f.morning > 0 {
		m, err := load.RunMorning(ctx, cluster, f.morning, o)
		if err == nil {
			fmt.Fprintln(out, m)
		}
		return err
	}
	// An error late in a run leaves the rows before it, and they are printed.
	rows, err := load.Run(ctx, cluster, o)
	fmt.Fprintln(out)
	load.Table(out, rows)
	if err == nil && f.keep != "" {
		err = load.Keep(f.keep, load.Line{At: time.Now().UTC().Truncate(time.Second), Commit: commit(), Notes: f.notes, SharedBuffers: f.buffers, Rows: rows})
	}
	return err
}
