// Package timetable reads files of days without school and of lessons: iCalendar
// (RFC 5545) and CSV, as schools and timetable programs write them.
//
// Bytes in, days and lessons out. What is odd is named with its place and a
// reason, and the rest is taken; a file that can't be read at all is refused with
// CALENDAR_INVALID. Nothing in a file makes it loop: repetitions are followed by
// day or week only, for [Horizon], and so many as [MaxLessons].
package timetable

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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
	Horizon      = 400 * 24 * time.Hour // that repetitions are followed
	MaxLessons   = 100_000              // of one file: 100 teachers, 25 lessons a week, a school year
	MaxDays      = 1_000                // without school, of one file
	MaxErrors    = 200                  // that are named
	maxLesson    = 12 * time.Hour
	maxHoliday   = 100 // days
	maxName      = 100 // characters
	maxRowFields = 20
)

// Reason is why a part of a file was not taken.
type Reason string

// Every reason.
const (
	MalformedRow    Reason = "MALFORMED_ROW"
	BrokenDate      Reason = "BROKEN_DATE"
	BrokenTime      Reason = "BROKEN_TIME"
	BrokenWeekday   Reason = "BROKEN_WEEKDAY"
	Backwards       Reason = "BACKWARDS"
	TooLong         Reason = "TOO_LONG"
	TooMany         Reason = "TOO_MANY"
	RuleNotFollowed Reason = "RULE_NOT_FOLLOWED"
	UnknownPerson   Reason = "UNKNOWN_PERSON" // found out by who knows the people
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{MalformedRow, BrokenDate, BrokenTime, BrokenWeekday, Backwards, TooLong, TooMany, RuleNotFollowed, UnknownPerson}
}

// Odd is a part of a file that was not taken.
type Odd struct {
	Line   int // the line of a CSV, or the number of the event in an iCalendar file, from 1
	Reason Reason
}

// Day is a day without school.
type Day struct {
	Date time.Time // at midnight UTC
	Name string
}

// Lesson is one lesson of one person's.
type Lesson struct {
	Email      string // in lower case; empty in an iCalendar, which is one person's
	Line       int
	Start, End time.Time
}

// file is what is being read.
type file struct {
	zone *time.Location
	now  time.Time
	odd  []Odd
}

// say notes what is strange about a row, up to a number of them: more than a screenful
// helps nobody to mend a file.
func (f *file) say(line int, reason Reason) {
	if len(f.odd) < MaxErrors {
		f.odd = append(f.odd, Odd{line, reason})
	}
}

// invalid refuses a file as a whole, with a code for which there are words.
func invalid(code string, err error) error {
	r := refusal.New(refusal.CalendarInvalid).With("code", code)
	if err != nil {
		r.Err = fmt.Errorf("reading a calendar: %w", err)
	}
	return r
}

// Days reads days without school. Saturdays and Sundays are left out.
func Days(content []byte, format Format, zone *time.Location, now time.Time) ([]Day, []Odd, error) {
	f := &file{zone: zone, now: now}
	spans, err := f.spans(content, format)
	if err != nil {
		return nil, nil, err
	}
	var days []Day
	for _, s := range spans {
		length := int(s.last.Sub(s.first)/(24*time.Hour)) + 1
		switch {
		case length < 1:
			f.say(s.line, Backwards)
			continue
		case length > maxHoliday:
			f.say(s.line, TooLong)
			continue
		}
		for i := range length {
			day := s.first.AddDate(0, 0, i)
			if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
				continue
			}
			if len(days) >= MaxDays {
				f.say(s.line, TooMany)
				return days, f.odd, nil
			}
			days = append(days, Day{day, s.name})
		}
	}
	slices.SortStableFunc(f.odd, func(a, b Odd) int { return a.Line - b.Line })
	return days, f.odd, nil
}

// span is some days without school.
type span struct {
	line        int
	first, last time.Time // dates, at midnight UTC
	name        string
}

// spans reads holidays, from either format. One without an end lasts a day.
func (f *file) spans(content []byte, format Format) ([]span, error) {
	if format == ICalendar {
		return f.holidays(content)
	}
	var out []span
	err := f.rows(content, []string{"from"}, func(r row) {
		s := span{line: r.line, name: clip(r.get("name"))}
		var ok bool
		if s.first, ok = readDate(r.get("from")); !ok {
			f.say(r.line, BrokenDate)
			return
		}
		if s.last = s.first; r.get("to") != "" {
			if s.last, ok = readDate(r.get("to")); !ok {
				f.say(r.line, BrokenDate)
				return
			}
		}
		out = append(out, s)
	})
	return out, err
}

// Lessons reads lessons, by the clock of a school. isSchoolDay says on which days
// those that repeat take place.
func Lessons(content []byte, format Format, zone *time.Location, now time.Time, isSchoolDay func(time.Time) bool) ([]Lesson, []Odd, error) {
	f := &file{zone: zone, now: now}
	if format == ICalendar {
		lessons, err := f.events(content, isSchoolDay)
		return lessons, f.odd, err
	}
	var out []Lesson
	err := f.rows(content, []string{"email", "start", "end"}, func(r row) { out = f.lessonsOf(r, out, isSchoolDay) })
	return out, f.odd, err
}

// lessonsOf reads the lessons of a row: one on a date, or one on each such weekday
// between two dates that is a school day. The hours are set anew for each day, because
// the clock changes twice a year and lessons keep their hour.
func (f *file) lessonsOf(r row, out []Lesson, isSchoolDay func(time.Time) bool) []Lesson {
	begin, ok := readTime(r.get("start"))
	end, ok2 := readTime(r.get("end"))
	if !ok || !ok2 {
		f.say(r.line, BrokenTime)
		return out
	}
	if end <= begin {
		f.say(r.line, Backwards)
		return out
	}
	first, last, on, reason := r.days()
	if reason != "" {
		f.say(r.line, reason)
		return out
	}
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		y, m, d := day.Date()
		start := time.Date(y, m, d, 0, 0, 0, 0, f.zone)
		if on != nil && (start.Weekday() != *on || !isSchoolDay(start)) {
			continue
		}
		if len(out) >= MaxLessons {
			f.say(r.line, TooMany)
			return out
		}
		at := func(minutes int) time.Time { return time.Date(y, m, d, minutes/60, minutes%60, 0, 0, f.zone) }
		out = append(out, Lesson{strings.ToLower(r.get("email")), r.line, at(begin), at(end)})
	}
	return out
}

// days are the dates of a row: one, or those from one to another on a weekday.
func (r row) days() (first, last time.Time, on *time.Weekday, reason Reason) {
	if text := r.get("date"); text != "" {
		day, ok := readDate(text)
		if !ok {
			return first, last, nil, BrokenDate
		}
		return day, day, nil, ""
	}
	wd, ok := weekdays[strings.ToLower(r.get("weekday"))]
	if !ok {
		return first, last, nil, BrokenWeekday
	}
	first, ok = readDate(r.get("from"))
	last, ok2 := readDate(r.get("until"))
	switch {
	case !ok || !ok2:
		return first, last, nil, BrokenDate
	case last.Before(first):
		return first, last, nil, Backwards
	case last.Sub(first) > Horizon:
		return first, last, nil, TooLong
	}
	return first, last, &wd, ""
}

var weekdays = map[string]time.Weekday{
	"1": time.Monday, "mandag": time.Monday, "måndag": time.Monday, "monday": time.Monday,
	"2": time.Tuesday, "tirsdag": time.Tuesday, "tysdag": time.Tuesday, "tuesday": time.Tuesday,
	"3": time.Wednesday, "onsdag": time.Wednesday, "wednesday": time.Wednesday,
	"4": time.Thursday, "torsdag": time.Thursday, "thursday": time.Thursday,
	"5": time.Friday, "fredag": time.Friday, "friday": time.Friday,
}

// readDate reads a date as people here and as programs write it.
func readDate(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, "02.01.2006", "2.1.2006", "20060102"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 2000 && t.Year() <= 2100 {
			return t, true
		}
	}
	return time.Time{}, false
}

// readTime reads a time of day, as minutes after midnight.
func readTime(text string) (int, bool) {
	for _, layout := range []string{"15:04", "15.04", "15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Hour()*60 + t.Minute(), true
		}
	}
	return 0, false
}

// clip shortens a name to what the column holds, by characters, not by bytes.
func clip(text string) string {
	if utf8.RuneCountInString(text) <= maxName {
		return text
	}
	return string([]rune(text)[:maxName])
}

// row is one row of a CSV.
type row struct {
	line    int
	columns map[string]int
	fields  []string
}

// get reads a column of a row by its heading; empty where the row is shorter than the
// heading.
func (r row) get(column string) string {
	if i, there := r.columns[column]; there && i < len(r.fields) {
		return strings.TrimSpace(r.fields[i])
	}
	return ""
}

// maxFile is how many bytes of a CSV are read: what the contract lets through.
const maxFile = 8 << 20

// rows reads a CSV with a heading, separated by commas or, as Norwegian
// spreadsheets write it, by semicolons.
func (f *file) rows(content []byte, needed []string, each func(row)) error {
	if len(content) > maxFile {
		return invalid("TOO_LARGE", nil)
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) {
		return invalid("NOT_UTF8", nil)
	}
	heading, _, _ := bytes.Cut(content, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	if bytes.Count(heading, []byte(";")) > bytes.Count(heading, []byte(",")) {
		r.Comma = ';'
	}
	names, err := r.Read()
	if err != nil {
		return invalid("NO_HEADING", err)
	}
	columns := map[string]int{}
	for i, name := range names {
		if i < maxRowFields {
			columns[strings.ToLower(strings.TrimSpace(name))] = i
		}
	}
	for _, name := range needed {
		if _, there := columns[name]; !there {
			return invalid("NO_COLUMN_"+strings.ToUpper(name), nil)
		}
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
			f.say(parse.Line, MalformedRow)
			continue
		}
		if err != nil {
			return invalid("UNREADABLE", err)
		}
		line, _ := r.FieldPos(0)
		each(row{line, columns, fields})
	}
}
