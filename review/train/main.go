// Command train makes the model of the question review, review/model.json, from
// the labelled texts in review/corpus.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"undring/review/fit"
)

// main trains the model, or with -check only says whether the one in the repository is what
// the texts give.
func main() {
	check := flag.Bool("check", false, "only say whether the model in the repository is what the texts give")
	file := flag.String("model", "review/model.json", "the model's file")
	flag.Parse()
	if err := run(*check, *file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run fits the model, and writes it or compares it with the one that is there.
func run(check bool, file string) error {
	texts, err := fit.Training("review")
	if err != nil {
		return err
	}
	now, err := fit.Encode(fit.Model(fit.Examples(texts)))
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(file, now, 0o644)
	}
	kept, err := os.ReadFile(file)
	if err == nil && !bytes.Equal(kept, now) {
		err = fmt.Errorf("%s is not what the texts give: make review-model", file)
	}
	return err
}
