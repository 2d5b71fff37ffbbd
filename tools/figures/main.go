// Command figures measures the Go code of this repository, or of a copy of it in
// another folder, by what makes code good to read: how long files and functions are,
// how much of it is commented and documented, how it is tested, and whether packages
// import only what their rank allows.
//
//	go run ./tools/figures [folder]
//
// It counts what people wrote: no generated files, no testdata. Tests are _test.go files
// and packages that only tests import. A comment line is one with nothing else on it.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// It prints and judges nothing: what the figures have to be stands in docs/developing.md
// and in the tests.
func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	h, err := read(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "measuring:", err)
		os.Exit(1)
	}
	h.print(os.Stdout)
}

// forTests are the names of folders whose packages only tests import. They count as tests,
// since a line in them costs nobody who reads the program.
var forTests = []string{"pgtest", "providertest", "tracingtest", "town", "faults"}

// read measures all Go files below root. Ranks and dependencies are read from the same
// tree, so that a copy from another day is measured by its own rules.
func read(root string) (*house, error) {
	h := &house{folders: map[string]*folder{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		// Folders that begin with a dot are tools'; testdata and node_modules nobody here
		// has written.
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		at, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return h.add(path, filepath.ToSlash(at))
	})
	if err != nil {
		return nil, err
	}
	// The test is the one place where the ranks stand; a second list would drift from it.
	if h.ranks, err = readRanks(filepath.Join(root, "server", "house_test.go")); err != nil {
		return nil, err
	}
	h.deps, err = directDependencies(filepath.Join(root, "go.mod"))
	return h, err
}

// isTest says whether a file is there for tests alone. Any folder on the way counts, so
// that a package below one for tests is one, too.
func isTest(at string) bool {
	if strings.HasSuffix(at, "_test.go") {
		return true
	}
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(filepath.Dir(at)), "/"), func(part string) bool { return slices.Contains(forTests, part) })
}

// directDependencies counts the modules that go.mod names without "indirect". Read line by
// line rather than by a module's parser, which would be a dependency for the sake of one
// figure.
func directDependencies(file string) (int, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	n, inside := 0, false
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		switch {
		// A go.mod that `go mod tidy` has written has the direct ones in a block of their
		// own, and each indirect one marked.
		case strings.HasPrefix(line, "require ("):
			inside = true
		case line == ")":
			inside = false
		case strings.HasPrefix(line, "require ") || inside && line != "" && !strings.HasPrefix(line, "//"):
			if !strings.HasSuffix(line, "// indirect") {
				n++
			}
		}
	}
	return n, nil
}
