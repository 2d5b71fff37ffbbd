package server_test

import (
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
	scraped := httptest.NewRecorder()
	w.server.Admin().ServeHTTP(scraped, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	told := scraped.Body.String()
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
