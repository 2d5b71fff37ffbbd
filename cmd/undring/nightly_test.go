package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"undring/school/roster/fieldtest"
)

// drop lays a file of the field into a folder, as of two minutes ago.
func drop(t *testing.T, dir, file, as string) {
	t.Helper()
	to := filepath.Join(dir, as)
	if err := os.WriteFile(to, fieldtest.Read(t, file), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-2 * time.Minute)
	if err := os.Chtimes(to, at, at); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range found {
		_, name, _ := strings.Cut(filepath.Base(f), "-")
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// A folder that a register's export is dropped into: the newest file is taken, what can't
// be a roster and what the brake holds is set aside, and nothing is changed by it.
func TestARosterThatIsDropped(t *testing.T) {
	t.Parallel()
	s, dir := newShell(t), t.TempDir()
	run := func(want int) string {
		t.Helper()
		out, odd, status := s.run("roster", "drop", dir)
		if status != want {
			t.Fatalf("status %d, want %d: %s%s", status, want, out, odd)
		}
		return odd
	}
	run(0) // nothing is there
	drop(t, dir, "r01-folder-from-a-mac.zip", "a-first.zip")
	run(0)
	if got := names(t, filepath.Join(dir, "done")); got != "first.zip" && !strings.Contains(got, "first.zip") {
		t.Errorf("done: %s", got)
	}
	drop(t, dir, "r18-a-quote-that-is-not-closed.zip", "b-broken.zip")
	run(1)
	drop(t, dir, "s5-school-one.zip", "c-others.zip") // the administrator would go
	if odd := run(1); !strings.Contains(odd, "--approve") {
		t.Errorf("the brake says %s", odd)
	}
	if got := names(t, filepath.Join(dir, "held")); !strings.Contains(got, "broken.zip") || !strings.Contains(got, "others.zip") {
		t.Errorf("held: %s", got)
	}
	if out, _, _ := s.run("roster", "log"); !strings.Contains(out, "held: --approve") {
		t.Errorf("the log: %s", out)
	}
	// Where the newest is held, an older one is not taken in its place the next night.
	drop(t, dir, "r01-folder-from-a-mac.zip", "c-older.zip")
	drop(t, dir, "r18-a-quote-that-is-not-closed.zip", "d-newest.zip")
	run(1)
	if got := names(t, dir); got != "" {
		t.Errorf("the next night takes %s", got)
	}
	// One that is being written is left alone.
	if err := os.WriteFile(filepath.Join(dir, "d-half.zip"), []byte("PK"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(0)
}

// From an endpoint: everything the first time, what has changed the next, and the brake
// holds here, too.
func TestARosterThatIsFetched(t *testing.T) {
	t.Parallel()
	s, dir := newShell(t), t.TempDir()
	status, changed, filters := "active", "2026-08-01T00:00:00.000Z", []string{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
	})
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		rows := []any{map[string]any{"sourcedId": "sk-1", "status": "active", "name": "Storfjord skole", "type": "school"}}
		if r.PathValue("name") == "users" {
			filters = append(filters, r.URL.Query().Get("filter"))
			rows = nil
			for i := range 5 {
				rows = append(rows, map[string]any{"sourcedId": fmt.Sprint("u", i), "status": status, "dateLastModified": changed, "enabledUser": true,
					"givenName": fmt.Sprint("Åse", i), "familyName": "Berg", "email": fmt.Sprintf("u%d@storfjord.example", i),
					"roles": []any{map[string]any{"role": "teacher", "org": map[string]any{"sourcedId": "sk-1"}}}})
			}
		}
		w.Header().Set("X-Total-Count", strconv.Itoa(len(rows)))
		_ = json.NewEncoder(w).Encode(map[string]any{r.PathValue("name"): rows})
	})
	at := httptest.NewServer(mux)
	t.Cleanup(at.Close)
	source, state := filepath.Join(dir, "source.json"), filepath.Join(dir, "state.json")
	raw, err := json.Marshal(map[string]string{"url": at.URL, "token_url": at.URL + "/token", "client_id": "undring", "client_secret": "x"})
	if err == nil {
		err = os.WriteFile(source, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	fetch := func(want int) {
		t.Helper()
		if out, odd, status := s.run("roster", "fetch", "--state", state, source); status != want {
			t.Fatalf("status %d, want %d: %s%s", status, want, out, odd)
		}
	}
	fetch(0)
	changed = "2926-08-01T00:00:00.000Z" // a slip of somebody's: nothing would be asked for any more
	fetch(0)
	status = "tobedeleted"
	fetch(1)
	var people int
	if err := s.admin.QueryRow(t.Context(), "select count(*) from person where owner_id = $1 and active", s.owner).Scan(&people); err != nil || people != 5 {
		t.Errorf("%d people (%v)", people, err)
	}
	if len(filters) != 3 || filters[0] != "" || !strings.Contains(filters[1], "2026-08-01") || filters[2] == "" || strings.Contains(filters[2], "2926") {
		t.Errorf("asked for %q", filters)
	}
}

// The units of deploy/ start what there is.
func TestTheUnitsStartWhatThereIs(t *testing.T) {
	t.Parallel()
	units, err := filepath.Glob("../../deploy/undring-roster-*.service")
	if err != nil || len(units) != 2 {
		t.Fatalf("%v, %v", units, err)
	}
	for _, unit := range units {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		_, line, found := strings.Cut(string(text), "ExecStart=/usr/local/bin/undring ")
		line, _, _ = strings.Cut(line, "\n")
		cmd, rest, err := command().Find(strings.Fields(line))
		if !found || err != nil || cmd.RunE == nil {
			t.Fatalf("%s starts %q: %v", unit, line, err)
		}
		if err := cmd.ParseFlags(rest); err != nil {
			t.Errorf("%s: %v", unit, err)
		}
		if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
			t.Errorf("%s: %v", unit, err)
		}
		if _, err := os.Stat(strings.TrimSuffix(unit, ".service") + ".timer"); err != nil {
			t.Error(err)
		}
	}
}
