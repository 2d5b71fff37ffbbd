package observation

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"undring/refusal"
)

// G12: whatever comes as a page token is refused, or is a time and an id that the
// database can be asked for.
func FuzzPageToken(f *testing.F) {
	f.Add("")
	f.Add(pageToken(time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC), uuid.MustParse("01a20c0a-311e-7bbe-82ce-acb5908c5615")))
	f.Add("gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, token string) {
		at, id, err := readPageToken(token)
		if err != nil {
			if refusal.ReasonOf(err) != refusal.InvalidField {
				t.Fatalf("%q: %v", token, err)
			}
			return
		}
		if at.Year() < 1 || at.Year() > 9999 {
			t.Fatalf("%q is read as %v", token, at)
		}
		if again, sameID, err := readPageToken(pageToken(at, id)); err != nil || !again.Equal(at) || sameID != id {
			t.Fatalf("%v %v comes back as %v %v, %v", at, id, again, sameID, err)
		}
	})
}
