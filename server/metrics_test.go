package server_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"undring/town"
)

// What the dashboard and the page about slowness speak of is there, and it tells
// nothing of anybody.
func TestMetricsAreWhatTheDashboardAsksFor(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	if err := w.Server.RunJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := w.Metrics()
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
	for _, word := range []string{w.Kari.ID, w.Owner.String(), "Kari", "hender", "Fire elever", town.Focus} {
		if strings.Contains(told, word) {
			t.Errorf("the metrics tell %q", word)
		}
	}
}
