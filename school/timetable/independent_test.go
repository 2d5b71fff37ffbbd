package timetable_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"undring/school/timetable"
)

// G18: calendars made by chance, as another program reads them; see
// testdata/independent/read.py, which made and read them.
func TestG18AnotherProgramReadsTheSame(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "independent", "calendars.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Calendar, Occurrences string }
	if err := json.Unmarshal(content, &all); err != nil || len(all) < 100 {
		t.Fatalf("%d calendars: %v", len(all), err)
	}
	from, until := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)
	wrong := 0
	for i, c := range all {
		lessons, read, err := timetable.Lessons(t.Context(), []byte(c.Calendar), timetable.ICalendar, here(t, everyDay), from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range lessons {
			if !l.Start.Before(from) && l.Start.Before(until) {
				got = append(got, l.Start.UTC().Format("060102 15:04")+"-"+l.End.UTC().Format("15:04"))
			}
		}
		slices.Sort(got)
		got = slices.Compact(got)
		if text := strings.Join(got, ", "); text != c.Occurrences {
			t.Errorf("calendar %d: odd %v\n%s\nwe read  %s\nit reads %s", i, read.Odd, c.Calendar, text, c.Occurrences)
			if wrong++; wrong > 3 {
				t.Fatal("and so on")
			}
		}
	}
}

// aRule is a rule by chance, with the days that it means found the long way: day
// after day, each asked whether it is one.
type aRule struct {
	freq            string
	start           time.Time
	interval, count int
	until           time.Time
	days            []time.Weekday
	nth             int // of a month, with one weekday
	monthDays       []int
	months          []time.Month
}

var twoLetters = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func (r aRule) text() string {
	out := "FREQ=" + r.freq + fmt.Sprintf(";INTERVAL=%d", r.interval)
	if r.count > 0 {
		out += fmt.Sprintf(";COUNT=%d", r.count)
	} else {
		out += ";UNTIL=" + r.until.Format("20060102T150405")
	}
	list := func(name string, n int, one func(int) string) {
		var parts []string
		for i := range n {
			parts = append(parts, one(i))
		}
		if n > 0 {
			out += ";" + name + "=" + strings.Join(parts, ",")
		}
	}
	list("BYDAY", len(r.days), func(i int) string {
		if r.nth != 0 {
			return fmt.Sprint(r.nth, twoLetters[r.days[i]])
		}
		return twoLetters[r.days[i]]
	})
	list("BYMONTHDAY", len(r.monthDays), func(i int) string { return fmt.Sprint(r.monthDays[i]) })
	list("BYMONTH", len(r.months), func(i int) string { return fmt.Sprint(int(r.months[i])) })
	return out
}

func (r aRule) theLongWay(until time.Time) []time.Time {
	var out []time.Time
	for day := r.start; !day.After(until) && (r.count > 0 || !day.After(r.until)); day = day.AddDate(0, 0, 1) {
		if r.means(day) {
			if out = append(out, day); len(out) == r.count {
				break
			}
		}
	}
	return out
}

// monday is the Monday of a day's week, at noon.
func monday(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 12, 0, 0, 0, time.UTC)
}

func (r aRule) means(day time.Time) bool {
	apart := 0
	switch r.freq {
	case "DAILY":
		apart = int(day.Sub(r.start).Hours() / 24)
	case "WEEKLY":
		apart = int(monday(day).Sub(monday(r.start)).Hours() / 24 / 7)
	case "MONTHLY":
		apart = (day.Year()-r.start.Year())*12 + int(day.Month()-r.start.Month())
	case "YEARLY":
		apart = day.Year() - r.start.Year()
	}
	if apart%r.interval != 0 || len(r.months) > 0 && !slices.Contains(r.months, day.Month()) {
		return false
	}
	ofMonth, length := day.Day(), time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if len(r.monthDays) > 0 {
		return slices.Contains(r.monthDays, ofMonth) || slices.Contains(r.monthDays, ofMonth-length-1)
	}
	if len(r.days) == 0 {
		switch r.freq {
		case "WEEKLY":
			return day.Weekday() == r.start.Weekday()
		case "MONTHLY":
			return ofMonth == r.start.Day()
		case "YEARLY":
			return ofMonth == r.start.Day() && (len(r.months) > 0 || day.Month() == r.start.Month())
		}
		return true
	}
	nth := r.nth == 0 || r.nth > 0 && (ofMonth-1)/7+1 == r.nth || r.nth < 0 && (length-ofMonth)/7+1 == -r.nth
	return nth && slices.Contains(r.days, day.Weekday())
}

func someRule(t *rapid.T) aRule {
	r := aRule{
		freq:     rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq"),
		interval: rapid.IntRange(1, 5).Draw(t, "interval"),
		start:    time.Date(2026, 1, 1, 8, 30, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(-800, 500).Draw(t, "start")),
	}
	if rapid.Bool().Draw(t, "counted") {
		r.count = rapid.IntRange(1, 60).Draw(t, "count")
	} else {
		r.until = r.start.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "until"))
	}
	weekday := rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 4, 5, 6})
	byMonth := r.freq == "MONTHLY" || r.freq == "YEARLY"
	switch by := rapid.IntRange(0, 3).Draw(t, "by"); {
	case by == 1:
		r.days = rapid.SliceOfNDistinct(weekday, 1, 4, rapid.ID).Draw(t, "days")
	case by == 2 && byMonth:
		r.days = []time.Weekday{weekday.Draw(t, "day")}
		r.nth = rapid.SampledFrom([]int{1, 2, 3, 4, 5, -1, -2}).Draw(t, "nth")
	case by == 3 && byMonth:
		r.monthDays = rapid.SliceOfNDistinct(rapid.SampledFrom([]int{1, 2, 13, 28, 29, 30, 31, -1, -2, -29}), 1, 3, rapid.ID).Draw(t, "days of a month")
	}
	// "The second Tuesday" of a year is another one than that of its months.
	if r.freq == "YEARLY" && r.nth != 0 || r.freq == "YEARLY" && len(r.monthDays) > 0 || rapid.IntRange(0, 3).Draw(t, "in months") == 0 {
		month := rapid.SampledFrom([]time.Month{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
		r.months = rapid.SliceOfNDistinct(month, 1, 4, rapid.ID).Draw(t, "months")
	}
	return r
}

// G18: any rule by day, week, month or year means the days that it means when each
// day is asked, whatever finds them quickly; and the start besides.
func TestG18ARuleMeansItsDays(t *testing.T) {
	t.Parallel()
	limit := now.Add(timetable.Horizon)
	rapid.Check(t, func(t *rapid.T) {
		r := someRule(t)
		want := r.theLongWay(limit)
		if len(want) == 0 || !want[0].Equal(r.start) {
			want = append([]time.Time{r.start}, want...)
		}
		content := calendar(fmt.Sprintf("DTSTART:%s\nDURATION:PT45M\nRRULE:%s", r.start.Format("20060102T150405"), r.text()))
		school := timetable.School{Zone: time.UTC, IsSchoolDay: everyDay}
		lessons, read, err := timetable.Lessons(t.Context(), content, timetable.ICalendar, school, now)
		if err != nil {
			t.Fatal(err)
		}
		var got []time.Time
		for _, l := range lessons {
			got = append(got, l.Start)
		}
		want = slices.DeleteFunc(want, func(at time.Time) bool { return at.Before(now.Add(-timetable.Horizon)) || at.After(limit) })
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%s from %v: odd %v\nwe read %v\nit is   %v", r.text(), r.start, read.Odd, got, want)
		}
	})
}
