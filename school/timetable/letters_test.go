package timetable_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"undring/school/timetable"
)

// The same timetable, and the same days, in the letters of all programs: UTF-8 with a mark,
// Excel's "Unicode text" with tabs, and those of Windows.
func TestTheLettersOfATimetable(t *testing.T) {
	t.Parallel()
	lessons := "Lærers e-post\tUkedag\tStart\tSlutt\tFra dato\tTil dato\nk@x.no\tlør\t08:30\t09:15\t04.01.2027\t10.01.2027\nk@x.no\tmåndag\t08:30\t09:15\t04.01.2027\t10.01.2027\n"
	days := "Hva\tFørste dag\tFra\nPåskeferie\tx\t22.03.2027\nBønnedag\tx\t23.03.2027\n"
	events := strings.ReplaceAll(string(wrapped(one("UID:1\nSUMMARY:Påskeverksted i Bø\nDTSTART;TZID=Europe/Oslo:20270111T083000\nDURATION:PT45M"))), "\n", "\r\n")
	for name, by := range map[string]encoding.Encoding{
		"UTF-8 with a mark": unicode.UTF8BOM, "Excel's Unicode text": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"the other way round": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "Windows": charmap.Windows1252,
	} {
		written := func(text string) []byte {
			out, err := by.NewEncoder().Bytes([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		found, read, err := timetable.Lessons(t.Context(), written(lessons), timetable.CSV, here(t, everyDay), autumn)
		if got := strings.Join(spell(found), ", "); err != nil || got != "01-04 07:30-08:15" || spellOdd(read.Odd) != "line 2 BROKEN_WEEKDAY" {
			t.Errorf("%s: lessons %q, odd %q, %v", name, got, spellOdd(read.Odd), err)
		}
		free, _, err := timetable.Days(t.Context(), written(days), timetable.CSV, here(t, everyDay), autumn)
		if err != nil || len(free) != 2 || free[0].Name != "Påskeferie" || free[1].Name != "Bønnedag" {
			t.Errorf("%s: days %v, %v", name, free, err)
		}
		if found, _, err = timetable.Lessons(t.Context(), written(events), timetable.ICalendar, here(t, everyDay), autumn); err != nil || strings.Join(spell(found), ", ") != "01-11 07:30-08:15" {
			t.Errorf("%s: events %v, %v", name, found, err)
		}
	}
}
