package faults_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"undring/postgres"
)

// R2: on a database that could lose what was acknowledged, the server does not
// start, and says why.
func TestR2UnsafeSettingsAreRefused(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	url := func() string { return w.cluster.URL(database, "undring_app") }
	if err := postgres.CheckSafe(ctx, url()); err != nil {
		t.Fatalf("the cluster as it is made: %v", err)
	}
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		w.sql("alter system set " + setting + " = off")
		w.restartDatabase()
		if err := postgres.CheckSafe(ctx, url()); err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s off: %v", setting, err)
		}
		w.sql("alter system reset " + setting)
	}
	if err := postgres.CheckSafe(ctx, w.superuser()); err == nil || !strings.Contains(err.Error(), "row level security") {
		t.Errorf("as the superuser: %v", err)
	}
	_ = w.cluster.Stop()
	program, err := postgres.Program("pg_checksums")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "--disable", "-D", filepath.Join(w.dir, "pg", "cluster")).CombinedOutput(); err != nil {
		t.Fatalf("pg_checksums: %v\n%s", err, out)
	}
	w.startDatabase()
	if err := postgres.CheckSafe(ctx, url()); err == nil || !strings.Contains(err.Error(), "data_checksums") {
		t.Errorf("without checksums: %v", err)
	}
}

func (w *world) restartDatabase() {
	w.t.Helper()
	if err := w.cluster.Stop(); err != nil {
		w.t.Fatal(err)
	}
	w.startDatabase()
}
