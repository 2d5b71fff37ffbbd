// Package fit makes the model of the question review from labelled texts, and
// measures it. It runs on a developer's machine; nothing of it is in the product.
//
// Everything is done in a fixed order and by operations that give the same bits
// on every machine, so that the same texts give the same model to the byte.
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

// Text is one labelled text.
type Text struct {
	Language review.Language
	Kind     review.Kind
	Text     string
	File     string // the corpus that it is of
}

// Read reads the corpora of a pattern of file names, in the order of their names:
// language, kind and text, divided by tabulators, below a line of headings.
func Read(pattern string) ([]Text, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no file is called %s", pattern)
	}
	slices.Sort(files)
	var out []Text
	for _, file := range files {
		texts, err := readFile(file)
		if err != nil {
			return nil, err
		}
		out = append(out, texts...)
	}
	return out, nil
}

// readFile reads texts with what they are. A line that can't be read is an error: a
// corpus that loses lines silently would still look good.
func readFile(file string) ([]Text, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	kinds := map[string]review.Kind{}
	for _, k := range review.Kinds() {
		kinds[k.String()] = k
	}
	var out []Text
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Split(lines.Text(), "\t")
		if n == 1 {
			continue
		}
		if len(fields) < 3 || kinds[fields[1]] == 0 {
			return nil, fmt.Errorf("%s:%d: want language, kind and text", file, n)
		}
		out = append(out, Text{review.Language(fields[0]), kinds[fields[1]], fields[2], filepath.Base(file)})
	}
	return out, lines.Err()
}

// training are the corpora that the model is made of, below the folder of the
// review. The held-out ones are not among them, and nobody reads their errors.
var training = []string{"corpus/registers-*.tsv", "corpus/train-*.tsv", "testdata/questions.tsv"}

// Training reads the texts that the model is made of.
func Training(dir string) ([]Text, error) {
	var out []Text
	for _, pattern := range training {
		texts, err := Read(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		out = append(out, texts...)
	}
	made, err := ReadFrames(filepath.Join(dir, "corpus/frames-*.txt"))
	return append(out, made...), err
}
