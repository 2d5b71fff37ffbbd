// Package spec holds cases that server and phone judge alike. People wrote them, from
// the contract: they are no side's own output, so a fault that both sides share is
// found as well. The phone's half is in web/src/rules.
package spec

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed rules/*.tsv
var rules embed.FS

// Case is a row of a table: its cells by the names of their columns. What is
// written as a bare - is empty. A test asks for the columns that it knows, so a table may
// have more of them for the people who read it.
type Case map[string]string

// Cases reads the table of one rule, such as "gift". A line that begins with # is for
// people. The line is named in an error, as tables are written by hand.
func Cases(rule string) ([]Case, error) {
	raw, err := rules.ReadFile("rules/" + rule + ".tsv")
	if err != nil {
		return nil, err
	}
	var columns []string
	var out []Case
	for n, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if columns == nil {
			columns = cells
			continue
		}
		if len(cells) != len(columns) {
			return nil, fmt.Errorf("rules/%s.tsv:%d: %d cells in %d columns", rule, n+1, len(cells), len(columns))
		}
		row := Case{}
		for i, cell := range cells {
			if cell != "-" {
				row[columns[i]] = cell
			}
		}
		out = append(out, row)
	}
	return out, nil
}
