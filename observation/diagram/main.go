// Command diagram draws the states of a visit from the table in the code, for
// docs/visit.md.
package main

import (
	"fmt"
	"strings"

	"undring/observation"
)

func main() { fmt.Print(page()) }

var movers = map[observation.Mover]string{
	observation.ByObserver: "the observer",
	observation.ByObserved: "the observed",
	observation.ByAwaited:  "the one it waits for",
	observation.ByEither:   "either",
	observation.ByHouse:    "time",
}

// page is the picture and the tables under it.
func page() string {
	var b strings.Builder
	b.WriteString("# The states of a visit\n\nDrawn from the table in `observation/machine.go` by `make gen`; the database holds the same table.\n\n```mermaid\nstateDiagram-v2\n")
	for _, a := range observation.Arrows() {
		from := string(a.From)
		if a.From == observation.None {
			from = "[*]"
		}
		if a.Event == observation.Withdraw || a.Event == observation.Forget {
			continue // from everywhere: said below
		}
		fmt.Fprintf(&b, "    %s --> %s: %s\n", from, a.To, strings.ToLower(string(a.Event)))
	}
	b.WriteString("```\n\nFrom every state either of the two can withdraw; then the visit is `WITHDRAWN`, and every word of it is gone. Time does the same (`forget`) once the months are over for which the school keeps words.\n\n")
	b.WriteString("## Steps\n\n| from | step | to | by | refused with |\n|---|---|---|---|---|\n")
	for _, a := range observation.Arrows() {
		needs := make([]string, len(a.Needs))
		for i, n := range a.Needs {
			needs[i] = "`" + string(n) + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", a.From, strings.ToLower(string(a.Event)), a.To, movers[a.By], strings.Join(needs, ", "))
	}
	b.WriteString("\nThe reason names what is missing; everything that is missing comes at once.\n\n## Acts\n\nWhat one of the two does within a state.\n\n| act | by | in | else |\n|---|---|---|---|\n")
	for _, l := range observation.Permissions() {
		in := make([]string, len(l.In))
		for i, s := range l.In {
			in[i] = string(s)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` |\n", strings.ToLower(strings.ReplaceAll(string(l.Act), "_", " ")), movers[l.By], strings.Join(in, ", "), l.Closed)
	}
	return b.String()
}
