package review

import (
	"encoding/json"
	"fmt"
)

// maxGap is how many words ".." stands for at most.
const maxGap = 7

// ruleset is a language's file, read once.
//
// A pattern is a row of words: a|b is either of two words, (a b|c) the two words or
// the one, {name} the words of a class, "." any word, ".." up to seven words, {num}
// a number. It begins and ends with words, and matches anywhere within one sentence.
type ruleset struct {
	Language string              `json:"language"`
	Like     string              `json:"like"` // has this one's patterns and classes too
	Common   []string            `json:"common"`
	As       map[string]string   `json:"as"`
	Classes  map[string][]string `json:"classes"`
	Patterns map[string][]string `json:"patterns"`
	Reasons  map[string]string   `json:"reasons"`
	Hints    map[string]string   `json:"hints"`
	Prompts  map[string][]struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
	} `json:"prompts"`

	as       map[string]string
	common   map[string]bool
	wh       map[string]bool
	verbs    map[string]bool
	byWord   map[string][]row
	concepts *concepts
}

// languages in the order in which an unknown one is looked for.
var languages = []Language{"nb", "nn", "en"}

var rulesets = load()

// rulesFor finds the rules of a language; bokmål's for one that has none.
func rulesFor(lang Language) *ruleset {
	if r, known := rulesets[lang]; known {
		return r
	}
	return rulesets[languages[0]]
}

// load reads the rules. They are data, the same files that the phone reads, so that
// both judge alike; a mistake in them stops the program at the start, and a test
// before that.
func load() map[Language]*ruleset {
	out := map[Language]*ruleset{}
	for _, l := range languages {
		raw, err := ruleFiles.ReadFile("rules/" + string(l) + ".json")
		if err != nil {
			panic(err) // it is embedded
		}
		r := new(ruleset)
		if err := json.Unmarshal(raw, r); err != nil {
			panic(fmt.Sprintf("review: rules/%s.json: %v", l, err))
		}
		out[l] = r
	}
	for _, l := range languages {
		r := out[l]
		base := r
		if r.Like != "" {
			base = out[Language(r.Like)]
		}
		r.as = map[string]string{}
		for _, from := range []*ruleset{base, out[languages[1]], r} {
			if from.Language == "en" != (r.Language == "en") {
				continue // bokmål and nynorsk are written side by side; English is not
			}
			for w, other := range from.As {
				r.as[w] = other
			}
		}
		r.common = set(r.Common)
		r.wh, r.verbs = set(base.Classes["wh"]), set(base.Classes["verbfirst"])
		r.concepts = vocabularies[bit(r.Language == "en", 0)]
		if err := r.compile(base); err != nil {
			panic(fmt.Sprintf("review: rules/%s.json: %v", l, err))
		}
	}
	return out
}

// set makes a list searchable.
func set(words []string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}

// detect picks the ruleset that a text is judged by: the one that was said,
// unless the text is plainly in another language.
func (t *text) detect(said *ruleset) *ruleset {
	best, most := said, 0
	for _, l := range languages {
		r := rulesets[l]
		n := 0
		for i := range t.sentences {
			for _, w := range t.sentences[i].words {
				if r.common[w] {
					n++
				}
			}
		}
		if r == said {
			n += n/2 + 1 // what was said counts for more
		}
		if n > most {
			best, most = r, n
		}
	}
	return best
}

// element is one place of a pattern.
type element struct {
	words map[string]bool
	any   bool // any one word
	num   bool // a number
	gap   bool
}

// row is a pattern without alternatives of several words, and the name it has in
// patternNames by its place.
type row struct {
	name     int
	elements []element
}

// match gives the patterns that are in a sentence, a bit for each. Rows are found
// by the words that they can begin with.
func (r *ruleset) match(words []string) uint32 {
	var spoke uint32
	for i, w := range words {
		for _, p := range r.byWord[w] {
			if spoke>>p.name&1 == 0 && matchAt(p.elements[1:], words[i+1:]) {
				spoke |= 1 << p.name
			}
		}
	}
	return spoke
}

// matchAt matches the rest of a pattern against the words that follow. A gap
// tries each length, so a pattern with two gaps costs their product at most.
func matchAt(row []element, words []string) bool {
	for k, e := range row {
		if e.gap {
			for skip := 0; skip <= maxGap && skip <= len(words); skip++ {
				if matchAt(row[k+1:], words[skip:]) {
					return true
				}
			}
			return false
		}
		if len(words) == 0 || !(e.any || e.words[words[0]] || e.num && isNumber(words[0])) {
			return false
		}
		words = words[1:]
	}
	return true
}

// isNumber says whether a word is written in digits alone.
func isNumber(w string) bool {
	for _, c := range w {
		if c < '0' || c > '9' {
			return false
		}
	}
	return w != ""
}
