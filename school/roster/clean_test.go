package roster_test

import (
	"testing"

	"undring/school/roster"
)

// No name steers a terminal, turns a page around or hides a letter.
func TestNamesLoseWhatCannotBeSeen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Kari\x1b[31m Berg": "Kari[31m Berg", "Kari\u202egreB": "KarigreB", "Ka\u200bri": "Kari", "\u2066Ola\u2069": "Ola",
		"Per\u0085Dahl": "Per Dahl", "A\x00B": "AB", " Åse  Ø ": "Åse Ø", "\ufeffNils": "Nils", "Bj\u00f8rn": "Bjørn",
	} {
		if got := roster.Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
