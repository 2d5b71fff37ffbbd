package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/school/timetable"
	"undring/words"
)

// calendarFlags are the flags of the days and of the lessons; not every command offers all.
// source and called are of days alone, person is of lessons alone.
type calendarFlags struct {
	rosterFlags
	source string
	called string
	person string
	now    func() time.Time // nil: the clock
}

// moment is when the import happens. Tests set it, since files of the field speak of their own
// year.
func (f *calendarFlags) moment() time.Time {
	if f.now == nil {
		return time.Now().UTC()
	}
	return f.now()
}

// add offers the flags that every command about a calendar has. The school has to be named: a
// calendar in the wrong school would move everybody's due times there.
func (f *calendarFlags) add(cmd *cobra.Command) {
	// The environment gives the default, so that a school's scripts name the owner once.
	cmd.Flags().StringVar(&f.owner, "owner", os.Getenv("UNDRING_OWNER"), "id of the school owner (UUID); the demo's where the database is private")
	cmd.Flags().StringVar(&f.school, "school", "", "id of the school (UUID)")
	_ = cmd.MarkFlagRequired("school") // it is there
}

// daysCommand is `undring days`: the days without school, by which it is decided when feedback
// and answers are due.
func daysCommand() *cobra.Command {
	root := &cobra.Command{Use: "days", Short: "Take in a school's days without school"}
	var f calendarFlags
	take := &cobra.Command{
		Use:   "import FILE",
		Short: "Import days without school from an iCalendar, or a CSV from,to,name",
		Long: `Import days without school from an iCalendar, or a CSV with the columns from,to,name;
or from a municipality's CSV of all its schools, with the columns dato, skole and
elevdag. What is not taken is named.

Days stand by their source, so that a municipality's year and a school's own
planning days are beside each other: a file takes the place of what the same source
told between its first and its last day. An import that would make days without
school into school days again does nothing without --approve.

Without UNDRING_DATABASE_URL the days are the demo's, running or not.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			// The file's name, so that next year's file of the same name takes the place of
			// this one's days.
			if f.source == "" {
				f.source = sourceOf(args[0])
			}
			return runDays(cmd.Context(), cmd.OutOrStdout(), args[0], f, false)
		},
	}
	f.add(take)
	take.Flags().StringVar(&f.source, "source", "", "who tells these days (the name of the file, without what follows its last full stop)")
	take.Flags().StringVar(&f.called, "called", "", "what a file of many schools calls this one, if not by its name")
	take.Flags().BoolVar(&f.dryRun, "dry-run", false, "only tell what would happen")
	take.Flags().StringVar(&f.approved, "approve", "", "import only if it makes the difference that a dry run told")
	var c calendarFlags
	remove := &cobra.Command{
		Use: "clear", Short: "Take away every day that a source has told", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDays(cmd.Context(), cmd.OutOrStdout(), "", c, true)
		},
	}
	c.add(remove)
	remove.Flags().StringVar(&c.source, "source", "", "whose days; without it, those that came without a source")
	remove.Flags().BoolVar(&c.dryRun, "dry-run", false, "only tell what would happen")
	remove.Flags().StringVar(&c.approved, "approve", "", "clear only if it makes the difference that a dry run told")
	var l calendarFlags
	list := &cobra.Command{
		Use: "list", Short: "List where a school's days without school come from", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listDays(cmd.Context(), cmd.OutOrStdout(), l) },
	}
	l.add(list)
	root.AddCommand(take, remove, list)
	return root
}

// lessonsCommand is `undring lessons`: who teaches when, for finding an hour in which one is
// free and a colleague teaches. Lessons have no source, unlike days: a person has one
// timetable, and the newest file is right about the days that it speaks of.
func lessonsCommand() *cobra.Command {
	root := &cobra.Command{Use: "lessons", Short: "Take in timetables"}
	var f calendarFlags
	take := &cobra.Command{
		Use:   "import FILE",
		Short: "Import one person's lessons from an iCalendar, or those of many from a CSV",
		Long: `Import one person's lessons from an iCalendar (--person), or those of many from a CSV
with the columns email, start, end, and either date or weekday, from, until and, if
need be, weeks (odd, even, or numbers). They take the place of the same people's
lessons on the days from the first to the last in the file. What is not taken is
named.

Without UNDRING_DATABASE_URL the lessons are the demo's, running or not.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLessons(cmd.Context(), cmd.OutOrStdout(), args[0], f)
		},
	}
	f.add(take)
	take.Flags().StringVar(&f.person, "person", "", "address of the person whose iCalendar it is")
	take.Flags().BoolVar(&f.dryRun, "dry-run", false, "only tell what would happen")
	// Each subcommand has flags of its own, so that none sees what another was given.
	var c calendarFlags
	remove := &cobra.Command{
		Use: "clear", Short: "Take away every lesson that was imported for somebody, or for everybody at a school", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runLessons(cmd.Context(), cmd.OutOrStdout(), "", c)
		},
	}
	c.add(remove)
	remove.Flags().StringVar(&c.person, "person", "", "address of the person; without it, everybody at the school")
	remove.Flags().BoolVar(&c.dryRun, "dry-run", false, "only tell what would happen")
	root.AddCommand(take, remove)
	return root
}

// sourceOf names a source after its file. At most 100 characters, which is what the
// database takes, cut between runes.
func sourceOf(file string) string {
	name := filepath.Base(file)
	name = strings.TrimSuffix(name, filepath.Ext(name))
	return string([]rune(name)[:min(len([]rune(name)), 100)])
}

// formatOf tells an iCalendar from a CSV by what is in it. Not by the name: what a mail or
// a browser has saved often ends in .txt, or in nothing.
func formatOf(content []byte) timetable.Format {
	if bytes.Contains(bytes.ToUpper(content), []byte("BEGIN:VCALENDAR")) {
		return timetable.ICalendar
	}
	return timetable.CSV
}

// atCalendar does something in a transaction at the school of the flags. Here
// refusals get the words of a shell: what to type next, where the app would show a button.
func atCalendar(ctx context.Context, f calendarFlags, do func(context.Context, *postgres.Tx, postgres.As, uuid.UUID) error) error {
	at, err := uuid.Parse(f.school)
	if err != nil {
		return fmt.Errorf("--school: %w", err)
	}
	url, owner, stop, err := rosterDatabase(ctx, f.rosterFlags)
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
	// As the house, without a person: whoever has the database's address may do it.
	err = db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) error { return do(ctx, tx, house, at) })
	var r *refusal.Refusal
	switch {
	case !errors.As(err, &r):
		return err
	case r.Reason == refusal.NotThere:
		return fmt.Errorf("there is no school %s at this owner: `undring school NAME` makes one", f.school)
	case r.Reason == refusal.StaleRevision:
		return fmt.Errorf("the difference is no longer %s, and nothing was changed: look at --dry-run again", f.approved)
	case r.Reason == refusal.CalendarInvalid:
		return fmt.Errorf("%s (%s)", words.Of(language(), "refusal."+string(r.Reason), r.Meta["code"]), r.Meta["code"])
	case r.Reason == refusal.ApprovalNeeded:
		return fmt.Errorf("%s days without school would be school days again, and nothing was changed: look at --dry-run, and do it with --approve %s", r.Meta["days"], r.Meta["difference"])
	}
	return err
}

// runDays takes in a file of days, or takes a source's days away, and prints the difference
// with the word that approves it. Whatever a file held that was not taken is named last, where
// it is not scrolled away.
func runDays(ctx context.Context, out io.Writer, file string, f calendarFlags, clear bool) error {
	i := school.DaysImport{Source: f.source, Called: f.called, Clear: clear, DryRun: f.dryRun, Approved: f.approved, Now: f.moment()}
	if file != "" {
		// Read whole: how large it may be is checked where it is read, for a shell as for
		// an administrator.
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		i.Content, i.Format = content, formatOf(content)
	}
	var taken school.DaysTaken
	// A dry run goes the same way and writes nothing, so what it announces is what would be
	// done.
	err := atCalendar(ctx, f, func(ctx context.Context, tx *postgres.Tx, as postgres.As, at uuid.UUID) (err error) {
		// The transaction may be tried again: whatever is set here is set anew each time.
		i.School = at
		taken, err = i.Run(ctx, tx, as)
		return err
	})
	if err != nil {
		return about(file, err)
	}
	if f.dryRun {
		fmt.Fprintln(out, "Dry run: nothing was changed. This would happen:")
	}
	fmt.Fprintf(out, "days without school: %d in the file, %d of them new; %d taken away\n", taken.Days, taken.Added, len(taken.TakenAway))
	// What goes is listed day by day, what comes only counted: a day lost moves due times,
	// and somebody should see which.
	tellDays(out, "taken away", taken.TakenAway)
	tellDays(out, "school days now, for the school tells other days for that part of the year", taken.UsualGone)
	tellSources(out, taken.Sources)
	if f.dryRun {
		fmt.Fprintf(out, "To do just this, say it with --approve %s\n", taken.Difference)
	}
	tellOdd(out, taken.Read)
	return nil
}

// about puts the name of the file before what is wrong with it.
func about(file string, err error) error {
	if file == "" {
		return err
	}
	return fmt.Errorf("%s: %w", file, err)
}

// tellDays prints days on one line, at most 50: a calendar gone wrong may speak of hundreds.
func tellDays(out io.Writer, what string, days []time.Time) {
	if len(days) == 0 {
		return
	}
	var dates []string
	for _, day := range days[:min(len(days), 50)] {
		dates = append(dates, day.Format(time.DateOnly))
	}
	if more := len(days) - 50; more > 0 {
		dates = append(dates, fmt.Sprintf("… and %d more", more))
	}
	fmt.Fprintf(out, "%s: %s\n", what, strings.Join(dates, " "))
}

// tellSources prints which sources the school's days come from, with how many days and between
// which ones.
func tellSources(out io.Writer, sources []school.DaySource) {
	for _, s := range sources {
		// Days that were there before sources had names.
		name := s.Name
		if name == "" {
			name = "(no source)"
		}
		fmt.Fprintf(out, "  %s: %d days, %s to %s\n", name, s.Days, s.First.Format(time.DateOnly), s.Last.Format(time.DateOnly))
	}
}

// tellOdd prints what was not taken, by line and reason, in the language of the terminal. The
// reason's name stands beside its words, so that it can be looked up in docs/field.md.
func tellOdd(out io.Writer, read timetable.Read) {
	if len(read.Odd) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%d not taken:\n", len(read.Odd)+read.More)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, o := range read.Odd {
		fmt.Fprintf(table, "line %d\t%s\t%s\t%s\n", o.FileLine, o.Reason, words.Say(language(), "calendar."+string(o.Reason)), o.What)
	}
	table.Flush()
	if read.More > 0 {
		fmt.Fprintf(out, "… and %d more\n", read.More)
	}
}

// listDays prints the sources of a school's days. Without any, the usual Norwegian school year
// is taken, and it says so: an empty list would look like a year without holidays.
func listDays(ctx context.Context, out io.Writer, f calendarFlags) error {
	at, err := uuid.Parse(f.school)
	if err != nil {
		return fmt.Errorf("--school: %w", err)
	}
	url, owner, stop, err := rosterDatabase(ctx, f.rosterFlags)
	if err != nil {
		return err
	}
	defer stop()
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer db.Close()
	// Reading needs no transaction of its own: one statement is one snapshot.
	sources, err := school.DaySources(ctx, db, postgres.As{Owner: owner}, at)
	if err == nil && len(sources) == 0 {
		fmt.Fprintln(out, "no days are told: the school has the usual year")
	}
	tellSources(out, sources)
	return err
}

// runLessons takes in a timetable, or takes imported lessons away where no file is given. An
// iCalendar says nothing of whose it is, so the person has to be named; a CSV names its
// people.
func runLessons(ctx context.Context, out io.Writer, file string, f calendarFlags) error {
	i := school.LessonsImport{DryRun: f.dryRun, Clear: file == "", Format: timetable.CSV, Now: f.moment()}
	if file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		i.Content, i.Format = content, formatOf(content)
	} else if f.person != "" {
		i.Format = timetable.ICalendar // one person's
	}
	// Found out before the database is started, which takes seconds where it is private.
	if i.Format == timetable.ICalendar && f.person == "" {
		return errors.New("--person is needed: the address of the one whose iCalendar it is")
	}
	var taken school.LessonsTaken
	err := atCalendar(ctx, f, func(ctx context.Context, tx *postgres.Tx, as postgres.As, at uuid.UUID) (err error) {
		i.School = at
		if i.Format == timetable.ICalendar {
			// In the transaction that writes: whoever left in between gets no lessons.
			if i.Person, err = school.PersonByEmail(ctx, tx, as, strings.ToLower(f.person)); refusal.ReasonOf(err) == refusal.NotThere {
				return fmt.Errorf("%s is the address of no active person of this owner, or of several", f.person)
			} else if err != nil {
				return err
			}
		}
		taken, err = i.Run(ctx, tx, as)
		return err
	})
	if err != nil {
		return about(file, err)
	}
	if f.dryRun {
		fmt.Fprintln(out, "Dry run: nothing was changed. This would happen:")
	}
	fmt.Fprintf(out, "lessons: %d stand, %d left out (agreed visits); %d that stood before gave way\n", taken.Lessons, taken.LeftOut, taken.Replaced)
	if taken.OwnAddresses > 0 {
		fmt.Fprintf(out, "%d people have their timetable read at an address of their own, which holds; what the file says of them is kept until they take it away\n", taken.OwnAddresses)
	}
	tellOdd(out, taken.Read)
	return nil
}
