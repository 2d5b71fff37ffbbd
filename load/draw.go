package load

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/guptarohit/asciigraph"
)

// Sizes of a drawn history. A run of all operations takes some kilobytes, so a line that is
// longer than the limit is no run.
const (
	curveHeight = 6       // lines
	curveWidth  = 60      // columns
	longestLine = 1 << 20 // bytes of one run
)

// Draw draws the history in a file: of each operation and number of clients what
// came of it, run after run, beside what is wanted. Where a share of the limit is
// wanted that is the share that was reached, otherwise calls a second.
func Draw(out io.Writer, file string) error {
	runs, err := readHistory(file)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return fmt.Errorf("%s holds no run: undring load --keep %[1]s adds one", file)
	}
	type curve struct{ got, wanted []float64 }
	type what struct {
		operation string
		clients   int
	}
	curves := map[what]*curve{}
	// The order of first appearance: a map's would change from one drawing to the next.
	var order []what
	for _, run := range runs {
		for _, r := range run.Rows {
			w := what{r.Operation, r.Clients}
			if curves[w] == nil {
				curves[w] = new(curve)
				order = append(order, w)
			}
			c := curves[w]
			if r.Mark > 0 {
				c.got, c.wanted = append(c.got, r.Ratio), append(c.wanted, r.Mark)
			} else {
				c.got = append(c.got, r.Rate)
			}
		}
	}
	first, last := runs[0], runs[len(runs)-1]
	fmt.Fprintf(out, "%d runs, %s (%s) to %s (%s)\nlast on %s\n", len(runs), first.At.Format("2006-01-02"), first.Commit, last.At.Format("2006-01-02"), last.Commit, last.Machine)
	for _, w := range order {
		c := curves[w]
		series, unit := [][]float64{c.got}, "calls a second"
		// The mark is drawn only where every run had one; a curve with gaps would be
		// shifted against the other.
		if len(c.wanted) == len(c.got) {
			series, unit = append(series, c.wanted), "of the limit, and what is wanted"
		}
		fmt.Fprintf(out, "\n%s, %d clients: %s; last %.2f\n%s\n", w.operation, w.clients, unit, c.got[len(c.got)-1],
			asciigraph.PlotMany(series, asciigraph.Height(curveHeight), asciigraph.Width(curveWidth), asciigraph.LowerBound(0)))
	}
	return nil
}

// readHistory reads the runs that were kept, one on a line.
func readHistory(file string) ([]Line, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the history: %w", err)
	}
	defer f.Close()
	var runs []Line
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var l Line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("reading the history, run %d: %w", len(runs)+1, err)
		}
		runs = append(runs, l)
	}
	return runs, lines.Err()
}
