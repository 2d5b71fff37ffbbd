// Command matrix measures the question review against a labelled corpus and
// prints, for each language and each part of it, the confusion matrix, precision,
// recall, F1 and the errors.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"strings"

	"undring/review"
)

type sample struct {
	language review.Language
	kind     string
	text     string
}

func main() {
	file := flag.String("file", "review/testdata/questions.tsv", "corpus: language, kind, text")
	flag.Parse()
	samples, err := read(*file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, part := range []string{"a", "b"} {
		for _, language := range []review.Language{"", "nb", "nn", "en"} {
			report(part, language, samples)
		}
	}
}

// read reads the corpus.
func read(file string) ([]sample, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []sample
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), "\t", 3)
		if len(fields) == 3 && fields[0] != "language" {
			out = append(out, sample{review.Language(fields[0]), fields[1], fields[2]})
		}
	}
	return out, lines.Err()
}

// partOf splits the corpus by the text itself, so that the split stays.
func partOf(text string) string {
	h := fnv.New32a()
	h.Write([]byte(text))
	if h.Sum32()%2 == 0 {
		return "a"
	}
	return "b"
}

// report prints how often each kind is taken for each other, with the errors behind
// it, since a figure alone mends no rule.
func report(part string, language review.Language, samples []sample) {
	counts := map[[2]string]int{}
	n := 0
	var errors []string
	for _, s := range samples {
		if partOf(s.text) != part || language != "" && s.language != language {
			continue
		}
		n++
		got := review.Question(s.text, s.language).Kind.String()
		counts[[2]string{s.kind, got}]++
		if got != s.kind {
			errors = append(errors, fmt.Sprintf("  %s %s as %s: %s", s.language, s.kind, got, s.text))
		}
	}
	name := string(language)
	if name == "" {
		name = "all languages"
	}
	fmt.Printf("## part %s, %s: %d texts\n\n| kind |", part, name, n)
	for _, k := range review.Kinds() {
		fmt.Printf(" %s |", short(k.String()))
	}
	fmt.Print(" precision | recall | F1 |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	macro := 0.0
	for _, k := range review.Kinds() {
		row, column, right := 0, 0, counts[[2]string{k.String(), k.String()}]
		fmt.Printf("| %s |", k)
		for _, g := range review.Kinds() {
			c := counts[[2]string{k.String(), g.String()}]
			row += c
			column += counts[[2]string{g.String(), k.String()}]
			fmt.Printf(" %d |", c)
		}
		precision, recall := ratio(right, column), ratio(right, row)
		f1 := 0.0
		if precision+recall > 0 {
			f1 = 2 * precision * recall / (precision + recall)
		}
		macro += f1 / float64(len(review.Kinds()))
		fmt.Printf(" %.2f | %.2f | %.2f |\n", precision, recall, f1)
	}
	fmt.Printf("\nmacro-F1 %.3f\n\n", macro)
	if language != "" && len(errors) > 0 {
		fmt.Print("Errors:\n\n")
		for _, e := range errors {
			fmt.Println(e)
		}
		fmt.Println()
	}
}

// ratio is 0 where there is nothing to divide by.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// short is a kind as the heading of a narrow column.
func short(kind string) string { return kind[:4] }
