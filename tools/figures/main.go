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

// forTests are the names of folders whose packages only tests import.
var forTests = []string{"pgtest", "providertest", "tracingtest", "town", "faults"}

// read measures all Go files below root.
func read(root string) (*house, error) {
	h := &house{folders: map[string]*folder{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
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
	if h.ranks, err = readRanks(filepath.Join(root, "server", "house_test.go")); err != nil {
		return nil, err
	}
	h.deps, err = directDependencies(filepath.Join(root, "go.mod"))
	return h, err
}

// isTest says whether a file is there for tests alone.
func isTest(at string) bool {
	if strings.HasSuffix(at, "_test.go") {
		return true
	}
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(filepath.Dir(at)), "/"), func(part string) bool { return slices.Contains(forTests, part) })
}

// directDependencies counts the modules that go.mod names without "indirect".
func directDependencies(file string) (int, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	n, inside := 0, false
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		switch {
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
