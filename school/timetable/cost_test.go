package timetable_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"undring/school/timetable"
)

// What a file costs at most: so many bytes of memory for each of its own, and some
// that every file costs.
const (
	costEach = 200
	costFree = 16 << 20 // 100 names of zones are looked up
)

// event is one of an iCalendar.
func event(lines ...string) string {
	return "BEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

// Files that cost more than they are worth, of any size: none costs more than its
// bytes allow, whatever comes of it.
func TestG27AFileCostsWhatItWeighs(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)
	calendar := func(events string) string { return "BEGIN:VCALENDAR\r\n" + events + "END:VCALENDAR\r\n" }
	start := "DTSTART;TZID=Europe/Oslo:20160101T080000"
	end := "DTEND;TZID=Europe/Oslo:20160101T090000"
	many := func(n int, of func(int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(of(i))
		}
		return b.String()
	}
	for name, of := range map[string]struct {
		format timetable.Format
		file   func(n int) string
	}{
		"commas":         {timetable.CSV, func(n int) string { return "email,start,end\n" + strings.Repeat(",", n) }},
		"rows of commas": {timetable.CSV, func(n int) string { return "email,start,end\n" + strings.Repeat(strings.Repeat(",", 900)+"\n", n/900) }},
		"heading":        {timetable.CSV, func(n int) string { return strings.Repeat("a,", n/2) + "email,start,end\n" }},
		"quotes":         {timetable.CSV, func(n int) string { return "email,start,end\n" + strings.Repeat("\"\n", n/2) }},
		"bare lines":     {timetable.ICalendar, func(n int) string { return calendar(strings.Repeat("A:\r\n", n/4)) }},
		"one long line":  {timetable.ICalendar, func(n int) string { return calendar("A:" + strings.Repeat("x", n) + "\r\n") }},
		"folded":         {timetable.ICalendar, func(n int) string { return calendar("A:" + strings.Repeat("\r\n x", n/4) + "\r\n") }},
		"parameters":     {timetable.ICalendar, func(n int) string { return calendar("A" + strings.Repeat(";B=C", n/4) + ":x\r\n") }},
		"values":         {timetable.ICalendar, func(n int) string { return calendar("A;B=" + strings.Repeat("C,", n/2) + ":x\r\n") }},
		"quoted":         {timetable.ICalendar, func(n int) string { return calendar("A;B=" + strings.Repeat("\":\",", n/4) + ":x\r\n") }},
		"daily since long": {timetable.ICalendar, func(n int) string {
			return calendar(many(n/150, func(i int) string { return event(fmt.Sprintf("UID:%d", i), start, end, "RRULE:FREQ=DAILY") }))
		}},
		"zones": {timetable.ICalendar, func(n int) string {
			return calendar(many(n/120, func(i int) string {
				return event(fmt.Sprintf("DTSTART;TZID=Z%d:20261101T080000", i), fmt.Sprintf("DTEND;TZID=Y%d:20261101T090000", i))
			}))
		}},
		"places of zones": {timetable.ICalendar, func(n int) string {
			return calendar(many(n/120, func(i int) string {
				return event(fmt.Sprintf("DTSTART;TZID=\"(UTC) %s%d\":20261101T080000", strings.Repeat("a,b,", 12), i), "DURATION:PT1H")
			}))
		}},
		"exceptions": {timetable.ICalendar, func(n int) string {
			return calendar(event(start, end, "RRULE:FREQ=DAILY") + event("EXDATE:"+strings.Repeat("20261101T080000,", n/16)))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1_000, 30_000, 1_000_000} {
				content := []byte(of.file(n))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				begun := time.Now()
				lessons, _, _ := timetable.Lessons(t.Context(), content, of.format, timetable.School{Zone: zone, IsSchoolDay: func(time.Time) bool { return true }}, now)
				took := time.Since(begun)
				runtime.ReadMemStats(&after)
				cost := int64(after.TotalAlloc-before.TotalAlloc) - int64(len(lessons))*1_000 // that were asked for
				if most := int64(costFree + costEach*len(content)); cost > most || took > 10*time.Second {
					t.Errorf("%d bytes cost %d KiB and %s, at most %d KiB", len(content), cost>>10, took, most>>10)
				}
				t.Logf("%d bytes: %d KiB, %s, %d lessons", len(content), cost>>10, took.Round(time.Millisecond), len(lessons))
			}
		})
	}
}
