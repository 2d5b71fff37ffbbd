package words_test

import (
	"slices"
	"strings"
	"testing"

	"undring/words"
)

func TestTheLanguageThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"":                              "nb",
		"nb":                            "nb",
		"nn":                            "nn",
		"en":                            "en",
		"en-US":                         "en",
		"no":                            "nb",
		"nn-NO,nb;q=0.8,en;q=0.5":       "nn",
		"de,en;q=0.5":                   "en",
		"de":                            "nb",
		"da":                            "nb", // reads bokmål more easily than anything else here
		"en;q=0.1,nn;q=0.9":             "nn",
		"*":                             "nb",
		"not a header at all, ;;q=":     "nb",
		strings.Repeat("de,", 1000):     "nb", // as long as a header may be
		"en\x00":                        "nb",
		"xx-invalid-language-tag-12345": "nb",
	} {
		if got := words.Match(accept); got != want {
			t.Errorf("%.40q is answered in %s, want %s", accept, got, want)
		}
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Languages() {
		if got := words.Say(lang, "next.ended"); got == "" || got == "next.ended" {
			t.Errorf("%s says %q", lang, got)
		}
		if got := words.Say(lang, "prompt.author", "Kari 100 %d"); !strings.Contains(got, "Kari 100 %d") || strings.Contains(got, "%!") {
			t.Errorf("%s fills a name in as %q", lang, got)
		}
	}
	if got, want := words.Say("de", "next.ended"), words.Say("nb", "next.ended"); got != want {
		t.Errorf("in an unknown language: %q, want %q", got, want)
	}
	for _, lang := range words.Languages() {
		if got, want := words.Say(lang, "no.such.key", 1), words.Say(lang, "text.missing"); got != want || got == "text.missing" {
			t.Errorf("of an unknown key, %s says %q, want %q", lang, got, want)
		}
	}
}

// Where there are words for a code, these are said; for any other, the general ones.
func TestWordsForACode(t *testing.T) {
	t.Parallel()
	general, found := "", false
	for _, key := range words.Keys("nb") {
		i := strings.LastIndexByte(key, '.')
		if i < 0 || !slices.Contains(words.Keys("nb"), key[:i]) {
			continue
		}
		found = true
		if got, want := words.Of("en", key[:i], key[i+1:]), words.Say("en", key); got != want {
			t.Errorf("%s of %s: %q, want %q", key[i+1:], key[:i], got, want)
		}
		general = key[:i]
	}
	if !found {
		t.Fatal("no key has words for a code")
	}
	for _, code := range []string{"", "NO_SUCH_CODE"} {
		if got, want := words.Of("en", general, code), words.Say("en", general); got != want {
			t.Errorf("%s of %q: %q, want %q", general, code, got, want)
		}
	}
}

func TestAtSaysWhereInAFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		facts map[string]string
		want  string
	}{
		{nil, "No."},
		{map[string]string{"person": "x"}, "No."},
		{map[string]string{"file": "users.csv"}, "No. (users.csv)"},
		{map[string]string{"file": "users.csv", "line": "3", "column": "email"},
			"No. (users.csv, " + words.Say("en", "place.line", "3") + ", " + words.Say("en", "place.column", "email") + ")"},
		{map[string]string{"line": "3"}, "No. (" + words.Say("en", "place.line", "3") + ")"},
	} {
		if got := words.At("en", "No.", tc.facts); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.facts, got, tc.want)
		}
	}
}

// What callers are handed is theirs: to change it changes nothing here.
func TestListsAreCopies(t *testing.T) {
	t.Parallel()
	words.Languages()[0] = "xx"
	words.Keys("nb")[0] = "xx"
	if words.Languages()[0] != "nb" || words.Keys("nb")[0] == "xx" {
		t.Error("a caller changed the lists")
	}
	if !slices.IsSorted(words.Keys("en")) || len(words.Keys("de")) != 0 {
		t.Error("keys are not sorted, or there are some of a language that is not there")
	}
}
