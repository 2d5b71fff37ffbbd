package guard_test

import (
	"testing"

	"undring/culture/guard"
)

// A count that stands alone, such as how many of a round have told, tells of nobody: for
// every group and every count, two accomplices and the reader's own knowledge of them leave
// both a yes and a no open for each one else; and a group of fewer than eight gets nothing.
func TestG10ACountThatStandsAloneTellsOfNobody(t *testing.T) {
	t.Parallel()
	for n := range 61 {
		told := map[guard.Band][]int{}
		for count := range n + 1 {
			b := guard.Alone(n, count)
			if b.Shown() != (n >= guard.Least) {
				t.Fatalf("%d of %d: shown is %v", count, n, b.Shown())
			}
			told[b] = append(told[b], count)
		}
		if n < guard.Least {
			continue
		}
		for b, counts := range told {
			// The accomplices' own answers are a yes each, or a no: what is left is to be neither
			// all yes nor all no among the others.
			others := n - guard.Accomplices
			for yes := range guard.Accomplices + 1 {
				someYes, someNo := false, false
				for _, c := range counts {
					rest := c - yes
					if rest < 0 || rest > others {
						continue
					}
					someYes, someNo = someYes || rest > 0, someNo || rest < others
				}
				if !someYes || !someNo {
					t.Errorf("of %d people, %v with %d accomplices of yes says what each one else did", n, b, yes)
				}
			}
		}
	}
}
