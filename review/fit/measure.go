package fit

import (
	"hash/fnv"
	"sync"

	"undring/review"
)

// Table counts how texts of each kind (rows) were judged (columns).
type Table [kinds][kinds]int

// Tables are one table over all languages (under "") and one for each.
type Tables map[review.Language]*Table

// Add counts one text.
func (ts Tables) Add(t Text, got review.Kind) {
	for _, l := range []review.Language{"", t.Language} {
		if ts[l] == nil {
			ts[l] = new(Table)
		}
		ts[l][t.Kind-1][got-1]++
	}
}

// Texts is how many texts were counted.
func (t *Table) Texts() (n int) {
	for _, row := range t {
		for _, c := range row {
			n += c
		}
	}
	return n
}

// Of gives precision, recall and F1 of a kind.
func (t *Table) Of(k review.Kind) (precision, recall, f1 float64) {
	row, column := 0, 0
	for i := range t {
		row += t[k-1][i]
		column += t[i][k-1]
	}
	right := float64(t[k-1][k-1])
	return right / float64(max(column, 1)), right / float64(max(row, 1)), 2 * right / float64(max(row+column, 1))
}

// MacroF1 is the mean of the kinds' F1.
func (t *Table) MacroF1() float64 {
	sum := 0.0
	for _, k := range review.Kinds() {
		_, _, f1 := t.Of(k)
		sum += f1
	}
	return sum / float64(kinds)
}

// LetThrough is the share of the accusations that are said to wonder.
func (t *Table) LetThrough() float64 {
	row := t[review.DefenceProvoking-1]
	n := 0
	for _, c := range row {
		n += c
	}
	return float64(row[review.Wondering-1]) / float64(max(n, 1))
}

// Judge measures a judge on texts.
func Judge(texts []Text, judge func(string, review.Language) review.Kind) Tables {
	ts := Tables{}
	for _, t := range texts {
		ts.Add(t, judge(t.Text, t.Language))
	}
	return ts
}

// Folds is how many parts cross-validation cuts the texts into.
const Folds = 5

// FoldOf is the part that a text is in, by the text itself, so that it stays there
// whatever is added.
func FoldOf(text string) int {
	h := fnv.New32a()
	h.Write([]byte(text))
	return int(h.Sum32() % Folds)
}

// CrossValidate judges every text by a model of the other parts. keep says which of
// those are used; nil: all.
func CrossValidate(texts []Text, keep func(Text) bool) Tables {
	examples, trustOf := Examples(texts)
	ts := Tables{}
	var adding sync.Mutex
	var folds sync.WaitGroup
	for fold := range Folds {
		folds.Go(func() {
			var rest []Example
			for _, e := range examples {
				if (e.Made() || FoldOf(e.Text.Text) != fold) && (keep == nil || keep(e.Text)) {
					rest = append(rest, e)
				}
			}
			m := Model(rest, trustOf)
			adding.Lock()
			defer adding.Unlock()
			for _, t := range texts {
				if !t.Made() && FoldOf(t.Text) == fold {
					k, _ := m.Kind(t.Text, t.Language)
					ts.Add(t, k)
				}
			}
		})
	}
	folds.Wait()
	return ts
}

// Across judges the texts of one file by a model of the other files: how well the
// model does on another hand than those it learned from.
func Across(texts []Text, file func(string) bool) Tables {
	examples, trustOf := Examples(texts)
	var rest []Example
	for _, e := range examples {
		if !file(e.File) {
			rest = append(rest, e)
		}
	}
	m := Model(rest, trustOf)
	ts := Tables{}
	for _, t := range texts {
		if file(t.File) {
			k, _ := m.Kind(t.Text, t.Language)
			ts.Add(t, k)
		}
	}
	return ts
}
