// Package corpus_test holds the files of this folder to what
// docs/question-corpus.md says of them.
package corpus_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"undring/review"
)

var languages = []string{"nb", "nn", "en"}

// row is a line of a file, by the names of its columns.
type row map[string]string

// read gives the lines of a file; every line has as many fields as the heading.
func read(t *testing.T, name string) []row {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	heading := strings.Split(lines[0], "\t")
	rows := make([]row, 0, len(lines))
	for n, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		if len(fields) != len(heading) {
			t.Fatalf("%s:%d: %d fields where the heading has %d", name, n+2, len(fields), len(heading))
		}
		r := row{}
		for i, column := range heading {
			r[column] = fields[i]
		}
		rows = append(rows, r)
	}
	return rows
}

func kinds() []string {
	var names []string
	for _, k := range review.Kinds() {
		names = append(names, k.String())
	}
	return names
}

var gaps = regexp.MustCompile(`[^\p{L}\p{N}]+`)

// bare is a text without case, signs and emoji, by which two texts are the same.
func bare(text string) string {
	return strings.TrimSpace(gaps.ReplaceAllString(strings.ToLower(text), " "))
}

func TestEveryTextHasAKindAndStandsInOneFileOnly(t *testing.T) {
	t.Parallel()
	names := kinds()
	where := map[string]string{}
	for _, set := range []string{"train", "held", "registers"} {
		for _, lang := range languages {
			file := set + "-" + lang + ".tsv"
			for _, r := range read(t, file) {
				if r["language"] != lang || !slices.Contains(names, r["kind"]) || strings.TrimSpace(r["text"]) != r["text"] {
					t.Errorf("%s: not a line of this file: %q", file, r)
				}
				key := lang + " " + bare(r["text"])
				if before := where[key]; before != "" && bare(r["text"]) != "" {
					t.Errorf("%s and %s have the same text of kind %s", before, file, r["kind"])
				}
				where[key] = file
			}
		}
	}
}

// TestTheHeldOutThirdIsThatOfTheHash: nobody has chosen what is held out. Parts
// after the fourth are for training alone.
func TestTheHeldOutThirdIsThatOfTheHash(t *testing.T) {
	t.Parallel()
	type stratum struct{ part, lang, kind string }
	all := map[stratum][]string{}
	held := map[string]bool{}
	apart := map[string]bool{}
	add := func(rows []row) {
		for _, r := range rows {
			if r["source"] == "own" {
				s := stratum{r["part"], r["language"], r["first"]}
				all[s] = append(all[s], r["text"])
			}
		}
	}
	for _, lang := range languages {
		add(read(t, "train-"+lang+".tsv"))
		rows := read(t, "held-"+lang+".tsv")
		add(rows)
		for _, r := range rows {
			held[r["text"]] = true
		}
	}
	doubtful := read(t, "doubtful.tsv")
	add(doubtful)
	for _, r := range doubtful {
		apart[r["text"]] = true
	}
	hash := func(text string) string {
		sum := sha256.Sum256([]byte("undring questions 1\t" + text))
		return hex.EncodeToString(sum[:])
	}
	for s, texts := range all {
		slices.SortFunc(texts, func(a, b string) int { return strings.Compare(hash(a), hash(b)) })
		third := (2*len(texts) + 3) / 6
		if s.part > "4" {
			third = 0
		}
		for i, text := range texts {
			if want := i < third; !apart[text] && held[text] != want {
				t.Errorf("%v: a text stands on the wrong side", s)
			}
		}
	}
}

// kappa is Cohen's: how far two passes agree beyond chance.
func kappa(pairs [][2]string) float64 {
	agree, first, second := 0.0, map[string]float64{}, map[string]float64{}
	for _, p := range pairs {
		if p[0] == p[1] {
			agree++
		}
		first[p[0]]++
		second[p[1]]++
	}
	n := float64(len(pairs))
	chance := 0.0
	for kind, f := range first {
		chance += f / n * second[kind] / n
	}
	return (agree/n - chance) / (1 - chance)
}

// TestTheDocsTellTheFilesFigures: sizes and agreement in the docs are those of the files.
func TestTheDocsTellTheFilesFigures(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "question-corpus.md"))
	if err != nil {
		t.Fatal(err)
	}
	docs := strings.Join(strings.Fields(string(raw)), " ")
	says := func(what string) {
		if !strings.Contains(docs, what) {
			t.Errorf("docs/question-corpus.md does not say %q", what)
		}
	}
	var pairs [][2]string
	count := map[string]int{}
	doubtful := read(t, "doubtful.tsv")
	for _, lang := range languages {
		for _, set := range []string{"train", "held", "registers", "hints-train", "hints-held"} {
			rows := read(t, set+"-"+lang+".tsv")
			count[set] += len(rows)
			for _, r := range rows {
				if r["source"] == "own" {
					pairs = append(pairs, [2]string{r["first"], r["second"]})
				}
			}
		}
	}
	for _, r := range doubtful {
		if r["source"] == "own" {
			pairs = append(pairs, [2]string{r["first"], r["second"]})
		}
	}
	says(fmt.Sprintf("| %d + %d |", count["train"], count["held"]))
	says(fmt.Sprintf("| %d |", count["registers"]))
	says(fmt.Sprintf("| %d |", len(doubtful)))
	says(fmt.Sprintf("| %d + %d |", count["hints-train"], count["hints-held"]))
	says(fmt.Sprintf("Of %d texts", len(pairs)))
	says(fmt.Sprintf("Cohen's kappa %.3f", kappa(pairs)))
}

func TestHintsNameWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{
		"saw":   {"judging", "pupil"},
		"note":  {"pupil"},
		"point": {"should", "praise", "person", "bare", "pupil"},
		// What others read, and the method asks nothing else of.
		"question": {"pupil"}, "answer": {"pupil"}, "card": {"pupil"}, "learning": {"pupil"},
	}
	total := 0
	for _, set := range []string{"hints-train", "hints-held"} {
		for _, lang := range languages {
			for _, r := range read(t, set+"-"+lang+".tsv") {
				total++
				for hint := range strings.SplitSeq(r["hints"], ",") {
					if hint != "" && !slices.Contains(allowed[r["field"]], hint) {
						t.Errorf("%s-%s: no hint of %q is %q", set, lang, r["field"], hint)
					}
				}
				if strings.Contains(r["hints"], "pupil") != (r["names"] != "") {
					t.Errorf("%s-%s: a name without its hint, or the other way round", set, lang)
				}
				for name := range strings.SplitSeq(r["names"], ",") {
					if !strings.Contains(strings.ToLower(r["text"]), strings.ToLower(name)) {
						t.Errorf("%s-%s: a name is not in its text", set, lang)
					}
				}
			}
		}
	}
	if total < 400 {
		t.Errorf("%d texts with hints", total)
	}
}
