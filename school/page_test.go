package school

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"undring/refusal"
)

// G12: whatever comes as a page token is refused, or is a place that the
// database can be asked for.
func FuzzPageToken(f *testing.F) {
	f.Add("")
	f.Add(place{Family: "Ås", Given: "Kari", ID: "01a20c0a-311e-7bbe-82ce-acb5908c5615"}.token())
	f.Add(place{Family: "a\x00", ID: "01a20c0a-311e-7bbe-82ce-acb5908c5615"}.token())
	f.Add(place{ID: strings.Repeat("x", 36)}.token())
	f.Add("bnVsbA")
	f.Fuzz(func(t *testing.T, token string) {
		p, err := readPlace(token)
		if err != nil {
			if refusal.ReasonOf(err) != refusal.InvalidField {
				t.Fatalf("%q: %v", token, err)
			}
			return
		}
		if _, err := uuid.Parse(p.ID); err != nil || strings.ContainsRune(p.Family+p.Given, 0) || !utf8.ValidString(p.Family+p.Given) {
			t.Fatalf("%q is read as %q", token, p)
		}
		if again, err := readPlace(p.token()); err != nil || again != p {
			t.Fatalf("%q comes back as %q, %v", p, again, err)
		}
	})
}
