// Command matrix measures the question review and prints docs/question-review.md:
// what is held out, what cross-validation says, the learning curve, the hints and
// the rated wordings. Of texts that are held out it prints figures only.
package main

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"undring/review"
	"undring/review/fit"
)

//go:embed intro.md
var intro string

func main() {
	draw := flag.Bool("wordings", false, "only print the better wordings that are to be rated")
	flag.Parse()
	do := page
	if *draw {
		do = wordings
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var languages = []review.Language{"", "nb", "nn", "en"}

// page measures everything on the texts that are held out, and prints docs/question-review.md.
// Figures alone are printed, and no text: nobody is to tune the rules by reading what they get
// wrong there.
func page() error {
	held, err := fit.Read("review/corpus/held-*.tsv")
	if err != nil {
		return err
	}
	texts, err := fit.Training("review")
	if err != nil {
		return err
	}
	fmt.Print(intro)
	fmt.Print("\n## The held-out third\n\n")
	byModel := fit.Judge(held, func(s string, l review.Language) review.Kind { return review.Question(s, l).Kind })
	summary(byModel)
	fmt.Print("\nRows are what the texts are, columns what the review says.\n\n")
	confusion(byModel[""])
	fmt.Print("\n## Cross-validation over the training texts\n\nEach text is judged by a model of the other four fifths.\n\n")
	summary(fit.CrossValidate(texts, nil))
	fmt.Print("\n## The learning curve\n\nThe held-out third, judged by models of a part of the training texts.\n\n| part of the texts | macro-F1 |\n|---|---|\n")
	curve(texts, held)
	fmt.Print("\n## Hints\n\nOn notes, points, questions, answers, cards and learnings that are held out.\n\n")
	if err := hints(); err != nil {
		return err
	}
	fmt.Print("\n## Better wordings, rated\n\n")
	return rated()
}

// summary prints the figures that the review is held to, by language.
func summary(ts fit.Tables) {
	fmt.Print("| language | texts | macro-F1 | precision of wondering | recall | accusations let through |\n|---|---|---|---|---|---|\n")
	for _, l := range languages {
		if t := ts[l]; t != nil {
			p, r, _ := t.Of(review.Wondering)
			fmt.Printf("| %s | %d | %.3f | %.2f | %.2f | %.1f %% |\n", nameOf(l), t.Texts(), t.MacroF1(), p, r, 100*t.LetThrough())
		}
	}
}

// nameOf names a language in a table; none stands for all of them.
func nameOf(l review.Language) string {
	if l == "" {
		return "all"
	}
	return string(l)
}

// confusion prints which kinds were taken for which: a row is what a text is, a column what
// the review said.
func confusion(t *fit.Table) {
	fmt.Print("| |")
	for _, k := range review.Kinds() {
		fmt.Printf(" %.4s |", k)
	}
	fmt.Print(" precision | recall | F1 |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for i, k := range review.Kinds() {
		fmt.Printf("| %s |", k)
		for _, n := range t[i] {
			fmt.Printf(" %d |", n)
		}
		p, r, f := t.Of(k)
		fmt.Printf(" %.2f | %.2f | %.2f |\n", p, r, f)
	}
}

// curve fits models of a quarter, a half and all of the training texts.
func curve(texts, held []fit.Text) {
	for _, part := range []int{4, 2, 1} {
		var some []fit.Text
		for i, t := range texts {
			if i%part == 0 {
				some = append(some, t)
			}
		}
		m := fit.Model(fit.Examples(some))
		ts := fit.Judge(held, func(s string, l review.Language) review.Kind {
			k, _ := m.Kind(s, l)
			return k
		})
		fmt.Printf("| 1/%d: %d | %.3f |\n", part, len(some), ts[""].MacroF1())
	}
}

// hints prints how often each hint is right, and how often it is missing.
func hints() error {
	texts, err := fit.ReadHints("review/corpus/hints-held-*.tsv")
	if err != nil {
		return err
	}
	counts := fit.CountHints(texts)
	fmt.Print("| hint | texts that should get it | precision | recall |\n|---|---|---|---|\n")
	for _, id := range fit.HintIDs {
		c := counts[id]
		fmt.Printf("| %s | %d | %.2f | %.2f |\n", id, c.Wanted, c.Precision(), c.Recall())
	}
	return nil
}

// rated prints the means of the ratings in the repository.
func rated() error {
	f, err := os.Open("review/corpus/wordings-rated.tsv")
	if err != nil {
		return err
	}
	defer f.Close()
	sums, count := map[string][6]float64{}, map[string]float64{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Split(lines.Text(), "\t")
		if n == 1 || len(fields) != 10 {
			continue
		}
		s := sums[fields[0]]
		for i := range s {
			v, err := strconv.ParseFloat(fields[4+i], 64)
			if err != nil {
				return err
			}
			s[i] += v
		}
		sums[fields[0]] = s
		count[fields[0]]++
	}
	fmt.Print("| language | wordings | grammar | relevance | tone |\n|---|---|---|---|---|\n")
	for _, l := range []string{"nb", "nn", "en"} {
		s, n := sums[l], max(count[l], 1)
		fmt.Printf("| %s | %.0f | %.2f, %.2f | %.2f, %.2f | %.2f, %.2f |\n", l, count[l], s[0]/n, s[3]/n, s[1]/n, s[4]/n, s[2]/n, s[5]/n)
	}
	return lines.Err()
}
