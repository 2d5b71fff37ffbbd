package intake

import (
	"bytes"
	"errors"
)

// Limits of a file of rows, before it is taken apart: each cell costs some thirty
// bytes, and two on the wire.
const (
	MaxColumns = 1_000     // separators in one line, those inside quotation marks counted along
	MaxCells   = 2_000_000 // in one file
)

// ErrTooManyCells says that a file has more cells than are taken.
var ErrTooManyCells = errors.New("more columns or cells than are taken")

// Cells looks whether a file of rows has more cells than are taken, whatever separates
// them. It does not care what stands between quotation marks: whatever reads the rows may
// see those differently, and neither is then deceived. A row's own reader would have made a
// text of each cell before it could count them (G27).
func Cells(content []byte) error {
	all := 0
	for len(content) > 0 {
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		content = rest
		most := 0
		for _, separator := range []byte(",;\t|") {
			most = max(most, bytes.Count(line, []byte{separator}))
		}
		if all += most + 1; most > MaxColumns || all > MaxCells {
			return ErrTooManyCells
		}
	}
	return nil
}
