package review

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed model.json
var modelFile []byte

// Model decides what the rules can't: a row of whole numbers for each feature that
// it knows, one for each kind. The one in use is written by ./train from the
// labelled texts alone; nobody edits it.
type Model struct {
	// Margin is how clearly a text must wonder before it is said to: its distance to
	// the next kind, squared, by the number of its features. Accuse is the same
	// against an accusation alone, since letting one through does more harm.
	Margin int64 `json:"margin"`
	Accuse int64 `json:"accuse"`
	// Rows are the features and their weights, in digits; see unpack.
	Rows string `json:"rows"`

	// place gives for each feature where its row is, from 1; 0: the model does not
	// know it.
	place   []uint16
	weights [][kinds]int8
}

const kinds = int(NotAQuestion)

// The digits of a model's file are the printable characters of ASCII but the
// quotation mark and the backslash, which JSON would write as two. A row's seven
// weights, of thirteen values each, are one number of four digits.
const (
	DigitBase = 92
	MaxWeight = 6
	levels    = 2*MaxWeight + 1
	rowDigits = 4
)

// PackRow gives the digits of a row's weights, each from -MaxWeight to MaxWeight.
func PackRow(w [kinds]int) string {
	n := 0
	for _, v := range w {
		n = n*levels + v + MaxWeight
	}
	var out [rowDigits]byte
	for i := range out {
		out[rowDigits-1-i] = Digit(n % DigitBase)
		n /= DigitBase
	}
	return string(out[:])
}

// unpackRow reads the weights of a feature. They are packed as digits of one number, since the
// model travels in a phone's bundle and every byte is loaded.
func unpackRow(digits string) (w [kinds]int8) {
	n := 0
	for i := range rowDigits {
		n = n*DigitBase + digit(digits[i])
	}
	for k := range w {
		w[kinds-1-k] = int8(n%levels - MaxWeight)
		n /= levels
	}
	return w
}

// Digit gives the character that stands for a number from 0 to 91.
func Digit(n int) byte {
	switch {
	case n == 0:
		return '!'
	case n < '\\'-'"':
		return byte(n + '"')
	}
	return byte(n + '"' + 1)
}

// digit gives the number that a character stands for; -1: none.
func digit(c byte) int {
	switch {
	case c == '!':
		return 0
	case c > '"' && c < '\\':
		return int(c) - '"'
	case c > '\\' && c < 0x7f:
		return int(c) - '"' - 1
	}
	return -1
}

// theModel is read when the first text is: what trains it must not need it.
var theModel = sync.OnceValue(func() *Model { return loadModel(modelFile) })

// loadModel unpacks the model; it panics on one that it can't read, since it is
// embedded.
func loadModel(raw []byte) *Model {
	m := &Model{}
	err := json.Unmarshal(raw, m)
	if err == nil {
		err = m.unpack()
	}
	if err != nil {
		panic(fmt.Sprint("review: model.json: ", err))
	}
	return m
}

// NewModel makes a model of rows that were just written; it panics on rows that
// can't be read.
func NewModel(margin, accuse int64, rows string) *Model {
	m := &Model{Margin: margin, Accuse: accuse, Rows: rows}
	if err := m.unpack(); err != nil {
		panic("review: " + err.Error())
	}
	return m
}

// Kind judges a text by this model instead of the one in use.
func (m *Model) Kind(s string, lang Language) (k Kind, unsure bool) {
	t := read(s)
	r := t.detect(rulesFor(lang))
	return t.parse(r).decide(r, m)
}

// unpack reads the rows: how far a feature is from the one before, in digits of
// which all but the last are DigitBase-1, then the digits of its weights.
func (m *Model) unpack() error {
	m.place, m.weights = make([]uint16, 1<<featureBits), nil
	feature, rows := -1, m.Rows
	for i := 0; i < len(rows); {
		step := 0
		for {
			if i >= len(rows) {
				return fmt.Errorf("ends within a row")
			}
			d := digit(rows[i])
			i++
			if step += d; d < DigitBase-1 {
				break
			}
		}
		feature += step + 1
		if feature >= len(m.place) || len(m.weights) == maxRowsOfModel || i+rowDigits > len(rows) {
			return fmt.Errorf("feature %d has no whole row", feature)
		}
		m.weights = append(m.weights, unpackRow(rows[i:i+rowDigits]))
		i += rowDigits
		m.place[feature] = uint16(len(m.weights))
	}
	return nil
}

// maxRowsOfModel is how many rows a model has at most.
const maxRowsOfModel = 16383

// score adds up the rows of the features that the model knows and the text has,
// each once. n is how many they are.
func (m *Model) score(p *parsed, r *ruleset) (sum [kinds]int64, n int64) {
	var seen [(maxRowsOfModel + 1) / 64]uint64
	p.features(r, func(feature uint32, _ Group) {
		at := m.place[feature]
		if at == 0 || seen[at/64]>>(at%64)&1 == 1 {
			return
		}
		seen[at/64] |= 1 << (at % 64)
		n++
		for k, w := range m.weights[at-1] {
			sum[k] += int64(w)
		}
	})
	return sum, n
}

// decide settles the kind of a text. Unsure: it may be the other one of two kinds
// of which one wonders.
func (p *parsed) decide(r *ruleset, m *Model) (k Kind, unsure bool) {
	if len(p.sentences) == 0 {
		return NotAQuestion, false
	}
	sum, n := m.score(p, r)
	return m.decide(sum, n, p.kind)
}

// decide takes the kind with the highest sum, but calls a question wondering only by a
// clear margin: to praise what isn't one would teach the wrong thing. One that may
// provoke defence is not called wondering on a narrow lead either.
func (m *Model) decide(sum [kinds]int64, n int64, byRules Kind) (k Kind, unsure bool) {
	first, second := best(sum, -1), 0
	second = best(sum, first)
	if first == int(Wondering)-1 {
		if !clear(sum[first]-sum[second], n, m.Margin) {
			return Kind(second + 1), true
		}
		accused := int(DefenceProvoking) - 1
		if !clear(sum[first]-sum[accused], n, m.Accuse) || byRules == DefenceProvoking && !clear(sum[first]-sum[accused], n, 2*m.Accuse) {
			return DefenceProvoking, true
		}
	}
	return Kind(first + 1), second == int(Wondering)-1 && !clear(sum[first]-sum[second], n, m.Margin)
}

// best gives the place of the highest sum but one; of equal ones the first.
func best(sum [kinds]int64, but int) int {
	at := -1
	for k, v := range sum {
		if k != but && (at < 0 || v > sum[at]) {
			at = k
		}
	}
	return at
}

// clear says whether a distance between two sums is above the margin. Sums of many
// features lie wider apart than those of few, by the root of their number; the
// square is compared, so that there are whole numbers only.
func clear(distance, n, margin int64) bool { return distance*distance >= margin*n }
