package review

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed rules/nb.json rules/nn.json rules/en.json
var ruleFiles embed.FS

// maxGap is how many words ".." stands for at most.
const maxGap = 7

// ruleset is a language's file, read once.
//
// A pattern is a row of words: a|b is either, {name} the words of a class, "."
// any word, ".." up to seven words, {num} a number. A pattern matches anywhere
// within one sentence.
type ruleset struct {
	Language    string              `json:"language"`
	Like        string              `json:"like"` // has this one's patterns and classes too
	Common      []string            `json:"common"`
	As          map[string]string   `json:"as"`
	Classes     map[string][]string `json:"classes"`
	Patterns    map[string][]string `json:"patterns"`
	Judging     []string            `json:"judging"`
	Praise      []string            `json:"praise"`
	Should      []string            `json:"should"`
	Person      []string            `json:"person"`
	Seen        []string            `json:"seen"`
	Capitals    []string            `json:"capitals"` // words that stand with a capital and are no names
	Reasons     map[string]string   `json:"reasons"`
	Suggestions map[string][]string `json:"suggestions"`
	Topic       struct {
		It     string      `json:"it"`
		Groups [][2]string `json:"groups"`
	} `json:"topic"`
	Hints   map[string]string `json:"hints"`
	Prompts map[string][]struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
	} `json:"prompts"`

	as       map[string]string
	common   map[string]bool
	wh       map[string]bool
	verbs    map[string]bool
	judging  map[string]bool
	seen     map[string]bool
	capitals map[string]bool
	compiled map[string]*patterns
}

// languages in the order in which an unknown one is looked for.
var languages = []Language{"nb", "nn", "en"}

var rulesets = load()

func rulesFor(lang Language) *ruleset {
	if r, known := rulesets[lang]; known {
		return r
	}
	return rulesets[languages[0]]
}

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
		r.common, r.judging, r.seen, r.capitals = set(r.Common), set(r.Judging), set(r.Seen), set(r.Capitals)
		r.wh, r.verbs = set(base.Classes["wh"]), set(base.Classes["verbfirst"])
		r.compiled = map[string]*patterns{}
		for name, list := range base.Patterns {
			r.compiled[name] = compile(list, base.Classes)
		}
	}
	return out
}

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

// patterns are found by the words that they can begin with.
type patterns struct {
	byWord map[string][][]element
	byNum  [][]element
}

func compile(list []string, classes map[string][]string) *patterns {
	p := &patterns{byWord: map[string][][]element{}}
	for _, text := range list {
		var row []element
		for _, part := range strings.Fields(text) {
			row = append(row, compileElement(part, classes))
		}
		for len(row) > 0 && (row[0].gap || row[0].any) {
			row = row[1:] // says nothing at the beginning
		}
		if len(row) == 0 {
			panic("review: a pattern that matches everything: " + text)
		}
		for w := range row[0].words {
			p.byWord[w] = append(p.byWord[w], row)
		}
		if row[0].num {
			p.byNum = append(p.byNum, row)
		}
	}
	return p
}

func compileElement(part string, classes map[string][]string) element {
	switch part {
	case ".":
		return element{any: true}
	case "..":
		return element{gap: true}
	}
	e := element{words: map[string]bool{}}
	for _, alt := range strings.Split(part, "|") {
		name, isClass := strings.CutPrefix(alt, "{")
		if !isClass {
			e.words[alt] = true
			continue
		}
		name = strings.TrimSuffix(name, "}")
		if name == "num" {
			e.num = true
			continue
		}
		words, known := classes[name]
		if !known {
			panic("review: a pattern names the class " + name + ", which is not there")
		}
		for _, w := range words {
			e.words[w] = true
		}
	}
	return e
}

// match says whether one of the patterns of a name is in the sentence.
func (r *ruleset) match(name string, s *sentence) bool {
	p := r.compiled[name]
	if p == nil {
		return false
	}
	for i, w := range s.words {
		for _, row := range p.byWord[w] {
			if matchAt(row[1:], s.words[i+1:]) {
				return true
			}
		}
		if len(p.byNum) > 0 && isNumber(w) {
			for _, row := range p.byNum {
				if matchAt(row[1:], s.words[i+1:]) {
					return true
				}
			}
		}
	}
	return false
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

func isNumber(w string) bool {
	for _, c := range w {
		if c < '0' || c > '9' {
			return false
		}
	}
	return w != ""
}
