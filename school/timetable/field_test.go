package timetable_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"undring/school"
	"undring/school/timetable"
)

// autumn is when the files of the field were tried.
var autumn = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)

// nesset is a school that has the usual Norwegian year.
func nesset(t testing.TB) timetable.School {
	t.Helper()
	usual, err := school.NewCalendar("Europe/Oslo", nil)
	if err != nil {
		t.Fatal(err)
	}
	return timetable.School{Name: "Nesset skule", Zone: oslo(t), IsSchoolDay: usual.IsSchoolDay}
}

func fieldFile(t testing.TB, name string) ([]byte, timetable.Format) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "field", name))
	if err != nil {
		t.Fatal(err)
	}
	format := timetable.ICalendar
	if filepath.Ext(name) == ".csv" {
		format = timetable.CSV
		content = []byte(strings.ReplaceAll(string(content), "@", "kari@nesset.example"))
	}
	return content, format
}

// right is what a file of the field has in it, as testdata/field/right.json says: the
// same holds by RPC and on the command line. Lessons are in 2027, UTC; odd is what
// is named as not taken.
type right struct {
	Lessons, Days, Odd []string
}

// rightOf reads what is right for each file of a kind, and holds it against the
// folder: whatever lies there is tried.
func rightOf(t *testing.T, kind string, besides ...string) map[string]right {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "field", "right.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]right
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "field", kind+"*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	out := map[string]right{}
	for _, f := range files {
		name := filepath.Base(f)
		r, there := all[name]
		if !there && !slices.Contains(besides, name) {
			t.Errorf("%s is tried by nothing", f)
		}
		if there {
			out[name] = r
		}
	}
	return out
}

func TestTimetablesFromTheField(t *testing.T) {
	t.Parallel()
	for name, want := range rightOf(t, "l", "l52-nothing.ics") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, format := fieldFile(t, name)
			lessons, read, err := timetable.Lessons(t.Context(), content, format, nesset(t), autumn)
			if err != nil {
				t.Fatal(err)
			}
			if got := spell(lessons); !slices.Equal(got, want.Lessons) {
				t.Errorf("lessons %v\n want %v", got, want.Lessons)
			}
			if got := spellOdd(read.Odd); got != strings.Join(want.Odd, ", ") {
				t.Errorf("odd %q, want %q", got, want.Odd)
			}
		})
	}
}

func spell(lessons []timetable.Lesson) []string {
	var out []string
	for _, l := range lessons {
		out = append(out, l.Start.UTC().Format("01-02 15:04")+"-"+l.End.UTC().Format("15:04"))
	}
	slices.Sort(out)
	return out
}

func TestDaysWithoutSchoolFromTheField(t *testing.T) {
	t.Parallel()
	for name, want := range rightOf(t, "h") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, format := fieldFile(t, name)
			days, read, err := timetable.Days(t.Context(), content, format, nesset(t), autumn)
			if err != nil {
				t.Fatal(err)
			}
			if got := spellDays(days); !slices.Equal(got, want.Days) {
				t.Errorf("days %v\nwant %v", got, want.Days)
			}
			if got := spellOdd(read.Odd); got != strings.Join(want.Odd, ", ") {
				t.Errorf("odd %q, want %q", got, want.Odd)
			}
		})
	}
}

func spellDays(days []timetable.Day) []string {
	var out []string
	for _, d := range days {
		out = append(out, d.Date.Format(time.DateOnly))
	}
	return out
}

// l52: a file with nothing in it is no success.
func TestAFileWithNothingInItIsRefused(t *testing.T) {
	t.Parallel()
	nothing, format := fieldFile(t, "l52-nothing.ics")
	if _, _, err := timetable.Lessons(t.Context(), nothing, format, nesset(t), autumn); codeOf(err) != "NOTHING" {
		t.Errorf("lessons: %v", err)
	}
	if _, _, err := timetable.Days(t.Context(), nothing, format, nesset(t), autumn); codeOf(err) != "NOTHING" {
		t.Errorf("days: %v", err)
	}
	if _, _, err := timetable.Days(t.Context(), []byte("from,to\n"), timetable.CSV, nesset(t), autumn); codeOf(err) != "NOTHING" {
		t.Errorf("a heading: %v", err)
	}
}
