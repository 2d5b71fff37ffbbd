package fit

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"undring/review"
)

// Rows is how many features the model keeps: as many as its file has room for.
const Rows = 11300

// clip is the share of the weights that fit into a model's few values; the few above
// are cut. Fitting all would leave most of them no value but 0.
const clip = 0.95

// Margins within which a text that may wonder is not said to; see review.Model.
const (
	Margin = 1.35
	Accuse = 1.35
)

// Model makes the model of examples: fit, keep the best features, fit those anew,
// round to whole numbers.
func Model(examples []Example, trustOf map[uint32]float64) *review.Model {
	first := Fit(examples, trustOf, nil)
	w := Fit(examples, trustOf, Best(first, examples, Rows))
	scale := scaleOf(w)
	features := slices.Sorted(maps.Keys(w))
	var rows strings.Builder
	before := -1
	for _, f := range features {
		step := int(f) - before - 1
		for ; step >= review.DigitBase-1; step -= review.DigitBase - 1 {
			rows.WriteByte(review.Digit(review.DigitBase - 1))
		}
		rows.WriteByte(review.Digit(step))
		before = int(f)
		var row [kinds]int
		for k, v := range w[f] {
			row[k] = int(max(-review.MaxWeight, min(review.MaxWeight, math.Round(float64(v*scale)))))
		}
		rows.WriteString(review.PackRow(row))
	}
	return review.NewModel(square(Margin*scale), square(Accuse*scale), rows.String())
}

// square is a weight in whole numbers, with which phone and server count alike.
func square(x float64) int64 { return int64(math.Round(float64(x * x))) }

// scaleOf is what a weight is multiplied by before it is rounded.
func scaleOf(w Weights) float64 {
	var all []float64
	for _, row := range w {
		for _, v := range row {
			all = append(all, math.Abs(v))
		}
	}
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	return review.MaxWeight / all[int(float64(len(all))*clip)]
}

// Encode gives a model as its file has it.
func Encode(m *review.Model) ([]byte, error) {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false) // three digits of the rows would take six characters each
	to.SetIndent("", "  ")
	err := to.Encode(m)
	return out.Bytes(), err
}
