package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"undring/school/roster"
	"undring/school/roster/rest"
)

// endpoint is a OneRoster 1.2 service with so many teachers.
type endpoint struct {
	*httptest.Server
	teachers int
	changed  map[int]string // when, of a teacher; others on 1 August
	asked    []string
	broken   string // a collection that fails
}

func newEndpoint(t *testing.T, teachers int) *endpoint {
	t.Helper()
	e := &endpoint{teachers: teachers, changed: map[int]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, basic := r.BasicAuth()
		if !basic || id != "undring" || secret != "hemmelig" || r.PostFormValue("grant_type") != "client_credentials" {
			http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":60}`)
	})
	mux.HandleFunc("GET /v1p2/{name}", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" || r.PathValue("name") == e.broken {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		e.asked = append(e.asked, r.URL.RequestURI())
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{r.PathValue("name"): e.page(r)})
	})
	e.Server = httptest.NewServer(mux)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) page(r *http.Request) []any {
	var all []any
	if r.PathValue("name") == "orgs" {
		all = append(all, map[string]any{"sourcedId": "sk-1", "status": "active", "name": "Storfjord skole", "type": "school"})
	} else {
		since := strings.TrimSuffix(strings.TrimPrefix(r.URL.Query().Get("filter"), "dateLastModified>='"), "'")
		for i := range e.teachers {
			at := e.changed[i]
			if at == "" {
				at = "2026-08-01T00:00:00.000Z"
			}
			if at < since {
				continue
			}
			all = append(all, map[string]any{"sourcedId": fmt.Sprintf("u-%d", i), "status": "active", "dateLastModified": at, "enabledUser": "true", "givenName": "Åse",
				"familyName": fmt.Sprintf("Nr, %d", i), "email": fmt.Sprintf("u%d@storfjord.example", i),
				"userIds": []any{map[string]any{"type": "Feide", "identifier": fmt.Sprintf("f%d@storfjord.example", i)}},
				"roles":   []any{map[string]any{"roleType": "primary", "role": "teacher", "org": map[string]any{"sourcedId": "sk-1"}}}})
		}
	}
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	offset = min(offset, len(all))
	return all[offset:min(offset+limit, len(all))]
}

func (e *endpoint) source() rest.Source {
	return rest.Source{URL: e.URL + "/v1p2/", TokenURL: e.URL + "/token", ClientID: "undring", ClientSecret: "hemmelig"}
}

// All pages are fetched and read as a file is; the next time what has changed since, and
// that alone.
func TestFetch(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, 450)
	content, latest, err := rest.Fetch(t.Context(), e.source(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	set, err := roster.Read(content, roster.OneRosterZip, roster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.People) != 450 || !set.Bulk || len(set.Errors) != 0 || set.People[7].FamilyName != "Nr, 7" || set.People[7].Login != "f7@storfjord.example" {
		t.Fatalf("%d people, bulk %v, odd %v", len(set.People), set.Bulk, set.Errors)
	}
	if want := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC); !latest.Equal(want) {
		t.Errorf("changed last %s, want %s", latest, want)
	}
	e.changed[3] = "2026-09-01T10:00:00.000Z"
	content, latest, err = rest.Fetch(t.Context(), e.source(), latest.Add(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if set, err = roster.Read(content, roster.OneRosterZip, roster.Options{}); err != nil || set.Bulk || len(set.People) != 1 || set.People[0].SourcedID != "u-3" {
		t.Errorf("a delta of %v (%v)", set, err)
	}
	if latest.Month() != time.September {
		t.Errorf("changed last %s", latest)
	}
}

// What can't be fetched whole is no roster at all.
func TestFetchRefuses(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, 1)
	e.broken = "users"
	if _, _, err := rest.Fetch(t.Context(), e.source(), time.Time{}); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a broken collection: %v", err)
	}
	wrong := e.source()
	wrong.ClientSecret = "feil"
	if _, _, err := rest.Fetch(t.Context(), wrong, time.Time{}); err == nil {
		t.Error("a wrong secret opens it")
	}
}
