package fit

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"undring/review"
)

// Kinds count from 1, and the last one is how many there are; rows here count from 0.
const kinds = int(review.NotAQuestion)

// trust is how much of a feature's worth the fitting believes at first: what many
// texts share is better known than a word or four letters.
var trust = [...]float64{review.ByRule: 2, review.ByWord: 0.5, review.ByLetters: 0.3, review.ByConcept: 1, review.ByContext: 0.5}

// Settings of the fitting. They were chosen by cross-validation; see
// docs/question-review.md for what else was tried.
const (
	epochs  = 12
	rate    = 0.2
	decay   = 1e-5
	leastIn = 2 // texts that a feature must be in

	madeCounts = 0.5 // how much a text made of a frame counts beside one that somebody wrote
)

// Example is a text as the fitting sees it: the features that it has, each once.
type Example struct {
	Text
	Features []uint32
}

// Examples reads the features of texts; trustOf says what each is to be trusted.
func Examples(texts []Text) (out []Example, trustOf map[uint32]float64) {
	trustOf = map[uint32]float64{}
	for _, t := range texts {
		e := Example{Text: t}
		review.Features(t.Text, t.Language, func(f uint32, g review.Group) {
			e.Features = append(e.Features, f)
			// A feature is a hash, and may be of two groups by chance: the first that had it counts, in the
			// order of the texts, which never changes.
			if _, known := trustOf[f]; !known {
				trustOf[f] = trust[g]
			}
		})
		slices.Sort(e.Features)
		// Said twice, a word says no more: texts are short, and lengths differ.
		e.Features = slices.Compact(e.Features)
		out = append(out, e)
	}
	return out, trustOf
}

// Weights are what each feature says for each kind.
type Weights map[uint32]*[kinds]float64

// sample is an example by the places of its features.
type sample struct {
	places []int32
	kind   int
	weight float64
}

// fitter fits a multinomial logistic regression by AdaGrad.
// rows are the weights, squares the sums of squared gradients by which AdaGrad makes the steps
// of a feature smaller the more it has moved.
type fitter struct {
	features []uint32 // by place
	trust    []float64
	rows     [][kinds]float64
	squares  [][kinds]float64
}

// Fit fits the weights of the features that at least two examples have, and that
// are in only (nil: all).
func Fit(examples []Example, trustOf map[uint32]float64, only map[uint32]bool) Weights {
	in := map[uint32]int{}
	for _, e := range examples {
		for _, f := range e.Features {
			in[f]++
		}
	}
	m := &fitter{}
	place := map[uint32]int32{}
	samples := make([]sample, len(examples))
	for i, e := range examples {
		samples[i] = sample{kind: int(e.Kind) - 1, weight: 1}
		if e.Made() {
			samples[i].weight = madeCounts
		}
		for _, f := range e.Features {
			if in[f] < leastIn || only != nil && !only[f] {
				continue
			}
			p, known := place[f]
			if !known {
				p = int32(len(m.features))
				place[f] = p
				m.features = append(m.features, f)
				m.trust = append(m.trust, trustOf[f])
			}
			samples[i].places = append(samples[i].places, p)
		}
	}
	m.rows = make([][kinds]float64, len(m.features))
	m.squares = make([][kinds]float64, len(m.features))
	m.run(samples)
	out := make(Weights, len(m.features))
	for p, f := range m.features {
		row := m.rows[p]
		for k := range row {
			// Trust is multiplied in, so that whoever uses the weights need not know of it.
			row[k] = float64(row[k] * m.trust[p])
		}
		out[f] = &row
	}
	return out
}

// run goes through the samples so many times, shuffled, with a seed that never
// changes: the same texts give the same model on every machine.
func (m *fitter) run(samples []sample) {
	order := make([]int, len(samples))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(7, 7))
	for range epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			m.step(&samples[i])
		}
	}
}

// step moves the weights a little towards one sample. Products are converted one
// by one, so that no machine fuses them with a sum and rounds otherwise.
func (m *fitter) step(s *sample) {
	if len(s.places) == 0 {
		return
	}
	// By the root of how many features a text has: a long one would outweigh ten short ones.
	root := math.Sqrt(float64(len(s.places)))
	var z [kinds]float64
	for _, p := range s.places {
		for k, w := range m.rows[p] {
			z[k] += float64(m.trust[p] * w)
		}
	}
	for k := range z {
		z[k] /= root
	}
	// d becomes the gradient of the loss by the scores: the share of each kind, less one for the
	// right one.
	d := softmax(z)
	d[s.kind]--
	for k := range d {
		d[k] = float64(d[k]*s.weight) / root
	}
	for _, p := range s.places {
		row, squares := &m.rows[p], &m.squares[p]
		for k := range d {
			// decay pulls weights towards nothing: those of the features that the text has.
			g := float64(d[k]*m.trust[p]) + float64(decay*row[k])
			squares[k] += float64(g * g)
			row[k] -= float64(rate*g) / (1e-6 + math.Sqrt(squares[k]))
		}
	}
}

// softmax turns scores into shares. The largest is subtracted first, so that no power
// overflows.
func softmax(z [kinds]float64) (out [kinds]float64) {
	most := slices.Max(z[:])
	sum := 0.0
	for k := range z {
		out[k] = exp(z[k] - most)
		sum += out[k]
	}
	for k := range out {
		out[k] /= sum
	}
	return out
}

// exp is e to the power of what is at most 0. The library's own differs by machine
// in the last bit.
func exp(x float64) float64 {
	// Below that it is smaller than what a sum near 1 can hold.
	if x < -40 {
		return 0
	}
	halved := 0
	// Halved until a few terms of the series are exact enough, and squared as often afterwards.
	for ; x < -0.5; halved++ {
		x /= 2
	}
	sum, term := 1.0, 1.0
	for i := 1; i < 14; i++ {
		term = float64(term*x) / float64(i)
		sum += term
	}
	for ; halved > 0; halved-- {
		sum *= sum
	}
	return sum
}

// Best gives the n features that say most: the spread of a feature's weights times
// the root of how many texts have it.
func Best(w Weights, examples []Example, n int) map[uint32]bool {
	in := map[uint32]int{}
	for _, e := range examples {
		for _, f := range e.Features {
			in[f]++
		}
	}
	type worth struct {
		feature uint32
		worth   float64
	}
	var all []worth
	for f, row := range w {
		all = append(all, worth{f, (slices.Max(row[:]) - slices.Min(row[:])) * math.Sqrt(float64(in[f]))})
	}
	slices.SortFunc(all, func(a, b worth) int {
		// The feature decides between equals, or the order of a map would.
		return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(a.feature, b.feature))
	})
	out := map[uint32]bool{}
	for _, a := range all[:min(n, len(all))] {
		out[a.feature] = true
	}
	return out
}
