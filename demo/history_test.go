package demo

import "testing"

// Who visits whom in the half-years behind a demo: nobody themselves, nobody twice, whatever
// becomes of the teams.
func TestNobodyIsVisitedTwiceInAHalfYear(t *testing.T) {
	t.Parallel()
	all := teachers()
	visited, visits := map[string]bool{}, map[string]bool{}
	for i := range all {
		observer, observed := pair(all, i)
		if observer == observed || visited[observed] || visits[observer] {
			t.Errorf("visit %d: %s visits %s", i, observer, observed)
		}
		visited[observed], visits[observer] = true, true
	}
}
