package wire_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"undring/refusal"
	"undring/wire"
)

// place has a field of each type by which lists are sorted.
type place struct {
	At           time.Time
	Family, Name string
	ID           uuid.UUID
}

var somewhere = place{
	At: time.Date(2026, 11, 10, 8, 0, 0, 123000, time.UTC), Family: "Ås", Name: `Kari \u0000 "Kaia"`, ID: uuid.MustParse("01a20c0a-311e-7bbe-82ce-acb5908c5615"),
}

func token(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }

// G12: whatever comes as a page token is refused, or is a place that the database
// can be asked for.
func FuzzPageToken(f *testing.F) {
	f.Add("")
	f.Add(wire.PageToken(somewhere))
	f.Add(wire.PageToken(place{Family: "a\x00"}))
	f.Add("gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("bnVsbA")
	f.Add(token(`{"At":"0000-01-01T00:00:00+23:59"}`))
	f.Fuzz(func(t *testing.T, token string) {
		p, err := wire.ReadPageToken(token, somewhere)
		if err != nil {
			if refusal.ReasonOf(err) != refusal.InvalidField {
				t.Fatalf("%q: %v", token, err)
			}
			return
		}
		if strings.ContainsRune(p.Family+p.Name, 0) || !utf8.ValidString(p.Family+p.Name) || p.At.Year() < 0 || p.At.Year() > 9999 {
			t.Fatalf("%q is read as %q", token, p)
		}
		again, err := wire.ReadPageToken(wire.PageToken(p), place{})
		if err != nil || !again.At.Equal(p.At) || again.ID != p.ID || again.Family != p.Family || again.Name != p.Name {
			t.Fatalf("%q comes back as %q, %v", p, again, err)
		}
	})
}

func TestAPageGoesOnWhereTheLastOneEnded(t *testing.T) {
	t.Parallel()
	if got, err := wire.ReadPageToken("", somewhere); err != nil || got != somewhere {
		t.Errorf("without a token: %v, %v; want the start", got, err)
	}
	if got, err := wire.ReadPageToken(wire.PageToken(somewhere), place{}); err != nil || got != somewhere {
		t.Errorf("with a token: %q, %v; want %q", got, err, somewhere)
	}
	for what, text := range map[string]string{
		"the token of another list":   wire.PageToken(struct{ Month int }{3}),
		"a NUL in a name":             wire.PageToken(place{Name: "a\x00"}),
		"a NUL behind a backslash":    wire.PageToken(place{Name: "\\\x00"}),
		"an id that is not one":       token(`{"ID":"x"}`),
		"a time after the year 9999":  token(`{"At":"10000-01-01T00:00:00Z"}`),
		"no JSON":                     token("{"),
		"no base64":                   "%",
		"a token of earlier versions": "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	} {
		if got, err := wire.ReadPageToken(text, somewhere); refusal.ReasonOf(err) != refusal.InvalidField {
			t.Errorf("%s is read as %q, %v", what, got, err)
		}
	}
}

func TestPageSize(t *testing.T) {
	t.Parallel()
	for asked, want := range map[int32]int{-1: 50, 0: 50, 1: 1, 199: 199, 200: 200, 201: 200, 1 << 30: 200} {
		if got := wire.PageSize(asked); got != want {
			t.Errorf("a page of %d has %d entries, want %d", asked, got, want)
		}
	}
}
