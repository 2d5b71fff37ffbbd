package roster_test

import (
	"os"
	"testing"

	"undring/school/roster/fieldtest"
)

// Every file of the folder has its line in the table.
func TestEveryFileOfTheFieldIsInTheTable(t *testing.T) {
	t.Parallel()
	right := map[string]bool{}
	for _, c := range fieldtest.Cases() {
		right[c.File] = true
		for _, f := range append(c.After, c.File) {
			if _, err := os.Stat(fieldtest.Path(f)); err != nil {
				t.Error(err)
			}
		}
	}
	files, err := os.ReadDir("testdata/field")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !right[f.Name()] {
			t.Errorf("%s has no line: say what is right for it in fieldtest", f.Name())
		}
	}
}
