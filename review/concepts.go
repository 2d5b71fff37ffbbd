package review

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What words are about is told by rules/concepts.json: fields (asking, mind,
// blame, the practical), in each the things that words of it say, and for each of
// these the words, Norwegian first and English second. "lån*" is every word that
// begins so, "*rommet" every one that ends so. The fields are the same for all
// languages: what the model learns of one it knows of the others.

// concepts are the words of one family of languages.
type concepts struct {
	family                uint32 // 0 Norwegian, 1 English
	exact, prefix, suffix map[string]*concept
}

// concept is what a word is about, known by hashes as everything in the model.
type concept struct {
	name         string
	fine, coarse uint32
}

// Limits of how much of a word is looked at, in letters.
const (
	minPrefix, maxPrefix = 2, 12
	minSuffix, maxSuffix = 4, 8
)

// vocabularies are those of Norwegian and of English.
var vocabularies = loadConcepts()

// loadConcepts reads which words stand for which things of a classroom, for the two
// families of languages.
func loadConcepts() [2]*concepts {
	var file map[string]map[string][2]string
	raw, err := ruleFiles.ReadFile("rules/concepts.json")
	if err == nil {
		err = json.Unmarshal(raw, &file)
	}
	if err != nil {
		panic(fmt.Sprint("review: rules/concepts.json: ", err)) // it is embedded, and a test reads it
	}
	var out [2]*concepts
	for family := range out {
		v := &concepts{uint32(family), map[string]*concept{}, map[string]*concept{}, map[string]*concept{}}
		for field, things := range file {
			for name, words := range things {
				c := &concept{name: name, fine: wordHash(name), coarse: wordHash(field)}
				for w := range strings.FieldsSeq(words[family]) {
					v.put(w, c)
				}
			}
		}
		out[family] = v
	}
	return out
}

// put files a word. One that stands under two names is about the one that comes
// first in the alphabet, whatever the order of the file.
func (v *concepts) put(w string, c *concept) {
	m := v.exact
	if stem, cut := strings.CutSuffix(w, "*"); cut {
		m, w = v.prefix, stem
	} else if end, cut := strings.CutPrefix(w, "*"); cut {
		m, w = v.suffix, end
	}
	if strings.ContainsFunc(w, func(r rune) bool { return !(isLetter(r) && !isUpper(r) || isDigit(r) || r == '\'') }) {
		panic("review: rules/concepts.json: no word is read as " + w)
	}
	if was := m[w]; was == nil || c.name < was.name {
		m[w] = c
	}
}

// of says what a word is about: the whole word first, then its longest known
// beginning, then its longest known end. nil: nothing known.
func (v *concepts) of(w string) *concept {
	if c := v.exact[w]; c != nil {
		return c
	}
	var at [maxPrefix + 1]int // where the letters begin, and the last one of the word ends
	n := 0
	for i := range w {
		if at[n] = i; n == maxPrefix {
			break
		}
		n++
	}
	if at[n] == 0 {
		at[n] = len(w)
	}
	for ; n >= minPrefix; n-- {
		if c := v.prefix[w[:at[n]]]; c != nil {
			return c
		}
	}
	return v.bySuffix(w)
}

// bySuffix tries the longest end first, and leaves at least one letter before it.
func (v *concepts) bySuffix(w string) *concept {
	var at [maxSuffix]int
	n := 0
	for i := len(w); i > 0 && n < maxSuffix; n++ {
		_, size := utf8.DecodeLastRuneInString(w[:i])
		i -= size
		at[n] = i
	}
	for ; n >= minSuffix; n-- {
		if i := at[n-1]; i > 0 {
			if c := v.suffix[w[i:]]; c != nil {
				return c
			}
		}
	}
	return nil
}
