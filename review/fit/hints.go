package fit

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"undring/review"
)

// HintIDs are the hints, in the order of the tables.
var HintIDs = []string{"judging", "pupil", "praise", "should", "person", "bare"}

// Hinted is a labelled text of a field that others read.
type Hinted struct {
	Language review.Language
	Field    string // saw, note, point, question, answer, card or learning
	Text     string
	Hints    []string
}

// ReadHints reads notes and points with the hints they should get: language, field,
// text and hints, below a line of headings.
func ReadHints(pattern string) ([]Hinted, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var out []Hinted
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(f)
		for n := 1; lines.Scan(); n++ {
			fields := strings.Split(lines.Text(), "\t")
			if n == 1 {
				continue
			}
			if len(fields) < 4 {
				f.Close()
				return nil, fmt.Errorf("%s:%d: want language, field, text and hints", file, n)
			}
			out = append(out, Hinted{review.Language(fields[0]), fields[1], fields[2], strings.FieldsFunc(fields[3], func(r rune) bool { return r == ',' })})
		}
		f.Close()
		if err := lines.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Given are the hints that the review gives.
func (h *Hinted) Given() []string {
	var hints []review.Hint
	switch h.Field {
	case "saw", "note":
		hints = review.Note(h.Field == "saw", h.Text, h.Language)
	case "point":
		hints = review.Point(h.Text, h.Language)
	default:
		hints = review.Names(h.Text, h.Language)
	}
	var out []string
	for _, hint := range hints {
		out = append(out, hint.ID)
	}
	return out
}

// HintCount counts a hint: given rightly, given at all, and wanted.
type HintCount struct{ Right, Given, Wanted int }

// Precision is the share of the given that were wanted.
func (c HintCount) Precision() float64 { return float64(c.Right) / float64(max(c.Given, 1)) }

// Recall is the share of the wanted that were given.
func (c HintCount) Recall() float64 { return float64(c.Right) / float64(max(c.Wanted, 1)) }

// CountHints measures the hints on labelled texts.
func CountHints(texts []Hinted) map[string]HintCount {
	out := map[string]HintCount{}
	for _, t := range texts {
		given := t.Given()
		for _, id := range HintIDs {
			c := out[id]
			g, w := slices.Contains(given, id), slices.Contains(t.Hints, id)
			if g {
				c.Given++
			}
			if w {
				c.Wanted++
			}
			if g && w {
				c.Right++
			}
			out[id] = c
		}
	}
	return out
}
