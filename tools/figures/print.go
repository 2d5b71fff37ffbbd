package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

const (
	// The module's path stands in front of each rank; folders here are relative to its
	// root.
	module = "undring"
	// mostLines is what functions mostly keep within, and mostComplex what all do but
	// those that say why not. Both are style.md's.
	mostLines   = 25
	mostComplex = 15
)

// print writes the figures as a table of Markdown, and behind it what they are made of. The
// table goes into docs/developing.md as it is. What breaks a rule is listed below it by
// name, so that a figure that got worse shows where.
func (h *house) print(w io.Writer) {
	var perPackage, lengths []int
	// Sorted, so that two runs over the same tree print the same.
	packages, withDoc, short, within := 0, 0, 0, 0
	for _, name := range slices.Sorted(maps.Keys(h.folders)) {
		if f := h.folders[name]; f.files > 0 {
			packages++
			perPackage = append(perPackage, f.files)
			if f.doc {
				withDoc++
			}
		}
	}
	for _, f := range h.functions {
		lengths = append(lengths, f.lines)
		if f.lines <= 10 {
			short++
		}
		if f.lines <= mostLines {
			within++
		}
	}
	n := len(h.functions)
	// A folder without functions has no ranks either, and has failed before.
	longest := slices.MaxFunc(h.functions, func(a, b function) int { return a.lines - b.lines })
	broken := h.breaches()
	unexplained, explained := h.complex()
	fmt.Fprintln(w, "| figure | value |\n|---|---|")
	for _, row := range [][2]string{
		{"files per package, median / p90", spread(perPackage)},
		{"lines of a file, median / p90", spread(h.files)},
		{"lines of a function, median / p90", spread(lengths)},
		{"functions within 10 / within 25 lines", share(short, n) + " / " + share(within, n)},
		{"longest function", fmt.Sprintf("%d (%s)", longest.lines, longest.name)},
		{"comment lines per line of code", fmt.Sprintf("%.2f", float64(h.comments)/float64(h.code))},
		{"exported names with a comment", fmt.Sprintf("%s of %d", share(h.explained, h.exported), h.exported)},
		{"packages with a comment", fmt.Sprintf("%d of %d", withDoc, packages)},
		{"lines of code, of tests per line of it", fmt.Sprintf("%d, %.2f", h.code, float64(h.testCode)/float64(h.code))},
		{"tests, of them parallel", fmt.Sprintf("%d, %s", h.tests, share(h.parallel, h.tests))},
		{"direct dependencies", fmt.Sprint(h.deps)},
		{"imports against the ranks", fmt.Sprint(len(broken))},
		{"functions of a complexity over 15, of them with a reason", fmt.Sprintf("%d, %d", len(unexplained)+len(explained), len(explained))},
	} {
		fmt.Fprintf(w, "| %s | %s |\n", row[0], row[1])
	}
	list(w, "Imports against the ranks", broken)
	list(w, "Complex without a reason", unexplained)
	list(w, "Complex, and why", explained)
	fmt.Fprintln(w, "\nTests and lines of code in each folder:")
	for _, name := range slices.Sorted(maps.Keys(h.folders)) {
		f := h.folders[name]
		fmt.Fprintf(w, "  %-24s %4d tests %6d lines\n", name, f.tests, f.code)
	}
}

// list prints lines under a title, and nothing where there are none.
func list(w io.Writer, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s:\n  %s\n", title, strings.Join(lines, "\n  "))
	}
}

// breaches lists the imports of a package that is not of a lower rank. Equal ranks count as
// a breach: two packages of one rank know nothing of each other.
func (h *house) breaches() []string {
	var out []string
	for _, dir := range slices.Sorted(maps.Keys(h.folders)) {
		own, ranked := h.ranks[module+"/"+dir]
		for _, name := range slices.Sorted(maps.Keys(h.folders[dir].imports)) {
			// A package without a rank is no part of the picture: tools, and packages for
			// tests.
			if other, ours := h.ranks[name]; ranked && ours && other >= own {
				out = append(out, fmt.Sprintf("%s (rank %d) imports %s (rank %d)", dir, own, name, other))
			}
		}
	}
	return out
}

// complex lists the functions that are more complex than functions are here. Those with a
// reason are listed, too: a reason is for the reader to judge.
func (h *house) complex() (unexplained, explained []string) {
	for _, f := range h.functions {
		switch {
		case f.complexity <= mostComplex:
		case f.reason == "":
			unexplained = append(unexplained, fmt.Sprintf("%s: %d", f.name, f.complexity))
		default:
			explained = append(explained, fmt.Sprintf("%s: %d, because %s", f.name, f.complexity, f.reason))
		}
	}
	return unexplained, explained
}

// spread is the median of some numbers, and the value that nine of ten don't exceed. Of an
// even number it is the upper one of the two in the middle.
func spread(of []int) string {
	if len(of) == 0 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(of))
	return fmt.Sprintf("%d / %d", sorted[len(sorted)/2], sorted[len(sorted)*9/10])
}

// share is a part in per cent, rounded. A dash where there is nothing to divide by.
func share(part, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%d %%", (100*part+of/2)/of)
}
