package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What the dashboard and the page about slowness speak of is there, and it tells
// nothing of anybody.
func TestMetricsAreWhatTheDashboardAsksFor(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.propose(w.kari, w.ola, time.Hour).agree().observe()
	if err := w.server.RunJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := w.metrics()
	for _, file := range []string{"../docs/dashboard.json", "../docs/slow.md"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`\b(undring|grpc_server|go|process)_[a-z_]+\b`).FindAllString(string(raw), -1)
		if len(names) < 3 {
			t.Errorf("%s speaks of %v only", file, names)
		}
		for _, name := range names {
			if name != "undring_app" && !strings.Contains(told, "\n"+name) {
				t.Errorf("%s speaks of %s, which is not measured", file, name)
			}
		}
	}
	if !strings.Contains(told, `grpc_code="OK",grpc_method="SaveNote"`) {
		t.Error("a call was not counted")
	}
	for _, word := range []string{w.kari.id, w.owner.String(), "Kari", "hender", "Fire elever", focus} {
		if strings.Contains(told, word) {
			t.Errorf("the metrics tell %q", word)
		}
	}
}

func (w *town) metrics() string {
	scraped := httptest.NewRecorder()
	w.server.Admin().ServeHTTP(scraped, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return scraped.Body.String()
}

// One transaction that stays open holds the hints to all phones back: that is seen,
// and over when it is.
func TestSyncLagIsSeen(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	until := func(line string) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !strings.Contains(w.metrics(), "\n"+line+"\n"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("no line %q in 20 s:\n%s", line, regexp.MustCompile(`undring_(sync|phones).*`).FindAllString(w.metrics(), -1))
			}
		}
	}
	until("undring_sync_lag_seconds 0")
	phone := w.kari.watch()
	phone.hint(t)
	until("undring_phones_watching 1")
	tx, err := w.db.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), "select pg_current_xact_id()"); err != nil {
		t.Fatal(err)
	}
	w.propose(w.kari, w.ola, time.Hour) // behind it
	time.Sleep(time.Second)             // ten looks: the mark lies behind it too
	w.clock.set(w.clock.now().Add(7 * time.Second))
	until("undring_sync_lag_seconds 7")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	until("undring_sync_lag_seconds 0")
	phone.stop()
	until("undring_phones_watching 0")
}
