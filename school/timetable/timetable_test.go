package timetable_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"undring/refusal"
	"undring/school/timetable"
)

func oslo(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

var (
	now      = time.Date(2026, 8, 1, 8, 0, 0, 0, time.UTC)
	everyDay = func(time.Time) bool { return true }
)

func here(t testing.TB, isSchoolDay func(time.Time) bool) timetable.School {
	t.Helper()
	return timetable.School{Name: "Nesset skole", Zone: oslo(t), IsSchoolDay: isSchoolDay}
}

// spellOdd names what was not taken: by the event, or by the line of the file.
func spellOdd(odd []timetable.Odd) string {
	var out []string
	for _, o := range odd {
		place := fmt.Sprint("event ", o.Line)
		if o.Line == o.FileLine || o.Line == 0 {
			place = fmt.Sprint("line ", o.FileLine)
		}
		out = append(out, fmt.Sprint(place, " ", o.Reason))
	}
	return strings.Join(out, ", ")
}

func calendar(events ...string) []byte {
	out := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//NO\r\n"
	for i, e := range events {
		out += fmt.Sprintf("BEGIN:VEVENT\r\nUID:%d\r\nDTSTAMP:20260801T080000Z\r\n%s\r\nEND:VEVENT\r\n", i, strings.ReplaceAll(e, "\n", "\r\n"))
	}
	return []byte(out + "END:VCALENDAR\r\n")
}

func TestDaysWithoutSchool(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		content []byte
		format  timetable.Format
		want    string
		odd     string
	}{
		"CSV":                    {[]byte("from,to,name\n2026-10-05,2026-10-09,Høstferie\n2026-11-20,,Planleggingsdag\n"), timetable.CSV, "10-05 10-06 10-07 10-08 10-09 11-20", ""},
		"of a spreadsheet":       {[]byte("\xef\xbb\xbfFrom;To;Name\r\n05.10.2026;06.10.2026;Høst\r\n"), timetable.CSV, "10-05 10-06", ""},
		"weekends are no days":   {[]byte("from,to\n2026-10-02,2026-10-05\n"), timetable.CSV, "10-02 10-05", ""},
		"odd rows":               {[]byte("from,to\nx,\n2026-10-05,2026-10-01\n2026-01-01,2026-12-31\n2026-10-05,y\n2026-10-06,\n"), timetable.CSV, "10-06", "line 2 BROKEN_DATE, line 3 BACKWARDS, line 4 TOO_LONG, line 5 BROKEN_DATE"},
		"iCalendar":              {calendar("DTSTART;VALUE=DATE:20261005\nDTEND;VALUE=DATE:20261010\nSUMMARY:Høstferie"), timetable.ICalendar, "10-05 10-06 10-07 10-08 10-09", ""},
		"one day, no end":        {calendar("DTSTART;VALUE=DATE:20261120"), timetable.ICalendar, "11-20", ""},
		"a meeting is not a day": {calendar("DTSTART:20261005T080000Z\nDTEND:20261005T090000Z"), timetable.ICalendar, "", "event 1 NOT_WHOLE_DAY"},
		"an event without date":  {calendar("SUMMARY:x"), timetable.ICalendar, "", "event 1 BROKEN_DATE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			days, read, err := timetable.Days(t.Context(), tc.content, tc.format, here(t, everyDay), now)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range days {
				got = append(got, d.Date.Format("01-02"))
			}
			if strings.Join(got, " ") != tc.want || spellOdd(read.Odd) != tc.odd {
				t.Errorf("days %v, odd %v; want %s, odd %s", got, spellOdd(read.Odd), tc.want, tc.odd)
			}
		})
	}
}

// G18: lessons stand at the same hour by the school's clock before and after it
// changes, and not on days without school.
func TestG18Lessons(t *testing.T) {
	t.Parallel()
	fridays := func(day time.Time) bool { return day.Format("2006-01-02") != "2026-10-23" }
	for name, tc := range map[string]struct {
		content []byte
		format  timetable.Format
		want    string // starts in UTC
		odd     string
	}{
		"a date": {[]byte("email,date,start,end\nKari@x.example,2026-10-19,08:30,09:15\n"), timetable.CSV, "kari@x.example 10-19 06:30", ""},
		"weekly, over the change of the clock and a day without school": {[]byte("email,weekday,start,end,from,until\nk@x.example,fredag,08:30,09:15,2026-10-12,2026-11-01\n"),
			timetable.CSV, "k@x.example 10-16 06:30, k@x.example 10-30 07:30", ""},
		"weekly, over the change of the clock in spring": {[]byte("email,weekday,start,end,from,until\nk@x.example,tirsdag,08:30,09:15,2027-03-16,2027-03-31\n"),
			timetable.CSV, "k@x.example 03-16 07:30, k@x.example 03-23 07:30, k@x.example 03-30 06:30", ""},
		"on the leap day": {[]byte("email,weekday,start,end,from,until\nk@x.example,tirsdag,08:30,09:15,2028-02-28,2028-03-02\n"),
			timetable.CSV, "k@x.example 02-29 07:30", ""},
		"on a leap day that is none": {[]byte("email,date,start,end\nk@x.example,2027-02-29,08:30,09:15\n"), timetable.CSV, "", "line 2 BROKEN_DATE"},
		"odd rows": {[]byte("email,date,weekday,start,end,from,until\na,2026-10-19,,8,9,,\na,x,,08:00,09:00,,\na,,søndag,08:00,09:00,,\na,2026-10-19,,10:00,09:00,,\na,,1,08:00,09:00,2026-01-01,2030-01-01\n"),
			timetable.CSV, "", "line 2 BROKEN_TIME, line 3 BROKEN_DATE, line 4 BROKEN_WEEKDAY, line 5 BACKWARDS, line 6 TOO_LONG"},
		"iCalendar, weekly, one left out, over the change of the clock": {calendar("DTSTART;TZID=Europe/Oslo:20261016T083000\nDTEND;TZID=Europe/Oslo:20261016T091500\nRRULE:FREQ=WEEKLY;UNTIL=20261114T000000Z\nEXDATE;TZID=Europe/Oslo:20261106T083000"),
			timetable.ICalendar, " 10-16 06:30,  10-30 07:30,  11-13 07:30", ""},
		"one of them moved": {[]byte(strings.ReplaceAll(string(calendar("DTSTART:20261019T063000Z\nDTEND:20261019T071500Z\nRRULE:FREQ=DAILY;COUNT=3",
			"RECURRENCE-ID:20261020T063000Z\nDTSTART:20261020T100000Z\nDTEND:20261020T104500Z")), "UID:1", "UID:0")),
			timetable.ICalendar, " 10-19 06:30,  10-21 06:30,  10-20 10:00", ""},
		"by the school's clock": {calendar("DTSTART:20261019T083000\nDTEND:20261019T091500"), timetable.ICalendar, " 10-19 06:30", ""},
		"rules that are not followed": {calendar("DTSTART:20261019T083000\nDTEND:20261019T091500\nRRULE:FREQ=SECONDLY", "DTSTART:20261019T083000\nDTEND:20261019T091500\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
			"DTSTART:20261019T083000\nDTEND:20261019T091500\nRRULE:nonsense"), timetable.ICalendar, " 10-19 06:30", "event 1 RULE_NOT_FOLLOWED, event 3 RULE_NOT_FOLLOWED"},
		"odd events": {calendar("DTSTART:20261019T083000", "DTSTART:20261019T083000\nDTEND:20261019T083000", "DTSTART:20261019T083000\nDTEND:20261021T083000"),
			timetable.ICalendar, "", "event 1 BROKEN_TIME, event 2 BACKWARDS, event 3 TOO_LONG"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lessons, read, err := timetable.Lessons(t.Context(), tc.content, tc.format, here(t, fridays), now)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range lessons {
				got = append(got, l.Email+" "+l.Start.UTC().Format("01-02 15:04"))
				if l.End.Sub(l.Start) != 45*time.Minute {
					t.Errorf("a lesson of %v", l.End.Sub(l.Start))
				}
			}
			if strings.Join(got, ", ") != tc.want || spellOdd(read.Odd) != tc.odd {
				t.Errorf("lessons %q, odd %q; want %q, odd %q", got, spellOdd(read.Odd), tc.want, tc.odd)
			}
		})
	}
}

// G13: what is not a calendar, or is too large.
func TestG13AFileThatIsNoCalendarIsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		content []byte
		format  timetable.Format
		code    string
	}{
		"a Mac of old":                          {[]byte("from,name\n2026-10-05,H\xbfst\n"), timetable.CSV, "NOT_UTF8"},
		"UTF-16 that is cut off":                {[]byte("\xff\xfef\x00r"), timetable.CSV, "NOT_UTF8"},
		"a calendar in letters of a Mac of old": {[]byte("BEGIN:VCALENDAR\nX-WR-CALNAME:H\xbfst\nEND:VCALENDAR\n"), timetable.ICalendar, "NOT_UTF8"},
		"no heading":                            {nil, timetable.CSV, "NO_HEADING"},
		"another CSV":                           {[]byte("a,b\n1,2\n"), timetable.CSV, "NO_COLUMN_FROM"},
		"a CSV as calendar":                     {[]byte("from,to\n"), timetable.ICalendar, "NO_ICALENDAR"},
		"cut off":                               {[]byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:2026"), timetable.ICalendar, "UNREADABLE"},
		"a CSV of 100 MB":                       {[]byte("from,name\n" + strings.Repeat("2026-10-05,Fri\n", 100_000_000/15)), timetable.CSV, "TOO_LARGE"},
		"a quotation mark that is never closed": {[]byte("from,to,name\n2026-10-05,,\"Fri\n2026-10-06,,Fri\n2026-10-07,,Fri\n"), timetable.CSV, "OPEN_QUOTE"},
		"one that another row closes":           {[]byte("from,to,name\n2026-10-05,,\"Fri\n2026-10-06,,Fri\n2026-10-07,,Fri\"\n"), timetable.CSV, "OPEN_QUOTE"},
		"5,001 events":                          {calendar(make([]string, 5_001)...), timetable.ICalendar, "TOO_LARGE"},
	} {
		_, _, err := timetable.Days(t.Context(), tc.content, tc.format, here(t, everyDay), now)
		if got := refusal.ReasonOf(err); got != refusal.CalendarInvalid || codeOf(err) != tc.code {
			t.Errorf("%s: %v (%s), want %s", name, err, codeOf(err), tc.code)
		}
	}
}

func codeOf(err error) string {
	r, ok := err.(*refusal.Refusal)
	if !ok {
		return ""
	}
	return r.Meta["code"]
}

// G12: whatever comes as a calendar ends, within its limits.
func FuzzCalendar(f *testing.F) {
	f.Add([]byte("from,to,name\n2026-10-05,2026-10-09,x\n"), true)
	f.Add([]byte("email,weekday,start,end,from,until\na,1,08:00,09:00,2026-08-17,2026-12-18\n"), true)
	f.Add(calendar("DTSTART;TZID=Europe/Oslo:20261016T083000\nDTEND;TZID=Europe/Oslo:20261016T091500\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR\nEXDATE:20261106T083000Z"), false)
	f.Add(calendar("DTSTART;VALUE=DATE:20261005\nDTEND;VALUE=DATE:20261010"), false)
	school := here(f, everyDay)
	f.Fuzz(func(t *testing.T, content []byte, table bool) {
		format := timetable.ICalendar
		if table {
			format = timetable.CSV
		}
		days, read, err := timetable.Days(t.Context(), content, format, school, now)
		if len(days) > timetable.MaxDays || len(read.Odd) > timetable.MaxErrors || err != nil && refusal.ReasonOf(err) != refusal.CalendarInvalid {
			t.Fatalf("%d days, %d odd, %v", len(days), len(read.Odd), err)
		}
		lessons, read, err := timetable.Lessons(t.Context(), content, format, school, now)
		if len(lessons) > timetable.MaxLessons || len(read.Odd) > timetable.MaxErrors || err != nil && refusal.ReasonOf(err) != refusal.CalendarInvalid {
			t.Fatalf("%d lessons, %d odd, %v", len(lessons), len(read.Odd), err)
		}
		for _, l := range lessons {
			if !l.End.After(l.Start) || l.End.Sub(l.Start) > 25*time.Hour {
				t.Fatalf("a lesson from %v to %v", l.Start, l.End)
			}
		}
	})
}
