// Package timetable reads files of days without school and of lessons: iCalendar
// (RFC 5545) and CSV, as schools and timetable programs write them.
//
// Bytes in, days and lessons out. What is not taken is named with its place and a
// reason, and the rest is taken; a file that can't be read at all, or has nothing
// in it, is refused with CALENDAR_INVALID. Nothing in a file makes it loop:
// repetitions are followed for [Horizon], and so many as [MaxLessons].
package timetable

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"undring/refusal"
)

// Format says how to read a file, numbered as in the contract.
type Format int

// The formats.
const (
	ICalendar Format = iota + 1
	CSV
)

// Limits of a file.
const (
	// Back and ahead of now; a school year and its summer.
	Horizon      = 400 * 24 * time.Hour // that repetitions are followed
	MaxLessons   = 100_000              // of one file: 100 teachers, 25 lessons a week, a school year
	MaxDays      = 1_000                // without school, of one file
	MaxErrors    = 200                  // that are named
	maxRules     = 1_000                // of one file
	maxLesson    = 12 * time.Hour
	maxHoliday   = 100 // days
	maxName      = 100 // characters
	maxRowFields = 20
	maxEmails    = 5 // of one lesson
)

// Reason is why a part of a file was not taken.
// Each has words in every language (the keys that begin with calendar); none quotes the file,
// which is what [Odd] does.
type Reason string

// Every reason.
const (
	MalformedRow    Reason = "MALFORMED_ROW"
	BrokenLine      Reason = "BROKEN_LINE"
	BrokenDate      Reason = "BROKEN_DATE"
	BrokenTime      Reason = "BROKEN_TIME"
	BrokenWeekday   Reason = "BROKEN_WEEKDAY"
	BrokenWeeks     Reason = "BROKEN_WEEKS"
	Backwards       Reason = "BACKWARDS"
	TooLong         Reason = "TOO_LONG"
	TooMany         Reason = "TOO_MANY"
	RuleNotFollowed Reason = "RULE_NOT_FOLLOWED"
	UnknownZone     Reason = "UNKNOWN_ZONE"
	UnknownPerson   Reason = "UNKNOWN_PERSON" // found out by who knows the people
	Cancelled       Reason = "CANCELLED"
	FreeTime        Reason = "FREE_TIME"     // marked as such; no lesson
	WholeDay        Reason = "WHOLE_DAY"     // no lesson
	NotWholeDay     Reason = "NOT_WHOLE_DAY" // no day without school
	NoHoliday       Reason = "NO_HOLIDAY"    // an observance, or a day of school
	Weekend         Reason = "WEEKEND"       // nothing but Saturday and Sunday
	OtherSchool     Reason = "OTHER_SCHOOL"
	NoDay           Reason = "NO_DAY" // repeats on no day of school that is near
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{MalformedRow, BrokenLine, BrokenDate, BrokenTime, BrokenWeekday, BrokenWeeks, Backwards, TooLong, TooMany,
		RuleNotFollowed, UnknownZone, UnknownPerson, Cancelled, FreeTime, WholeDay, NotWholeDay, NoHoliday, Weekend, OtherSchool, NoDay}
}

// Odd is a part of a file that was not taken.
type Odd struct {
	// Line of a CSV, or the number of the event in an iCalendar file, from 1; 0 for a
	// line of an iCalendar file outside of events.
	Line     int
	FileLine int // of the file, from 1: where it stands, or begins
	Reason   Reason
	What     string // as the file has it: the name of an event, a line; clipped
}

// Day is a day without school.
type Day struct {
	Date time.Time // at midnight UTC
	Name string
}

// Lesson is one lesson of one person's.
// It takes its person's time, and nothing else of it is kept: no subject, no class, no room.
type Lesson struct {
	Email      string // in lower case; empty in an iCalendar, which is one person's
	Line       int
	Start, End time.Time
}

// School is whom a file is read for.
type School struct {
	Name string // as a file of many schools has it
	Zone *time.Location
	// IsSchoolDay says on which days lessons that repeat take place.
	IsSchoolDay func(time.Time) bool
}

// file is what is being read.
type file struct {
	here  School
	now   time.Time
	odd   []Odd
	more  int // that are not named any more
	rules int // that have been followed
}

// add notes what was not taken, up to a number of them: more than a screenful helps
// nobody to mend a file.
func (f *file) add(o Odd) {
	if len(f.odd) < MaxErrors {
		f.odd = append(f.odd, o)
	} else {
		f.more++
	}
}

// say names a line that was not taken.
func (f *file) say(line int, reason Reason) { f.add(Odd{Line: line, FileLine: line, Reason: reason}) }

// sayOf names a line of an event that was not taken, and quotes it.
func (f *file) sayOf(event, line int, reason Reason, what string) {
	f.add(Odd{Line: event, FileLine: line, Reason: reason, What: clip(what)})
}

// sayEvent names an event that was not taken by its title and time, as one finds it in the
// calendar.
func (f *file) sayEvent(e *event, reason Reason) {
	what := e.title()
	if !e.start.wall.IsZero() {
		what = strings.TrimSpace(what + " " + e.start.wall.Format("2006-01-02 15:04"))
	}
	f.sayOf(e.event, e.line, reason, what)
}

// Read is what a file had in it, besides days or lessons.
type Read struct {
	Odd  []Odd // at most [MaxErrors], by place
	More int   // how many more there are
}

// read is what was odd, in the order of the file.
func (f *file) read() Read {
	slices.SortStableFunc(f.odd, func(a, b Odd) int { return a.FileLine - b.FileLine })
	return Read{f.odd, f.more}
}

// ends tells what came of a file: nothing at all is a refusal, for it would
// otherwise look like a success.
// A file in which everything was odd is no refusal: what was odd tells why nothing came of it.
func (f *file) ends(found int, err error) (Read, error) {
	if err == nil && found+len(f.odd) == 0 {
		err = invalid("NOTHING", nil)
	}
	return f.read(), err
}

// invalid refuses a file as a whole, with a code for which there are words.
func invalid(code string, err error) error {
	r := refusal.New(refusal.CalendarInvalid).With("code", code)
	if err != nil {
		r.Err = fmt.Errorf("reading a calendar: %w", err)
	}
	return r
}

// Days reads days without school, by date. Saturdays and Sundays are left out.
// The calendar of here is not asked: a day may be told that is free anyway.
func Days(ctx context.Context, content []byte, format Format, here School, now time.Time) ([]Day, Read, error) {
	f := &file{here: here, now: now}
	spans, err := f.spans(ctx, content, format)
	if err != nil {
		return nil, Read{}, err
	}
	days := f.daysOf(spans)
	read, err := f.ends(len(days), nil)
	return days, read, err
}

// spans reads holidays, from either format. One without an end lasts a day.
func (f *file) spans(ctx context.Context, content []byte, format Format) ([]span, error) {
	if format == ICalendar {
		return f.holidayEvents(ctx, content)
	}
	var out []span
	others, told := map[string]bool{}, false
	err := f.rows(content, holidayColumns, []string{"from"}, func(r row) {
		// A municipality tells of all of its schools, and of days with school, too.
		if name := r.get("school"); name != "" && !sameSchool(name, f.here.Name) && !everySchool.MatchString(name) {
			if !others[name] {
				others[name] = true
				f.sayOf(r.line, r.line, OtherSchool, name)
			}
			return
		}
		told = true
		if !r.says() {
			return
		}
		s, ok := f.spanOf(r)
		switch {
		case !ok:
		// A name alone tells, where no column does, of what is no day off.
		case !r.has("pupils") && !r.has("free") && nobodyIsFree(s.name):
			f.sayOf(r.line, r.line, NoHoliday, s.name)
		default:
			out = append(out, s)
		}
	})
	// Rows there are, and all are of others: the name that was given is the one thing to mend.
	if err == nil && !told && len(others) > 0 {
		err = invalid("NOT_THIS_SCHOOL", nil)
	}
	return out, err
}

// everySchool is what stands for all schools in a municipality's list.
var everySchool = regexp.MustCompile(`(?i)^(\*|alle|all|felles|alle (skoler|skular|skolane|skulane|skolene)( i .*)?|all schools|heile kommunen|hele kommunen)$`)

// schoolDay is what stands for a day with school in a column of kinds.
var schoolDay = regexp.MustCompile(`(?i)^(skole|skule|skoledag|skuledag|vanlig skoledag|vanleg skuledag|undervisning|undervisningsdag|elevdag|school|school ?day)$`)

// says tells whether a row says that pupils have the day off: by a column that asks whether
// they have school, by one that asks the contrary, or by one of kinds of days. Where none is,
// each row does.
func (r row) says() bool {
	switch {
	case r.has("pupils"):
		return isNo(r.get("pupils"))
	case r.has("free"):
		return r.get("free") != "" && !isNo(r.get("free"))
	}
	return !schoolDay.MatchString(r.get("kind"))
}

// ranges is "22.02.2027-26.02.2027", "22.02.-26.02.2027", "22.-26.02.2027" or
// "22. - 26. februar 2027" in one field.
var ranges = regexp.MustCompile(`^(\d{1,2})\.?(?: ?(\d{1,2}|\p{L}{3,9})\.?)?(?: ?(\d{4}|\d{2}))? ?(?:[-–—]|til|t\.?o\.?m\.?) ?((\d{1,2})\.? ?(\d{1,2}|\p{L}{3,9})\.? ?(\d{4}|\d{2}))$`)

// spanOf reads a row of days without school: from a day to a day, in two columns or in one.
func (f *file) spanOf(r row) (span, bool) {
	s := span{line: r.line, name: clip(r.get("name")), say: func(reason Reason) { f.sayOf(r.line, r.line, reason, "") }}
	from, to := r.get("from"), r.get("to")
	borrowed := false // the year of the first day is that of the last
	if m := ranges.FindStringSubmatch(from); to == "" && m != nil {
		from, to = strings.Join([]string{m[1], cmp.Or(m[2], m[6]), cmp.Or(m[3], m[7])}, "."), strings.Join(m[5:8], ".")
		borrowed = m[3] == ""
	} else if parts := strings.SplitN(strings.NewReplacer(" – ", " - ").Replace(from), " - ", 2); to == "" && len(parts) == 2 {
		from, to = strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1])
	}
	var ok bool
	if s.first, ok = readDate(from); ok {
		if s.last = s.first; to != "" {
			s.last, ok = readDate(to)
		}
		if borrowed && s.first.After(s.last) {
			s.first = s.first.AddDate(-1, 0, 0) // over the New Year
		}
	}
	if !ok {
		s.say(BrokenDate)
	}
	return s, ok
}

// isNo reads the no of a column such as *elevdag*, in the ways that municipalities write it.
func isNo(text string) bool {
	return slices.Contains([]string{"nei", "no", "n", "0", "false", "usann", "fri"}, strings.ToLower(text))
}

// sameSchool compares the names of schools, whatever the written language: Nesset
// skule is Nesset skole.
func sameSchool(a, b string) bool {
	bare := func(name string) string {
		name = strings.NewReplacer("skule", "skole", "school", "skole").Replace(strings.ToLower(name))
		return strings.Join(strings.Fields(name), " ")
	}
	return bare(a) == bare(b)
}

// Lessons reads lessons, by the clock of a school.
func Lessons(ctx context.Context, content []byte, format Format, here School, now time.Time) ([]Lesson, Read, error) {
	f := &file{here: here, now: now}
	var out []Lesson
	var err error
	if format == ICalendar {
		out, err = f.lessonEvents(ctx, content)
	} else {
		err = f.rows(content, lessonColumns, []string{"email", "start", "end"}, func(r row) { out = f.lessonsOf(r, out) })
	}
	if err != nil {
		return nil, Read{}, err
	}
	read, err := f.ends(len(out), nil)
	return out, read, err
}

// lessonsOf reads the lessons of a row: one on a date, or one on each such weekday
// between two dates that is a school day. The hours are set anew for each day, because
// the clock changes twice a year and lessons keep their hour.
func (f *file) lessonsOf(r row, out []Lesson) []Lesson {
	from, to := r.hours()
	begin, ok := readTime(from)
	end, ok2 := readTime(to)
	if !ok || !ok2 {
		f.say(r.line, BrokenTime)
		return out
	}
	if end <= begin {
		f.say(r.line, Backwards)
		return out
	}
	when, reason := r.days()
	if reason != "" {
		f.say(r.line, reason)
		return out
	}
	whose := emails(r.get("email"))
	found := 0
	for day := when.first; !day.After(when.last); day = day.AddDate(0, 0, 1) {
		y, m, d := day.Date()
		start := time.Date(y, m, d, 0, 0, 0, 0, f.here.Zone)
		if when.on != nil && (start.Weekday() != *when.on || !when.in(day) || !f.here.IsSchoolDay(start)) {
			continue
		}
		if len(out) >= MaxLessons {
			f.say(r.line, TooMany)
			return out
		}
		found++
		at := func(minutes int) time.Time { return time.Date(y, m, d, minutes/60, minutes%60, 0, 0, f.here.Zone) }
		for _, email := range whose {
			out = append(out, Lesson{email, r.line, at(begin), at(end)})
		}
	}
	if found == 0 {
		f.say(r.line, NoDay)
	}
	return out
}

// hours are when a lesson begins and ends, from two columns or from one (08:30-09:15).
func (r row) hours() (from, to string) {
	from, to = r.get("start"), r.get("end")
	if both := r.get("hours"); both != "" {
		first, second, _ := strings.Cut(strings.NewReplacer("–", "-", "—", "-", " til ", "-").Replace(both), "-")
		from, to = cmp.Or(from, strings.TrimSpace(first)), cmp.Or(to, strings.TrimSpace(second))
	}
	return from, to
}

// emails are those of a field, as they are compared: one, several of a lesson that two teach,
// or such as "Kari Berg <kari@nesset.example>". Without any, the field as it stands, so that it
// is named as nobody's.
// Five at most: a lesson of more is a course or a mistake, and would fill the limit of a file.
func emails(field string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(strings.ToLower(field), func(r rune) bool { return strings.ContainsRune(",;|/<> ", r) }) {
		if part = strings.TrimPrefix(strings.TrimPrefix(part, "mailto:"), "smtp:"); strings.Contains(part, "@") && len(out) < maxEmails && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	if len(out) == 0 {
		return []string{strings.ToLower(field)}
	}
	return out
}

// dates are the days of a row: one, or those from one to another on a weekday, in
// some weeks.
// on is nil for a single date, whatever day it is: somebody meant that one.
type dates struct {
	first, last time.Time
	on          *time.Weekday
	in          func(time.Time) bool
}

// days reads on which days a row's lessons are: on a date, or on a weekday between two dates,
// in all weeks or in some.
func (r row) days() (dates, Reason) {
	if text := r.get("date"); text != "" {
		day, ok := readDate(text)
		if !ok {
			return dates{}, BrokenDate
		}
		return dates{first: day, last: day}, ""
	}
	// From a day to the same day, as programs write what happens once.
	if from := r.get("from"); from != "" && r.get("weekday") == "" && from == cmp.Or(r.get("until"), from) {
		day, ok := readDate(from)
		if !ok {
			return dates{}, BrokenDate
		}
		return dates{first: day, last: day}, ""
	}
	wd, ok := readWeekday(r.get("weekday"))
	if !ok {
		return dates{}, BrokenWeekday
	}
	out := dates{on: &wd}
	var ok2 bool
	out.first, ok = readDate(r.get("from"))
	out.last, ok2 = readDate(r.get("until"))
	switch {
	case !ok || !ok2:
		return dates{}, BrokenDate
	case out.last.Before(out.first):
		return dates{}, Backwards
	case out.last.Sub(out.first) > Horizon:
		return dates{}, TooLong
	}
	if out.in, ok = readWeeks(r.get("weeks")); !ok {
		return dates{}, BrokenWeeks
	}
	return out, ""
}

// clip shortens a name to what the column holds, by characters, not by bytes.
func clip(text string) string {
	if utf8.RuneCountInString(text) <= maxName {
		return text
	}
	return string([]rune(text)[:maxName])
}
