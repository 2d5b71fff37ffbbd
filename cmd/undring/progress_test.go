package main

import (
	"strings"
	"testing"
	"time"
)

func TestProgressIsToldOnceASecond(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)
	var out strings.Builder
	p := newProgress(&out, "rows written", func() time.Time { return now })
	for _, step := range []struct {
		after time.Duration
		done  int
	}{{0, 100}, {900 * time.Millisecond, 200}, {100 * time.Millisecond, 500}, {500 * time.Millisecond, 600}, {3 * time.Second, 1000}} {
		now = now.Add(step.after)
		p.tell(step.done, 1000)
	}
	if want := "rows written: 500 of 1000 (50 %)\nrows written: 1000 of 1000 (100 %)\n"; out.String() != want {
		t.Errorf("told:\n%swant:\n%s", out.String(), want)
	}
}
