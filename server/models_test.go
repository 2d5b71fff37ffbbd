package server_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each model of the study has its row in docs/models.md, and each test that a row names
// is there: a row that lost its test says so here.
func TestEachModelOfTheStudyHasATestThatIsThere(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(|^\s*test\("(D\d+: [^"]+)"`)
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, ".test.ts") && !strings.HasSuffix(path, ".e2e.ts") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(raw), -1) {
			there[m[1]+m[2]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(string(page), "\n") {
		named := regexp.MustCompile("`(Test\\w+|D\\d+: [^`]+)`").FindAllStringSubmatch(line, -1)
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| model ") || strings.HasPrefix(line, "| statement ") {
			continue
		}
		// A statement's test carries its number.
		if number := regexp.MustCompile(`^\| (D\d+): `).FindStringSubmatch(line); number != nil && !strings.Contains(line, "`"+number[1]+": ") && !strings.Contains(line, "`Test"+number[1]) {
			t.Errorf("no test of %s carries its number", number[1])
		}
		rows++
		if len(named) == 0 {
			t.Errorf("no test stands in the row %q", line)
		}
		for _, m := range named {
			if !there[m[1]] {
				t.Errorf("there is no %s, which docs/models.md names in %q", m[1], line)
			}
		}
	}
	if rows < 22 {
		t.Errorf("docs/models.md has %d rows, the study has at least 22 models", rows)
	}
}
