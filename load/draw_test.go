package load

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAHistoryIsDrawn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "history.jsonl")
	for i, ratio := range []float64{0.2, 0.4, 0.6} {
		err := Keep(file, Line{At: time.Date(2026, 11, 20+i, 8, 0, 0, 0, time.UTC), Commit: string(rune('a' + i)), Rows: []Row{
			{Operation: "SaveNote", Clients: 16, Rate: 900, Limit: 1500, Ratio: ratio, Mark: 0.6},
			{Operation: "a school day", Clients: 16, Rate: float64(1000 + i)},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := Draw(&out, file); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"3 runs, 2026-11-20 (a) to 2026-11-22 (c)",
		"SaveNote, 16 clients: of the limit, and what is wanted; last 0.60",
		"a school day, 16 clients: calls a second; last 1002.00",
		"0.60 ┼", "0.20 ┼",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not drawn:\n%s", want, out.String())
		}
	}
	if err := Draw(&out, filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a history that is not there is drawn")
	}
}
