package school

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school/timetable"
)

const (
	// One import of a school's days at a time: each is approved for what stood.
	lockDays = `select pg_advisory_xact_lock(hashtextextended('days ' || $1::text, 0))`

	freeDays = `select source, day, name from free_day where owner_id = $1 and school_id = $2 order by source, day`

	// By source: a day that two sources tell stays free as long as one of them does.
	removeDays = `delete from free_day where owner_id = $1 and school_id = $2 and source = $3 and day = any ($4)`

	insertDays = `
		insert into free_day (owner_id, school_id, source, day, name)
		select $1, $2, $3, day, name from unnest($4::date[], $5::text[]) d (day, name)`
)

// DaysImport is an import of days without school, from one source.
type DaysImport struct {
	School  uuid.UUID
	Content []byte // empty: nothing is read
	Format  timetable.Format
	Source  string // empty: the days are added, and none gives way to them
	// Where a county's file covers many schools, the column or entry of this one is found by it.
	Called string // what the file calls the school; empty: by its name
	Clear  bool   // take away every day of the source before
	DryRun bool
	// Approved is the difference that was told; empty: none that takes days away.
	Approved string
	Now      time.Time
}

// DaysTaken is what an import of days does.
type DaysTaken struct {
	Days int // in the file
	// Counted by date: one that another source tells already is not counted.
	Added     int // that no source had told
	Read      timetable.Read
	TakenAway []time.Time // that were told, and are told no more
	UsualGone []time.Time // of the usual year, that others have taken the place of
	// Sixteen hexadecimal digits; what is approved in a second call.
	Difference string // stands for all of this
	Sources    []DaySource
}

// DaySource is where days without school come from.
type DaySource struct {
	Name        string // empty for days that came without
	Days        int
	First, Last time.Time // dates, at midnight UTC
}

// told are the days of a school by source and date, with what each is called.
type told map[string]map[time.Time]string

// put takes note of a day that a source tells.
func (t told) put(source string, day time.Time, name string) {
	if t[source] == nil {
		t[source] = map[time.Time]string{}
	}
	t[source][day] = name
}

// copy is told as it stands, so that what an import would leave can be compared with it.
// The maps within are copied as well; a shallow copy would change what it is compared with.
func (t told) copy() told {
	out := told{}
	for source, days := range t {
		for day, name := range days {
			out.put(source, day, name)
		}
	}
	return out
}

// days are all of them, each once.
// The calendar knows free days, not who told them.
func (t told) days() map[time.Time]bool {
	out := map[time.Time]bool{}
	for _, days := range t {
		for day := range days {
			out[day] = true
		}
	}
	return out
}

// sources lists who tells days, with how many and between which ones.
func (t told) sources() []DaySource {
	var out []DaySource
	for name, days := range t {
		s := DaySource{Name: name, Days: len(days)}
		for day := range days {
			if s.First.IsZero() || day.Before(s.First) {
				s.First = day
			}
			if day.After(s.Last) {
				s.Last = day
			}
		}
		if len(days) > 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b DaySource) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// daysImporting is an import of days in its phases.
type daysImporting struct {
	here         School
	stands, then told
	DaysTaken
}

// Run reads what stands, and writes what will, all or nothing. Refuses with
// APPROVAL_NEEDED what would take away days that nobody has approved, and with
// STALE_REVISION what is no longer what was approved.
func (i DaysImport) Run(ctx context.Context, tx *postgres.Tx, as postgres.As) (DaysTaken, error) {
	r := new(daysImporting)
	if err := tx.Ask(ctx, func(b *pgx.Batch) { r.read(b, i, as.Owner) }); err != nil {
		return DaysTaken{}, err
	}
	if err := r.decide(ctx, i); err != nil {
		return DaysTaken{}, err
	}
	r.write(tx, i, as.Owner)
	return r.DaysTaken, nil
}

// read locks the school's days first: two imports at once would each compare with what stood
// before the other, and approve a difference that isn't theirs.
func (r *daysImporting) read(b *pgx.Batch, i DaysImport, owner uuid.UUID) {
	r.stands = told{}
	b.Queue(lockDays, i.School)
	queueSchool(b, owner, i.School, i.Now, &r.here)
	queueDays(b, owner, i.School, r.stands)
}

// decide reads the file, and works out what stands then.
func (r *daysImporting) decide(ctx context.Context, i DaysImport) error {
	days, err := r.readFile(ctx, i)
	if err != nil {
		return err
	}
	r.then = i.after(r.stands, days)
	if err := r.compare(i); err != nil {
		return err
	}
	switch {
	// What was approved is what was shown: since then somebody else may have changed days.
	case i.Approved != "" && i.Approved != r.Difference:
		return refusal.New(refusal.StaleRevision)
	// Only a day that is told no more may make something due, or overdue, that was not.
	case len(r.TakenAway) > 0 && i.Approved == "" && !i.DryRun:
		return refusal.New(refusal.ApprovalNeeded).With("difference", r.Difference).With("code", "DAYS_TAKEN_AWAY").
			With("days", strconv.Itoa(len(r.TakenAway)))
	}
	return nil
}

// queueDays asks for the days of all sources.
func queueDays(b *pgx.Batch, owner, school uuid.UUID, into told) {
	b.Queue(freeDays, owner, school).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var source, name string
			var day time.Time
			if err := rows.Scan(&source, &day, &name); err != nil {
				return err
			}
			into.put(source, day, name)
		}
		return rows.Err()
	})
}

// readFile reads the file; without one, only to clear makes sense.
func (r *daysImporting) readFile(ctx context.Context, i DaysImport) ([]timetable.Day, error) {
	if len(i.Content) == 0 {
		if !i.Clear {
			// An empty upload is rather a slip than the wish to take every day away.
			return nil, refusal.Invalidf("content", "is needed, unless something is cleared")
		}
		return nil, nil
	}
	c := r.here.Rules.Calendar
	at := timetable.School{Name: cmp.Or(i.Called, r.here.Name), Zone: c.Zone(), IsSchoolDay: c.IsSchoolDay}
	days, read, err := timetable.Days(ctx, i.Content, i.Format, at, i.Now)
	r.Days, r.Read = len(days), read
	return days, err
}

// after is what stands then.
func (i DaysImport) after(stands told, days []timetable.Day) told {
	then := stands.copy()
	if i.Clear {
		delete(then, i.Source)
	}
	if len(days) == 0 {
		return then
	}
	// A file speaks for the time that it covers: a day in there that it no longer has is gone.
	// Days without a source are never taken away, since nobody can tell which file they came
	// from.
	// The days come in order ([timetable.Days]).
	first, last := days[0].Date, days[len(days)-1].Date
	for day := range then[i.Source] {
		if i.Source != "" && !day.Before(first) && !day.After(last) {
			delete(then[i.Source], day)
		}
	}
	for _, d := range days {
		then.put(i.Source, d.Date, d.Name)
	}
	return then
}

// compare tells what changes from what stands to what will.
func (r *daysImporting) compare(i DaysImport) error {
	was, will := r.stands.days(), r.then.days()
	for day := range was {
		if !will[day] {
			r.TakenAway = append(r.TakenAway, day)
		}
	}
	for day := range will {
		if !was[day] {
			r.Added++
		}
	}
	slices.SortFunc(r.TakenAway, time.Time.Compare)
	r.Sources = r.then.sources()
	if err := r.compareUsual(i, was, will); err != nil {
		return err
	}
	// What is approved is named by everything that was shown, and by the file; the time is left
	// out, since the dry run and the import are two calls.
	sum := sha256.New()
	err := json.NewEncoder(sum).Encode(struct {
		School    uuid.UUID
		Source    string
		Then      []DaySource
		TakenAway []time.Time
		Content   []byte
	}{i.School, i.Source, r.Sources, r.TakenAway, i.Content})
	r.Difference = hex.EncodeToString(sum.Sum(nil)[:8])
	return err
}

// compareUsual tells which days of the usual year are school days then, from the
// beginning of the last school year to the end of the next.
func (r *daysImporting) compareUsual(i DaysImport, was, will map[time.Time]bool) error {
	before, err := calendarOfDays(r.here.Zone, was)
	if err != nil {
		return err
	}
	after, err := calendarOfDays(r.here.Zone, will)
	if err != nil {
		return err
	}
	year := i.Now.Year()
	// Further back nothing falls due any more, and further ahead nobody plans.
	for day := time.Date(year-1, time.August, 1, 0, 0, 0, 0, time.UTC); day.Year() < year+2; day = day.AddDate(0, 0, 1) {
		// A day that was told and is told no more stands among those taken away; here are those of
		// which nobody had said anything, free by the usual year alone.
		if !was[day] && !before.isSchoolDate(day) && after.isSchoolDate(day) {
			r.UsualGone = append(r.UsualGone, day)
		}
	}
	return nil
}

// calendarOfDays is the calendar that these days make.
func calendarOfDays(zone string, days map[time.Time]bool) (Calendar, error) {
	free := make([]time.Time, 0, len(days))
	for day := range days {
		free = append(free, day)
	}
	// Without busy days, which change nothing about whether there is school.
	return NewCalendar(zone, free)
}

// write puts the difference down, and nothing that stays as it was: each day written would
// move the school to the front of every phone's feed.
func (r *daysImporting) write(w once.Writer, i DaysImport, owner uuid.UUID) {
	if i.DryRun {
		return
	}
	var gone, days []time.Time
	var names []string
	for day, was := range r.stands[i.Source] {
		// What is called otherwise now is written anew.
		if name, stays := r.then[i.Source][day]; !stays || name != was {
			gone = append(gone, day)
		}
	}
	for day, name := range r.then[i.Source] {
		if was, there := r.stands[i.Source][day]; !there || was != name {
			days, names = append(days, day), append(names, name)
		}
	}
	if len(gone) > 0 {
		// Before the insert: a day that is called otherwise is in both lists.
		w.Queue(removeDays, owner, i.School, i.Source, gone)
	}
	if len(days) > 0 {
		w.Queue(insertDays, owner, i.School, i.Source, days, names)
	}
}

// DaySources lists where the days without school of a school come from.
func DaySources(ctx context.Context, db *postgres.DB, as postgres.As, school uuid.UUID) ([]DaySource, error) {
	stands := told{}
	err := db.Read(ctx, as, func(b *pgx.Batch) { queueDays(b, as.Owner, school, stands) })
	return stands.sources(), err
}
