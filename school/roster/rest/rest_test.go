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
	most     int    // rows of a page, whatever is asked for; 0: as many as are
	head     func(w http.ResponseWriter, offset, rows, all int)
	onePage  bool // it does not know of pages, and answers with all there is
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
		_ = json.NewEncoder(w).Encode(map[string]any{r.PathValue("name"): e.page(w, r)})
	})
	e.Server = httptest.NewServer(mux)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) page(w http.ResponseWriter, r *http.Request) []any {
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
	if e.most > 0 {
		limit = min(limit, e.most)
	}
	if e.onePage {
		return all
	}
	offset = min(offset, len(all))
	page := all[offset:min(offset+limit, len(all))]
	if e.head != nil {
		e.head(w, offset, len(page), len(all))
	}
	return page
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

// Pages as endpoints have them: with a limit of their own, with headers that say how many there
// are or where the next page is, or with none at all. Everybody is fetched, and whoever is missing
// is noticed.
func TestPagesOfAllKinds(t *testing.T) {
	t.Parallel()
	counted := func(w http.ResponseWriter, _, _, all int) { w.Header().Set("X-Total-Count", strconv.Itoa(all)) }
	linked := func(w http.ResponseWriter, offset, rows, all int) {
		link := `<https://x.example/users?offset=0>; rel="first"`
		if offset+rows < all {
			link += `, <https://x.example/users?offset=1>; rel="next"`
		}
		w.Header().Set("Link", link)
	}
	for name, tc := range map[string]struct {
		change func(*endpoint)
		wrong  string
		asked  int // for users; 0: no matter
	}{
		"with no headers":                   {change: func(*endpoint) {}},
		"a limit of its own":                {change: func(e *endpoint) { e.most = 100 }},
		"the same, and how many there are":  {change: func(e *endpoint) { e.most, e.head = 100, counted }, asked: 5},
		"the same, and where the next is":   {change: func(e *endpoint) { e.most, e.head = 100, linked }, asked: 5},
		"an end at the end of a page":       {change: func(e *endpoint) { e.most, e.head, e.teachers = 90, counted, 450 }, asked: 5},
		"fewer than it says that there are": {change: func(e *endpoint) { e.head = func(w http.ResponseWriter, _, _, all int) { counted(w, 0, 0, all+1) } }, wrong: "rows came"},
		"links that are about something else": {change: func(e *endpoint) {
			e.most, e.head = 100, func(w http.ResponseWriter, _, _, _ int) { w.Header().Set("Link", `</style.css>; rel="preload"`) }
		}},
		"no pages":                            {change: func(e *endpoint) { e.onePage = true }},
		"no pages, and not so many people":    {change: func(e *endpoint) { e.onePage, e.teachers = true, 30 }},
		"no pages, and just as many as asked": {change: func(e *endpoint) { e.onePage, e.teachers = true, 200 }, wrong: "does not page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEndpoint(t, 450)
			tc.change(e)
			content, _, err := rest.Fetch(t.Context(), e.source(), time.Time{})
			if tc.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wrong) {
					t.Errorf("got %v, want %q", err, tc.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			set, err := roster.Read(content, roster.OneRosterZip, roster.Options{})
			if err != nil || len(set.People) != e.teachers {
				t.Errorf("%d of %d people: %v", len(set.People), e.teachers, err)
			}
			n := 0
			for _, at := range e.asked {
				if strings.Contains(at, "/users") {
					n++
				}
			}
			if tc.asked > 0 && n != tc.asked {
				t.Errorf("asked %d times, want %d", n, tc.asked)
			}
		})
	}
}
