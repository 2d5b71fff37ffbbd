package review_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"undring/review"
)

// Of what is stood by, only what does not open far enough counts. The file holds
// the phone to the same.
func TestWhatCountsInTheSharedCasesOfStandingBy(t *testing.T) {
	t.Parallel()
	const file = "testdata/counts.tsv"
	var now strings.Builder
	for _, k := range review.Kinds() {
		for _, stoodBy := range []bool{false, true} {
			fmt.Fprintf(&now, "%s\t%t\t%t\n", k, stoodBy, review.Counts(k, stoodBy))
			want := k == review.Wondering || stoodBy && (k == review.Clarifying || k == review.Closed)
			if review.Counts(k, stoodBy) != want {
				t.Errorf("%s, stood by: %t: counts %t", k, stoodBy, !want)
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != now.String() {
		t.Error(file, "is stale: make cases, then test the phone's half")
	}
}
