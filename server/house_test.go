package server_test

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"undring/culture"
	"undring/culture/guard"
	"undring/notify"
	"undring/observation"
	"undring/privacy"
	"undring/refusal"
	"undring/school/roster"
	"undring/school/timetable"
	"undring/words"
)

// ranks of the packages: each imports lower ones only.
var ranks = map[string]int{
	"undring/refusal": 0, "undring/words": 0, "undring/review": 0, "undring/migrations": 0, "undring/gen/undring/v1": 0, "undring/web": 0, "undring/spec": 0, "undring/tracing": 0, "undring/tables": 0,
	"undring/fair": 0, "undring/outwards": 0, "undring/intake": 0, "undring/attack": 1,
	"undring/school/roster": 1, "undring/school/roster/fieldtest": 0, "undring/school/roster/rest": 0, "undring/school/timetable": 1, "undring/postgres": 1, "undring/wire": 1, "undring/once": 2, "undring/school": 3,
	"undring/culture/guard": 0, "undring/culture": 4, "undring/session": 4, "undring/observation": 4, "undring/focus": 4, "undring/offline": 4, "undring/notify": 4, "undring/privacy": 4, "undring/learning": 5, "undring/desk": 5, "undring/feedback": 6,
	"undring/server": 7, "undring/demo": 7, "undring/town": 8, "undring/tools/figures": 0, "undring/load": 8, "undring/faults": 9, "undring/cmd/undring": 9,
	"undring/postgres/pgtest": 2, "undring/session/providertest": 3, "undring/observation/diagram": 5, "undring/spec/limits": 7, "undring/review/matrix": 2, "undring/review/corpus": 1, "undring/review/fit": 1, "undring/review/train": 2, "undring/tracing/tracingtest": 0,
}

func TestEachPackageImportsLowerOnesOnly(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "undring/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		own, ranked := ranks[p.ImportPath]
		if !ranked {
			t.Errorf("%s has no rank: give it one in server/house_test.go", p.ImportPath)
		}
		for _, i := range p.Imports {
			if r, ours := ranks[i]; ours && r >= own {
				t.Errorf("%s (rank %d) imports %s (rank %d)", p.ImportPath, own, i, r)
			}
		}
	}
}

// The rules are functions over values: what is neither a store nor a service imports
// neither context, nor the database's driver, nor the contract.
func TestTheRulesArePure(t *testing.T) {
	t.Parallel()
	for _, room := range []string{"observation", "feedback", "focus", "learning", "notify", "culture", "culture/guard"} {
		names, err := filepath.Glob("../" + room + "/*.go")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v, %v", room, names, err)
		}
		for _, name := range names {
			base := filepath.Base(name)
			if strings.HasSuffix(base, "_test.go") || strings.HasPrefix(base, "store") || strings.HasPrefix(base, "service") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				path := strings.Trim(i.Path.Value, `"`)
				if path == "context" || strings.Contains(path, "pgx") || strings.HasPrefix(path, "undring/gen") || path == "undring/wire" {
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
	}
}

// time.Now enters at the command; everywhere else the time is passed in. A deadline of a
// connection is the machine's own.
func TestTheClockIsPassedIn(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, allowed := range []string{"../cmd/", "../postgres/", "../gen/", "../load/", "../attack/", "../town/"} { // a cluster and its transactions are waited for, and a load measured, by the real clock
			if strings.HasPrefix(path, allowed) {
				return nil
			}
		}
		raw, err := os.ReadFile(path)
		if err == nil && strings.Contains(strings.ReplaceAll(string(raw), "Deadline(time.Now()", ""), "time.Now()") {
			t.Errorf("%s asks for the time by itself", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Everything that can be said is said in every language, and nothing besides in
// one of them alone.
func TestEverythingHasWords(t *testing.T) {
	t.Parallel()
	var want []string
	for i := range privacy.Information("nb") {
		want = append(want, fmt.Sprintf("information.%d", i+1))
	}
	for _, r := range refusal.Reasons() {
		want = append(want, "refusal."+string(r))
	}
	for _, l := range refusal.Limits() {
		want = append(want, "limit."+string(l))
	}
	for _, todo := range observation.Todos() {
		want = append(want, "next."+string(todo))
	}
	want = append(want, notify.Said()...)
	for _, r := range roster.Reasons() {
		want = append(want, "roster."+string(r))
	}
	for _, r := range timetable.Reasons() {
		want = append(want, "calendar."+string(r))
	}
	for _, page := range []guard.Page{guard.Sheet, guard.Pulse} {
		for _, l := range guard.Manifest(page) {
			if l.Named() == "PULSE_RESPONSE" {
				continue // is told in the words of pulse.response
			}
			for _, what := range []string{"title", "definition", "blind", "helps"} {
				want = append(want, "culture."+l.Named()+"."+what)
			}
		}
	}
	for _, s := range []culture.State{culture.Published, culture.Coming, culture.OwnerOnly, culture.Never} {
		want = append(want, "culture.standing."+string(s))
	}
	for _, k := range guard.Kinds() {
		switch {
		case !(guard.Band{Kind: k}).Shown():
			want = append(want, "culture.held."+string(k))
		case k != guard.Number:
			want = append(want, "culture.value."+string(k), "culture.word."+string(k), "pulse.response."+string(k))
		}
	}
	first := words.Keys(words.Languages()[0])
	for _, lang := range words.Languages() {
		keys := words.Keys(lang)
		for _, k := range want {
			if !slices.Contains(keys, k) {
				t.Errorf("%s has no words for %s", lang, k)
			}
		}
		if !slices.Equal(keys, first) {
			t.Errorf("%s has other keys than %s", lang, words.Languages()[0])
		}
		for _, k := range keys {
			text := words.Say(lang, k)
			if n := strings.Count(text, "%!s(MISSING)"); n > 0 { // it has places for names or numbers
				text = words.Say(lang, k, []any{"Kari", "3", "8"}[:n]...)
			}
			if strings.Contains(text, "%!d(MISSING)") {
				text = words.Say(lang, k, 8)
			}
			if text == "" || text == k || strings.Contains(text, "%!") {
				t.Errorf("%s says %q for %s", lang, text, k)
			}
		}
	}
	for _, lang := range words.Languages() {
		if text := words.Say(lang, "no.such.text"); strings.Contains(text, "no.such") || text == "" {
			t.Errorf("%s says %q where it has no words", lang, text)
		}
	}
	for accept, want := range map[string]string{"": "nb", "no": "nb", "nb-NO": "nb", "nn-NO,nb;q=0.8": "nn", "en-GB": "en", "de": "nb", "???": "nb", "da": "nb"} {
		if got := words.Match(accept); got != want {
			t.Errorf("who reads %q is spoken to in %s, want %s", accept, got, want)
		}
	}
}
